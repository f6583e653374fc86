"""The run of the tests watches itself: what a test may cost, whose day it is, what is repeated, how a part ends."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tools import run_tests

from tests import nightly

ROOT = Path(__file__).resolve().parents[2]
WATCHED = """
import sys
sys.path.insert(0, {root!r})
from tests import budget
budget.TEST_S, budget.SLOW_TESTS_S = 0.2, 0.5
def pytest_configure(config):
    config.addinivalue_line("markers", "slow")
    config.pluginmanager.register(budget.Budget())
"""
BURN = """
import subprocess, sys, time
import pytest
def burn(s):
    end = time.process_time() + s
    while time.process_time() < end:
        pass
@pytest.fixture(scope="module")
def costly():
    burn(2)
"""


def outcome(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    """A run of its own over ``test``, in which a test may take 0.2 s of this machine and slow ones 0.5 s together."""
    (folder / "conftest.py").write_text(WATCHED.format(root=str(ROOT)))
    (folder / "test_it.py").write_text(BURN + test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", "-c", "none.ini"]
    (folder / "none.ini").write_text("[pytest]\n")
    return subprocess.run([*command, str(folder)], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(): burn(2)",
        'def test_it(): subprocess.run([sys.executable, "-c", "for n in range(60_000_000): pass"])',
        "@pytest.fixture\ndef own(): burn(2)\ndef test_it(own): pass",
    ],
    ids=["by itself", "by a process", "by its fixture"],
)
def test_a_test_that_costs_more_than_its_budget_fails(tmp_path: Path, body: str):
    done = outcome(tmp_path, body)
    assert done.returncode == 1 and "s of processor, more than" in done.stdout


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(): time.sleep(2)",
        "def test_it(costly): pass",
        "@pytest.mark.slow\ndef test_it(): burn(0.3)",
    ],
    ids=["waiting costs nothing", "a wider fixture is everybody's", "slow tests may"],
)
def test_what_costs_no_more_passes(tmp_path: Path, body: str):
    assert outcome(tmp_path, body).returncode == 0


def test_slow_tests_that_cost_too_much_together_fail_the_run(tmp_path: Path):
    done = outcome(tmp_path, "@pytest.mark.slow\n@pytest.mark.parametrize('n', range(4))\ndef test_it(n): burn(1)")
    assert done.returncode == 1
    assert "4 passed" in done.stdout and "FAILED the slow tests cost more than they may together" in done.stdout


def test_each_nightly_test_has_its_day_in_every_week():
    for name in ("tests/a.py::test_one", "tests/b.py::test_two[x]"):
        assert sum(nightly.is_of_the_day(name, day) for day in range(20_000, 20_007)) == 1


def test_a_part_that_fails_keeps_no_other_from_running_and_is_in_the_last_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def broken(run: run_tests.Run) -> None:
        run.part.tally = Counter(passed=3, failed=1)
        run.command("false")

    def well(run: run_tests.Run) -> None:
        run.part.tally = Counter(passed=5, skipped=2)

    for name in run_tests.EVERY_PART:
        monkeypatch.setattr(run_tests.Run, name, broken if name == "domain" else well)
    assert run_tests.main(["domain", "server", "wheel"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in said[-4:-1]] == [
        ["domain", "FAILED"],
        ["server", "passed"],
        ["wheel", "passed"],
    ]
    assert said[-1].startswith("13 passed, 1 failed, 4 skipped in ")
    assert run_tests.main(["server"]) == 0


def test_a_command_that_fails_counts_as_a_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(run_tests.Run, "wheel", lambda run: run.command("false"))
    assert run_tests.main(["wheel"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 passed, 1 failed, ")


def test_every_part_is_one_of_the_run():
    assert all(callable(getattr(run_tests.Run, name)) for name in run_tests.EVERY_PART)
