# ruff: noqa: E402
"""The store of readings on SQLite and PostgreSQL: durable ingest, the newest of all series, a slice, means of all.

500 series, hourly for a year: 4,380,000 readings, loaded in order of time as sensors deliver them. Both databases wait
for the disk (synchronous=FULL; fsync and synchronous_commit on). Answers are compared with numpy's own first. Beside
the store stands the ceiling of the same run: the same columns with the same durability, handed over ready-made to bare
sqlite3 (INSERT) or bare psycopg (COPY), without upsert, versions, checks or the note for the clock.

``bench_store_ten_years`` asks the same questions of ten years (43.8 million).
"""

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np

os.environ.setdefault("RIVERCHIEF_HOME", tempfile.mkdtemp(prefix="riverchief-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riverchief_server.settings.django")
import django

django.setup()

from datetime import UTC, datetime

from django.db import connections
from tests.server.databases import ALIAS, READINGS, empty_store
from tools import postgres

from riverchief_server.observations import archive, store
from riverchief_server.observations.group_commit import readings_writer
from riverchief_server.observations.store.copy_format import copy_bytes
from riverchief_server.settings.database import database_settings

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


def rates(
    write: Callable[[store.Columns], object], first: int, size: int, times: int
) -> tuple[list[float], float, int]:
    """Rows a second of five runs of ``times`` batches each, slowest first, and by this process's CPU; the next row."""
    found = []
    cpu = 0.0
    for _ in range(5):
        batches = [batch(first + k * size, size) for k in range(times)]
        first += size * times
        began, worked = time.perf_counter(), time.process_time()
        for one in batches:
            write(one)
        found.append(size * times / (time.perf_counter() - began))
        cpu += time.process_time() - worked
    return sorted(found), 5 * size * times / cpu, first


def together(first: int, size: int, times: int, callers: int = 8) -> tuple[list[float], int]:
    """The same for ``callers`` at once, each waiting for its batch to be durable before it hands in the next."""
    writer = readings_writer(using=ALIAS)
    found = []
    with ThreadPoolExecutor(callers) as pool:
        for _ in range(5):
            batches = [batch(first + k * size, size) for k in range(times)]
            first += size * times
            began = time.perf_counter()
            list(pool.map(lambda one: writer.submit(one).result(), batches))
            found.append(size * times / (time.perf_counter() - began))
    writer.close()
    return sorted(found), first


def said(found: list[float], more: str = "") -> str:
    """The median of the runs, and the best."""
    return f"{statistics.median(found):,.0f} (best {found[-1]:,.0f}{more})"


def median_ms(work: Callable[[], object], times: int = 31) -> str:
    """The median of some runs after some that are thrown away, and the best [ms]."""
    for _ in range(6):  # PostgreSQL makes its lasting plan at the sixth
        work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return f"{statistics.median(taken):.2f} (best {min(taken):.2f})"


def put(one: store.Columns) -> None:
    """Keep a batch; durable when it returns."""
    store.put_columns(one, using=ALIAS)


def load(rows: int) -> float:
    """Keep the first ``rows`` rows; rows a second."""
    began = time.perf_counter()
    for row in range(0, rows, 50_000):
        put(batch(row, min(50_000, rows - row)))
    return rows / (time.perf_counter() - began)


BATCHES = ((10_000, 40), (100, 1000))


def measure(url: str) -> dict[str, str]:
    """The figures of one database."""
    found = {}
    with empty_store(url):
        row = SERIES * HOURS
        found["load of 4,380,000 in batches of 50,000 [rows/s]"] = f"{load(row):,.0f}"
        for size, times in BATCHES:
            taken, by_cpu, row = rates(put, row, size, times)
            # on PostgreSQL the work is done by other processes
            alone = f"; by CPU {by_cpu:,.0f}" if connections[ALIAS].vendor == "sqlite" else ""
            found[f"durable batches of {size:,} [rows/s]"] = said(taken, alone)
        taken, row = together(row, 100, 1000)
        found["durable batches of 100, eight callers who share commits [rows/s]"] = said(taken)
        found |= questions(row)
    return found


def questions(rows: int) -> dict[str, str]:
    """What is asked of a store that holds the first ``rows`` rows, from the newest value to the means of everything."""
    found = {}
    everything = np.arange(1, SERIES + 1)
    newest = store.latest_columns(everything, using=ALIAS)
    assert newest.size == SERIES and int(newest.t.max()) == T0 + HOUR * ((rows - 1) // SERIES)
    start, end = T0 + 31 * 24 * HOUR, T0 + 62 * 24 * HOUR
    month = store.read(7, start, end, using=ALIAS)
    expected = NOISE[(np.arange(31 * 24, 62 * 24) * SERIES + 6) % len(NOISE)]
    assert np.array_equal(month.v, expected)
    core = ("series", "t", "v", "flag")
    found["newest of 500 series [ms]"] = median_ms(lambda: store.latest_columns(everything, only=core, using=ALIAS))
    found["newest of 500 series, as rows [ms]"] = median_ms(lambda: store.latest(everything, using=ALIAS))
    found["a month of one series (744) [ms]"] = median_ms(lambda: store.read(7, start, end, only=core, using=ALIAS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        now = datetime(2040, 1, 1, tzinfo=UTC)
        months = archive.months_to_seal(now, everything.tolist(), using=ALIAS)
        began = time.perf_counter()
        for one in months:
            archive.seal(one, folder, now, everything.tolist(), using=ALIAS)
        found["sealing as Parquet [rows/s]"] = f"{rows / (time.perf_counter() - began):,.0f}"
        found["archive [MB]"] = f"{sum(path.stat().st_size for path in folder.iterdir()) / 1e6:.1f}"

        def means() -> object:
            return archive.monthly_means(folder, months[0], months[-1], everything.tolist(), using=ALIAS)

        table = means()
        january = NOISE[(np.arange(31 * 24) * SERIES + 6) % len(NOISE)]
        row = table.row(by_predicate=table_series(table, 7, months[0]), named=True)
        assert row["readings"] == 744 and abs(row["mean"] - january.mean()) < 1e-9
        found["monthly means of everything, from the archive [ms]"] = median_ms(means)
        for small in folder.glob("figures-*.parquet"):
            small.unlink()
        assert means().drop("mean").equals(table.drop("mean"))
        found["the same without its figures beside it: one pass over all readings [ms]"] = median_ms(means, 7)
    return found


def sqlite_ceiling(path: Path) -> dict[str, str]:
    """Bare sqlite3: ready-made tuples into the same table, with the same settings, by a plain INSERT."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(database_settings(f"sqlite://{path}", path)["OPTIONS"]["init_command"])
        raw.execute(READINGS.SQLITE[0])
        names = store.Columns._fields[:10]
        insert = f"INSERT INTO reading ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"

        def write(rows: list[tuple[object, ...]]) -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(insert, rows)
            raw.execute("COMMIT")

        return _ceiling(write, lambda one: list(zip(*(column.tolist() for column in one[:10]), strict=True)))


def postgresql_ceiling() -> dict[str, str]:
    """Bare psycopg: ready-made bytes into the same table by COPY."""
    from riverchief_server.observations.store.postgresql import COPY, WRITTEN

    connection = connections[ALIAS]

    def write(content: bytes) -> None:
        with connection.connection.transaction(), connection.connection.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.write(content)

    return _ceiling(write, lambda one: copy_bytes(one, WRITTEN))


def _ceiling(write: Callable[[object], None], made: Callable[[store.Columns], object]) -> dict[str, str]:
    found, row = {}, 0
    for _ in range(20):
        write(made(_sorted(batch(row, 50_000))))
        row += 50_000
    for size, times in BATCHES:
        taken = []
        for _ in range(5):
            batches = [made(_sorted(batch(row + k * size, size))) for k in range(times)]
            row += size * times
            began = time.perf_counter()
            for one in batches:
                write(one)
            taken.append(size * times / (time.perf_counter() - began))
        found[f"durable batches of {size:,} [rows/s]"] = said(sorted(taken))
    return found


def _sorted(one: store.Columns) -> store.Columns:
    return one.take(np.lexsort((one.t, one.series)))


def table_series(table: object, series: int, month: int) -> object:
    """The row of one series and month."""
    import polars as pl

    return (pl.col("series") == series) & (pl.col("month") == month)


def run() -> str:
    """Both databases, a column each, with the ceiling of each beside it."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = measure(f"sqlite://{folder}/store.db")
        bare_sqlite = sqlite_ceiling(Path(folder) / "bare.db")
    with postgres.server() as url:
        postgresql = measure(url)
        with empty_store(url):
            # the store makes the partitions
            months = np.array([archive.edges_of(archive.read_month("2024-01") + k)[0] for k in range(24)])
            put(store.columns(1, months, np.ones(24), arrived=T0))
            with connections[ALIAS].cursor() as cursor:
                cursor.execute("DELETE FROM reading")
            bare_postgresql = postgresql_ceiling()
    bars = {
        "durable batches of 10,000 [rows/s]": "≥ 200,000",
        "durable batches of 100 [rows/s]": "≥ 50,000",
        "newest of 500 series [ms]": "≤ 5",
        "a month of one series (744) [ms]": "≤ 2",
        "monthly means of everything, from the archive [ms]": "≤ 200",
    }
    lines = ["| | SQLite | bare sqlite3 | PostgreSQL 18 | bare COPY | bar |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {name} | {value} | {bare_sqlite.get(name, '')} | {postgresql[name]} | {bare_postgresql.get(name, '')} "
        f"| {bars.get(name, '')} |"
        for name, value in sqlite.items()
    ]
    return "\n".join(lines) + f"\n\n{circumstances()}"


def circumstances() -> str:
    """How the figures came about."""
    return (
        "Answers were compared with numpy's own first. Rates are the median of five runs, and the best; times the "
        "median of 31, and the best. The machine was shared with other work (load "
        f"{os.getloadavg()[0]:.1f} at the end, two cores), and PostgreSQL's own processes run on the same cores: read "
        'a rate beside its ceiling, which was taken in the same run. "By CPU" is this process undisturbed.'
    )


if __name__ == "__main__":
    print(run(), file=sys.stdout)
