"""Every test there is, in five parts: ``make test``. Names of parts may be given to run only those.

domain    tests of the domain in an environment that has no Django, to prove that it needs none
server    the server, the house itself and the gallery, on SQLite
browser   the journeys in Chromium, by themselves: Playwright leaves an event loop running that Django would refuse
postgres  the server's tests again on a throw-away PostgreSQL
wheel     the wheel, built and installed by itself, loads and serves the demonstration
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
DOMAIN_TESTS = ("tests/domain", "tests/truth", "tests/family", "tests/wire")


def run(*command: str, **variables: str) -> None:
    """Run a command in the checkout; stop everything where it fails."""
    print("$", " ".join(command), flush=True)
    subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=True)


def domain() -> None:
    """The domain without Django."""
    venv = ROOT / ".venv-domain"
    if not (venv / ".ready").exists():
        run(sys.executable, "-m", "venv", "--without-pip", str(venv))
        run(str(BIN / "uv"), "pip", "install", "-q", "--python", str(venv), "-r", "requirements/domain.txt")
        (venv / ".ready").touch()
    python = str(venv / "bin" / "python")
    run(python, "-c", "import importlib.util as u; assert u.find_spec('django') is None")
    options = ("-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestConfigWarning")
    run(python, "-m", "pytest", *options, *DOMAIN_TESTS, PYTHONPATH=str(ROOT / "src"))


def server() -> None:
    """The server, the house and the gallery, on SQLite. Two workers: the machine of the house has two cores."""
    run(PYTHON, "-m", "pytest", "-q", "-n", "2", "--durations", "10", "tests/server", "tests/house", "tests/gallery")


def browser() -> None:
    """The journeys in Chromium."""
    run(PYTHON, "-m", "pytest", "-q", "--durations", "3", "tests/journeys")


def postgres() -> None:
    """The server's tests again, on PostgreSQL."""
    run(PYTHON, "tools/postgres.py", "--", PYTHON, "-m", "pytest", "-q", "-n", "2", "tests/server")


def wheel() -> None:
    """The wheel by itself."""
    run("make", "--no-print-directory", "wheel")
    run(PYTHON, "tools/try_wheel.py")


PARTS: dict[str, Callable[[], None]] = {
    "domain": domain,
    "server": server,
    "browser": browser,
    "postgres": postgres,
    "wheel": wheel,
}


def main(names: list[str]) -> int:
    """Run the parts ``names`` (all, if empty), the quick ones first."""
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        print(f"unknown part {', '.join(unknown)}; parts: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for name, part in PARTS.items():
        if not names or name in names:
            began = time.monotonic()
            try:
                part()
            except subprocess.CalledProcessError as failed:
                print(f"== {name} FAILED ({failed.returncode})", flush=True)
                return 1
            print(f"== {name}: {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
