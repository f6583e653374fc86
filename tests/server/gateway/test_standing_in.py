"""The process of the inbox dies: what is acknowledged is seen all the same, before its successor takes anything."""

import subprocess
import sys

import pytest

from riverchief_server.gateway import taking
from riverchief_server.gateway.run import Gateway
from riverchief_server.gateway.simulation import Station, Tally
from riverchief_server.observations import store
from tests.server.conftest import NOW
from tests.server.gateway.conftest import PASSWORD, until, with_gateway


@pytest.mark.usefixtures("instrument")
def test_a_thread_takes_until_the_successor_does(monkeypatch: pytest.MonkeyPatch):
    # the successor of this test never takes anything; what is seen was taken by the thread
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", "import sys; sys.stdin.read()"))

    async def work(gateway: Gateway) -> bool:
        process = gateway._taking._process  # type: ignore[attr-defined]
        assert isinstance(process, subprocess.Popen)
        process.kill()
        station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
        assert await station.send(NOW)
        station.close()
        return await until(lambda: store.count() == 5)

    assert with_gateway(work, inbox_process=True)


@pytest.mark.usefixtures("instrument")
def test_the_thread_leaves_and_the_right_to_take_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", "import sys; sys.stdin.read()"))
    monkeypatch.setattr(taking, "STANDS_IN_S", 0.0)
    taker = taking.InProcess(tmp_path)
    taker._process.kill()
    taker._process.wait()
    taker.look_after()
    stand_in = taker._stand_in
    assert stand_in is not None
    taker.look_after()
    stand_in._thread.join(20)
    assert not stand_in._thread.is_alive() and taker._stand_in is None
    taker.end()
