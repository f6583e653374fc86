"""The promises of the store, the same on SQLite and PostgreSQL."""

import threading
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.observation.flag import all_flags
from riverchief_server.observations import store
from riverchief_server.observations.store import StoredReading
from tests.server.databases import postgresql_url as postgresql_url
from tests.server.databases import using as using

HOUR = 3_600_000
T0 = store.to_ms(datetime(2024, 1, 1, tzinfo=UTC))


def row(t: int, v: float | None, *, series: int = 1, arrived: int = 0, **more: object) -> StoredReading:
    return StoredReading(series, t, v, more.pop("flag", "unchecked"), arrived=arrived or t + 1000, **more)


def hours(series: int, n: int, *, start: int = T0) -> store.Columns:
    """``n`` hourly readings whose value is their number."""
    t = start + HOUR * np.arange(n)
    return store.columns(series, t, np.arange(n) * 1.0, arrived=t + 1000)


class TestPut:
    def test_what_goes_in_comes_out(self, using: str):
        given_row = row(T0, 0.12, flag="suspect", message=7, flag_by="spike", sent="unchecked")
        censored = row(T0 + 1, None, operator="<", bound=0.025)
        assert store.put([given_row, censored], using=using) == (2, 0, 0)
        assert store.between(1, T0, T0 + 2, using=using) == [given_row, censored]

    def test_the_same_row_twice_is_one_row(self, using: str):
        rows = [row(T0, 0.12), row(T0 + HOUR, None, flag="missing"), row(T0 + 2 * HOUR, None, operator="<", bound=1.0)]
        store.put(rows, using=using)
        later = [one._replace(arrived=one.arrived + 1) for one in rows]
        assert store.put(later, using=using) == (0, 3, 0)
        assert store.count(using=using) == 3
        assert store.versions(1, T0, using=using) == []

    @pytest.mark.parametrize(
        "other",
        [
            {"v": 0.13},
            {"v": None},
            {"flag": "fault"},
            {"operator": ">"},
            {"operator": "<", "bound": 0.5},
        ],
        ids=str,
    )
    def test_anything_that_was_sent_otherwise_is_a_new_version(self, using: str, other: dict[str, object]):
        first = row(T0, 0.12)
        second = first._replace(arrived=first.arrived + 5, **other)
        store.put([first], using=using)
        assert store.put([second], using=using) == (0, 0, 1)
        assert store.latest([1], using=using) == {1: second._replace(revision=1)}
        assert store.versions(1, T0, using=using) == [first]

    def test_two_values_of_one_key_in_one_batch_are_two_versions(self, using: str):
        report = store.put([row(T0, 1.0), row(T0 + HOUR, 9.0), row(T0, 2.0, arrived=T0 + 2000)], using=using)
        assert report == (2, 0, 1)
        assert [one.v for one in store.between(1, T0, T0 + 1, using=using)] == [2.0]
        assert [one.v for one in store.versions(1, T0, using=using)] == [1.0]

    def test_a_batch_in_any_order_is_kept_in_order(self, using: str):
        batch = hours(1, 500)
        shuffled = batch.take(np.random.default_rng(1).permutation(500))
        assert store.put_columns(shuffled, using=using) == (500, 0, 0)
        found = store.read(1, using=using)
        assert found.t.tolist() == batch.t.tolist()
        assert found.v.tolist() == batch.v.tolist()

    def test_a_large_batch_with_some_of_everything_counts_right(self, using: str):
        store.put_columns(hours(1, 1000), using=using)
        again = hours(1, 1537)  # not a multiple of the rows that go into one statement
        changed = again._replace(v=np.where(np.arange(1537) % 10 == 0, -1.0, again.v))
        assert store.put_columns(changed, using=using) == (537, 900, 100)
        assert store.read(1, using=using).v.tolist() == changed.v.tolist()

    def test_a_large_batch_keeps_what_is_missing_missing(self, using: str):
        n = 2500
        k = np.arange(n)
        batch = store.columns(
            k % 7 + 1,
            T0 + HOUR * k,
            np.where(k % 3 == 0, np.nan, k / 8),
            arrived=T0 + 9000 * HOUR + k,
            flag=k % 13,
            operator=np.where(k % 3 == 0, 1, 0),
            bound=np.where(k % 3 == 0, k + 0.5, np.nan),
            message=k % 4,
            flag_by=k % 2,
            sent=(k + 1) % 13,
        )
        with connections[using].cursor() as cursor:
            cursor.execute("INSERT INTO flag_source (number, name) VALUES (1, 'spike')")
        assert store.put_columns(batch, using=using) == (n, 0, 0)
        found = store.read_many(list(range(1, 8)), using=using)
        expected = batch.take(np.lexsort((batch.t, batch.series)))
        for name in ("series", "t", "v", "flag", "operator", "bound", "arrived", "message", "flag_by", "sent"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
        assert not found.revision.any() and not found.since.any()
        assert store.put_columns(batch, using=using) == (0, n, 0)

    def test_a_value_that_cannot_be_is_refused_whole(self, using: str):
        with pytest.raises(BadInput) as refused:
            store.put([row(T0, 1.0), row(T0 + HOUR, float("inf")), row(10**15, 1.0)], using=using)
        assert [fault.kind for fault in refused.value.faults] == ["out_of_range", "bad_number"]
        with pytest.raises(BadInput):
            store.put([row(T0, 1.0, flag="nonsense")], using=using)
        assert store.count(using=using) == 0

    def test_nothing_is_nothing(self, using: str):
        assert store.put([], using=using) == (0, 0, 0)
        assert store.latest([1, 2], using=using) == {}
        assert store.latest([], using=using) == {}
        assert store.span([1], using=using) is None
        assert store.read(1, using=using).size == 0

    def test_what_is_rolled_back_was_never_there(self, using: str):
        def put_and_fail() -> None:
            with transaction.atomic(using=using):
                store.put([row(T0, 1.0)], using=using)
                raise ZeroDivisionError

        for _ in range(2):  # on PostgreSQL the partition goes too, and must be made again
            with pytest.raises(ZeroDivisionError):
                put_and_fail()
            assert store.count(using=using) == 0
        assert store.put([row(T0, 1.0)], using=using) == (1, 0, 0)
        assert store.put([row(T0 + HOUR, 1.0)], using=using) == (1, 0, 0)

    def test_readings_of_any_time_have_a_place(self, using: str):
        times = [
            datetime(1871, 3, 1, tzinfo=UTC),
            datetime(2026, 11, 30, 23, 59, tzinfo=UTC),
            datetime(2150, 1, 1, tzinfo=UTC),
        ]
        store.put([row(store.to_ms(at), float(at.year)) for at in times], using=using)
        assert [store.from_ms(one.t) for one in store.between(1, -(10**14), 10**14, using=using)] == times

    def test_eight_writers_of_one_reading_make_one_row(self, using: str, django_db_blocker):
        reports: list[store.PutReport] = []
        start = threading.Barrier(8)

        def write(k: int) -> None:
            try:
                start.wait()
                for hour in range(20):
                    reports.append(store.put([row(T0 + hour * HOUR, 5.0, arrived=T0 + 100 * HOUR + k)], using=using))
            finally:
                connections[using].close()

        threads = [threading.Thread(target=write, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(reports) == 160
        assert sum(report.new for report in reports) == 20
        assert sum(report.changed for report in reports) == 0
        assert store.count(using=using) == 20

    def test_two_writers_of_one_large_batch_make_one_row_a_key(self, using: str, django_db_blocker):
        # enough for COPY on PostgreSQL, in months whose partitions are there: the second writer sees none of the
        # batch, and is told that it is there when the first commits
        store.put([row(T0 + 31 * 24 * HOUR * month, 1.0, series=9) for month in range(3)], using=using)
        batch = store.columns(
            np.repeat(np.arange(1, 5), 700), T0 + 3 * HOUR * np.tile(np.arange(700), 4), np.ones(2800), arrived=T0
        )
        second: list[store.PutReport] = []

        def write() -> None:
            try:
                second.append(store.put_columns(batch, using=using))
            finally:
                connections[using].close()

        thread = threading.Thread(target=write)
        with transaction.atomic(using=using):
            assert store.put_columns(batch, using=using) == (2800, 0, 0)
            thread.start()
            until = time.monotonic() + 20
            while not _is_somebody_waiting(using) and time.monotonic() < until:
                time.sleep(0.01)
        thread.join()
        assert second == [(0, 2800, 0)]
        assert store.count(using=using) == 2803
        assert store.count_each([1, 2, 3, 4], using=using).tolist() == [700] * 4


def _is_somebody_waiting(using: str) -> bool:
    if connections[using].vendor == "sqlite":
        return True
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


class TestVersions:
    def test_as_of_shows_what_was_in_force_then(self, using: str):
        for arrived, v in ((1000, 1.0), (2000, 2.0), (3000, 3.0)):
            store.put([row(T0, v, arrived=arrived)], using=using)

        def known(at: int) -> list[float | None]:
            return [one.v for one in store.between(1, T0, T0 + 1, as_of=at, using=using)]

        assert [known(at) for at in (999, 1000, 1999, 2000, 2999, 3000, 9999)] == [
            [],
            [1.0],
            [1.0],
            [2.0],
            [2.0],
            [3.0],
            [3.0],
        ]

    def test_a_clock_that_jumps_back_loses_no_version_and_keeps_their_order(self, using: str):
        store.put([row(T0, 1.0, arrived=5000)], using=using)
        store.put([row(T0, 2.0, arrived=3000)], using=using)
        store.put([row(T0, 3.0, arrived=3000)], using=using)
        in_force = store.latest([1], using=using)[1]
        assert (in_force.v, in_force.arrived, in_force.since, in_force.revision) == (3.0, 3000, 5002, 2)
        assert [one.v for one in store.versions(1, T0, using=using)] == [1.0, 2.0]
        assert [store.between(1, T0, T0 + 1, as_of=at, using=using)[0].v for at in (5000, 5001, 5002)] == [
            1.0,
            2.0,
            3.0,
        ]

    def test_a_check_changes_the_flag_says_who_and_keeps_the_former(self, using: str):
        store.put([row(T0, 1.0), row(T0 + HOUR, 50.0)], using=using)
        numbers = store.source_numbers(["spike", "range"], using=using)
        t, suspect = np.array([T0 + HOUR]), np.array([store.flag_numbers()["suspect"]])
        assert store.reflag(1, t, suspect, numbers["spike"], T0 + 5 * HOUR, using=using) == 1
        assert store.reflag(1, t, suspect, numbers["spike"], T0 + 6 * HOUR, using=using) == 0
        flagged = store.latest([1], using=using)[1]
        assert (flagged.v, flagged.flag, flagged.flag_by, flagged.sent) == (50.0, "suspect", "spike", "unchecked")
        assert [one.flag for one in store.versions(1, T0 + HOUR, using=using)] == ["unchecked"]
        before = store.between(1, T0 + HOUR, T0 + 2 * HOUR, as_of=T0 + 5 * HOUR - 1, using=using)
        assert [one.flag for one in before] == ["unchecked"]

    def test_a_reading_sent_again_does_not_undo_a_check(self, using: str):
        store.put([row(T0, 50.0)], using=using)
        number = store.source_numbers(["spike"], using=using)["spike"]
        store.reflag(1, np.array([T0]), np.array([store.flag_numbers()["bad"]]), number, T0 + HOUR, using=using)
        assert store.put([row(T0, 50.0, arrived=T0 + 2 * HOUR)], using=using) == (0, 1, 0)
        assert store.latest([1], using=using)[1].flag == "bad"
        assert store.put([row(T0, 5.0, arrived=T0 + 3 * HOUR)], using=using) == (0, 0, 1)
        corrected = store.latest([1], using=using)[1]
        assert (corrected.flag, corrected.flag_by) == ("unchecked", "")

    def test_even_a_statement_typed_by_hand_keeps_the_old_row(self, using: str):
        store.put([row(T0, 1.0)], using=using)
        with connections[using].cursor() as cursor:
            cursor.execute("UPDATE reading SET v = 99, revision = revision + 1 WHERE series = 1")
        assert [one.v for one in store.versions(1, T0, using=using)] == [1.0]


class TestRead:
    def test_latest_is_the_latest_measured_not_the_latest_arrived(self, using: str):
        store.put([row(T0 + HOUR, 2.0, arrived=1000)], using=using)
        store.put([row(T0, 1.0, arrived=2000)], using=using)
        assert store.latest([1], using=using)[1].v == 2.0
        assert store.latest([1], T0 + HOUR, using=using)[1].v == 1.0
        assert store.latest([1], T0, using=using) == {}

    def test_latest_is_found_however_long_ago_and_however_far_ahead_it_is(self, using: str):
        # months of ten years have partitions of their own on PostgreSQL; a clock that ran ahead makes one too
        store.put([row(T0 + k * 30 * 24 * HOUR, float(k), series=1) for k in range(120)], using=using)
        last = {2: 50, 3: 100, 4: 118, 5: 3, 6: -1000, 7: 2000}
        store.put([row(T0 + k * 30 * 24 * HOUR, float(k), series=one) for one, k in last.items()], using=using)
        found = store.latest([*range(1, 9)], using=using)
        assert {one: found[one].v for one in found} == {1: 119.0, **{one: float(k) for one, k in last.items()}}
        store.put([row(T0 + 2001 * 30 * 24 * HOUR, 9.0, series=5)], using=using)
        assert store.latest([5, 1], using=using)[5].v == 9.0
        before = store.latest([*range(1, 9)], T0 + 60 * 30 * 24 * HOUR, using=using)
        assert {one: before[one].v for one in before} == {1: 59.0, 2: 50.0, 5: 3.0, 6: -1000.0}
        newest = store.read(1, limit=40, newest_first=True, using=using)
        assert newest.v.tolist() == [float(k) for k in range(119, 79, -1)]
        assert store.read(2, limit=1, newest_first=True, using=using).v.tolist() == [50.0]
        some = store.read(1, T0 + 117 * 30 * 24 * HOUR, limit=9, newest_first=True, using=using)
        assert some.v.tolist() == [119.0, 118.0, 117.0]
        names = store.latest_columns([1, 2], only=("t",), using=using)
        assert sorted(names.t.tolist()) == [T0 + 50 * 30 * 24 * HOUR, T0 + 119 * 30 * 24 * HOUR]

    def test_latest_of_many_series_leaves_out_those_without_a_reading(self, using: str):
        for series in (3, 5, 9):
            store.put_columns(hours(series, series, start=T0 + 40 * 24 * HOUR * series), using=using)
        found = store.latest([9, 4, 5, 3], using=using)
        assert {series: one.v for series, one in found.items()} == {3: 2.0, 5: 4.0, 9: 8.0}

    def test_a_slice_is_half_open(self, using: str):
        store.put_columns(hours(1, 10), using=using)
        found = store.read(1, T0 + 2 * HOUR, T0 + 5 * HOUR, using=using)
        assert found.v.tolist() == [2.0, 3.0, 4.0]
        assert (found.t.dtype, found.v.dtype) == (np.int64, np.float64)

    def test_pages_from_either_end_meet(self, using: str):
        store.put_columns(hours(1, 10), using=using)
        assert store.read(1, limit=3, using=using).v.tolist() == [0.0, 1.0, 2.0]
        assert store.read(1, limit=3, newest_first=True, using=using).v.tolist() == [9.0, 8.0, 7.0]
        rest = store.read(1, end=T0 + 7 * HOUR, limit=100, newest_first=True, using=using)
        assert rest.v.tolist() == [6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0]

    def test_only_the_columns_asked_for_are_fetched(self, using: str):
        store.put([row(T0, None, flag="missing", message=4)], using=using)
        found = store.read(1, only=("t", "v", "flag"), using=using)
        assert (found.t.tolist(), found.flag.tolist(), found.message.tolist()) == ([T0], [12], [0])
        assert np.isnan(found.v).all()

    def test_many_series_come_sorted_and_each_with_its_own(self, using: str):
        for series in (2, 1, 3):
            store.put_columns(hours(series, 5)._replace(v=np.full(5, float(series))), using=using)
        found = store.read_many([3, 1, 1], T0 + HOUR, T0 + 3 * HOUR, using=using)
        assert found.series.tolist() == [1, 1, 3, 3]
        assert found.v.tolist() == [1.0, 1.0, 3.0, 3.0]
        rows = store.between_many([1, 7], T0, T0 + HOUR, using=using)
        assert {series: len(listed) for series, listed in rows.items()} == {1: 1, 7: 0}

    def test_span_and_counts(self, using: str):
        store.put_columns(hours(1, 5), using=using)
        store.put_columns(hours(2, 3, start=T0 + 10 * HOUR), using=using)
        assert store.span([1, 2, 7], using=using) == (T0, T0 + 12 * HOUR)
        assert store.count(using=using) == 8
        assert store.count([1], T0, T0 + 2 * HOUR, using=using) == 2
        assert store.count_each([2, 7, 1], using=using).tolist() == [3, 0, 5]


def test_every_flag_has_a_number_of_its_own():
    numbers = store.flag_numbers()
    assert set(numbers) == {flag.code for flag in all_flags()}
    assert sorted(numbers.values()) == list(range(len(numbers)))


values = st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([0.1, 0.2]))
operations = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 3), values), max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(operations, max_size=4))
def test_it_behaves_as_a_dictionary_of_lists_would(using: str, batches: list[list[tuple[int, int, float | None]]]):
    """The twin: each key holds the list of its values, and a value equal to the last one is not appended."""
    with connections[using].cursor() as cursor:
        cursor.execute("DELETE FROM reading")
        cursor.execute("DELETE FROM reading_version")
    twin: dict[tuple[int, int], list[float | None]] = {}
    arrived = T0
    for batch in batches:
        rows = []
        for series, hour, v in batch:
            arrived += 1
            rows.append(row(T0 + hour * HOUR, v, series=series, arrived=arrived))
            held = twin.setdefault((series, T0 + hour * HOUR), [])
            if not held or held[-1] != v:
                held.append(v)
        store.put(rows, using=using)
    for (series, t), held in twin.items():
        kept = [*store.versions(series, t, using=using), *store.between(series, t, t + 1, using=using)]
        assert [one.v for one in kept] == held
    assert store.count(using=using) == len(twin)


