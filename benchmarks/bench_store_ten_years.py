"""The store with ten years in it: 500 series, hourly, 43,800,000 readings; the questions of ``bench_store``.

The bars are twice those of one year.
"""

import sys
import tempfile

from benchmarks.bench_store import HOURS, SERIES, circumstances, empty_store, load, postgres, questions

TITLE = "The store of readings, ten years"
ROWS = 10 * SERIES * HOURS


def measure(url: str) -> dict[str, str]:
    """The figures of one database."""
    with empty_store(url):
        return {"load of 43,800,000 in batches of 50,000 [rows/s]": f"{load(ROWS):,.0f}"} | questions(ROWS)


def run() -> str:
    """Both databases, a column each."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = measure(f"sqlite://{folder}/store.db")
    with postgres.server() as url:
        postgresql = measure(url)
    bars = {
        "newest of 500 series [ms]": "≤ 10",
        "a month of one series (744) [ms]": "≤ 4",
        "monthly means of everything, from the archive [ms]": "≤ 400",
    }
    lines = ["| | SQLite | PostgreSQL 18 | bar |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {value} | {postgresql[name]} | {bars.get(name, '')} |" for name, value in sqlite.items()]
    return "\n".join(lines) + f"\n\n{circumstances()}"


if __name__ == "__main__":
    print(run(), file=sys.stdout)
