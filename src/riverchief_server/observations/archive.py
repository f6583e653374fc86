"""Sealed months as Parquet: sorted by (series, t), compressed, read by polars, DuckDB or Dask; a manifest beside them.

The database stays the truth while it holds a month; a file is a copy for questions about everything at once, which a
table kept by rows answers twenty times slower. A month that has changed since it was sealed is not read from its file
until it is sealed anew. Each file has its monthly figures in a small one beside it, which can be deleted at any time:
the file itself is read then.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from django.db import connections, transaction

from riverchief.parameter import find_parameter
from riverchief_server.observations import figures, store
from riverchief_server.observations.models import Series

ROWS_A_GROUP = 100_000
SERIES_AT_ONCE = 500
MANIFEST, SERIES_FILE = "manifest.json", "series.parquet"
KEY = ["series", "t"]


class Sealed(NamedTuple):
    """One sealed month: ``month`` since January 1970, its file, rows and checksum, when it was sealed [ms], and when
    something of it changed after that [ms] (``None``: nothing has)."""

    month: int
    file: str
    rows: int
    sha256: str
    sealed: int
    changed: int | None

    @property
    def name(self) -> str:
        """The month as ``2026-10``."""
        return month_name(self.month)


def month_name(month: int) -> str:
    """``2026-10`` for a month counted from January 1970."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


def read_month(name: str) -> int:
    """The month, counted from January 1970, that ``2026-10`` names; raises ``ValueError`` for anything else."""
    moment = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
    return (moment.year - 1970) * 12 + moment.month - 1


