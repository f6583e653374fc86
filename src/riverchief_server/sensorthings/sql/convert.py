"""Values of one kind as another: JSON as text or number, a date as a time, a period as its beginning."""

from __future__ import annotations

from riverchief.errors import BadInput, Fault
from riverchief_server.sensorthings.odata.times import DAY_MS
from riverchief_server.sensorthings.sql.sentence import Context, Sql, joined

# What JSON can be taken as.
OF_JSON = {"text", "number", "truth"}
NUMBERS = {"number", "duration", "clock", "date", "time"}


def as_kind(value: Sql, kind: str, context: Context) -> Sql:
    """``value`` as ``kind``. Raises ``sta_kinds`` where it can't be."""
    if value.kind == kind or value.kind == "nothing":
        return value
    if value.number is not None and kind == "number":
        return value.number
    if value.kind == "any" and kind in OF_JSON:
        path = context.dialect.path_parameter(value.path or ())
        return Sql(context.dialect.json_as(value.text, kind), (*value.parameters, path), kind)
    if value.kind == "any" and kind == "time":
        # inside an object a time is a text; as text it can be compared with one written alike
        return as_kind(value, "text", context)
    if kind == "time" and value.kind == "date":
        return joined(f"(CAST({{0}} AS bigint) * {DAY_MS})", value, kind="time")
    if kind == "time" and value.kind == "period":
        return Sql(value.text, value.parameters, "time")
    if kind == "text" and value.kind == "identity":
        return joined("CAST({0} AS text)", value, kind="text")
    raise mismatch(value.kind, kind)


def end_of(value: Sql) -> Sql:
    """The end of a period; a time is its own end."""
    if value.end is None:
        return Sql(value.text, value.parameters, "time")
    return Sql(value.end.text, value.end.parameters, "time")


def floor_div(value: Sql, by: int) -> Sql:
    """``value // by`` for whole numbers, below zero too."""
    return joined(
        f"({{0}} / {by} - CASE WHEN {{0}} < 0 AND {{0}} <> {by} * ({{0}} / {by}) THEN 1 ELSE 0 END)",
        value,
        kind="number",
    )


def mismatch(given: str, allowed: str) -> BadInput:
    """The refusal of a value of one kind where another is needed."""
    return BadInput([Fault("sta_kinds", details={"given": given, "allowed": allowed})])
