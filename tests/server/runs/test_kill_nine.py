"""A run whose process is killed in the middle is taken up again by the next one, and gives the answer it would have."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SET_UP = """
from riverchief_server.cli.start import set_up, migrate
set_up(); migrate()
from datetime import UTC, datetime
from dataclasses import replace
from uuid import uuid4
from riverchief_server.cli.importing import import_files
from riverchief_server.runs.actions import ask
from riverchief_server.runs.spills import SpillAsked, spill_run
from tests.server import toy_county
now = datetime.now(UTC)
for kind, name, text in toy_county.FILES:
    import_files(kind, [(name, text.encode())], now)
new = spill_run(SpillAsked(uuid4(), 20.0, now, reach="A", parameter="NH3N", flow="mean"), now)
run, _ = ask(replace(new, inputs={**new.inputs, "members": 4000}), None, now)
"""
LOOK = """
from riverchief_server.cli.start import set_up
set_up()
import json
from riverchief_server.runs.models import Run
from riverchief_server.runs.queries import result_of
run = Run.objects.get()
print(json.dumps([run.state, run.attempts, run.progress, result_of(run)]))
"""
AGAIN = """
from riverchief_server.cli.start import set_up
set_up()
import json
from riverchief.spill.question import answer_spill
from riverchief_server.runs.models import Run
run = Run.objects.get()
print(json.dumps(answer_spill(run.inputs, run.seed, lambda share: None)))
"""
MOST_S = 120


@pytest.fixture
def settings_of_home(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    root = str(Path(__file__).resolve().parents[3])
    return kept | {"RIVERCHIEF_HOME": str(tmp_path), "RIVERCHIEF_CLOCK_S": "3600", "PYTHONPATH": root}


def run(code: str, settings: dict[str, str]) -> str:
    return subprocess.run([sys.executable, "-c", code], env=settings, check=True, capture_output=True, text=True).stdout


def jobs(settings: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "riverchief_server.cli", "jobs"], env=settings)


def until(settings: dict[str, str], wanted: str) -> list:
    end = time.monotonic() + MOST_S
    while time.monotonic() < end:
        found = json.loads(run(LOOK, settings))
        if found[0] == wanted and (wanted != "running" or found[2] > 0):
            return found
    raise AssertionError(f"it was not {wanted} within {MOST_S} s: {found[:3]}")


@pytest.mark.slow
@pytest.mark.skipif(
    "postgres" in os.environ.get("RIVERCHIEF_DATABASE_URL", ""),
    reason="kills the process that computes, not the database",
)
def test_a_killed_run_is_taken_up_again(settings_of_home: dict[str, str]):
    run(SET_UP, settings_of_home)
    first = jobs(settings_of_home)
    try:
        until(settings_of_home, "running")
        first.send_signal(signal.SIGKILL)
        first.wait()
    finally:
        first.kill()
    assert json.loads(run(LOOK, settings_of_home))[0] == "running"  # nobody has told the database
    second = jobs(settings_of_home)
    try:
        _, attempts, _, answer = until(settings_of_home, "done")
    finally:
        second.kill()
        second.wait()
    assert attempts == 2
    assert answer == json.loads(run(AGAIN, settings_of_home))
