"""What a database must do for the store, and which engine serves a connection of Django's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from django.db import connections
from numpy.typing import NDArray

from riverchief_server.observations.store.rows import Columns

DEFAULT = "default"


class Engine(Protocol):
    """The part of the store that differs between databases. Statements are written with ``%s`` for a parameter.

    What the driver raises comes out as Django's own error, so that one ``except`` finds a database that is away.
    """

    wanted: str
    """A FROM item ``wanted(series)`` that takes one parameter, made by :meth:`ids`."""
    absent: str
    """The SQL of a number that stands for "none" on the way out."""

    def ids(self, series: Sequence[int] | NDArray[np.integer]) -> Any:
        """``series`` as the parameter that ``wanted`` takes."""

    def fetch(self, sql: str, parameters: Sequence[Any], dtypes: Sequence[type[np.generic]]) -> list[NDArray[Any]]:
        """The columns of a query that yields numbers only (a missing one as ``absent``)."""

    def run(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of one statement, without what Django's cursor does for each: a tenth of the time of a small one."""

    def beginnings(self) -> list[int]:
        """Where to begin to look for the newest readings [ms]: at each of these in turn, later ones first, until all
        are found; the last is before everything."""

    def prepare(self, batch: Columns) -> None:
        """Make what ``batch`` needs before its rows come, inside the same transaction."""

    def put(self, batch: Columns) -> tuple[int, int]:
        """Keep ``batch``, whose keys are distinct and sorted; how many rows are new and how many changed."""

    def reflag(self, keys: Columns, now: int) -> int:
        """Give the readings of ``keys`` their ``flag`` and ``flag_by`` from ``now`` on; how many were other before."""


def engine_of(using: str = DEFAULT) -> Engine:
    """The engine of the connection ``using`` of this thread."""
    connection = connections[using]
    engine: Engine | None = getattr(connection, "riverchief_engine", None)
    if engine is None:
        if connection.vendor == "sqlite":
            from riverchief_server.observations.store.sqlite import SqliteEngine

            engine = SqliteEngine(connection)
        else:
            # psycopg is only there where somebody chose PostgreSQL
            from riverchief_server.observations.store.postgresql import PostgresqlEngine

            engine = PostgresqlEngine(connection)
        # the engine lives as long as the connection's object, which is one a thread
        setattr(connection, "riverchief_engine", engine)  # noqa: B010
    return engine