def test_a_month_boundary_is_no_boundary(using: str):
    start = store.to_ms(datetime(2026, 12, 31, 22, tzinfo=UTC))
    store.put_columns(hours(1, 5, start=start), using=using)
    found = store.read(1, start + HOUR, start + 4 * HOUR, using=using)
    assert [store.from_ms(t) for t in found.t.tolist()] == [
        datetime(2026, 12, 31, 23, tzinfo=UTC) + timedelta(hours=k) for k in range(3)
    ]


class TestTouched:
    def test_each_series_with_its_earliest_change_until_it_is_settled(self, using: str):
        store.put([row(T0 + HOUR, 1.0), row(T0, 1.0), row(T0, 1.0, series=2)], using=using)
        assert store.touched(using=using).since == {1: T0, 2: T0}
        store.settle(store.touched(using=using), using=using)
        assert store.touched(using=using).since == {}

    def test_what_changes_again_meanwhile_is_not_settled(self, using: str):
        store.put([row(T0, 1.0)], using=using)
        looked_at = store.touched(using=using)
        store.put([row(T0 + HOUR, 1.0)], using=using)
        store.settle(looked_at, using=using)
        assert store.touched(using=using).since == {1: T0 + HOUR}

    def test_the_same_rows_again_touch_nothing(self, using: str):
        store.put([row(T0, 1.0)], using=using)
        store.settle(store.touched(using=using), using=using)
        store.put([row(T0, 1.0)], using=using)
        assert store.touched(using=using).since == {}

    def test_a_flag_and_a_deletion_are_changes(self, using: str):
        store.put([row(T0, 1.0), row(T0 + HOUR, 1.0, series=2)], using=using)
        store.settle(store.touched(using=using), using=using)
        bad = np.array([store.flag_numbers()["bad"]])
        store.reflag(1, np.array([T0]), bad, 0, T0 + HOUR, using=using)
        store.forget(2, now=T0 + HOUR, using=using)
        assert store.touched(using=using).since == {1: T0, 2: T0 + HOUR}

    def test_entries_that_nobody_settles_become_one(self, using: str):
        with connections[using].cursor() as cursor:  # the next entries are numbers 998, 999, 1000
            if connections[using].vendor == "sqlite":
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('reading_touched', 997)")
            else:
                cursor.execute("ALTER TABLE reading_touched ALTER COLUMN id RESTART WITH 998")
        store.put([row(T0 + 2 * HOUR, 1.0), row(T0, 1.0, series=2)], using=using)
        looked_at = store.touched(using=using)
        store.put([row(T0 + HOUR, 1.0)], using=using)
        assert looked_at.entries == (998,)
        store.put([row(T0 + 3 * HOUR, 1.0), row(T0 + 3 * HOUR, 1.0, series=3)], using=using)
        store.settle(looked_at, using=using)  # its entry is gone already: it is looked at again, not lost
        assert store.touched(using=using) == ({1: T0 + HOUR, 2: T0, 3: T0 + 3 * HOUR}, (1001,))

    def test_a_change_that_is_rolled_back_touched_nothing(self, using: str):
        with transaction.atomic(using=using):
            store.put([row(T0, 1.0)], using=using)
            transaction.set_rollback(True, using=using)
        assert store.touched(using=using).since == {}
