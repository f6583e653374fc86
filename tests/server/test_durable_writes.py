"""What is acknowledged is on the disk. No kill shows a flush that is missing, so its place among the calls is seen."""

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from django.db import connections

from riverchief_server.backup import writing
from riverchief_server.cases import uploads
from riverchief_server.observations import archive
from riverchief_server.observations.inbox.journal import Raw, Writer, encode
from tests.server.databases import ALIAS, empty_store

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
FULL = 2  # of "PRAGMA synchronous": a commit waits for the disk


class Calls(list[tuple[str, str, int]]):
    """What a piece of code asks of the file system: the call, of which file, and how long that was by then."""

    def names(self, folder: Path) -> list[tuple[str, str]]:
        """The calls with the names of their files, the folder itself being ``.``; temporary names are ``*``."""
        return [(call, _plain(Path(path), folder)) for call, path, _ in self]

    def size_at(self, call: str) -> int:
        """How long the file was at the first ``call``."""
        return next(size for name, _, size in self if name == call)


def _plain(path: Path, folder: Path) -> str:
    name = "." if path == folder else path.name
    return "*" if name.startswith("tmp") else name


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The calls that write, flush or rename, in their order, from now on."""
    made = Calls()

    def watch(name: str) -> None:
        real = getattr(os, name)

        def watched(target, *more):
            path = os.readlink(f"/proc/self/fd/{target}") if isinstance(target, int) else os.fspath(more[0])
            result = real(target, *more)
            made.append((name, path, os.stat(path).st_size))
            return result

        monkeypatch.setattr(os, name, watched)

    for name in ("write", "fsync", "fdatasync", "replace", "rename"):
        watch(name)
    return made


def test_a_message_is_flushed_before_it_is_acknowledged_and_a_new_file_has_its_name_on_disk(
    tmp_path: Path, calls: Calls
):
    writer = Writer(tmp_path)
    calls.clear()
    message = encode(Raw("hj212", "M1", "1.2.3.4:5", AT, b"##0000", 1))
    writer.append([message])
    first = "000000000001.journal"
    assert calls.names(tmp_path) == [("fsync", "."), ("write", first), ("fdatasync", first)]
    assert calls.size_at("fdatasync") == len(message)
    calls.clear()
    writer.append([message, message])
    assert calls.names(tmp_path) == [("write", first), ("fdatasync", first)]
    writer.close()


def test_an_upload_is_flushed_whole_then_named_then_its_folder_is_flushed(tmp_path: Path, calls: Calls):
    path = tmp_path / f"{uuid.uuid4()}.jpg"
    uploads._write(path, b"x" * 100_000)
    assert calls.names(tmp_path) == [("fsync", "*"), ("replace", path.name), ("fsync", ".")]
    assert calls.size_at("fsync") == 100_000
    assert path.read_bytes() == b"x" * 100_000


def test_a_sealed_month_is_flushed_whole_then_named_then_its_folder_is_flushed(tmp_path: Path, calls: Calls):
    path = tmp_path / "2026-01.parquet"
    archive._write(pl.DataFrame({"value": [1.0, 2.0]}), path)
    assert [call for call in calls.names(tmp_path) if call[0] != "write"] == [
        ("fsync", "2026-01.part"),
        ("rename", "2026-01.parquet"),
        ("fsync", "."),
    ]
    assert calls.size_at("fsync") == path.stat().st_size


def test_a_file_of_a_backup_is_flushed(tmp_path: Path, calls: Calls):
    (tmp_path / "backup.zip").write_bytes(b"x")
    writing._flush(tmp_path / "backup.zip")
    assert calls.names(tmp_path) == [("fsync", "backup.zip")]


@pytest.mark.own_database
def test_a_commit_of_sqlite_waits_for_the_disk(tmp_path: Path, django_db_blocker):
    asked = ("synchronous", "journal_mode", "wal_autocheckpoint")
    with (
        django_db_blocker.unblock(),
        empty_store(f"sqlite://{tmp_path}/store.db"),
        connections[ALIAS].cursor() as cursor,
    ):
        said = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in asked}
    assert said == {"synchronous": FULL, "journal_mode": "wal", "wal_autocheckpoint": 10_000}
