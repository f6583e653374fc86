"""Every HJ 212 message that was found in public, with the status that its finder computed."""

import csv
import json
import random
from collections import Counter
from functools import cache

from riverchief.telemetry.crc import hj212_crc, modbus_crc
from riverchief.telemetry.hj212.frame import Frame, FrameSplitter, check
from riverchief.telemetry.hj212.message import Message, decode, parse
from riverchief.telemetry.hj212.values import Reader, Setup, all_suffixes, values
from riverchief.telemetry.refused import Refused
from tests.shared_data import shared


@cache
def examples() -> list[dict[str, str]]:
    with shared("standards/hj212_examples.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_all_36_messages_have_the_status_stated():
    for row in examples():
        raw = row["message"].encode()
        piece = check(raw)
        status = {Frame: "ok", Refused: "bad"}[type(piece)]
        if isinstance(piece, Refused) and piece.kind == "modbus_crc":
            status = "modbus_crc_only"
        assert status == row["status"], row["no"]
        segment = raw[6:-4]
        assert f"{hj212_crc(segment):04X}" == row["crc_hj212"], row["no"]
        assert f"{modbus_crc(segment):04X}" == row["crc_modbus"], row["no"]
    assert Counter(row["status"] for row in examples()) == {"ok": 24, "modbus_crc_only": 5, "bad": 7}


def test_every_message_that_checks_out_is_read_with_its_fields():
    for row in examples():
        if row["status"] == "bad":
            continue
        message = decode(row["message"].encode(), allow_modbus=True)
        assert isinstance(message, Message), row["no"]
        assert (message.st, message.cn) == (row["st"], row["cn"]), row["no"]
        if row["flag"]:
            assert message.flag == int(row["flag"]), row["no"]


def test_no_value_of_the_good_messages_is_lost():
    # counted here from the text alone: every "code-Ending=" with an ending that carries a value
    for row in examples():
        message = decode(row["message"].encode())
        if isinstance(message, Message):
            wanted = sum(row["message"].count(f"-{ending}=") for ending in all_suffixes())
            found = values(message)
            assert len(found) == wanted, row["no"]
            if message.cn in ("2011", "2051", "2061", "2031"):
                decoded = Reader(Setup(assume_units=True)).readings(message)
                ignored = sum(value.statistic == "sum" and value.unit is None for value in found)
                assert len(decoded.readings) + len(decoded.refusals) + ignored >= wanted, row["no"]


def test_the_surface_water_station_by_hand():
    # no. 7: ST=21, CN=2061, Flag=9 years before the 2025 edition; 29 November 2020 21:00:01 in China
    message = decode(examples()[6]["message"].encode())
    readings = {reading.parameter: reading for reading in Reader(Setup(assume_units=True)).readings(message).readings}
    assert {name: readings[name].value for name in ("WT", "PH", "DO", "EC", "TURB", "CODMN", "TP", "TN", "NH3N")} == {
        "WT": 23.1,
        "PH": 7.64,
        "DO": 6.60,
        "EC": 300,
        "TURB": 17,
        "CODMN": 1.4,
        "TP": 0.042,
        "TN": 3.04,
        "NH3N": 0.16,
    }
    assert readings["PB"].value == 0.00011  # mg/L: a surface-water station, not the µg/L of the waste-water table
    assert readings["WT"].time.isoformat() == "2020-11-29T13:00:01+00:00"
    assert (readings["WT"].statistic, readings["WT"].period_s) == ("mean", 3600)


def test_without_a_setup_the_traps_of_the_same_station_are_refused():
    message = decode(examples()[6]["message"].encode())
    decoded = Reader().readings(message)
    refused = {refusal.details["given"] for refusal in decoded.refusals if refusal.kind == "needs_unit"}
    assert refused == {"w20120", "w20119", "w20115"}


def test_the_frames_of_the_public_parsers():
    lines = shared("data/hj212_sl651_frames/hj212_frames.jsonl").read_text(encoding="utf-8").splitlines()
    for line in map(json.loads, lines):
        assert isinstance(check(line["frame"].encode()), Frame) == line["crc_ok"], line["frame"]
    assert len(lines) == 9


def test_all_of_them_glued_come_out_of_one_stream():
    stream = b"\r\n".join(row["message"].encode() for row in examples()) + b"\r\n"
    for size in (1, 7, 1460, len(stream)):
        splitter = FrameSplitter()
        pieces = [piece for at in range(0, len(stream), size) for piece in splitter.feed(stream[at : at + size])]
        pieces += splitter.finish()
        assert Counter(type(piece) for piece in pieces) == {Frame: 24, Refused: 12}, size


def test_ten_thousand_mutated_frames_are_each_taken_or_refused_with_a_reason():
    dice = random.Random(212)
    frames = [row["message"].encode() for row in examples()]
    reader = Reader(Setup(assume_units=True))
    kinds: Counter[str] = Counter()
    for _ in range(10_000):
        raw = bytearray(dice.choice(frames))
        for _ in range(dice.randint(1, 5)):
            place = dice.randrange(len(raw))
            match dice.randrange(4):
                case 0:
                    raw[place] = dice.randrange(256)
                case 1:
                    del raw[place]
                case 2:
                    raw.insert(place, dice.randrange(256))
                case _:
                    raw[place:] = raw[place:][: dice.randrange(20) + 1]
        # repair length and checksum of half of them, so that the parser behind the checksum is reached
        if dice.random() < 0.5 and len(raw) > 10:
            segment = bytes(raw[6:-4])
            raw = bytearray(b"##%04d%b%04X" % (len(segment) % 10000, segment, hj212_crc(segment)))
        piece = check(bytes(raw))
        found = parse(piece) if isinstance(piece, Frame) else piece
        if isinstance(found, Refused):
            assert found.why and found.fault.text("zh")
            kinds[found.kind] += 1
        else:
            decoded = reader.readings(found)
            assert all(refusal.why for refusal in decoded.refusals)
            kinds["message"] += 1
    assert kinds["message"] > 1000 and kinds["bad_crc"] + kinds["bad_length"] > 1000
