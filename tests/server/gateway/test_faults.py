"""kill -9, a full disk, a database that is away: nothing acknowledged is lost, nothing doubled, all goes on."""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError

from riverchief_server.gateway import journal
from riverchief_server.gateway.run import Gateway
from riverchief_server.gateway.simulation import Station, Tally
from riverchief_server.observations import store
from riverchief_server.observations.inbox.keeping import keep
from riverchief_server.observations.models import RawMessage
from tests.server import toy_county
from tests.server.gateway.conftest import PASSWORD, with_gateway

ROOT = Path(__file__).resolve().parents[3]
RIVERCHIEF = Path(sys.executable).parent / "riverchief"
AT = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
COUNTED = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "riverchief_server.settings.django"
import django; django.setup()
from datetime import UTC, datetime
from riverchief_server.observations.inbox.parsing import Parser
from riverchief_server.observations.models import Series
from riverchief_server.observations import store
Parser().run_once(datetime.now(UTC))
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


@pytest.mark.slow
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
    counted = subprocess.run([sys.executable, "-c", COUNTED], env=home, check=True, capture_output=True, text=True)
    size, distinct, *times = map(int, counted.stdout.split())
    assert size == distinct
    lost = {store.to_ms(at) for at in acknowledged} - set(times)
    assert lost == set()


@pytest.mark.usefixtures("instrument")
class TestADatabaseThatIsAway:
    @pytest.mark.parametrize(
        "words", ["database or disk is full", "connection to server was lost", "database is locked"]
    )
    def test_nothing_is_acknowledged_meanwhile_and_everything_after(self, words: str, monkeypatch: pytest.MonkeyPatch):
        tries: list[int] = []

        def away(messages: object) -> None:
            tries.append(len(messages))
            if len(tries) <= 4:
                raise OperationalError(words)
            keep(messages)

        monkeypatch.setattr(journal, "keep", away)

        async def work(gateway: Gateway) -> tuple[bool, int]:
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            sending = asyncio.ensure_future(station.send(AT))
            await asyncio.sleep(0.5)
            early = sending.done()
            return early, await sending

        assert with_gateway(work) == (False, True)
        assert len(tries) == 5
        assert RawMessage.objects.filter(state="parsed").count() == 1
        assert store.count() == 5

    def test_one_message_that_no_database_takes_does_not_stop_the_others(self, monkeypatch: pytest.MonkeyPatch):
        poison = AT + timedelta(hours=1)

        def picky(messages: object) -> None:
            if any(b"20261120090000" in raw.content for raw in messages):
                raise ValueError("cannot be kept")
            keep(messages)

        monkeypatch.setattr(journal, "keep", picky)

        async def work(gateway: Gateway) -> list[bool]:
            async def one(at: datetime) -> bool:
                station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
                try:
                    return await asyncio.wait_for(station.send(at), 3)
                except TimeoutError:
                    return False

            return await asyncio.gather(one(AT), one(poison), one(AT + timedelta(hours=2)))

        assert with_gateway(work) == [True, False, True]
