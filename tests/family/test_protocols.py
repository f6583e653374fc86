"""Every protocol as a family: each row of the registry is walked, and so is a toy that only a row made known.

What holds for each: how the network cuts the stream changes nothing; what is in its examples is read; rubbish is
refused with a reason and never raises; what it speaks it understands; what is due an answer gets one that the station
takes for an acknowledgement.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import Fault
from riverchief.example.stations import day
from riverchief.telemetry.protocol import UNKNOWN, WRONG_PASSWORD, Heard, Row, protocols
from riverchief.telemetry.refused import Refused
from tests import toy_protocol

ROWS = [*protocols().values(), toy_protocol.ROW]
LISTENING = [row for row in ROWS if row.listens]
NOW = datetime(2021, 3, 1, 12, tzinfo=UTC)
ADDRESS, PASSWORD = "0010100001", "1234"

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
every_listener = pytest.mark.parametrize("row", LISTENING, ids=lambda row: row.name)


def heard_in(row: Row, chunks: list[bytes]) -> list[Heard | Refused]:
    line = row.does.line()
    return [piece for chunk in chunks for piece in line.feed(chunk)] + line.finish()


def cut(stream: bytes, at: list[int]) -> list[bytes]:
    places = [0, *sorted(place % (len(stream) + 1) for place in at), len(stream)]
    return [stream[begin:end] for begin, end in pairwise(places)]


def example_stream(row: Row) -> bytes:
    return b"".join(example.content + (b"\r\n" if row.name == "hj212" else b"") for example in row.does.examples)


@every_row
def test_a_row_says_what_people_read_and_its_module_what_can_be_done(row):
    assert row.name.isidentifier() and row.zh and row.en
    does = row.does
    assert does.examples and does.decoder is not None
    assert (does.line is not None) == row.listens, "what listens has a line, what a broker brings has none"
    assert row.listens or not does.orders


@every_row
def test_its_examples_are_read(row):
    for example in row.does.examples:
        decoded = row.does.decoder("W1", example.setup).decode(example.name, example.content, NOW)
        assert {reading.parameter: reading.value for reading in decoded.readings} == example.values
        assert {reading.station for reading in decoded.readings} == {"W1"}
        assert all(reading.time.tzinfo is UTC or reading.time.utcoffset() is not None for reading in decoded.readings)
        assert not decoded.refusals and decoded.part is None


@every_listener
@settings(max_examples=60, deadline=None)
@given(at=st.lists(st.integers(0, 4000), max_size=12))
def test_how_the_stream_is_cut_changes_nothing(row, at):
    stream = example_stream(row) * 2
    whole = heard_in(row, [stream])
    assert len(whole) == 2 * len(row.does.examples) and all(isinstance(piece, Heard) for piece in whole)
    again = heard_in(row, cut(stream, at))
    assert [(piece.raw, piece.identity, piece.password) for piece in again] == [
        (piece.raw, piece.identity, piece.password) for piece in whole
    ]


@every_listener
@settings(max_examples=60, deadline=None)
@given(rubbish=st.binary(min_size=1, max_size=300))
def test_rubbish_is_refused_with_a_reason_and_hides_no_good_message(row, rubbish):
    line = row.does.line()
    for piece in [*line.feed(rubbish), *line.finish()]:
        if isinstance(piece, Refused):
            assert piece.why and piece.fault.text("zh")
    example = row.does.examples[0]
    decoded = row.does.decoder("W1", example.setup).decode(example.name, rubbish, NOW)
    assert not decoded.readings and decoded.refusals


@every_row
@settings(max_examples=60, deadline=None)
@given(rubbish=st.binary(max_size=300))
def test_no_content_is_too_strange_for_the_decoder(row, rubbish):
    example = row.does.examples[0]
    decoded = row.does.decoder("W1", example.setup).decode(example.name, rubbish, NOW)
    assert all(isinstance(refusal.fault, Fault) for refusal in decoded.refusals)


@every_listener
def test_a_message_that_was_damaged_costs_only_itself(row):
    good = example_stream(row)
    spoilt = b"\x00" + good[:-6] + b"zz" + good[-4:]
    pieces = heard_in(row, [spoilt, b"\n" if row.name == "toy" else b"", good])
    assert [piece.raw for piece in pieces if isinstance(piece, Heard)][-1] == heard_in(row, [good])[-1].raw


@every_listener
def test_what_it_speaks_it_understands(row):
    if row.does.speak is None:
        pytest.skip("it speaks nothing")
    readings = day("W1", NOW.date(), parameters=("WT", "PH") if row.name != "sl651" else ("WT",), step_minutes=240)
    sent = row.does.speak(readings, ADDRESS, PASSWORD)
    pieces = heard_in(row, [one.payload for one in sent])
    assert all(isinstance(piece, Heard) and (piece.identity, piece.password) == (ADDRESS, PASSWORD) for piece in pieces)
    decoder, line = row.does.decoder("W1", {}), row.does.line()
    back = [
        reading
        for piece in pieces
        if line.is_kept(piece)
        for reading in decoder.decode("", piece.raw, NOW + timedelta(days=1)).readings
    ]
    said = {(one.parameter, one.time): one.value for one in readings}
    assert {(one.parameter, one.time): pytest.approx(one.value, abs=0.051) for one in back} == said


@every_listener
def test_what_is_acknowledged_the_station_takes_for_it(row):
    line = row.does.line()
    (heard, *_) = heard_in(row, [example_stream(row)])
    assert line.is_kept(heard)
    answers = line.answers(heard, 0.0)
    assert answers is not None, "the example asks for an answer"
    (answer,) = answers(NOW)
    (back,) = heard_in(row, [answer])
    assert line.is_acknowledged(back)[0] is True


@every_listener
def test_who_is_not_let_in_is_told_so_or_nothing_and_his_password_is_not_kept(row):
    line = row.does.line()
    (heard, *_) = heard_in(row, [example_stream(row)])
    for why in (UNKNOWN, WRONG_PASSWORD):
        denial = line.denial(heard, why)
        if denial is not None:
            (back,) = heard_in(row, [denial])
            verdict = line.is_acknowledged(back)
            assert verdict is not None and verdict[0] is False and verdict[1], "a refusal says why"
            assert heard.password.encode() not in line.without_password(heard)
