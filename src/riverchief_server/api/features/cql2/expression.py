"""What a CQL2 filter is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Literal:
    """A value written in the filter.

    ``kind`` and the type of ``value``: text str, number float, truth bool, time int [ms since 1970 UTC],
    day int [ms of its midnight in UTC], geometry (shapely).
    """

    value: Any
    kind: str


@dataclass(frozen=True)
class Property:
    """A property of the features asked about."""

    name: str


@dataclass(frozen=True)
class Interval:
    """From ``begin`` to ``end``, both included; ``None`` is unbounded."""

    begin: Literal | Property | None
    end: Literal | Property | None


@dataclass(frozen=True)
class Call:
    """``CASEI`` or one of the functions ``S_…`` and ``T_…``; ``name`` in small letters."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Operation:
    """``and or not = <> < <= > >= like between in null`` with its operands."""

    operator: str
    operands: tuple[Expression, ...]


Expression = Literal | Property | Interval | Call | Operation
