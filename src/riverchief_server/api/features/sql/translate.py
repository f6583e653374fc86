"""A filter as SQL over the properties of a collection."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.api.features.cql2.expression import Call, Expression, Interval, Literal, Operation, Property
from riverchief_server.api.features.cql2.functions import all_functions
from riverchief_server.api.features.cql2.times import read_day, read_time
from riverchief_server.api.features.sql import spatial
from riverchief_server.api.features.sql.dialect import Dialect
from riverchief_server.api.features.vocabulary import Collection

GEOMETRY = "geometry"
KIND_OF = {"whole": "number", "time_ms": "time"}
_END = re.compile(r"\b([ab][01])\b")


@dataclass(frozen=True)
class Sql:
    """SQL of one value with its parameters, and its kind: text, number, truth, time or geometry."""

    text: str
    parameters: tuple[Any, ...] = ()
    kind: str = "truth"


@dataclass(frozen=True)
class Context:
    """What a translation needs: the collection, the dialect, and the ids of shapes that a question is true of."""

    collection: Collection
    dialect: Dialect
    ids_where: Callable[[str, Any], Sequence[int]]


def truth(expression: Expression, context: Context) -> Sql:
    """The condition that ``expression`` puts on a feature."""
    found = translate(expression, context)
    if found.kind != "truth":
        raise mismatch(_name(expression), "and, or, not")
    return found


def translate(expression: Expression, context: Context) -> Sql:
    """The SQL of ``expression``. Raises :class:`~riverchief.errors.BadInput` where it has no meaning."""
    if isinstance(expression, Literal):
        return literal(expression, context.dialect)
    if isinstance(expression, Property):
        return member(expression.name, context)
    if isinstance(expression, Interval):
        raise mismatch("INTERVAL", "T_…")
    if isinstance(expression, Call):
        return _call(expression, context)
    if expression.operator in ("and", "or"):
        return joined(expression.operator, [truth(part, context) for part in expression.operands])
    if expression.operator == "not":
        inner = truth(expression.operands[0], context)
        return Sql(f"NOT ({inner.text})", inner.parameters)
    if expression.operator == "null":
        if expression.operands == (Property(GEOMETRY),):
            return in_ids(context.ids_where(spatial.MISSING, None), context)
        inner = translate(expression.operands[0], context)
        return Sql(f"({inner.text}) IS NULL", inner.parameters)
    return _predicate(expression, context)


def joined(operator: str, parts: Sequence[Sql]) -> Sql:
    """``parts`` joined by ``and`` or ``or``, as a tree that is not deep however many there are."""
    if not parts:
        return Sql("(1 = 1)" if operator == "and" else "(1 = 0)")
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    left, right = joined(operator, parts[:middle]), joined(operator, parts[middle:])
    return Sql(f"({left.text} {operator.upper()} {right.text})", left.parameters + right.parameters)


def member(name: str, context: Context) -> Sql:
    """A property. Raises ``features_unknown_property``."""
    known = context.collection.properties.get(name)
    if known is None or not known.is_queryable:
        names = [*context.collection.queryables(), GEOMETRY]
        if name == GEOMETRY:
            raise mismatch(GEOMETRY, "S_…, IS NULL")
        raise BadInput([unknown_name("features_unknown_property", name, names)])
    # the sign of a parameter means itself in SQL of ours
    column = known.sql.replace("%", "%%")
    if known.kind == "text":
        return Sql(context.dialect.text(column), (), "text")
    if known.kind == "time_ms":
        return Sql(context.dialect.from_ms(column), (), "time")
    return Sql(column, (), KIND_OF.get(known.kind, known.kind))


def literal(value: Literal, dialect: Dialect) -> Sql:
    """A value that was written."""
    if value.kind == "truth":
        return Sql("(1 = 1)" if value.value else "(1 = 0)")
    if value.kind == "number":
        return Sql(dialect.number, (value.value,), "number")
    if value.kind in ("time", "day"):
        return Sql(dialect.moment, (dialect.moment_value(value.value),), "time")
    if value.kind == "text":
        return Sql(dialect.words, (value.value,), "text")
    raise mismatch("geometry", "S_…")


def between(begin: Sql, end: Sql, low: int, high: int, dialect: Dialect) -> Sql:
    """Whether a feature of these times overlaps ``low`` to ``high`` [ms], or has no times."""
    text = f"({begin.text} <= {dialect.moment} AND {end.text} >= {dialect.moment} OR {begin.text} IS NULL)"
    values = (dialect.moment_value(high), dialect.moment_value(low))
    return Sql(text, (*begin.parameters, values[0], *end.parameters, values[1], *begin.parameters))


def mismatch(given: str, allowed: str) -> BadInput:
    """The refusal of something where it does not fit."""
    return BadInput([Fault("features_kinds", details={"given": given, "allowed": allowed})])


def _predicate(expression: Operation, context: Context) -> Sql:
    operator, operands = expression.operator, _alike(expression.operands, context)
    parts = [translate(part, context) for part in operands]
    if operator == "like":
        return _like(operands, parts[0], context)
    kinds = {part.kind for part in parts}
    if len(kinds) > 1 or GEOMETRY in kinds:
        other = next((k for k, part in enumerate(parts) if part.kind != parts[0].kind), 1)
        raise mismatch(_name(operands[0]), _name(operands[other]))
    parameters = tuple(value for part in parts for value in part.parameters)
    first, *others = [part.text for part in parts]
    if operator == "in":
        return Sql(f"{first} IN ({', '.join(others)})", parameters)
    if operator == "between":
        return Sql(f"({first} BETWEEN {others[0]} AND {others[1]})", parameters)
    return Sql(f"({first} {operator} {others[0]})", parameters)


def _alike(operands: Sequence[Expression], context: Context) -> list[Expression]:
    """Text beside a property that is a time is a time: clients write it so."""
    times = any(
        isinstance(part, Property)
        and part.name in context.collection.properties
        and context.collection.properties[part.name].kind in ("time", "time_ms")
        for part in operands
    )
    if not times:
        return list(operands)
    return [
        Literal(_written_time(part.value), "time") if isinstance(part, Literal) and part.kind == "text" else part
        for part in operands
    ]


def _written_time(text: str) -> int:
    """A time or a day, which GDAL ends with a ``T``."""
    return read_day(text[:10]) if len(text.removesuffix("T")) == 10 else read_time(text)


def _like(operands: Sequence[Expression], left: Sql, context: Context) -> Sql:
    pattern, folded = operands[1], 0
    while isinstance(pattern, Call) and pattern.name == "casei":
        pattern, folded = pattern.arguments[0], folded + 1
    if left.kind != "text":
        raise mismatch(_name(operands[0]), "LIKE")
    if not isinstance(pattern, Literal) or pattern.kind != "text":
        raise mismatch("LIKE", "'…%'")
    words = context.dialect.words
    wanted = context.dialect.folded(words) if folded else words
    return Sql(
        f"({context.dialect.like(left.text, wanted)})",
        (*left.parameters, context.dialect.pattern(pattern.value)),
    )


def _call(call: Call, context: Context) -> Sql:
    kind = all_functions()[call.name].kind
    if kind == "spatial":
        return _spatial(call, context)
    if kind == "temporal":
        return _temporal(call, context)
    inner = translate(call.arguments[0], context)
    if inner.kind != "text":
        raise mismatch(_name(call.arguments[0]), "CASEI")
    return Sql(context.dialect.folded(inner.text), inner.parameters, "text")


def _spatial(call: Call, context: Context) -> Sql:
    shapes = [part for part in call.arguments if isinstance(part, Literal) and part.kind == "geometry"]
    others = [part for part in call.arguments if part not in shapes]
    if any(other != Property(GEOMETRY) for other in others):
        raise mismatch(_name(next(other for other in others if other != Property(GEOMETRY))), call.name.upper())
    if len(shapes) == 2:
        return literal(Literal(spatial.ask(call.name, shapes[0].value, shapes[1].value), "truth"), context.dialect)
    if not shapes:
        raise mismatch(f"{GEOMETRY}, {GEOMETRY}", call.name.upper())
    name = call.name if call.arguments[0] == Property(GEOMETRY) else spatial.turned(call.name)
    return in_ids(context.ids_where(name, shapes[0].value), context)


def in_ids(ids: Sequence[int], context: Context) -> Sql:
    """Whether a feature is one of ``ids``."""
    return Sql(f"({context.dialect.in_ids(context.collection.key)})", (context.dialect.ids(ids),))


def _temporal(call: Call, context: Context) -> Sql:
    ends = {}
    for letter, argument in zip("ab", call.arguments, strict=True):
        ends[f"{letter}0"], ends[f"{letter}1"] = _span(argument, call.name.upper(), context)
    text = ""
    parameters: list[Any] = []
    rest = all_functions()[call.name].sql
    for piece in _END.split(rest):
        part = ends.get(piece)
        text += part.text if part else piece
        parameters += part.parameters if part else ()
    return Sql(f"({text})", tuple(parameters))


def _span(argument: Expression, asked: str, context: Context) -> tuple[Sql, Sql]:
    """Where a time or an interval begins and ends."""
    dialect = context.dialect
    if isinstance(argument, Interval):
        first, last = (Sql(dialect.moment, (value,), "time") for value in dialect.forever)
        begin = first if argument.begin is None else _instant(argument.begin, asked, context)[0]
        end = last if argument.end is None else _instant(argument.end, asked, context)[1]
        return begin, end
    return _instant(argument, asked, context)


def _instant(argument: Expression, asked: str, context: Context) -> tuple[Sql, Sql]:
    if isinstance(argument, Literal) and argument.kind == "day":
        day = 86_400_000
        return (
            literal(argument, context.dialect),
            literal(Literal(argument.value + day - 1, "time"), context.dialect),
        )
    found = translate(argument, context)
    if found.kind != "time":
        raise mismatch(_name(argument), asked)
    return found, found


def _name(expression: Expression) -> str:
    """What a person would call it."""
    if isinstance(expression, Property):
        return expression.name
    if isinstance(expression, Literal):
        return str(expression.value)[:40] if expression.kind != "geometry" else "geometry"
    if isinstance(expression, Call):
        return expression.name.upper()
    return expression.operator if isinstance(expression, Operation) else "INTERVAL"
