"""Throw-away databases for tests of the store: each test gets an empty one, really committed, SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connections
from tools import postgres

from riverchief_server.settings.database import database_settings

ALIAS = "throwaway"
READINGS = import_module("riverchief_server.observations.migrations.0002_readings")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server of the whole test run."""
    with postgres.server(durable=False) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def using(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker) -> Iterator[str]:
    """The alias of a database that holds an empty store; the test runs once on each kind."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else f"sqlite://{tmp_path}/s.db"
    with django_db_blocker.unblock(), empty_store(url):
        yield ALIAS


@contextmanager
def empty_store(url: str) -> Iterator[None]:
    """Django's connection ``throwaway`` to the database at ``url``, with the store's tables and no row."""
    everything = connections.configure_settings(
        {"default": connections.databases["default"], ALIAS: database_settings(url, Path("/nowhere"))}
    )
    connections.databases[ALIAS] = everything[ALIAS]
    connection = connections[ALIAS]
    with connection.schema_editor() as editor:
        READINGS.create(None, editor)
    try:
        yield
    finally:
        connection.close()
        with connection.schema_editor() as editor:
            READINGS.drop(None, editor)
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()
        del connections[ALIAS]
        del connections.databases[ALIAS]
