"""A piece of SQL with its parameters and the kind of its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from riverchief_server.sensorthings.sql.dialect import Dialect


@dataclass(frozen=True)
class Sql:
    """SQL of one value.

    ``kind`` is that of a literal (``text``, ``number``, ``time`` …) or ``any``: JSON in column ``text`` at the keys
    ``path``. A ``period`` has the SQL of its end in ``end``. ``number`` is what the same member is as a number, where
    it is one of two things (the result of an observation).
    """

    text: str
    parameters: tuple[Any, ...] = ()
    kind: str = "any"
    end: Sql | None = None
    path: tuple[str, ...] | None = None
    number: Sql | None = None


@dataclass(frozen=True)
class Context:
    """What a translation needs to know: the dialect, the time now [ms], and the shapes of an entity by id."""

    dialect: Dialect
    now: int
    shapes: Callable[[str], Sequence[tuple[int, Any]]]


def joined(template: str, *parts: Sql, kind: str) -> Sql:
    """``template`` with ``{0}``, ``{1}`` … in the order in which they stand in it, and their parameters so."""
    parameters: list[Any] = []
    pieces = template.split("{")
    text = pieces[0].replace("%", "%%")
    for piece in pieces[1:]:
        number, _, rest = piece.partition("}")
        part = parts[int(number)]
        text += part.text + rest.replace("%", "%%")
        parameters += part.parameters
    return Sql(text, tuple(parameters), kind)


def wrapped(make: Callable[[str], str], inner: Sql, kind: str) -> Sql:
    """``inner`` inside the SQL that ``make`` gives; ``make`` uses it once."""
    return Sql(make(inner.text), inner.parameters, kind)
