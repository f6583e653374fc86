"""Puts the faults of ``tools/mutants.csv`` into a copy of the checkout, one at a time: does a test find each?

    python tools/mutate.py                 all of them
    python tools/mutate.py surface_water   those whose file or tests name this

A row is a fault of one line: in ``file`` the text ``from``, which must be there exactly once, becomes ``to``; ``tests``
are what should then fail. ``survives`` says why nothing fails, where that is right. The run fails for a fault that no
test finds, for one that is said to survive and is found, for a row whose line is no longer there, and where the tests
named do not pass as the checkout is.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("mutants.csv")
COPIED = ("src", "tests", "tools", "benchmarks", "docs", "examples", "pyproject.toml", "README.md")
LEFT_OUT = shutil.ignore_patterns("assets", "node_modules", "*.pyc")
WORKERS = 2
LONGEST_S = 900  # a fault may make something run for ever: that is found too
PASSED, FOUND = 0, {1, 2}  # of pytest: a test fails, or its file does not even load


@dataclass(frozen=True)
class Mutant:
    """One row of the list."""

    file: str
    old: str
    new: str
    tests: str
    survives: str

    def __str__(self) -> str:
        return f"{self.file}: {self.old.strip()}  →  {self.new.strip() or '(nothing)'}"


def read_list(path: Path = LIST) -> list[Mutant]:
    """The faults of the list."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Mutant(*(row[name] for name in ("file", "from", "to", "tests", "survives"))) for row in csv.DictReader(file)
        ]


def gone(mutants: Iterable[Mutant], root: Path = ROOT) -> list[str]:
    """What is wrong with rows: a file or test that is not there, a line that is gone, or that is there twice."""
    faults = []
    for mutant in mutants:
        path = root / mutant.file
        times = path.read_text(encoding="utf-8").count(mutant.old) if path.exists() else 0
        if times != 1:
            faults.append(f"{mutant.file}: “{mutant.old.strip()}” is there {times} times, not once")
        missing = [
            one for one in mutant.tests.split() if one[:5] == "tests" and not (root / one.partition("::")[0]).exists()
        ]
        faults += [f"{mutant.file}: {test} is not there" for test in missing]
    return faults


class Copy:
    """A copy of the checkout that may be spoilt."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=LEFT_OUT)
            else:
                shutil.copy2(source, folder / name)

    def passes(self, tests: Sequence[str]) -> int:
        """How pytest ends over ``tests`` in the copy; 1 where it does not end."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
        settings = os.environ | {"PYTHONPATH": str(self.folder / "src")}
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=settings, capture_output=True, timeout=LONGEST_S, check=False
            )
        except subprocess.TimeoutExpired:
            return 1
        if done.returncode not in {PASSED, *FOUND}:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout.decode()[-3000:]}")
        return done.returncode

    def is_found(self, mutant: Mutant) -> bool:
        """Whether a test fails with the fault put in; the copy is whole again afterwards."""
        path = self.folder / mutant.file
        whole = path.read_text(encoding="utf-8")
        kept = path.stat()
        path.write_text(whole.replace(mutant.old, mutant.new), encoding="utf-8")
        if "@njit" in whole or "@kernel" in whole:
            self._forget_kernels()
        try:
            return self.passes(mutant.tests.split()) in FOUND
        finally:
            path.write_text(whole, encoding="utf-8")
            os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
            if "@njit" in whole or "@kernel" in whole:
                self._forget_kernels()

    def _forget_kernels(self) -> None:
        """A kernel that numba has kept does not notice that one it calls has changed."""
        for kept in (self.folder / "src").rglob("*.nb[ic]"):
            kept.unlink()


def main(words: Sequence[str]) -> int:
    """Put every fault in that the words choose; 0 where each is found, or survives as the list says."""
    mutants = [one for one in read_list() if not words or any(word in f"{one.file} {one.tests}" for word in words)]
    if faults := gone(mutants):
        print("\n".join(faults), file=sys.stderr)
        print(f"{len(faults)} rows of {LIST.relative_to(ROOT)} no longer fit: put them right", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="riverchief-mutants-") as folder:
        copies = [Copy(Path(folder) / str(number)) for number in range(WORKERS)]
        shares = [mutants[number::WORKERS] for number in range(WORKERS)]
        with ThreadPoolExecutor(WORKERS) as workers:
            told = list(workers.map(_work, copies, shares))
    bad = [line for _, lines in told for line in lines]
    print("\n".join(bad))
    right = sum(number for number, _ in told)
    print(f"{len(mutants)} faults in the list: {right} end as it says, {len(mutants) - right} do not or were not tried")
    print(f"{right} passed, {len(mutants) - right} failed")
    return 1 if bad else 0


def _work(copy: Copy, mutants: Sequence[Mutant]) -> tuple[int, list[str]]:
    """How many of ``mutants``, tried in one copy, end as the list says, and what is wrong with the others."""
    bad: list[str] = []
    right = 0
    tests = list(dict.fromkeys(test for one in mutants for test in one.tests.split()))
    if tests and copy.passes(tests) != PASSED:
        return 0, [f"the tests named do not pass with nothing put in: {' '.join(tests)}"]
    for mutant in mutants:
        found = copy.is_found(mutant)
        print("found   " if found else "SURVIVED", mutant, flush=True)
        if found == bool(mutant.survives):
            bad.append(f"{'found, although it is said to survive' if found else 'no test finds'}: {mutant}")
        else:
            right += 1
    return right, bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
