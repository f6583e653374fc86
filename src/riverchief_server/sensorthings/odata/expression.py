"""What a filter is made of: literals, members of entities, calls and operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Period(NamedTuple):
    """A period of time, both ends in ms since 1970 UTC."""

    begin: int
    end: int


class Day(int):
    """A date in days since 1970; beside a time it is its midnight in UTC."""


@dataclass(frozen=True)
class Literal:
    """A value written in the filter.

    ``kind`` and the type of ``value``: text str, number float or int, truth bool, time int [ms since 1970 UTC],
    period :class:`Period`, duration int [ms], date :class:`Day`, clock int [ms since midnight],
    geometry (shapely), nothing ``None``.
    """

    value: Any
    kind: str


@dataclass(frozen=True)
class Member:
    """A property reached over relations and, inside an object, over its keys: ``Datastream/Thing/properties/river``."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A call of one of the standard's functions."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Operation:
    """An operator (``eq``, ``and``, ``not``, ``add``, ``neg``, ``in`` …) with its operands."""

    operator: str
    operands: tuple[Expression, ...]


Expression = Literal | Member | Call | Operation


def members_of(expression: Expression) -> list[Member]:
    """Every member that ``expression`` mentions, in order."""
    if isinstance(expression, Member):
        return [expression]
    if isinstance(expression, Literal):
        return []
    parts = expression.arguments if isinstance(expression, Call) else expression.operands
    return [member for part in parts for member in members_of(part)]


def conjuncts_of(expression: Expression | None) -> list[Expression]:
    """The parts of ``expression`` that must all hold."""
    if expression is None:
        return []
    if isinstance(expression, Operation) and expression.operator == "and":
        return [part for operand in expression.operands for part in conjuncts_of(operand)]
    return [expression]
