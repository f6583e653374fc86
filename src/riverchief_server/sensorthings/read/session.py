"""What one answer needs to know all the way: where links begin, what time it is, how much is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from riverchief.errors import BadInput, Fault
from riverchief_server.sensorthings.odata.path import Identity, written
from riverchief_server.sensorthings.sql.dialect import DIALECTS
from riverchief_server.sensorthings.sql.sentence import Context
from riverchief_server.sensorthings.sql.spatial import read_shape
from riverchief_server.sensorthings.vocabulary import Entity, entity_of

PAGE = 100
LONGEST_PAGE = 10_000
# Rows of everything that is read for one request to be shown inside something else.
MOST_INSIDE = 200_000


class Budget:
    """The rows that one request may still read to show them inside something else, however deep it asks."""

    def __init__(self) -> None:
        self.left = MOST_INSIDE

    def spend(self, rows: int) -> None:
        """Take ``rows`` off. Raises ``sta_too_much`` where there are not so many left."""
        self.left -= rows
        if self.left < 0:
            details = {"given": str(MOST_INSIDE - self.left), "allowed": str(MOST_INSIDE)}
            raise BadInput([Fault("sta_too_much", details=details)])


@dataclass(frozen=True)
class Session:
    """``root`` is the address of the service without a slash at its end; ``now`` in ms since 1970 UTC."""

    root: str
    now: int
    language: str = "en"
    budget: Budget = field(default_factory=Budget)

    @property
    def context(self) -> Context:
        """What a translation needs."""
        return Context(DIALECTS[connection.vendor], self.now, shapes_of)

    def link(self, entity: Entity, identity: Identity) -> str:
        """The address of an entity."""
        return f"{self.root}/{entity.set}({written(identity)})"


def shapes_of(name: str) -> Sequence[tuple[int, Any]]:
    """The shape of every row of the entity ``name`` that has one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, CAST(geometry AS text) FROM {entity_of(name).table}")
        rows = cursor.fetchall()
    return [(key, shape) for key, text in rows if (shape := read_shape(text)) is not None]


def fetch(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())
