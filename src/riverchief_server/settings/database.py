"""Which database, and how it is opened: SQLite by default, PostgreSQL by one setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database_settings(url: str, home: Path) -> dict[str, Any]:
    """Django's settings for ``url``; an empty ``url`` is SQLite in ``home``.

    Raises ``ValueError``, naming the forms that are allowed, for a URL it does not understand (without showing it:
    it holds a password).
    """
    if not url:
        return _sqlite(home / "riverchief.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        query = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            # The web face runs one short-lived thread a request; a pool spares each of them a new connection. The
            # gateway's and the clock's threads live long and keep theirs, so there must be enough for both.
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 40, "timeout": 10}, **query},
            # After the database was away the pool holds dead connections: each is tried before it is handed out.
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError("RIVERCHIEF_DATABASE_URL: allowed are postgres://user:password@host:port/name and sqlite:///path")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # A writer asks for its lock at once instead of failing when it upgrades a read lock.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: what has been acknowledged survives a power cut. The log of 40 MB instead of 4 is carried over into
            # the database a tenth as often: pages that are written again and again (the end of each series) are
            # carried over once. It triples what can be written and costs only those 40 MB.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000; "
            "PRAGMA wal_autocheckpoint=10000; PRAGMA journal_size_limit=67108864;",
        },
    }
