"""SensorThings over HTTP with ten years behind it: 47,304,000 observations, the questions of ``bench_sensorthings``.

The bars are twice those of one year. The peer is not asked: it needs seconds for one year already.
"""

import os

from tools import postgres

from benchmarks.bench_sensorthings import BARS, of_database, tune

TITLE = "SensorThings, ten years"
YEARS = 10
TWICE = {"≤ 25": "≤ 50", "≤ 20": "≤ 40"}


def run() -> str:
    """Both databases, a column each."""
    sqlite = of_database("", YEARS)
    with postgres.running() as server:
        tune(server)
        postgresql = of_database(server.url, YEARS)
    lines = ["| | SQLite | PostgreSQL 18 | bar |", "|---|---:|---:|---:|"]
    lines += [
        f"| {name} | {ms:.1f} | {postgresql[name]:.1f} | {TWICE.get(BARS.get(name, ''), '')} |"
        for name, ms in sqlite.items()
    ]
    return (
        "\n".join(lines)
        + "\n\nMedians of 15 over HTTP on one kept connection; every answer was compared with what had "
        "been put there before it was timed. Client and server share two cores with other work (load "
        f"{os.getloadavg()[0]:.1f} at the end)."
    )
