"""Runs every benchmark (or those named) and writes docs/benchmarks.md: ``python -m benchmarks [name ...]``."""

import os
import platform
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
REPORT = HERE.parent / "docs" / "benchmarks.md"
HEAD = """\
Written by `make bench`, or a section alone by `.venv/bin/python -m benchmarks NAME` (NAME: its file in `benchmarks`
without `bench_`). What is changed by hand is gone with the next run. Each section was measured in one run."""


def machine() -> str:
    """One line on where the figures were taken."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return f"{os.cpu_count()} x {model}, {platform.system()}, Python {platform.python_version()}"


def sections(text: str) -> dict[str, str]:
    """The report's sections by title, so that one benchmark can be renewed alone."""
    parts = text.split("\n## ")[1:]
    return {part.split("\n", 1)[0].strip(): part.split("\n", 1)[1].strip() for part in parts}


def main(names: list[str]) -> None:
    """Run the benchmarks ``names`` (all, if empty) and renew their sections of the report."""
    renewed = {}
    for path in sorted(HERE.glob("bench_*.py")):
        if names and path.stem.removeprefix("bench_") not in names:
            continue
        bench = import_module(f"benchmarks.{path.stem}")
        print(f"== {bench.TITLE}", flush=True)
        renewed[bench.TITLE] = f"{bench.run()}\n\nMeasured on {machine()}."
        print(renewed[bench.TITLE], flush=True)
    # read only now: another run may have renewed its own sections meanwhile
    found = (sections(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else {}) | renewed
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sorted(found.items()))
    REPORT.write_text(
        f"# Benchmarks\n\n{HEAD}\n\n{body}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