def edges_of(month: int) -> tuple[int, int]:
    """First and end [ms since 1970 UTC] of a month counted from January 1970."""
    first, end = (datetime(1970 + m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in (month, month + 1))
    return store.to_ms(first), store.to_ms(end)


def sealed_months(*, using: str = "default") -> list[Sealed]:
    """Every sealed month, oldest first."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT month, file, rows, sha256, sealed, changed FROM sealed_month WHERE file <> '' ORDER BY month"
        )
        return [Sealed(*row) for row in cursor.fetchall()]


def months_to_seal(now: datetime, series: Sequence[int], *, using: str = "default") -> list[int]:
    """The months that are over at ``now`` and hold readings of ``series``, and are not sealed or changed since."""
    ends = store.span(series, using=using)
    if ends is None:
        return []
    this_month = (now.year - 1970) * 12 + now.month - 1
    good = {one.month for one in sealed_months(using=using) if one.changed is None}
    first, last = (int(month) for month in store.months_of(np.array(ends, np.int64)))
    return [month for month in range(first, min(last + 1, this_month)) if month not in good]


def seal(month: int, folder: Path, now: datetime, series: Sequence[int], *, using: str = "default") -> Sealed | None:
    """Write the readings of ``month`` into ``folder``; ``None`` where there are none.

    Readings that only the former file has (the database let go of them) stay in the new one. The file is whole or not
    there: it is written beside, flushed, and renamed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = _file_of(month)
    _begin(month, now, using)
    rows = _everything(month, folder, series, using)
    if not rows.height:
        with connections[using].cursor() as cursor:
            cursor.execute("DELETE FROM sealed_month WHERE month = %s", [month])
        return None
    _write(rows.sort(KEY), folder / file)
    checksum = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    with connections[using].cursor() as cursor:
        cursor.execute(
            "UPDATE sealed_month SET file = %s, rows = %s, sha256 = %s WHERE month = %s",
            [file, rows.height, checksum, month],
        )
    sealed = next(one for one in sealed_months(using=using) if one.month == month)
    _write_figures(folder, sealed)
    return sealed


def write_manifest(folder: Path, *, using: str = "default") -> None:
    """What stands in ``folder``: months with rows and checksums; and what each number of a series means."""
    months = [
        {"month": one.name, "file": one.file, "rows": one.rows, "sha256": one.sha256, "sealed": _iso(one.sealed)}
        for one in sealed_months(using=using)
    ]
    manifest = {
        "columns": {
            "series": f"number of a series, see {SERIES_FILE}",
            "t": "measured at, UTC",
            "v": "value in the canonical unit of the parameter; null: none",
            "flag": "flag in force",
            "flag_by": "check or person that set it; empty: the source",
            "operator, bound": "censored: the value lies below (<) or above (>) the bound",
            "arrived": "arrived at, UTC",
            "revision": "number of earlier versions",
        },
        "sorted_by": KEY,
        "months": months,
    }
    _write(_series_table(), folder / SERIES_FILE)
    _replace(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())


def scan(folder: Path, *, months: Sequence[int] | None = None, using: str = "default") -> pl.LazyFrame | None:
    """The sealed and unchanged months (only ``months``, where given) as one lazy table; ``None`` where none is."""
    files = [
        folder / one.file
        for one in sealed_months(using=using)
        if one.changed is None and (months is None or one.month in set(months)) and (folder / one.file).exists()
    ]
    return pl.scan_parquet(files) if files else None


def monthly_means(
    folder: Path, first: int, last: int, series: Sequence[int], *, using: str = "default"
) -> pl.DataFrame:
    """Number, mean, minimum and maximum of each of ``series`` in each month ``first`` … ``last``, in the UTC calendar.

    Columns ``series, month, readings, left_out, mean, minimum, maximum``, sorted by series and month: ``readings`` have
    a value and a flag that a judgement may rest on; ``left_out`` have not. Null where nothing could be used.
    """
    sealed = {one.month: one for one in sealed_months(using=using) if one.changed is None}
    small: list[Path] = []
    parts: list[pl.LazyFrame] = []
    for month in range(first, last + 1):
        one = sealed.get(month)
        if one is not None and (beside := _figures_file(folder, one)).exists():
            small.append(beside)
        elif one is not None and (folder / one.file).exists():
            parts.append(figures.of_month(pl.scan_parquet(folder / one.file), month))
        else:
            parts.append(figures.of_month(_everything(month, folder, series, using).sort("series").lazy(), month))
    if small:
        parts.append(pl.scan_parquet(small))
    if not parts:
        return pl.DataFrame(schema=figures.COLUMNS)
    means = pl.concat(parts).collect()
    return means.filter(pl.col("series").is_in(list(series))).sort("series", "month")


def as_frame(found: store.Columns, sources: dict[int, str]) -> pl.DataFrame:
    """Columns of the store as a table with words for numbers."""
    names = pl.Series(list(sources.values()), dtype=pl.String)
    places = {number: place for place, number in enumerate(sources)}
    return pl.DataFrame(
        {
            "series": found.series,
            "t": pl.Series(found.t).cast(pl.Datetime("ms", "UTC")),
            "v": pl.Series(found.v).fill_nan(None),
            "flag": pl.Series(store.flag_codes(), dtype=figures.FLAG).gather(found.flag.astype(np.uint32)),
            "flag_by": names.gather(np.array([places[number] for number in found.flag_by.tolist()], np.uint32)),
            "operator": pl.Series(["", "<", ">"]).gather(found.operator.astype(np.uint32)),
            "bound": pl.Series(found.bound).fill_nan(None),
            "arrived": pl.Series(found.arrived).cast(pl.Datetime("ms", "UTC")),
            "revision": found.revision,
        }
    )


def _readings(month: int, series: Sequence[int], using: str) -> pl.DataFrame:
    sources = store.source_names(using=using)
    start, end = edges_of(month)
    parts = [
        as_frame(store.read_many(series[k : k + SERIES_AT_ONCE], start, end, using=using), sources)
        for k in range(0, len(series), SERIES_AT_ONCE)
    ]
    return pl.concat(parts) if parts else as_frame(store.joined([]), sources)


def _everything(month: int, folder: Path, series: Sequence[int], using: str) -> pl.DataFrame:
    """The readings of ``month`` that the database holds, and those that only the former file in ``folder`` holds."""
    rows = _readings(month, series, using)
    file = folder / _file_of(month)
    if not file.exists():
        return rows
    before = pl.read_parquet(file)
    return pl.concat([rows, before.join(rows, on=KEY, how="anti")])


def _figures_file(folder: Path, sealed: Sealed) -> Path:
    """Named after the checksum of the file they are made from, so that figures never speak for another file."""
    return folder / f"figures-{sealed.name}-{sealed.sha256[:16]}.parquet"


def _write_figures(folder: Path, sealed: Sealed) -> None:
    """Write the figures of ``sealed`` beside its file, and take away those of the file that was there before."""
    path = _figures_file(folder, sealed)
    _write(figures.of_month(pl.scan_parquet(folder / sealed.file), sealed.month).collect(), path)
    for other in folder.glob(f"figures-{sealed.name}-*.parquet"):
        if other != path:
            other.unlink()


def _file_of(month: int) -> str:
    return f"readings-{month_name(month)}.parquet"


def _begin(month: int, now: datetime, using: str) -> None:
    """From now on a change of ``month`` is noted. Who is writing just now must be done first, or would be missed."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute("LOCK TABLE reading IN SHARE MODE")
        cursor.execute(
            "INSERT INTO sealed_month (month, file, rows, sha256, sealed) VALUES (%s, '', 0, '', %s) "
            "ON CONFLICT (month) DO UPDATE SET sealed = excluded.sealed, changed = NULL",
            [month, store.to_ms(now)],
        )


def _series_table() -> pl.DataFrame:
    rows = Series.objects.select_related("place").order_by("pk")
    described = [
        (
            row.pk,
            row.place.code,
            row.place.name,
            row.parameter,
            find_parameter(row.parameter).unit,
            row.statistic,
            row.period_s,
            row.source,
            row.is_simulated,
        )
        for row in rows
    ]
    return pl.DataFrame(described, schema=_SERIES_COLUMNS, orient="row")


_SERIES_COLUMNS = {
    "series": pl.Int32,
    "station": pl.String,
    "name": pl.String,
    "parameter": pl.String,
    "unit": pl.String,
    "statistic": pl.String,
    "period_s": pl.Int32,
    "source": pl.String,
    "is_simulated": pl.Boolean,
}


def _write(table: pl.DataFrame, path: Path) -> None:
    beside = path.with_suffix(".part")
    table.write_parquet(beside, compression="zstd", row_group_size=ROWS_A_GROUP, statistics=True)
    _settle(beside, path)


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_suffix(".part")
    beside.write_bytes(content)
    _settle(beside, path)


def _settle(beside: Path, path: Path) -> None:
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _iso(t: int) -> str:
    return store.from_ms(t).isoformat()
