"""What SQLite and PostgreSQL say differently."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from riverchief_server.api.features.cql2.times import moment_of, write_time

WILD = {"%": "*", "_": "?"}


class Dialect(Protocol):
    """The expressions that differ; every method takes and returns SQL text, or a value."""

    forever: tuple[Any, Any]
    words: str
    number: str
    moment: str

    def ready(self, connection: Any) -> None:
        """Make sure that a connection knows what the other methods use."""

    def folded(self, sql: str) -> str:
        """Text in small letters, those of every alphabet."""

    def in_ids(self, column: str) -> str:
        """Whether the number ``column`` is in a list that is one parameter."""

    def ids(self, values: Sequence[int]) -> Any:
        """``values`` as the parameter that :meth:`in_ids` takes."""

    def text(self, sql: str) -> str:
        """Text that is compared by its code points and not as some language sorts."""

    def like(self, sql: str, pattern: str) -> str:
        """Whether text matches a pattern, capitals and small letters apart."""

    def pattern(self, text: str) -> str:
        """A pattern of CQL2 (``%``, ``_``, ``\\`` before what is meant as such) as :meth:`like` takes it."""

    def from_ms(self, sql: str) -> str:
        """A moment from ms since 1970."""

    def moment_value(self, ms: int) -> Any:
        """A moment as a parameter."""

    def shown(self, value: Any) -> str:
        """A moment that was read, as RFC 3339 writes it."""

    def kept(self, value: Any) -> Any:
        """A value that was read, so that it can be written into a link and compared again."""


class Sqlite:
    """SQLite, where Django keeps a moment as text in UTC: ``2026-11-24 00:15:00``, and its fraction if it has one."""

    forever = ("0000", "9999-99")
    words = "%s"
    number = "%s"
    moment = "%s"

    def ready(self, connection: Any) -> None:
        """SQLite folds the letters of English only: Python does it."""
        connection.ensure_connection()
        connection.connection.create_function("riverchief_lower", 1, _lower, deterministic=True)

    def folded(self, sql: str) -> str:
        """By Python."""
        return f"riverchief_lower({sql})"

    def in_ids(self, column: str) -> str:
        """A list of numbers is JSON."""
        return f"{column} IN (SELECT value FROM json_each(%s))"

    def ids(self, values: Sequence[int]) -> Any:
        """JSON."""
        return json.dumps(list(values))

    def text(self, sql: str) -> str:
        """SQLite compares bytes of UTF-8."""
        return sql

    def like(self, sql: str, pattern: str) -> str:
        """``LIKE`` does not mind capitals here, ``GLOB`` does."""
        return f"{sql} GLOB {pattern}"

    def pattern(self, text: str) -> str:
        """With the wildcards of ``GLOB``."""
        found, after = "", iter(text)
        for sign in after:
            if sign in WILD:
                found += WILD[sign]
                continue
            plain = next(after, sign) if sign == "\\" else sign
            found += f"[{plain}]" if plain in "*?[" else plain
        return found

    def from_ms(self, sql: str) -> str:
        """By ``strftime``."""
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', {sql} / 1000, 'unixepoch')"

    def moment_value(self, ms: int) -> Any:
        """As Django writes it."""
        moment = moment_of(ms).replace(tzinfo=None)
        return moment.isoformat(" ")

    def shown(self, value: Any) -> str:
        """Django reads a column as a moment without a zone; what was computed is still text."""
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return write_time(moment.replace(tzinfo=UTC))

    def kept(self, value: Any) -> Any:
        """As it stands in the table, else it would not compare."""
        return value.isoformat(" ") if isinstance(value, datetime) else value


class Postgresql:
    """PostgreSQL."""

    forever = ("-infinity", "infinity")
    words = '%s::text COLLATE "C"'
    number = "%s::float8"
    moment = "%s::timestamptz"

    def __init__(self) -> None:
        self._collation: str | None = None

    def ready(self, connection: Any) -> None:
        """Which collation knows all alphabets: that of ICU, which nearly every PostgreSQL has, else the database's."""
        if self._collation is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_collation WHERE collname = 'und-x-icu'")
                self._collation = "und-x-icu" if cursor.fetchone()[0] else "default"

    def folded(self, sql: str) -> str:
        """By ICU; compared by code points again."""
        return f'(lower(({sql}) COLLATE "{self._collation or "default"}") COLLATE "C")'

    def in_ids(self, column: str) -> str:
        """A list is a parameter."""
        return f"{column} = ANY(%s::bigint[])"

    def ids(self, values: Sequence[int]) -> Any:
        """As such."""
        return list(values)

    def text(self, sql: str) -> str:
        """By code points."""
        return f'({sql}) COLLATE "C"'

    def like(self, sql: str, pattern: str) -> str:
        """As such."""
        return f"{sql} LIKE {pattern} ESCAPE '\\'"

    def pattern(self, text: str) -> str:
        """A backslash at the very end would escape nothing."""
        trailing = len(text) - len(text.rstrip("\\"))
        return text + "\\" if trailing % 2 else text

    def from_ms(self, sql: str) -> str:
        """By ``to_timestamp``."""
        return f"to_timestamp(({sql}) / 1000)"

    def moment_value(self, ms: int) -> Any:
        """As such."""
        return moment_of(ms)

    def shown(self, value: Any) -> str:
        """From a moment."""
        return write_time(value)

    def kept(self, value: Any) -> Any:
        """To the microsecond."""
        return value.isoformat() if isinstance(value, datetime) else value


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


DIALECTS: dict[str, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
