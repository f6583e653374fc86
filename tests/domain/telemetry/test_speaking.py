"""Readings go out as frames and come back as the same readings."""

from datetime import UTC, date, datetime, timedelta

import pytest

from riverchief.errors import BadInput
from riverchief.example.stations import Faults, Spill, day, frames, garbled, usual_faults
from riverchief.observation.checks import check_readings
from riverchief.observation.reading import Censored, Reading
from riverchief.telemetry.hj212.frame import Frame, FrameSplitter
from riverchief.telemetry.hj212.message import Message, parse
from riverchief.telemetry.hj212.speak import uploads
from riverchief.telemetry.hj212.values import Reader, Setup
from riverchief.telemetry.mqtt import read_message
from riverchief.telemetry.mqtt.speak import route
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651.frame import check
from riverchief.telemetry.sl651.report import parse as parse_report
from riverchief.telemetry.sl651.values import Reader as Sl651Reader
from riverchief.telemetry.sl651.values import Setup as Sl651Setup

DAY = date(2024, 4, 1)
HYDROLOGY = ["WT", "LEVEL", "FLOW", "BATTERY"]


def heard(stream: bytes, setup: Setup) -> list[Reading]:
    splitter, reader = FrameSplitter(), Reader(setup)
    pieces = splitter.feed(stream) + splitter.finish()
    found: list[Reading] = []
    for piece in pieces:
        message = parse(piece) if isinstance(piece, Frame) else piece
        if isinstance(message, Message):
            decoded = reader.readings(message)
            assert decoded.refusals == []
            found += decoded.readings
    return found


def test_a_day_over_hj212_comes_back_value_for_value():
    said = day("土堡寨", DAY)
    sent = frames(said, "hj212", address="M0001", password="654321")
    assert [each.at for each in sent] == sorted(each.at for each in sent)
    assert len(sent) > 96  # heart-beats between
    back = heard(b"".join(each.payload for each in sent), Setup(station="土堡寨", source=said[0].source))
    assert sorted(back) == sorted(said)


def test_a_day_over_sl651_comes_back_to_the_digits_of_its_elements():
    said = day("水寨子", DAY, parameters=HYDROLOGY)
    reader = Sl651Reader(Sl651Setup(station="水寨子", source=said[0].source))
    back: list[Reading] = []
    for each in frames(said, "sl651", address="0012345678", password="1234"):
        decoded = reader.readings(parse_report(check(each.payload)))
        assert decoded.refusals == []
        back += decoded.readings
    assert [reading.key for reading in sorted(back)] == [reading.key for reading in sorted(said)]
    digits = {"WT": 0.051, "LEVEL": 0.00051, "FLOW": 0.00051, "BATTERY": 0.0051}
    for mine, theirs in zip(sorted(said), sorted(back), strict=True):
        assert mine.value == pytest.approx(theirs.value, abs=digits[mine.parameter])


def test_a_day_over_mqtt_comes_back_value_for_value():
    said = day("A", DAY, step_minutes=60)
    sent = frames(said, "mqtt", address="riverchief/{station}/{parameter}")
    routes = [route(said[0].source)]
    back = [reading for each in sent for reading in read_message(each.topic, each.payload, routes, each.at).readings]
    assert sorted(back) == sorted(said)


def test_the_same_seed_is_the_same_day_and_another_is_not():
    assert day("A", DAY, 7) == day("A", DAY, 7)
    assert day("A", DAY, 7) != day("A", DAY, 8)
    assert day("A", DAY, 7) != day("B", DAY, 7)


def test_a_clean_day_raises_no_alarm_and_each_fault_does():
    clean = check_readings(day("A", DAY, days=2))
    assert {flag for each in clean for flag in each.flags} == {"good"}
    wrong = check_readings(day("A", DAY, days=2, faults=usual_faults()))
    tests = {each.series.parameter: set(each.tests) - {""} for each in wrong}
    assert "stuck" in tests["DO"]
    assert "spike" in tests["EC"]
    assert all("sensor_state" in found for found in tests.values())
    assert all(len(each.series) == 192 - 2 for each in wrong)


def test_a_shower_muddies_and_a_spill_passes():
    dry, wet = (
        max(reading.value for reading in day("A", DAY, rain=rain) if reading.parameter == "TURB") for rain in (0, 1)
    )
    assert wet > 3 * dry
    spilled = [
        reading for reading in day("A", DAY, parameters=["NH3N"], spill=Spill(10, 5.0, 2.0)) if reading.value > 1
    ]
    assert spilled and all(
        datetime(2024, 4, 1, 6, tzinfo=UTC) - timedelta(hours=8) < reading.time < datetime(2024, 4, 1, 9, tzinfo=UTC)
        for reading in spilled
    )


def test_a_bad_line_costs_the_garbled_frames_and_no_other():
    said = day("A", DAY)
    sent = frames(said, "hj212", address="M1", password="1")
    spoiled = garbled(sent, share=0.2)
    touched = sum(one.payload != other.payload for one, other in zip(sent, spoiled, strict=True))
    splitter = FrameSplitter()
    pieces = splitter.feed(b"".join(each.payload for each in spoiled)) + splitter.finish()
    whole = {each.payload.rstrip() for each in sent}
    taken = [piece for piece in pieces if isinstance(piece, Frame)]
    assert len(sent) - touched <= sum(piece.raw in whole for piece in taken)
    assert any(isinstance(piece, Refused) for piece in pieces)


def test_what_hj212_cannot_say_is_left_out():
    at = datetime(2024, 4, 1, tzinfo=UTC)
    said = [
        Reading("A", "NH3N", at, None, "mg/L", "missing"),
        Reading("A", "NH3N", at, None, "mg/L", censored=Censored("<", 0.025)),
        Reading("A", "BATTERY", at, 12.0, "V"),
        Reading("A", "HG", at, 0.00004, "mg/L", "fault"),
    ]
    (sent,) = uploads(said, mn="M1", pw="1", st="32", units={})
    text = sent.payload.decode()
    assert "w21003-Rtd=0.02500" in text and "BATTERY" not in text and text.count("-Rtd=") == 2
    # waste water sends mercury in µg/L, and the letter says that the instrument is at fault
    assert "w20111-Rtd=0.04" in text and "w20111-Flag=D" in text


def test_what_does_not_exist_is_refused():
    with pytest.raises(BadInput):
        frames([], "telex", address="x")
    with pytest.raises(BadInput):
        day("A", DAY, parameters=["WT", "GOLD"])
    assert day("A", DAY, faults=Faults(silence=range(96))) == []
