"""Every test there is, part by part: ``make test``. Names of parts may be given to run only those.

domain    tests of the domain in an environment that has no Django, to prove that it needs none
server    the server, the house itself and the gallery, on SQLite
browser   the journeys in Chromium, by themselves: Playwright leaves an event loop running that Django would refuse
postgres  those of the server's tests again that a database could change, on a throw-away PostgreSQL
wheel     the offline archive, installed with no network, serves the demonstration; it is backed up and restored
check     format, lint, types, arrow and documents (``make check``); only in CI or by its name
peers     tests that hold ours beside a library of the benchmarks; only in ``make test-all`` or by its name
mutants   faults put in by hand, each of which a test has to find; only in ``make test-all`` or by its name

A part that fails keeps no other from running; the last lines say how each went. ``--ci`` adds ``check``; ``--all`` adds
``check``, ``peers``, ``mutants`` and the nightly tests of every day.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
DOMAIN_TESTS = ("tests/domain", "tests/truth", "tests/family", "tests/wire")
PEER_TESTS = ("tests/domain/observation/checks/test_beside_ioos_qc.py",)
SERVER_TESTS = ("tests/server", "tests/house", "tests/gallery")
# The machine of the house has two cores. Many tests of the server wait for a process or a line, so a third worker fills
# what the other two leave; those of the domain and of the browser wait for nothing but the processor.
CORES, WAITING = "2", "3"
BAD = ("failed", "error")
DAY_S = 86_400


@dataclass
class Part:
    """How a part went."""

    name: str
    tally: Counter[str] = field(default_factory=Counter)
    is_well: bool = True
    wall_s: float = 0.0
    processor_s: float = 0.0


class Run:
    """The parts that were asked for, one after another."""

    def __init__(self, nightly: Sequence[str]) -> None:
        self.nightly = nightly
        self.part = Part("")

    def command(self, *words: str, **variables: str) -> None:
        """Run a command in the checkout; the part has failed where it fails."""
        print("$", " ".join(words), flush=True)
        subprocess.run(words, cwd=ROOT, env=os.environ | variables, check=True)

    def tests(self, *words: str, before: Sequence[str] = (), python: str = PYTHON, **variables: str) -> None:
        """Run pytest, and add what it counted to the tally of the part."""
        with tempfile.NamedTemporaryFile(suffix=".json") as tally:
            options = ["-q", "--durations", "10", "--tally", tally.name, *self.nightly]
            try:
                self.command(*before, python, "-m", "pytest", *options, *words, **variables)
            finally:
                self.part.tally.update(json.loads(Path(tally.name).read_text() or "{}"))

    def domain(self) -> None:
        """The domain without Django. A file stays with one worker, so that no kernel is compiled twice."""
        python = str(ROOT / ".venv-domain" / "bin" / "python")
        self._domain_environment()
        self.command(python, "-c", "import importlib.util as u; assert u.find_spec('django') is None")
        options = ("-n", CORES, "--dist", "loadfile", "-p", "no:cacheprovider")
        quiet = ("-W", "ignore::pytest.PytestConfigWarning")
        self.tests(*options, *quiet, *DOMAIN_TESTS, python=python, PYTHONPATH=str(ROOT / "src"))

    def _domain_environment(self) -> None:
        venv, locked = ROOT / ".venv-domain", ROOT / "requirements" / "domain.txt"
        ready = venv / ".ready"
        if ready.exists() and ready.stat().st_mtime >= locked.stat().st_mtime:
            return
        shutil.rmtree(venv, ignore_errors=True)
        self.command(sys.executable, "-m", "venv", "--without-pip", str(venv))
        uv = (str(BIN / "uv"), "pip", "install", "-q", "--python", str(venv / "bin" / "python"))
        self.command(*uv, "-r", str(locked))
        ready.touch()

    def server(self) -> None:
        """The server, the house and the gallery, on SQLite."""
        self.tests("-n", WAITING, *SERVER_TESTS)

    def browser(self) -> None:
        """The journeys in Chromium: each worker has a demonstration of its own, which a file keeps to itself."""
        self.tests("-n", CORES, "--dist", "loadfile", "tests/journeys")

    def postgres(self) -> None:
        """What a database could change, on PostgreSQL."""
        self.tests("-n", WAITING, "--only-database", "tests/server", before=(PYTHON, "tools/postgres.py", "--"))

    def wheel(self) -> None:
        """The wheel by itself."""
        self.command("make", "--no-print-directory", "wheelhouse")
        self.command(PYTHON, "tools/try_wheel.py")

    def check(self) -> None:
        """What needs no test to be seen."""
        self.command("make", "--no-print-directory", "check")

    def peers(self) -> None:
        """Beside what the benchmarks stand beside (``requirements/bench.txt``)."""
        self.command(PYTHON, "-c", "import ioos_qc")
        self.tests(*PEER_TESTS)

    def mutants(self) -> None:
        """Faults put in by hand."""
        self.command(PYTHON, "tools/mutate.py")

    def go(self, name: str) -> Part:
        """Run one part to its end, however it ends."""
        self.part = Part(name)
        began, spent = time.monotonic(), _spent_s()
        try:
            work: Callable[[], None] = getattr(self, name)
            work()
        except (subprocess.CalledProcessError, OSError) as failed:
            print(failed, file=sys.stderr)
            self.part.is_well = False
        self.part.wall_s, self.part.processor_s = time.monotonic() - began, _spent_s() - spent
        print(f"== {name}: {self.part.wall_s:.0f} s", flush=True)
        return self.part


def _spent_s() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


PARTS = ("domain", "server", "browser", "postgres", "wheel")
OF_CI = ("check", *PARTS)
EVERY_PART = (*OF_CI, "peers", "mutants")


def summary(parts: Sequence[Part]) -> str:
    """A line for each part, and the last one as pytest closes."""
    lines = ["", "part       result    passed  failed  skipped   time  processor"]
    total: Counter[str] = Counter()
    for part in parts:
        failed = sum(part.tally[name] for name in BAD)
        if not part.is_well and not failed:  # a command, or pytest itself
            part.tally["failed"] = failed = 1
        total.update(part.tally)
        lines.append(
            f"{part.name:10} {'passed' if part.is_well else 'FAILED':8}{part.tally['passed']:8}{failed:8}"
            f"{part.tally['skipped']:9}{part.wall_s:6.0f}s{part.processor_s:10.0f}s"
        )
    seconds = sum(part.wall_s for part in parts)
    failed = sum(total[name] for name in BAD)
    lines.append(f"{total['passed']} passed, {failed} failed, {total['skipped']} skipped in {seconds:.0f}s")
    return "\n".join(lines)


def main(words: Sequence[str]) -> int:
    """Run the parts that are named (all, if none is), however each of them ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(EVERY_PART))
    parser.add_argument("--ci", action="store_true", help="check as well")
    parser.add_argument("--all", action="store_true", help="check, peers, mutants and every nightly test as well")
    asked = parser.parse_args(words)
    if unknown := sorted(set(asked.parts) - set(EVERY_PART)):
        parser.error(f"unknown part {', '.join(unknown)}; parts: {', '.join(EVERY_PART)}")
    chosen = asked.parts or (EVERY_PART if asked.all else OF_CI if asked.ci else PARTS)
    # Which nightly tests are run stands in every command that is printed, so that it can be typed again.
    run = Run(["--nightly"] if asked.all else ["--nightly-seed", str(int(time.time()) // DAY_S)])
    parts = [run.go(name) for name in EVERY_PART if name in chosen]
    print(summary(parts), flush=True)
    return 0 if all(part.is_well for part in parts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
