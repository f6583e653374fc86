"""What SQLite and PostgreSQL say differently."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol


class Dialect(Protocol):
    """The expressions that differ; every method takes and returns SQL text, parameters stay where they are."""

    def listed(self, value: str, kind: str) -> str:
        """Whether ``value`` (``number`` or ``text``) is in a list that is one parameter."""

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """``values`` as the parameter that :meth:`listed` takes."""

    def path_parameter(self, keys: Sequence[str]) -> Any:
        """``keys`` as the parameter that the methods ``json_*`` take."""

    def json_as(self, column: str, kind: str) -> str:
        """What lies in ``column`` at a path (a parameter) where it is ``text``, ``number`` or ``truth``; else NULL."""

    def contains(self, text: str, part: str) -> str:
        """Where ``part`` begins in ``text``, counted from 1; 0 where it is not in it."""

    def trunc(self, number: str) -> str:
        """``number`` without its fraction."""

    def floor(self, number: str) -> str:
        """The greatest whole number not above."""

    def ceiling(self, number: str) -> str:
        """The smallest whole number not below."""

    def rounded(self, number: str) -> str:
        """The nearest whole number, halves away from zero."""

    def real(self, number: str) -> str:
        """``number`` as one that divides with a fraction."""

    def calendar(self, part: str, seconds: str) -> str:
        """The ``year``, ``month``, ``day``, ``hour``, ``minute`` or ``second`` in UTC of ``seconds`` since 1970."""


class Sqlite:
    """SQLite, without its optional functions of mathematics."""

    def listed(self, value: str, kind: str) -> str:
        """Whether ``value`` is in a list that is one parameter."""
        return f"{value} IN (SELECT value FROM json_each(%s))"

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """``values`` as JSON."""
        return json.dumps(list(values), ensure_ascii=False)

    def path_parameter(self, keys: Sequence[str]) -> Any:
        """``keys`` as a JSON path."""
        return "$" + "".join(f"[{key}]" if key.isdigit() else '."' + key.replace('"', "") + '"' for key in keys)

    def json_as(self, column: str, kind: str) -> str:
        """Typed extraction; the path is a parameter used once."""
        typed = f"SELECT json_type({column}, p) AS k, json_extract({column}, p) AS j FROM (SELECT %s AS p)"
        found = f"(SELECT {{}} FROM ({typed}))"
        if kind == "text":
            return found.format("CASE WHEN k = 'text' THEN j END")
        if kind == "number":
            return found.format("CASE WHEN k IN ('integer', 'real') THEN j END")
        return found.format("CASE k WHEN 'true' THEN 1 WHEN 'false' THEN 0 END")

    def contains(self, text: str, part: str) -> str:
        """By ``instr``."""
        return f"instr({text}, {part})"

    def trunc(self, number: str) -> str:
        """By a cast, which cuts."""
        return f"CAST({number} AS INTEGER)"

    def floor(self, number: str) -> str:
        """By a cast and a comparison."""
        return f"(SELECT CAST(n AS INTEGER) - (n < CAST(n AS INTEGER)) FROM (SELECT {number} AS n))"

    def ceiling(self, number: str) -> str:
        """By a cast and a comparison."""
        return f"(SELECT CAST(n AS INTEGER) + (n > CAST(n AS INTEGER)) FROM (SELECT {number} AS n))"

    def rounded(self, number: str) -> str:
        """SQLite rounds halves away from zero."""
        return f"round({number})"

    def real(self, number: str) -> str:
        """A cast."""
        return f"CAST({number} AS REAL)"

    def calendar(self, part: str, seconds: str) -> str:
        """By ``strftime``."""
        letter = {"year": "Y", "month": "m", "day": "d", "hour": "H", "minute": "M", "second": "S"}[part]
        return f"CAST(strftime('%%{letter}', {seconds}, 'unixepoch') AS INTEGER)"


class Postgresql:
    """PostgreSQL."""

    def listed(self, value: str, kind: str) -> str:
        """Whether ``value`` is in a list that is one parameter."""
        return f"{value} = ANY(%s::{'float8' if kind == 'number' else 'text'}[])"

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """A list is a parameter."""
        return list(values)

    def path_parameter(self, keys: Sequence[str]) -> Any:
        """A list is a parameter."""
        return list(keys)

    def json_as(self, column: str, kind: str) -> str:
        """Typed extraction; the path is a parameter used once."""
        found = f"(SELECT {{}} FROM (SELECT ({column})::jsonb #> %s::text[] AS j) AS found)"
        if kind == "text":
            return found.format("CASE WHEN jsonb_typeof(j) = 'string' THEN j #>> '{}' END")
        if kind == "number":
            return found.format("CASE WHEN jsonb_typeof(j) = 'number' THEN (j #>> '{}')::float8 END")
        return found.format("CASE WHEN jsonb_typeof(j) = 'boolean' THEN (j #>> '{}')::boolean END")

    def contains(self, text: str, part: str) -> str:
        """By ``strpos``."""
        return f"strpos({text}, {part})"

    def trunc(self, number: str) -> str:
        """As such."""
        return f"trunc(({number})::float8)"

    def floor(self, number: str) -> str:
        """As such."""
        return f"floor(({number})::float8)"

    def ceiling(self, number: str) -> str:
        """As such."""
        return f"ceil(({number})::float8)"

    def rounded(self, number: str) -> str:
        """A decimal number is rounded away from zero, a float to even."""
        return f"round(({number})::numeric)::float8"

    def real(self, number: str) -> str:
        """A cast."""
        return f"({number})::float8"

    def calendar(self, part: str, seconds: str) -> str:
        """By ``extract``."""
        return f"extract({part} FROM to_timestamp({seconds}) AT TIME ZONE 'UTC')::int"


DIALECTS: dict[str, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
