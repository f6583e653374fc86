"""The drill: stations send while a backup is made, all is killed and destroyed, and what comes back is counted."""

import asyncio
import shutil
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from riverchief_server.gateway.simulation import Station, Tally
from riverchief_server.observations import store
from tests.server.gateway.conftest import PASSWORD
from tests.server.gateway.test_faults import RIVERCHIEF, counted, start
from tests.server.gateway.test_faults import home as home

AT = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
BEFORE, BACKUPS = 150, 4


@pytest.mark.slow
def test_what_was_acknowledged_before_a_backup_began_comes_back_from_it(home: dict[str, str], tmp_path: Path):
    process, port = start(home)
    tally = Tally()
    begun: list[int] = []

    async def send_and_back_up() -> None:
        station = Station("127.0.0.1", port, "M1", PASSWORD, tally)
        running: asyncio.subprocess.Process | None = None
        while len(begun) < BACKUPS or (running is not None and running.returncode is None):
            await station.send(AT + timedelta(seconds=tally.sent), tally.sent)
            if len(begun) < BACKUPS and tally.answered >= BEFORE * (len(begun) + 1):
                if running is not None:
                    assert await running.wait() == 0
                begun.append(len(tally.acknowledged))
                out = str(tmp_path / f"{len(begun)}.zip")
                running = await asyncio.create_subprocess_exec(RIVERCHIEF, "backup", out, env=home)
        station.close()

    asyncio.run(send_and_back_up())
    process.send_signal(signal.SIGKILL)
    process.wait()
    shutil.rmtree(home["RIVERCHIEF_HOME"])

    in_order = [store.to_ms(at) for at in sorted(at for _, at in tally.acknowledged)]
    for number, acknowledged in enumerate(begun, start=1):
        elsewhere = home | {"RIVERCHIEF_HOME": str(tmp_path / f"elsewhere{number}")}
        done = subprocess.run(
            [RIVERCHIEF, "restore", str(tmp_path / f"{number}.zip")], env=elsewhere, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        size, distinct, *times = counted(elsewhere)
        assert size == distinct
        assert set(in_order[:acknowledged]) <= set(times)

    # and the restored county goes on: the same station sends to it, and all it is answered for is there
    process, port = start(elsewhere)

    async def go_on() -> None:
        station = Station("127.0.0.1", port, "M1", PASSWORD, tally)
        for _ in range(20):
            await station.send(AT + timedelta(days=1, seconds=tally.sent), tally.sent)
        station.close()

    before = set(tally.acknowledged)
    asyncio.run(go_on())
    process.terminate()
    process.wait(40)
    after = {store.to_ms(at) for _, at in set(tally.acknowledged) - before}
    assert len(after) == 20 and after <= set(counted(elsewhere)[2:])
