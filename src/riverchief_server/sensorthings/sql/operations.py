"""Comparisons, arithmetic and logic as SQL, after the kinds of both sides have been brought together."""

from __future__ import annotations

from collections.abc import Sequence

from riverchief_server.sensorthings.sql.convert import OF_JSON, as_kind, end_of, mismatch
from riverchief_server.sensorthings.sql.sentence import Context, Sql, joined

SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
ARITHMETIC = {"add": "+", "sub": "-", "mul": "*"}
ORDERED = ("text", "number", "time", "duration", "date", "clock", "truth")


def logic(operator: str, operands: Sequence[Sql], context: Context) -> Sql:
    """``and``, ``or``, ``not``."""
    given = [as_kind(operand, "truth", context) for operand in operands]
    if operator == "not":
        return joined("(NOT {0})", given[0], kind="truth")
    word = f" {operator.upper()} "
    return joined("(" + word.join(f"{{{k}}}" for k in range(len(given))) + ")", *given, kind="truth")


def compare(operator: str, left: Sql, right: Sql, context: Context) -> Sql:
    """A comparison. With ``null`` it is true or false and never unknown."""
    if "nothing" in (left.kind, right.kind):
        return _with_nothing(operator, left, right, context)
    if "period" in (left.kind, right.kind):
        return _periods(operator, left, right, context)
    if left.kind == right.kind == "any":
        return _of_any(operator, left, right, context)
    left, right = brought_together(left, right, context)
    return joined(f"({{0}} {SIGNS[operator]} {{1}})", left, right, kind="truth")


def contained(value: Sql, options: Sequence[Sql], context: Context) -> Sql:
    """``value in (…)``."""
    parts = [compare("eq", value, option, context) for option in options]
    return parts[0] if len(parts) == 1 else logic("or", parts, context)


def arithmetic(operator: str, left: Sql, right: Sql, context: Context) -> Sql:
    """Numbers with numbers; a time with a duration; the time between two times."""
    kinds = (_timely(left), _timely(right))
    if operator in ("add", "sub") and kinds[0] == "time" and kinds[1] in ("time", "duration"):
        left = as_kind(left, "time", context)
        right = as_kind(right, kinds[1], context)
        if kinds == ("time", "time") and operator == "add":
            raise mismatch("time", "duration")
        kind = "duration" if kinds[1] == "time" else "time"
        return joined(f"({{0}} {ARITHMETIC[operator]} {{1}})", left, right, kind=kind)
    left, right = as_kind(left, "number", context), as_kind(right, "number", context)
    if operator in ARITHMETIC:
        return joined(f"({{0}} {ARITHMETIC[operator]} {{1}})", left, right, kind="number")
    # a division by zero is unknown and not an error
    share = joined(f"({context.dialect.real('{0}')} / nullif({{1}}, 0))", left, right, kind="number")
    if operator == "div":
        return share
    whole = Sql(context.dialect.trunc(share.text), share.parameters, "number")
    return joined("({0} - {1} * {2})", left, right, whole, kind="number")


def negative(value: Sql, context: Context) -> Sql:
    """``-value``."""
    kind = "duration" if value.kind == "duration" else "number"
    return joined("(-{0})", as_kind(value, kind, context), kind=kind)


def brought_together(left: Sql, right: Sql, context: Context) -> tuple[Sql, Sql]:
    """Both sides as one kind. Raises ``sta_kinds`` where there is none."""
    if left.kind == "any":
        kind = right.kind if right.kind in OF_JSON else "text"
        if right.kind == "time":
            raise mismatch("any", "time")
    elif right.kind == "any":
        kind = left.kind if left.kind in OF_JSON else "text"
        if left.kind == "time":
            raise mismatch("any", "time")
    elif {left.kind, right.kind} == {"time", "date"}:
        kind = "time"
    elif "identity" in (left.kind, right.kind):
        return left, right
    else:
        kind = left.kind
    if kind not in ORDERED:
        raise mismatch(left.kind, right.kind)
    return as_kind(left, kind, context), as_kind(right, kind, context)


def _of_any(operator: str, left: Sql, right: Sql, context: Context) -> Sql:
    """Two values inside objects: compared where both are of one kind, else unknown."""
    pairs = [(as_kind(left, kind, context), as_kind(right, kind, context)) for kind in ("number", "text", "truth")]
    parts = [joined(f"({{0}} {SIGNS[operator]} {{1}})", *pair, kind="truth") for pair in pairs]
    return joined("coalesce({0}, {1}, {2})", *parts, kind="truth")


def _timely(value: Sql) -> str:
    return "time" if value.kind in ("period", "date") else value.kind


def _with_nothing(operator: str, left: Sql, right: Sql, context: Context) -> Sql:
    if operator not in ("eq", "ne"):
        return Sql("(1 = 0)", (), "truth")
    value = left if right.kind == "nothing" else right
    if value.kind == "nothing":
        return Sql("(1 = 1)" if operator == "eq" else "(1 = 0)", (), "truth")
    if value.kind == "any":
        known = [as_kind(value, kind, context) for kind in sorted(OF_JSON)]
        empty = joined(" AND ".join(f"{{{k}}} IS NULL" for k in range(len(known))), *known, kind="truth")
    else:
        empty = joined("{0} IS NULL", value, kind="truth")
    return joined("({0})" if operator == "eq" else "(NOT ({0}))", empty, kind="truth")


def _periods(operator: str, left: Sql, right: Sql, context: Context) -> Sql:
    """A period is before what begins when it has ended, after what ended when it begins; equal where both ends are."""
    begins = [as_kind(side, "time", context) for side in (left, right)]
    ends = [end_of(side) if side.kind == "period" else as_kind(side, "time", context) for side in (left, right)]
    if operator in ("eq", "ne"):
        same = joined("({0} = {1} AND {2} = {3})", begins[0], begins[1], ends[0], ends[1], kind="truth")
        return same if operator == "eq" else joined("(NOT {0})", same, kind="truth")
    sides = (ends[0], begins[1]) if operator in ("lt", "le") else (begins[0], ends[1])
    return joined(f"({{0}} {SIGNS[operator]} {{1}})", *sides, kind="truth")
