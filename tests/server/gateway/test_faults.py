"""kill -9, a full disk, a database that is away: nothing acknowledged is lost, nothing doubled, all goes on."""

import asyncio
import errno
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DataError, OperationalError

from riverchief_server.gateway.run import Gateway
from riverchief_server.gateway.simulation import Station, Tally
from riverchief_server.observations import store
from riverchief_server.observations.inbox import journal, parsing
from riverchief_server.observations.inbox.decoding import Decoder
from riverchief_server.observations.inbox.journal import Position, Raw
from riverchief_server.observations.inbox.taking import SET_ASIDE
from riverchief_server.observations.models import RawMessage, Refusal
from tests.server import toy_county
from tests.server.gateway.conftest import PASSWORD, until, with_gateway

ROOT = Path(__file__).resolve().parents[3]
RIVERCHIEF = Path(sys.executable).parent / "riverchief"
AT = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
COUNTED = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "riverchief_server.settings.django"
import django; django.setup()
from datetime import UTC, datetime
from riverchief_server.observations.inbox.taking import Taker
from riverchief_server.observations.models import Series
from riverchief_server.observations import store
from riverchief_server.settings.options import journal_folder
from riverchief_server.observations.inbox.journal import locked
locked(journal_folder() / "reader.lock", wait=True)  # the inbox of a killed gateway may be at its last messages
Taker(journal_folder()).run_once(datetime.now(UTC))
(one,) = Series.objects.filter(parameter="NH3N").values_list("pk", flat=True)
found = store.read(one)
print(found.size, len(set(found.t.tolist())), *found.t.tolist())
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A home with the toy county and the instrument M1 of W1: the settings for processes."""
    environment = os.environ | {
        "RIVERCHIEF_HOME": str(tmp_path / "home"),
        "RIVERCHIEF_PASSWORD": PASSWORD,
        "RIVERCHIEF_DATABASE_URL": "",
        "RIVERCHIEF_SL651_PORT": "",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    for kind, name, text in toy_county.FILES:
        (tmp_path / name).write_text(text, encoding="utf-8")
        subprocess.run(
            [RIVERCHIEF, "import", kind, str(tmp_path / name)], env=environment, check=True, capture_output=True
        )
    add = ["station", "add", "W1", "--protocol", "hj212", "--identity", "M1"]
    subprocess.run([RIVERCHIEF, *add], env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return environment


def start(environment: dict[str, str]) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [RIVERCHIEF, "gateway", "--hj212-port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"hj212 [\d.]+:(\d+)", line):
            return process, int(found.group(1))
    raise AssertionError("the gateway did not start")


def counted(environment: dict[str, str]) -> list[int]:
    """After everything is taken: how many readings of ammonia there are, at how many times, and when."""
    done = subprocess.run([sys.executable, "-c", COUNTED], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [int(number) for number in done.stdout.split()]


def child_of(process: subprocess.Popen[str]) -> int | None:
    """The process of the inbox that a gateway has beside itself."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else None


@pytest.mark.slow
@pytest.mark.own_database
def test_the_process_of_the_inbox_may_be_killed_at_any_moment(home: dict[str, str]):
    chance = random.Random(11)
    tally = Tally()

    async def kill_it(process: subprocess.Popen[str]) -> set[int]:
        killed: set[int] = set()
        while len(killed) < 4:
            await asyncio.sleep(0.05)
            child = child_of(process)
            if child is not None and child not in killed:
                await asyncio.sleep(chance.uniform(1.5, 4.0))  # it starts, then it takes
                os.kill(child, signal.SIGKILL)
                killed.add(child)
        return killed

    async def both(process: subprocess.Popen[str], port: int) -> set[int]:
        station = Station("127.0.0.1", port, "M1", PASSWORD, tally)
        killing = asyncio.ensure_future(kill_it(process))
        while not killing.done():
            await station.send(AT + timedelta(seconds=tally.sent), tally.sent)
        station.close()
        return await killing

    process, port = start(home)
    killed = asyncio.run(both(process, port))
    process.terminate()
    process.wait(40)
    assert len(killed) == 4 and tally.answered == tally.sent > 100
    size, distinct, *times = counted(home)
    assert size == distinct
    assert {store.to_ms(at) for _, at in tally.acknowledged} == set(times)


