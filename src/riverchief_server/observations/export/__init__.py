"""Readings out of the house: CSV, XLSX, Parquet and WaterML 2; the zone of every time stands in every one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from riverchief.errors import BadInput, Fault
from riverchief_server.observations import store
from riverchief_server.observations.export.tables import as_csv, as_parquet, as_xlsx
from riverchief_server.observations.export.waterml import as_waterml
from riverchief_server.observations.models import Series


class Format(NamedTuple):
    """One way out: the ending of the file, its media type, and what writes it."""

    suffix: str
    media_type: str
    write: Callable[[Sequence[Series], store.Columns, ZoneInfo, datetime], bytes]


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", as_csv),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "parquet": Format("parquet", "application/vnd.apache.parquet", as_parquet),
    "waterml2": Format("xml", "application/xml; charset=utf-8", as_waterml),
}
MOST_ROWS = 2_000_000


def export(
    series: Sequence[Series], start: int, end: int, form: str, zone: ZoneInfo, now: datetime, *, using: str = "default"
) -> bytes:
    """The readings of ``series`` with ``start <= t < end`` [ms] in the format ``form``, times shown in ``zone``.

    Raises :class:`~riverchief.errors.BadInput`: ``not_one_of`` for another format, ``too_many_rows`` above two million.
    """
    if form not in FORMATS:
        raise BadInput([Fault("not_one_of", details={"given": form, "allowed": ", ".join(FORMATS)})])
    numbers = [one.pk for one in series]
    rows = store.count(numbers, start, end, using=using) if numbers else 0
    if rows > MOST_ROWS:
        raise BadInput([Fault("too_many_rows", details={"given": str(rows), "allowed": str(MOST_ROWS)})])
    return FORMATS[form].write(series, store.read_many(numbers, start, end, using=using), zone, now)
