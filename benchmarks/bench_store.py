# ruff: noqa: E402
"""The store of readings on SQLite and PostgreSQL: durable ingest, the newest of all series, a slice, means of all.

500 series, hourly for a year: 4,380,000 readings, loaded in order of time as sensors deliver them. Both databases wait
for the disk (synchronous=FULL; fsync and synchronous_commit on). Answers are compared with numpy's own first. CPU is
this process's: on PostgreSQL the server's work is not in it.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("RIVERCHIEF_HOME", tempfile.mkdtemp(prefix="riverchief-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riverchief_server.settings.django")
import django

django.setup()

from datetime import UTC, datetime

from tests.server.databases import ALIAS, empty_store
from tools import postgres

from riverchief_server.observations import archive, store

TITLE = "The store of readings"
SERIES, HOURS = 500, 8760
T0 = 1_704_067_200_000  # 2024-01-01
HOUR = 3_600_000
NOISE = np.round(np.random.default_rng(3).normal(10, 3, 1 << 20), 2)


def batch(first: int, size: int) -> store.Columns:
    """``size`` rows from row ``first`` on, all series of an hour, then the next hour."""
    i = first + np.arange(size)
    t = T0 + HOUR * (i // SERIES)
    return store.columns(i % SERIES + 1, t, NOISE[i % len(NOISE)], arrived=int(t[-1]), message=1)


def ingest(first: int, size: int, times: int) -> tuple[float, float, int]:
    """Rows a second by the wall and by this process's CPU, and the next row."""
    batches = [batch(first + k * size, size) for k in range(times)]
    wall, cpu = time.perf_counter(), time.process_time()
    for one in batches:
        store.put_columns(one, using=ALIAS)
    rows = size * times
    return (
        rows / (time.perf_counter() - wall),
        rows / max(time.process_time() - cpu, 1e-9),
        first + rows,
    )


def median_ms(work: Callable[[], object], times: int = 15) -> float:
    """The median of some runs after one that is thrown away [ms]."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def measure(url: str) -> dict[str, str]:
    """The figures of one database."""
    found = {}
    with empty_store(url), tempfile.TemporaryDirectory() as folder:
        row = 0
        began = time.perf_counter()
        while row < SERIES * HOURS:
            size = min(50_000, SERIES * HOURS - row)
            store.put_columns(batch(row, size), using=ALIAS)
            row += size
        found["load of 4,380,000 in batches of 50,000 [rows/s]"] = f"{row / (time.perf_counter() - began):,.0f}"
        for size, times in ((10_000, 40), (100, 1000)):
            wall, cpu, row = ingest(row, size, times)
            found[f"durable batches of {size:,} [rows/s]"] = f"{wall:,.0f} (CPU alone: {cpu:,.0f})"
        everything = np.arange(1, SERIES + 1)
        newest = store.latest_columns(everything, using=ALIAS)
        assert newest.size == SERIES and int(newest.t.max()) == T0 + HOUR * ((row - 1) // SERIES)
        start, end = T0 + 31 * 24 * HOUR, T0 + 62 * 24 * HOUR
        month = store.read(7, start, end, using=ALIAS)
        expected = NOISE[(np.arange(31 * 24, 62 * 24) * SERIES + 6) % len(NOISE)]
        assert np.array_equal(month.v, expected)
        core = ("series", "t", "v", "flag")
        latest = median_ms(lambda: store.latest_columns(everything, only=core, using=ALIAS))
        found["newest of 500 series [ms]"] = f"{latest:.2f}"
        found["newest of 500 series, as rows [ms]"] = f"{median_ms(lambda: store.latest(everything, using=ALIAS)):.2f}"
        found["a month of one series (744) [ms]"] = (
            f"{median_ms(lambda: store.read(7, start, end, only=core, using=ALIAS)):.2f}"
        )
        now = datetime(2026, 1, 1, tzinfo=UTC)
        months = archive.months_to_seal(now, everything.tolist(), using=ALIAS)
        began = time.perf_counter()
        for one in months:
            archive.seal(one, Path(folder), now, everything.tolist(), using=ALIAS)
        found["sealing as Parquet [rows/s]"] = f"{row / (time.perf_counter() - began):,.0f}"
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        found["archive [MB]"] = f"{size / 1e6:.1f}"
        first, last = months[0], months[-1]

        def means() -> object:
            return archive.monthly_means(Path(folder), first, last, everything.tolist(), using=ALIAS)

        table = means()
        january = NOISE[(np.arange(31 * 24) * SERIES + 6) % len(NOISE)]
        assert abs(table.row(by_predicate=(table_series(table, 7, first)))[3] - january.mean()) < 1e-9
        found["monthly means of everything, from the archive [ms]"] = f"{median_ms(means, 7):.0f}"
    return found


def table_series(table: object, series: int, month: int) -> object:
    """The row of one series and month."""
    import polars as pl

    return (pl.col("series") == series) & (pl.col("month") == month)


def run() -> str:
    """Both databases, a column each."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = measure(f"sqlite://{folder}/store.db")
    with postgres.server() as url:
        postgresql = measure(url)
    bars = {
        "durable batches of 10,000 [rows/s]": "≥ 200,000",
        "durable batches of 100 [rows/s]": "≥ 50,000",
        "newest of 500 series [ms]": "≤ 5",
        "a month of one series (744) [ms]": "≤ 2",
        "monthly means of everything, from the archive [ms]": "≤ 200",
    }
    lines = ["| | SQLite | PostgreSQL 18 | bar |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {value} | {postgresql[name]} | {bars.get(name, '')} |" for name, value in sqlite.items()]
    load = os.getloadavg()[0]
    return (
        "\n".join(lines)
        + f"\n\nAnswers were compared with numpy's own first. The machine was shared; load {load:.1f} at "
        "the end. \"CPU alone\" counts this process's processor time only (on PostgreSQL the server's is not in it)."
    )


if __name__ == "__main__":
    print(run(), file=sys.stdout)