@pytest.mark.slow
@pytest.mark.own_database
def test_no_acknowledged_frame_is_lost_to_kill_9_and_none_is_doubled(home: dict[str, str]):
    chance = random.Random(7)
    acknowledged: set[datetime] = set()
    minute = 0

    async def send_until_killed(port: int, process: subprocess.Popen[str]) -> None:
        nonlocal minute
        tally = Tally()
        station = Station("127.0.0.1", port, "M1", PASSWORD, tally)
        killer = asyncio.get_running_loop().call_later(chance.uniform(0.3, 1.2), process.send_signal, signal.SIGKILL)
        while process.poll() is None:
            try:
                await station.send(AT + timedelta(minutes=minute), minute)
            except OSError:
                break
            minute += 1
        killer.cancel()
        acknowledged.update(at for _, at in tally.acknowledged)

    for _ in range(5):
        process, port = start(home)
        asyncio.run(send_until_killed(port, process))
        process.wait(10)
    assert len(acknowledged) > 20
    size, distinct, *times = counted(home)
    assert size == distinct
    lost = {store.to_ms(at) for at in acknowledged} - set(times)
    assert lost == set()


@pytest.mark.usefixtures("instrument")
class TestADatabaseThatIsAway:
    def test_frames_are_acknowledged_meanwhile_and_taken_in_after(self, monkeypatch: pytest.MonkeyPatch):
        tries: list[int] = []
        insert = parsing.insert

        def away(messages: Sequence[Raw], states: Sequence[str]) -> list[int]:
            if messages:
                tries.append(len(messages))
                if len(tries) <= 3:
                    raise OperationalError("connection to server was lost")
            return insert(messages, states)

        monkeypatch.setattr(parsing, "insert", away)

        async def work(gateway: Gateway) -> tuple[bool, int, bool]:
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            answered = await station.send(AT)
            early = await asyncio.to_thread(RawMessage.objects.count)
            return answered, early, await until(lambda: store.count() == 5)

        assert with_gateway(work) == (True, 0, True)
        assert len(tries) == 4
        assert RawMessage.objects.filter(state="parsed").count() == 1

    def test_a_message_that_brings_the_parser_down_is_refused_and_the_others_go_on(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        decode = Decoder.decode

        def fragile(self: Decoder, kind: str, name: str, content: bytes, *more: object) -> object:
            if b"DataTime=20261120090000" in content:
                raise RuntimeError("cannot be understood")
            return decode(self, kind, name, content, *more)

        monkeypatch.setattr(Decoder, "decode", fragile)

        async def work(gateway: Gateway) -> list[bool]:
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            answers = [await station.send(AT + timedelta(hours=hour)) for hour in range(3)]
            return [*answers, await until(lambda: store.count() == 10)]

        assert with_gateway(work) == [True, True, True, True]
        assert RawMessage.objects.filter(state="parsed").count() == 2
        assert Refusal.objects.get().kind == "not_understood"

    def test_a_message_no_database_takes_is_set_aside_and_the_others_go_on(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        insert = parsing.insert

        def picky(messages: Sequence[Raw], states: Sequence[str]) -> list[int]:
            if any(b"DataTime=20261120090000" in raw.content for raw in messages):
                raise DataError("cannot be kept")
            return insert(messages, states)

        monkeypatch.setattr(parsing, "insert", picky)

        async def work(gateway: Gateway) -> list[bool]:
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            answers = [await station.send(AT + timedelta(hours=hour)) for hour in range(3)]
            return [*answers, await until(lambda: store.count() == 10)]

        assert with_gateway(work, journal=tmp_path) == [True, True, True, True]
        (aside,) = journal.read(tmp_path / SET_ASIDE, Position()).messages
        assert b"DataTime=20261120090000" in aside.content


@pytest.mark.usefixtures("instrument")
def test_on_a_full_disk_nothing_is_acknowledged_and_everything_when_there_is_room(monkeypatch: pytest.MonkeyPatch):
    tries: list[int] = []
    write = os.write

    def full(file: int, data: bytes) -> int:
        if journal.MARK not in bytes(data[:4]):
            return write(file, data)
        tries.append(len(data))
        if len(tries) > 3:
            return write(file, data)
        if len(tries) == 2:
            return write(file, data[:100])  # half a record gets onto the disk
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(journal.os, "write", full)

    async def work(gateway: Gateway) -> tuple[bool, bool, bool]:
        station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
        sending = asyncio.ensure_future(station.send(AT))
        await asyncio.sleep(0.05)
        early = sending.done()
        return early, await sending, await until(lambda: store.count() == 5)

    assert with_gateway(work) == (False, True, True)
    assert RawMessage.objects.count() == 1
