"""A disk that is really full, a PostgreSQL that really stops: what was acknowledged is there, once, and all goes on."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.db import DatabaseError, InterfaceError, connections
from tools import postgres

from riverchief_server.observations import store
from riverchief_server.observations.group_commit import readings_writer
from riverchief_server.observations.inbox import journal
from riverchief_server.observations.inbox.journal import Position, Raw, Writer
from tests.server.databases import ALIAS, empty_store

pytestmark = pytest.mark.own_database
HOUR = 3_600_000
T0 = store.to_ms(datetime(2024, 1, 1, tzinfo=UTC))
ROWS = 2000
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with ``request.param`` megabytes, and a file ``ballast`` that gives some back."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size, ballast = request.param
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("NO SMALL DISK: only root may mount one, so this test proved nothing")
    try:
        (folder / "ballast").write_bytes(b"\0" * (ballast << 20))
        folder.chmod(0o777)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def batch(number: int) -> store.Columns:
    """The batch of this number: readings that no other has, whose value says which they are."""
    k = number * ROWS + np.arange(ROWS)
    return store.columns(k % 20 + 1, T0 + HOUR * (k // 20), k.astype(np.float64), arrived=T0, message=1)


def write_until_it_fails(most: int) -> tuple[int, DatabaseError]:
    """Batches 0, 1, … until one is refused: its number and what was said."""
    for number in range(most):
        try:
            assert store.put_columns(batch(number), using=ALIAS) == (ROWS, 0, 0)
        except (DatabaseError, InterfaceError) as refused:
            return number, refused
    raise AssertionError("the disk did not get full")


def assert_everything_is_there_once(batches: int) -> None:
    found = store.read_many(range(1, 21), using=ALIAS)
    k = np.sort((found.t - T0) // HOUR * 20 + found.series - 1)
    assert k.tolist() == list(range(batches * ROWS))
    assert np.array_equal((found.t - T0) // HOUR * 20 + found.series - 1, found.v)


class TestAFullDisk:
    @pytest.mark.parametrize("small_disk", [(16, 8)], indirect=True)
    def test_sqlite_refuses_loses_nothing_and_goes_on(self, small_disk: Path, django_db_blocker):
        with django_db_blocker.unblock(), empty_store(f"sqlite://{small_disk}/store.db"):
            failed, said = write_until_it_fails(1000)
            assert failed > 3
            assert "full" in str(said)
            with pytest.raises(DatabaseError):  # and goes on refusing, whatever is tried
                store.put_columns(batch(failed), using=ALIAS)
            assert store.count(using=ALIAS) == failed * ROWS
            (small_disk / "ballast").unlink()
            for number in range(failed, failed + 5):
                assert store.put_columns(batch(number), using=ALIAS) == (ROWS, 0, 0)
            assert_everything_is_there_once(failed + 5)

    @pytest.mark.slow
    @pytest.mark.parametrize("small_disk", [(260, 120)], indirect=True)
    def test_postgresql_refuses_loses_nothing_and_goes_on(self, small_disk: Path, django_db_blocker):
        with (
            postgres.running(small_disk / "data") as server,
            django_db_blocker.unblock(),
            empty_store(server.url),
        ):
            failed, _ = write_until_it_fails(2000)
            assert failed > 3
            (small_disk / "ballast").unlink()
            connections[ALIAS].close()
            connections[ALIAS].close_pool()
            server.stop()  # without room for its log it has stopped itself, or is trying to start
            server.start()
            # what failed may be there or not: nobody was told that it is
            report = store.put_columns(batch(failed), using=ALIAS)
            assert report in {(ROWS, 0, 0), (0, ROWS, 0)}
            for number in range(failed + 1, failed + 5):
                assert store.put_columns(batch(number), using=ALIAS) == (ROWS, 0, 0)
            assert_everything_is_there_once(failed + 5)

    @pytest.mark.parametrize("small_disk", [(4, 2)], indirect=True)
    def test_the_journal_refuses_loses_nothing_and_goes_on(self, small_disk: Path, monkeypatch: pytest.MonkeyPatch):
        # it stops long before the disk is full; here it does not look, and meets the end
        monkeypatch.setattr(journal, "LEAST_FREE", 0)
        folder = small_disk / "journal"
        writer = Writer(folder)

        def record(number: int) -> bytes:
            return journal.encode(Raw("hj212", str(number), "", NOW, os.urandom(20_000)))

        kept: list[int] = []

        def append_for_ever() -> None:
            while True:
                writer.append([record(len(kept))])
                kept.append(len(kept))

        with pytest.raises(OSError, match="No space left"):
            append_for_ever()
        refused = len(kept)
        assert refused > 10
        (small_disk / "ballast").unlink()
        for number in range(refused + 1, refused + 6):
            writer.append([record(number)])
            kept.append(number)
        writer.close()
        found, position = [], Position()
        while (taken := journal.read(folder, position)).messages:
            found += [int(raw.name) for raw in taken.messages]
            position = taken.position
        assert found == kept


@pytest.fixture
def stoppable(django_db_blocker) -> Iterator[postgres.Server]:
    with postgres.running() as server, django_db_blocker.unblock(), empty_store(server.url):
        yield server
        connections[ALIAS].close()
        connections[ALIAS].close_pool()


class TestAPostgresqlThatStops:
    def test_what_is_handed_in_meanwhile_is_kept_when_it_is_back(self, stoppable: postgres.Server):
        writer = readings_writer(using=ALIAS)
        assert writer.submit(batch(0)).result(20) == (ROWS, 0, 0)
        stoppable.stop()
        waiting = [writer.submit(batch(number)) for number in range(1, 4)]
        time.sleep(1)
        assert not any(future.done() for future in waiting)
        stoppable.start()
        assert [future.result(30) for future in waiting] == [(ROWS, 0, 0)] * 3
        writer.close()
        connections[ALIAS].close()
        assert_everything_is_there_once(4)

    @pytest.mark.slow
    def test_one_that_stays_away_is_said_to_be_and_nothing_is_acknowledged(self, stoppable: postgres.Server):
        writer = readings_writer(using=ALIAS, patience_s=0.5)
        writer.submit(batch(0)).result(20)
        stoppable.stop()
        with pytest.raises((DatabaseError, InterfaceError)):
            writer.submit(batch(1)).result(60)
        stoppable.start()
        assert writer.submit(batch(1)).result(30) == (ROWS, 0, 0)
        writer.close()
        connections[ALIAS].close()
        assert_everything_is_there_once(2)

    def test_no_request_meets_a_connection_that_died_meanwhile(self, stoppable: postgres.Server):
        def ask() -> None:
            try:
                answers.append(store.count(using=ALIAS))
            finally:
                connections[ALIAS].close()

        answers: list[int] = []
        for _ in range(2):
            threads = [threading.Thread(target=ask) for _ in range(8)]  # as many connections lie in the pool then
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if len(answers) == 8:
                stoppable.stop()
                stoppable.start()
        assert answers == [0] * 16

    def test_stopped_again_and_again_in_a_burst_it_loses_nothing_it_acknowledged(self, stoppable: postgres.Server):
        acknowledged: list[int] = []
        stop = threading.Event()

        def write() -> None:
            number = 0
            try:
                while not stop.is_set():
                    with contextlib.suppress(DatabaseError, InterfaceError):
                        store.put_columns(batch(number), using=ALIAS)
                        acknowledged.append(number)
                        number += 1
                        continue
                    connections[ALIAS].close()  # the same batch again
                    time.sleep(0.05)
            finally:
                connections[ALIAS].close()

        thread = threading.Thread(target=write)
        thread.start()
        for times in range(1, 4):
            until = time.monotonic() + 30
            while len(acknowledged) < 5 * times and time.monotonic() < until:
                time.sleep(0.01)
            stoppable.stop()
            stoppable.start()
        before = len(acknowledged)
        until = time.monotonic() + 30
        while len(acknowledged) == before and time.monotonic() < until:
            time.sleep(0.01)
        stop.set()
        thread.join()
        assert len(acknowledged) > before >= 15
        connections[ALIAS].close()
        assert_everything_is_there_once(len(acknowledged))
