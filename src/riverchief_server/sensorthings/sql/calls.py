"""The functions of table 23 as SQL; those about shapes are in ``spatial``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from riverchief_server.sensorthings.odata.functions import all_functions
from riverchief_server.sensorthings.odata.times import DAY_MS, FIRST_MS, LAST_MS
from riverchief_server.sensorthings.sql.convert import as_kind, floor_div
from riverchief_server.sensorthings.sql.sentence import Context, Sql, joined, wrapped

LONGEST = 2**31 - 1  # what a database takes as a place in a text; no text is as long
CALENDAR = ("year", "month", "day", "hour", "minute", "second")


def call(name: str, arguments: Sequence[Sql], context: Context) -> Sql:
    """The SQL of a call whose arguments are translated already."""
    function = all_functions()[name]
    given = [as_kind(one, kind, context) for one, kind in zip(arguments, function.kinds, strict=False)]
    if name in CALENDAR:
        seconds = floor_div(given[0], 1000)
        return wrapped(lambda text: context.dialect.calendar(name, text), seconds, "number")
    return _MAKERS[name](given, context)


def _contains(given: list[Sql], context: Context) -> Sql:
    at = Sql(context.dialect.contains("{0}", "{1}"))
    return joined(f"({at.text} > 0)", *given, kind="truth")


def _substring(given: list[Sql], context: Context) -> Sql:
    start = joined(
        f"CASE WHEN {{0}} < 0 THEN 1 WHEN {{0}} > {LONGEST} THEN {LONGEST} ELSE CAST({{0}} AS integer) + 1 END",
        given[1],
        kind="number",
    )
    if len(given) == 2:
        return joined("substr({0}, {1})", given[0], start, kind="text")
    length = joined(
        f"CASE WHEN {{0}} < 0 THEN 0 WHEN {{0}} > {LONGEST} THEN {LONGEST} ELSE CAST({{0}} AS integer) END",
        given[2],
        kind="number",
    )
    return joined("substr({0}, {1}, {2})", given[0], start, length, kind="text")


def _endswith(given: list[Sql], context: Context) -> Sql:
    template = "(length({0}) >= length({1}) AND substr({0}, length({0}) - length({1}) + 1) = {1})"
    return joined(template, *given, kind="truth")


def _day(given: list[Sql]) -> Sql:
    return floor_div(given[0], DAY_MS)


def _clock(given: list[Sql], context: Context) -> Sql:
    return joined(f"({{0}} - {DAY_MS} * {{1}})", given[0], _day(given), kind="clock")


def _fraction(given: list[Sql], context: Context) -> Sql:
    return joined("(({0} - 1000 * {1}) / 1000.0)", given[0], floor_div(given[0], 1000), kind="number")


def _constant(value: int) -> Callable[[list[Sql], Context], Sql]:
    return lambda given, context: Sql(str(value), (), "time")


_MAKERS: dict[str, Callable[[list[Sql], Context], Sql]] = {
    "contains": _contains,
    "substringof": lambda given, context: _contains([given[1], given[0]], context),
    "startswith": lambda given, context: joined("(substr({0}, 1, length({1})) = {1})", *given, kind="truth"),
    "endswith": _endswith,
    "length": lambda given, context: joined("length({0})", *given, kind="number"),
    # counted from 1, as the example of table 23 does; 0 where there is none
    "indexof": lambda given, context: joined(context.dialect.contains("{0}", "{1}"), *given, kind="number"),
    "substring": _substring,
    "tolower": lambda given, context: joined("lower({0})", *given, kind="text"),
    "toupper": lambda given, context: joined("upper({0})", *given, kind="text"),
    "trim": lambda given, context: joined("trim({0})", *given, kind="text"),
    "concat": lambda given, context: joined("({0} || {1})", *given, kind="text"),
    "fractionalseconds": _fraction,
    "date": lambda given, context: Sql(_day(given).text, _day(given).parameters, "date"),
    "time": _clock,
    # every time is kept in UTC
    "totaloffsetminutes": lambda given, context: joined(
        "(CASE WHEN {0} IS NULL THEN NULL ELSE 0 END)", *given, kind="number"
    ),
    "now": lambda given, context: Sql(str(context.now), (), "time"),
    "mindatetime": _constant(FIRST_MS),
    "maxdatetime": _constant(LAST_MS),
    "round": lambda given, context: wrapped(context.dialect.rounded, given[0], "number"),
    "floor": lambda given, context: wrapped(context.dialect.floor, given[0], "number"),
    "ceiling": lambda given, context: wrapped(context.dialect.ceiling, given[0], "number"),
}
