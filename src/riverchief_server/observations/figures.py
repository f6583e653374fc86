"""The figures of a month of readings: how many could be used, their mean and extremes, and what was left out."""

from __future__ import annotations

import polars as pl

from riverchief.observation.flag import all_flags
from riverchief_server.observations import store

FLAG = pl.Enum(store.flag_codes())
USABLE = pl.Series([flag.code for flag in all_flags() if flag.usable], dtype=FLAG)
COLUMNS = {
    "series": pl.Int32,
    "month": pl.Int32,
    "readings": pl.UInt32,
    "left_out": pl.UInt32,
    "mean": pl.Float64,
    "minimum": pl.Float64,
    "maximum": pl.Float64,
}


def of_month(readings: pl.LazyFrame, month: int) -> pl.LazyFrame:
    """The figures (``COLUMNS``) of ``readings`` (``series, v, flag``), all of one ``month`` and sorted by series.

    ``readings`` have a value and a flag that a judgement may rest on, ``left_out`` have not; mean and extremes are of
    the former, null where there is none. Being sorted, a series is one run: no hash table is needed.
    """
    value = pl.when(pl.col("flag").is_in(USABLE.implode())).then(pl.col("v"))
    return (
        readings.select(pl.col("series").set_sorted(), value.alias("v"))
        .group_by("series", maintain_order=True)
        .agg(
            pl.col("v").count().alias("readings"),
            pl.col("v").null_count().alias("left_out"),
            pl.col("v").mean().alias("mean"),
            pl.col("v").min().alias("minimum"),
            pl.col("v").max().alias("maximum"),
        )
        .with_columns(month=pl.lit(month, pl.Int32))
        .select([pl.col(name).cast(dtype) for name, dtype in COLUMNS.items()])
    )
