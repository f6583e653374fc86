"""Durable before acknowledged: a process killed in a burst of reports loses none it said yes to and doubles none."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from uuid import uuid4

import pytest

SENDERS = 4
ACKNOWLEDGED_BEFORE_THE_KILL = 40
SET_UP = """
from riverchief_server.cli.start import set_up, migrate
set_up(); migrate()
from datetime import UTC, datetime
from riverchief_server.cli.importing import import_files
from riverchief_server.parties.models import Account, Unit
from riverchief_server.places.models import Region
from tests.server import toy_county
for kind, name, text in toy_county.FILES:
    import_files(kind, [(name, text.encode())], datetime.now(UTC))
unit = Unit.objects.get(code="office")
account = Account(username="office", role="office", unit=unit, is_demonstration=True)
account.region = Region.objects.get(parent=None)
account.set_unusable_password(); account.save()
"""
COUNT = """
from riverchief_server.cli.start import set_up
set_up()
from riverchief_server.cases.models import Case
from riverchief_server.cases.queries import broken_entry
import json
print(json.dumps([[str(case.uuid), broken_entry(case)] for case in Case.objects.all()]))
"""


@pytest.fixture
def settings_of_home(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    root = str(Path(__file__).resolve().parents[2])
    return kept | {"RIVERCHIEF_HOME": str(tmp_path), "RIVERCHIEF_DEMO": "true", "PYTHONPATH": root}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def run(code: str, settings: dict[str, str]) -> str:
    return subprocess.run([sys.executable, "-c", code], env=settings, check=True, capture_output=True, text=True).stdout


def serve(port: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "riverchief_server.cli", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=settings, stderr=subprocess.PIPE)
    assert process.stderr is not None
    for line in process.stderr:
        if b"Riverchief is ready" in line:
            return process
    raise AssertionError("the server did not start")


class Sender:
    """One person who reports as fast as they can."""

    def __init__(self, port: int):
        self.base = f"http://127.0.0.1:{port}/api"
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.opener.open(f"{self.base}/session", timeout=20).read()
        self.post("/session/demo", {"username": "office"})

    def post(self, path: str, body: dict[str, object]) -> int:
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken") or ""
        headers = {"Content-Type": "application/json", "X-CSRFToken": token}
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(), headers)
        with self.opener.open(request, timeout=20) as answer:
            return int(answer.status)

    def report(self, uuid: str) -> int:
        return self.post("/cases", {"uuid": uuid, "title": "岸边垃圾", "reach": "C", "categories": ["litter"]})


def burst(port: int, acknowledged: set[str], sent: set[str], stop: threading.Event) -> Iterator[threading.Thread]:
    def send() -> None:
        sender = Sender(port)
        while not stop.is_set():
            uuid = str(uuid4())
            sent.add(uuid)
            try:
                if sender.report(uuid) == 201:
                    acknowledged.add(uuid)
            except (urllib.error.URLError, OSError):
                return

    for _ in range(SENDERS):
        yield threading.Thread(target=send, daemon=True)


@pytest.mark.slow
@pytest.mark.skipif(
    "postgres" in os.environ.get("RIVERCHIEF_DATABASE_URL", ""), reason="kills the web process, not the database"
)
def test_kill_nine_in_a_burst_of_reports(settings_of_home: dict[str, str], port: int):
    run(SET_UP, settings_of_home)
    server = serve(port, settings_of_home)
    acknowledged: set[str] = set()
    sent: set[str] = set()
    stop = threading.Event()
    try:
        threads = list(burst(port, acknowledged, sent, stop))
        for thread in threads:
            thread.start()
        until = time.monotonic() + 60
        while len(acknowledged) < ACKNOWLEDGED_BEFORE_THE_KILL and time.monotonic() < until:
            time.sleep(0.01)
        server.send_signal(signal.SIGKILL)
        server.wait()
    finally:
        stop.set()
        server.kill()
    for thread in threads:
        thread.join(timeout=30)
    assert len(acknowledged) >= ACKNOWLEDGED_BEFORE_THE_KILL

    # the same reports are sent again after the restart, as a phone would: none is doubled
    again = serve(port, settings_of_home)
    try:
        sender = Sender(port)
        assert {sender.report(uuid) for uuid in list(acknowledged)[:5]} == {200}
    finally:
        again.kill()
        again.wait()
    kept = json.loads(run(COUNT, settings_of_home))
    uuids = [uuid for uuid, _ in kept]
    assert acknowledged <= set(uuids)
    assert len(uuids) == len(set(uuids)) and set(uuids) <= sent
    assert {broken for _, broken in kept} == {None}
