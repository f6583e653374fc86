"""The journal: what was appended is read back in order, once, whatever happened to the end of a file."""

import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import Fault
from riverchief_server.observations.inbox import journal
from riverchief_server.observations.inbox.journal import InUse, Position, Raw, Writer, encode, read

AT = datetime(2026, 11, 24, 8, 0, 0, 123456, tzinfo=UTC)
RAWS = st.builds(
    Raw,
    kind=st.sampled_from(["hj212", "sl651", "mqtt", "file"]),
    name=st.text(st.characters(codec="utf-8"), max_size=40),
    sender=st.text(st.characters(codec="utf-8"), max_size=40),
    received_at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    content=st.binary(max_size=300),
    instrument=st.none() | st.integers(1, 2**62),
    fault=st.none() | st.builds(lambda given: Fault("bad_crc", "f", 3, "c", {"given": given}), st.text(max_size=9)),
)


def raw(number: int, size: int = 50) -> Raw:
    return Raw(
        "hj212", f"M{number}", "1.2.3.4:5", AT + timedelta(seconds=number), bytes([number % 256]) * size, number + 1
    )


def read_all(folder: Path, position: Position = Position()) -> tuple[list[Raw], int]:  # noqa: B008 - it is a constant
    found, passed_over = [], 0
    while (batch := read(folder, position, most_bytes=500)).messages:
        found += batch.messages
        passed_over += batch.passed_over
        position = batch.position
    return found, passed_over + batch.passed_over


def newest(folder: Path) -> Path:
    return max(folder.glob("*.journal"))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(RAWS, min_size=1, max_size=5), max_size=5))
def test_what_was_appended_is_read_back_in_order(batches: list[list[Raw]]):
    with TemporaryDirectory() as folder:
        writer = Writer(Path(folder), segment_bytes=400)
        for batch in batches:
            writer.append([encode(one) for one in batch])
        writer.close()
        assert read_all(Path(folder)) == ([one for batch in batches for one in batch], 0)


def test_reading_goes_on_where_it_stopped(tmp_path: Path):
    writer = Writer(tmp_path)
    writer.append([encode(raw(0)), encode(raw(1))])
    first = read(tmp_path, Position())
    assert read(tmp_path, first.position).messages == []
    writer.append([encode(raw(2))])
    assert read(tmp_path, first.position).messages == [raw(2)]
    writer.close()


def test_a_message_longer_than_one_look_is_read_whole(tmp_path: Path):
    writer = Writer(tmp_path)
    writer.append([encode(raw(0)), encode(raw(1, size=100_000)), encode(raw(2))])
    assert read_all(tmp_path)[0] == [raw(0), raw(1, size=100_000), raw(2)]
    writer.close()


@pytest.mark.parametrize("cut", [1, 11, 12, 40, 70])
def test_a_record_cut_short_waits_and_after_a_new_start_is_passed_over(tmp_path: Path, cut: int):
    writer = Writer(tmp_path)
    writer.append([encode(raw(0)), encode(raw(1))])
    writer.close()
    whole = newest(tmp_path).stat().st_size
    os.truncate(newest(tmp_path), whole - cut)
    assert read_all(tmp_path) == ([raw(0)], 0)
    again = Writer(tmp_path)
    again.append([encode(raw(2))])
    again.close()
    found, passed_over = read_all(tmp_path)
    assert found == [raw(0), raw(2)]
    assert passed_over == len(encode(raw(1))) - cut


def test_damage_in_the_middle_costs_only_the_record_it_hit(tmp_path: Path):
    writer = Writer(tmp_path)
    writer.append([encode(raw(number)) for number in range(5)])
    writer.close()
    path = newest(tmp_path)
    spoilt = bytearray(path.read_bytes())
    spoilt[len(encode(raw(0))) + 30] ^= 0xFF
    path.write_bytes(spoilt)
    again = Writer(tmp_path)
    again.append([encode(raw(9))])
    again.close()
    found, passed_over = read_all(tmp_path)
    assert found == [raw(0), raw(2), raw(3), raw(4), raw(9)]
    assert passed_over == len(encode(raw(1)))


def test_what_is_taken_is_forgotten_but_the_newest_number_never_comes_again(tmp_path: Path):
    writer = Writer(tmp_path, segment_bytes=100)
    for number in range(6):
        writer.append([encode(raw(number, 200))])
    writer.close()
    position = Position()
    while (batch := read(tmp_path, position)).messages:
        position = batch.position
    journal.forget(tmp_path, position)
    assert journal.segments(tmp_path) == [6]
    again = Writer(tmp_path)
    again.append([encode(raw(7))])
    again.close()
    assert journal.segments(tmp_path) == [6, 7]
    assert read(tmp_path, position).messages == [raw(7)]


def test_two_gateways_cannot_write_one_journal(tmp_path: Path):
    writer = Writer(tmp_path)
    with pytest.raises(InUse):
        Writer(tmp_path)
    writer.close()
    Writer(tmp_path).close()


def test_when_too_much_waits_nothing_more_is_taken_and_nothing_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journal, "LOOK_AT_ROOM_S", 0.0)
    writer = Writer(tmp_path, most_waiting=400)
    for number in range(3):
        writer.append([encode(raw(number, 100))])
    with pytest.raises(OSError, match="wait for the database"):
        writer.append([encode(raw(3))])
    assert read_all(tmp_path)[0] == [raw(number, 100) for number in range(3)]
    writer.close()


WRITING = """
import sys
from pathlib import Path
from tests.server.observations.test_journal import Writer, encode, raw
writer = Writer(Path(sys.argv[1]), segment_bytes=20_000)
for number in range(0, 1_000_000, 3):
    writer.append([encode(raw(number + one)) for one in range(3)])
    print(number + 3, flush=True)
"""


def test_whatever_was_appended_before_a_kill_9_is_there(tmp_path: Path):
    chance = random.Random(3)
    for turn in range(4):
        folder = tmp_path / str(turn)
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.server.settings"}
        process = subprocess.Popen(
            [sys.executable, "-c", "import django; django.setup()\n" + WRITING, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(__file__).resolve().parents[3],
        )
        assert process.stdout is not None
        appended = 0
        for _ in range(chance.randint(1, 300)):
            appended = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        appended = max([appended, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
        process.wait(10)
        found, _ = read_all(folder)
        assert len(found) >= appended > 0
        assert found == [raw(number) for number in range(len(found))]


def test_what_is_forgotten_ends_before_the_segment_that_is_being_read(tmp_path: Path):
    writer = Writer(tmp_path, segment_bytes=1)  # each append begins a segment
    for number in range(4):
        writer.append([encode(raw(number))])
    journal.forget(tmp_path, Position(3, 0))
    assert journal.segments(tmp_path) == [3, 4]
    writer.close()
