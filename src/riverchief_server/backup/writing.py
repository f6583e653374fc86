"""Writing a backup while everything runs.

The order matters. What stations sent is in the journal until the database has it, so the journal is read *before* the
database: whatever is gone from it by then is in the snapshot. Photos and sealed months are on the disk before the
database speaks of them, so they are read *after* it: whatever the snapshot names is there.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from riverchief.errors import BadInput, Fault
from riverchief_server.backup.database import Settings, kind_of, snapshot
from riverchief_server.backup.manifest import DATABASES, NAME, SECRET_KEY, Kept, Manifest

CHUNK = 1024 * 1024
PACKED = {".jpg", ".jpeg", ".png", ".webp", ".parquet", ".dump"}
LEFT_OUT = {".lock", ".part"}


def back_up(out: Path, home: Path, database: Settings, now: datetime) -> Manifest:
    """Write the county in ``home`` and ``database`` into the file ``out``, which appears whole or not at all.

    The file holds keys and personal data: only its owner may read it. Raises :class:`~riverchief.errors.BadInput`
    where ``out`` is there already or there is nothing to back up; :class:`OSError` where the disk will not.
    """
    if out.exists():
        raise BadInput([Fault("file_exists", str(out))])
    part = out.with_name(out.name + ".part")
    files: dict[str, Kept] = {}
    kind = kind_of(database)
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as file,
            ZipFile(file, "w") as archive,
            tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as beside,
        ):
            for name, path in _files_of(home, "journal"):
                _add(archive, name, path, files, now)
            copy = Path(beside) / DATABASES[kind]
            rows, migrations = snapshot(database, copy)
            _add(archive, copy.name, copy, files, now)
            copy.unlink()
            for folder in ("media", "archive"):
                for name, path in _files_of(home, folder):
                    _add(archive, name, path, files, now)
            _add(archive, SECRET_KEY, home / SECRET_KEY, files, now)
            manifest = Manifest(now, version("riverchief"), kind, migrations, rows, files)
            archive.writestr(_entry(NAME, ZIP_DEFLATED, now), manifest.written())
        _flush(part)
        os.replace(part, out)
        _flush(out.parent)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _files_of(home: Path, folder: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((home / folder).rglob("*")):
        if path.is_file() and path.suffix not in LEFT_OUT:
            yield path.relative_to(home).as_posix(), path


def _add(archive: ZipFile, name: str, path: Path, files: dict[str, Kept], now: datetime) -> None:
    """Copy one file. One that is gone is left out: a segment whose messages the database has, a photo let go of."""
    try:
        source: BinaryIO = path.open("rb")
    except FileNotFoundError:
        return
    digest, size = hashlib.sha256(), 0
    entry = _entry(name, ZIP_STORED if path.suffix in PACKED else ZIP_DEFLATED, now)
    with source, archive.open(entry, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    files[name] = Kept(size, digest.hexdigest())


def _entry(name: str, compression: int, now: datetime) -> ZipInfo:
    entry = ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    return entry


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
