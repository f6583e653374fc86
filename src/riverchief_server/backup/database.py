"""One moment of the database as a file, and back: SQLite by its own online copy, PostgreSQL by pg_dump and pg_restore.

A snapshot is one read transaction: whoever writes meanwhile is not held up and not seen.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief_server.backup.manifest import own_migrations
from riverchief_server.settings.options import option

Settings = Mapping[str, Any]


def kind_of(database: Settings) -> str:
    """``sqlite`` or ``postgresql``."""
    return "sqlite" if "sqlite3" in database["ENGINE"] else "postgresql"


def snapshot(database: Settings, file: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    """Write ``database`` as it is now into ``file``; the rows of each table in it, and the steps it has taken.

    Raises :class:`~riverchief.errors.BadInput` where there is no database, it is damaged, or pg_dump will not.
    """
    return (_sqlite_snapshot if kind_of(database) == "sqlite" else _postgresql_snapshot)(database, file)


def put_back(database: Settings, file: Path) -> dict[str, int]:
    """Make ``file`` the database that ``database`` names, which must be empty; the rows of each table there."""
    if kind_of(database) == "sqlite":
        target = Path(database["NAME"])
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, target)
        with closing(_opened(target)) as connection:
            return _sqlite_rows(connection)
    if rows := _postgresql_rows(database):
        some = "、".join(sorted(rows)[:3])
        raise BadInput([Fault("database_not_empty", details={"given": some})])
    _run("pg_restore", database, "--no-owner", "--single-transaction", "--exit-on-error", str(file), into=True)
    return _postgresql_rows(database)


def _sqlite_snapshot(database: Settings, file: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    source = Path(database["NAME"])
    if not source.exists():
        raise BadInput([Fault("nothing_to_back_up", details={"given": str(source)})])
    with closing(_opened(source)) as origin, closing(sqlite3.connect(file)) as copy:
        origin.backup(copy)  # all pages in one step: one moment, however many write meanwhile
    with closing(_opened(file)) as copy:
        (state,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise BadInput([Fault("database_damaged", str(source), details={"given": state})])
        rows = _sqlite_rows(copy)
        steps = copy.execute("SELECT app || '.' || name FROM django_migrations").fetchall()
    with file.open("rb+") as written:
        os.fsync(written.fileno())
    return rows, _ours(step for (step,) in steps)


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)


def _sqlite_rows(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    return {
        table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - a name out of the catalogue
        for (table,) in tables.fetchall()
    }


def _postgresql_snapshot(database: Settings, file: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    with _postgresql(database) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        exported = connection.execute("SELECT pg_export_snapshot()").fetchone()
        rows = _rows_of(connection)
        if "django_migrations" not in rows:
            raise BadInput([Fault("nothing_to_back_up", details={"given": str(database["NAME"])})])
        steps = connection.execute("SELECT app || '.' || name FROM django_migrations").fetchall()
        # the same moment for the counts and for the dump
        _run("pg_dump", database, "--format=custom", f"--snapshot={exported[0]}", f"--file={file}")
    return rows, _ours(step for (step,) in steps)


def _postgresql_rows(database: Settings) -> dict[str, int]:
    with _postgresql(database) as connection:
        return _rows_of(connection)


def _postgresql(database: Settings) -> Any:
    import psycopg

    parts = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
    }
    return psycopg.connect(**{name: value for name, value in parts.items() if value}, autocommit=True)


def _rows_of(connection: Any) -> dict[str, int]:
    from psycopg import sql

    named = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    return {
        table: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]
        for (table,) in connection.execute(named).fetchall()
    }


def _run(program: str, database: Settings, *arguments: str, into: bool = False) -> None:
    """Run one of PostgreSQL's own tools; the password goes by the environment, where no list of processes shows it."""
    found = shutil.which(program, path=option("postgres_tools") or None)
    if found is None:
        raise BadInput([Fault("no_postgres_tools", details={"given": program})])
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    told = {variable: str(database[name]) for variable, name in names.items() if database[name]}
    where = ["--dbname", str(database["NAME"])] if into else []
    done = subprocess.run(  # noqa: S603 - a program by its whole path, no shell
        [found, *where, *arguments], env=os.environ | told, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise BadInput([Fault("postgres_tool_failed", details={"given": f"{program}: {last}"})])


def _ours(steps: Any) -> tuple[str, ...]:
    """The steps of our own apps: those of others belong to the libraries' versions, which ours pins."""
    apps = {step.split(".")[0] for step in own_migrations()}
    return tuple(sorted(step for step in steps if step.split(".")[0] in apps))
