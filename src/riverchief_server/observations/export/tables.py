"""Readings as a flat table, a row each: CSV for everybody, XLSX for the office, Parquet for whoever computes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief_server.observations import store
from riverchief_server.observations.archive import as_frame
from riverchief_server.observations.models import Series

SHEET_ROWS = 1_048_575
WITH_ZONE = "%Y-%m-%dT%H:%M:%S%:z"


def as_table(series: Sequence[Series], found: store.Columns, zone: ZoneInfo) -> pl.DataFrame:
    """The rows with words instead of numbers; ``time`` and ``arrived`` are in ``zone`` and know it.

    A censored value stays censored: ``value`` is empty, ``operator`` and ``bound`` say what is known.
    """
    described = pl.DataFrame(
        [
            (
                one.pk,
                one.place.code,
                one.place.name,
                one.parameter,
                find_parameter(one.parameter).name_zh,
                find_parameter(one.parameter).unit,
                one.statistic,
                one.period_s,
                one.source,
            )
            for one in series
        ],
        schema={
            "series": pl.Int32,
            "station": pl.String,
            "station_name": pl.String,
            "parameter": pl.String,
            "parameter_name": pl.String,
            "unit": pl.String,
            "statistic": pl.String,
            "period_s": pl.Int64,
            "source": pl.String,
        },
        orient="row",
    )
    frame = as_frame(found, store.source_names() if found.flag_by.any() else {0: ""})
    return (
        frame.join(described, on="series", how="left", maintain_order="left")
        .with_columns(
            pl.col("t").dt.convert_time_zone(zone.key).alias("time"),
            pl.col("arrived").dt.convert_time_zone(zone.key),
            pl.lit(zone.key).alias("zone"),
            pl.col("flag").cast(pl.String),
        )
        .select(
            "station", "station_name", "parameter", "parameter_name", "time", "zone", "v", "unit", "operator", "bound",
            "flag", "flag_by", "statistic", "period_s", "source", "arrived", "revision",
        )
        .rename({"v": "value"})
    )  # fmt: skip


def as_csv(series: Sequence[Series], found: store.Columns, zone: ZoneInfo, now: datetime) -> bytes:
    """CSV in UTF-8 with the mark by which spreadsheets know it; times in ISO 8601 with their offset."""
    table = as_table(series, found, zone).with_columns(
        pl.col("time").dt.to_string(WITH_ZONE), pl.col("arrived").dt.to_string(WITH_ZONE)
    )
    return b"\xef\xbb\xbf" + table.write_csv().encode("utf-8")


def as_parquet(series: Sequence[Series], found: store.Columns, zone: ZoneInfo, now: datetime) -> bytes:
    """Parquet (zstd) whose times carry their zone."""
    into = io.BytesIO()
    as_table(series, found, zone).write_parquet(into, compression="zstd")
    return into.getvalue()


def as_xlsx(series: Sequence[Series], found: store.Columns, zone: ZoneInfo, now: datetime) -> bytes:
    """A workbook: readings on the first sheet with local times (a spreadsheet's time has no zone, so the heading and a
    column say it), what they are on the second. Raises ``too_many_rows`` above what a sheet holds."""
    if found.size > SHEET_ROWS:
        raise BadInput([Fault("too_many_rows", details={"given": str(found.size), "allowed": str(SHEET_ROWS)})])
    table = as_table(series, found, zone)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("readings")
    sheet.freeze_panes = "A2"
    headings = [f"{name} ({zone.key})" if name in ("time", "arrived") else name for name in table.columns]
    sheet.append([_bold(sheet, heading) for heading in headings])
    for name in ("time", "arrived"):
        table = table.with_columns(pl.col(name).dt.replace_time_zone(None))
    for row in table.iter_rows():
        sheet.append([_harmless(cell) for cell in row])
    about = book.create_sheet("about")
    for line in (
        ("made", now.astimezone(zone).isoformat(timespec="seconds")),
        ("zone", zone.key),
        ("readings", found.size),
        ("value", "in the unit of its row; empty: none, see flag, or operator and bound"),
    ):
        about.append(line)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def _bold(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _harmless(cell: object) -> object:
    """Text that a spreadsheet would run as a formula stays text."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "@", "-") and cell:
        return "'" + cell
    return None if isinstance(cell, float) and np.isnan(cell) else cell
