"""Putting a backup back: verified whole before anything is in its place, into an empty home only."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from riverchief.errors import BadInput, Fault
from riverchief_server.backup.database import Settings, kind_of, put_back
from riverchief_server.backup.manifest import DATABASES, Manifest, read_manifest

CHUNK = 1024 * 1024
UNPACKED = ".restoring"


def verify(file: Path) -> Manifest:
    """Read the whole of ``file`` and compare every hash; raises :class:`~riverchief.errors.BadInput` naming each file
    that is damaged or missing."""
    with _opened(file) as archive:
        manifest = read_manifest(archive, file.name)
        _raise([fault for name in manifest.files if (fault := _copied(archive, manifest, name, None, file.name))])
    return manifest


def restore(file: Path, home: Path, database: Settings) -> Manifest:
    """Put the county of ``file`` into the empty folder ``home`` and the empty ``database``; what was put back.

    Everything is unpacked beside its place and verified first; the database comes last, so that a home that has one is
    whole. Raises :class:`~riverchief.errors.BadInput`: ``home`` holds something, the file is damaged, was made by a
    newer version, or is of the other kind of database; or the tables do not hold what the backup counted.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = sorted(path.name for path in home.iterdir() if path.name != UNPACKED)
    if there:
        raise BadInput([Fault("home_not_empty", str(home), details={"given": "、".join(there[:3])})])
    beside = home / UNPACKED
    shutil.rmtree(beside, ignore_errors=True)  # an earlier restore that was interrupted
    with _opened(file) as archive:
        manifest = read_manifest(archive, file.name)
        if manifest.database != kind_of(database):
            details = {"given": manifest.database, "allowed": kind_of(database)}
            raise BadInput([Fault("other_database", file.name, details=details)])
        _raise([fault for name in manifest.files if (fault := _copied(archive, manifest, name, beside, file.name))])
    try:
        kept = beside / DATABASES[manifest.database]
        for path in sorted(beside.iterdir()):
            if path != kept:
                os.replace(path, home / path.name)
        rows = put_back(database, kept)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    differ = [
        Fault("rows_differ", column=table, details={"given": str(rows.get(table, 0)), "allowed": str(count)})
        for table, count in manifest.rows.items()
        if rows.get(table, 0) != count
    ]
    _raise(differ)
    return manifest


@contextmanager
def _opened(file: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(file) as archive:
            yield archive
    except BadZipFile as broken:
        raise BadInput([Fault("not_a_backup", file.name, details={"given": str(broken)})]) from None


def _copied(archive: ZipFile, manifest: Manifest, name: str, folder: Path | None, source: str) -> Fault | None:
    """Read the member ``name``, into ``folder`` where one is given; what is wrong with it, if anything is."""
    kept = manifest.files[name]
    digest, left = hashlib.sha256(), kept.size
    target = None
    if folder is not None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    try:
        with archive.open(name) as member:
            # never more than the manifest says: a member that unpacks to more is damaged, or meant to fill the disk
            while left >= 0 and (chunk := member.read(min(CHUNK, left + 1))):
                left -= len(chunk)
                digest.update(chunk)
                if target is not None:
                    target.write(chunk)
        if target is not None:
            target.flush()
            os.fsync(target.fileno())
    except (KeyError, BadZipFile, EOFError, ValueError):
        left = -1
    finally:
        if target is not None:
            target.close()
    is_whole = left == 0 and digest.hexdigest() == kept.sha256
    return None if is_whole else Fault("backup_damaged", source, details={"given": name})


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise BadInput(faults)
