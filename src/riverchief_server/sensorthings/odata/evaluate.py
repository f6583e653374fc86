"""A filter said of values in memory: the twin of the SQL, for messages and for tests. Unknown is ``None``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from riverchief_server.sensorthings.odata.expression import (
    Call,
    Day,
    Expression,
    Literal,
    Member,
    Operation,
    Period,
)
from riverchief_server.sensorthings.odata.times import DAY_MS, FIRST_MS, LAST_MS
from riverchief_server.sensorthings.sql.spatial import NUMBERS, TRUTHS, ask

Look = Callable[[tuple[str, ...]], list[Any]]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
}


def evaluate(expression: Expression, look: Look, now: int) -> Any:
    """The value of ``expression``; ``look`` gives the values of a member, several over a relation to many.

    Where a comparison or a call meets several values it holds if it holds for one of them.
    """
    found = _values(expression, look, now)
    if len(found) == 1:
        return found[0]
    if any(one is True for one in found):
        return True
    return False if found and any(one is False for one in found) else None


def _values(expression: Expression, look: Look, now: int) -> list[Any]:
    if isinstance(expression, Literal):
        return [expression.value]
    if isinstance(expression, Member):
        return look(expression.path)
    if isinstance(expression, Operation) and expression.operator in ("and", "or", "not"):
        return [_logic(expression.operator, [evaluate(part, look, now) for part in expression.operands])]
    parts = expression.arguments if isinstance(expression, Call) else expression.operands
    rows: list[list[Any]] = [[]]
    for part in parts:
        rows = [[*row, value] for row in rows for value in _values(part, look, now)]
    if isinstance(expression, Call):
        make = _called(expression.name, now)
    elif any(isinstance(part, Literal) and part.kind == "nothing" for part in parts):
        make = _with_nothing(expression.operator)
    else:
        make = _operated(expression.operator)
    return [make(row) for row in rows]


def _logic(operator: str, given: Sequence[Any]) -> bool | None:
    if operator == "not":
        return None if given[0] is None else not given[0]
    decisive = operator == "or"
    if any(one is decisive for one in given):
        return decisive
    return None if any(one is None for one in given) else not decisive


def _operated(operator: str) -> Callable[[list[Any]], Any]:
    if operator in COMPARE:
        return lambda row: _compare(operator, row[0], row[1])
    if operator == "in":
        return lambda row: _logic("or", [_compare("eq", row[0], option) for option in row[1:]])
    return lambda row: None if None in row else _arithmetic(operator, row)


def _with_nothing(operator: str) -> Callable[[list[Any]], Any]:
    """Compared with ``null`` itself: true or false and never unknown."""
    wanted = {"eq": True, "in": True, "ne": False}
    if operator not in wanted:
        return lambda row: False if operator in COMPARE else None
    return lambda row: (row[0] is None and row[1] is None) is wanted[operator]


def _compare(operator: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, Day) != isinstance(right, Day):
        left, right = _midnight(left), _midnight(right)
    if isinstance(left, Period) or isinstance(right, Period):
        one, other = _period(left), _period(right)
        if operator in ("eq", "ne"):
            return COMPARE[operator](one, other)
        sides = (one.end, other.begin) if operator in ("lt", "le") else (one.begin, other.end)
        return COMPARE[operator](*sides)
    if isinstance(left, str) != isinstance(right, str) or isinstance(left, bool) != isinstance(right, bool):
        return None
    return COMPARE[operator](left, right)


def _midnight(value: Any) -> Any:
    return value * DAY_MS if isinstance(value, Day) else value


def _period(value: Any) -> Period:
    return value if isinstance(value, Period) else Period(value, value)


def _arithmetic(operator: str, row: list[Any]) -> Any:
    given = [one.begin if isinstance(one, Period) else one for one in row]
    if any(isinstance(one, str) for one in given):
        return None
    if operator == "neg":
        return -given[0]
    left, right = given
    if operator == "add":
        return left + right
    if operator == "sub":
        return left - right
    if operator == "mul":
        return left * right
    if right == 0:
        return None
    return left / right if operator == "div" else left - right * math.trunc(left / right)


def _called(name: str, now: int) -> Callable[[list[Any]], Any]:
    if name in _CONSTANTS:
        return lambda row: _CONSTANTS[name]
    if name == "now":
        return lambda row: now
    if name in NUMBERS or name in TRUTHS or name == "st_relate":
        return lambda row: None if None in row else ask(name, row)
    return lambda row: None if None in row else _FUNCTIONS[name](*row)


def _moment(t: Any) -> datetime:
    begin = t.begin if isinstance(t, Period) else t
    return datetime.fromtimestamp(begin // 1000, tz=UTC)


def _ms(t: Any) -> int:
    return int(t.begin if isinstance(t, Period) else t)


_CONSTANTS = {"mindatetime": FIRST_MS, "maxdatetime": LAST_MS}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": lambda text, part: part in text,
    "substringof": lambda part, text: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "length": len,
    "indexof": lambda text, part: text.find(part) + 1,
    "substring": lambda text, start, length=None: (
        text[max(int(start), 0) :]
        if length is None
        else text[max(int(start), 0) : max(int(start), 0) + max(int(length), 0)]
    ),
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": lambda text: text.strip(" "),
    "concat": lambda one, other: one + other,
    "year": lambda t: _moment(t).year,
    "month": lambda t: _moment(t).month,
    "day": lambda t: _moment(t).day,
    "hour": lambda t: _moment(t).hour,
    "minute": lambda t: _moment(t).minute,
    "second": lambda t: _moment(t).second,
    "fractionalseconds": lambda t: _ms(t) % 1000 / 1000,
    "date": lambda t: Day(_ms(t) // DAY_MS),
    "time": lambda t: _ms(t) % DAY_MS,
    "totaloffsetminutes": lambda t: 0,
    "round": lambda x: math.copysign(math.floor(abs(x) + 0.5), x),
    "floor": math.floor,
    "ceiling": math.ceil,
}
