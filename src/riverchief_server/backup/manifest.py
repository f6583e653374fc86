"""What a backup says of itself: when, by which version, which tables with how many rows, every file with its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from riverchief.errors import BadInput, Fault

NAME = "manifest.json"
FORMAT = 1
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
SECRET_KEY = "secret_key"  # noqa: S105 - the name of a file
FOLDERS = ("journal", "media", "archive")


@dataclass(frozen=True)
class Kept:
    """One file of the backup: its size [bytes] and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup.

    ``migrations`` are the steps the database had taken, as ``app.name``; ``rows`` counts each table inside the same
    snapshot; ``files`` are all members but the manifest itself.
    """

    made_at: datetime
    program: str
    database: str
    migrations: tuple[str, ...]
    rows: Mapping[str, int]
    files: Mapping[str, Kept] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def size(self) -> int:
        """All files together [bytes], unpacked."""
        return sum(kept.size for kept in self.files.values())

    def written(self) -> bytes:
        """The manifest as JSON."""
        return json.dumps(asdict(self) | {"made_at": self.made_at.isoformat()}, indent=1).encode()


def read_manifest(archive: ZipFile, source: str) -> Manifest:
    """The manifest of ``archive``, called ``source`` in faults.

    Raises :class:`~riverchief.errors.BadInput`: no backup of ours, made by a newer version than this one, or with names
    of files that no backup has.
    """
    try:
        told = json.loads(archive.read(NAME))
        told["files"] = {name: Kept(**kept) for name, kept in told["files"].items()}
        told["made_at"] = datetime.fromisoformat(told["made_at"])
        told["migrations"] = tuple(told["migrations"])
        newer = told["format"] > FORMAT
        manifest = Manifest(**told) if not newer else None
    except (KeyError, TypeError, ValueError, AttributeError) as broken:
        raise _refused("not_a_backup", source, given=str(broken) or type(broken).__name__) from None
    unknown = [] if manifest is None else sorted(set(manifest.migrations) - own_migrations())
    if manifest is None or unknown:
        given = f"{told.get('program', '?')} ({', '.join(unknown[:3]) or 'format ' + str(told['format'])})"
        raise _refused("backup_is_newer", source, given=given, allowed=f"≤ {version('riverchief')}")
    strange = sorted(name for name in manifest.files if not _belongs(name))
    if strange or manifest.database not in DATABASES or DATABASES[manifest.database] not in manifest.files:
        raise _refused("not_a_backup", source, given="、".join(strange[:3]) or manifest.database)
    return manifest


def own_migrations() -> set[str]:
    """Every step of our own apps that this version knows, as ``app.name``."""
    server = Path(__file__).resolve().parents[1]
    return {f"{step.parent.parent.name}.{step.stem}" for step in server.glob("**/migrations/[0-9]*.py")}


def _belongs(name: str) -> bool:
    """Whether a backup may hold a file called ``name``: anything else could be written outside the home folder."""
    path = PurePosixPath(name)
    is_plain = not path.is_absolute() and ".." not in path.parts and "\\" not in name and path.as_posix() == name
    is_single = name == SECRET_KEY or name in DATABASES.values()
    return is_plain and (is_single or (len(path.parts) > 1 and path.parts[0] in FOLDERS))


def _refused(kind: str, source: str, **details: str) -> BadInput:
    return BadInput([Fault(kind, source, details=details)])
