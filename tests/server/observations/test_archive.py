"""Sealed months hold what the database held, say when they no longer do, and answer questions about everything."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from django.db import connections, transaction

from riverchief_server.observations import archive, store
from riverchief_server.observations.models import RawMessage, Retention, Series
from riverchief_server.observations.retention import let_go
from riverchief_server.places.models import Place
from tests.server.databases import postgresql_url as postgresql_url
from tests.server.databases import using as using

HOUR = 3_600_000
NOW = datetime(2026, 11, 24, tzinfo=UTC)
SEPTEMBER, OCTOBER, NOVEMBER = (archive.read_month(f"2026-{month:02d}") for month in (9, 10, 11))
SERIES = [1, 2, 3]


def fill(using: str = "default", series: list[int] = SERIES) -> None:
    """Hourly readings from 20 September to 24 November: series s has the values s, s + 1, …"""
    t = store.to_ms(datetime(2026, 9, 20, tzinfo=UTC)) + HOUR * np.arange(65 * 24)
    for one in series:
        store.put_columns(store.columns(one, t, one + np.arange(len(t)) % 7.0, arrived=t + 60_000), using=using)


def means_of(using: str, folder: Path) -> pl.DataFrame:
    return archive.monthly_means(folder, SEPTEMBER, NOVEMBER, SERIES, using=using)


def test_months_have_names_both_ways():
    assert archive.month_name(OCTOBER) == "2026-10"
    assert [store.from_ms(edge) for edge in archive.edges_of(OCTOBER)] == [
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    ]


class TestSealing:
    def test_only_months_that_are_over_are_sealed(self, using: str):
        fill(using)
        assert archive.months_to_seal(NOW, SERIES, using=using) == [SEPTEMBER, OCTOBER]

    def test_a_sealed_month_is_what_the_database_holds_sorted(self, using: str, tmp_path: Path):
        fill(using)
        store.put([store.StoredReading(2, archive.edges_of(OCTOBER)[0] + 7, None, "fault", "<", 0.5, 9)], using=using)
        sealed = archive.seal(OCTOBER, tmp_path, NOW, SERIES, using=using)
        assert sealed is not None
        found = pl.read_parquet(tmp_path / sealed.file)
        assert found.height == sealed.rows == 3 * 31 * 24 + 1
        assert sealed.sha256 == hashlib.sha256((tmp_path / sealed.file).read_bytes()).hexdigest()
        assert found.equals(found.sort("series", "t"))
        kept = store.read_many(SERIES, *archive.edges_of(OCTOBER), using=using)
        assert found["t"].cast(pl.Int64).to_list() == kept.t.tolist()
        odd = found.row(by_predicate=pl.col("flag") == "fault", named=True)
        assert (odd["v"], odd["operator"], odd["bound"], odd["series"]) == (None, "<", 0.5, 2)

    def test_what_changes_afterwards_is_sealed_anew(self, using: str, tmp_path: Path):
        fill(using)
        for month in archive.months_to_seal(NOW, SERIES, using=using):
            archive.seal(month, tmp_path, NOW, SERIES, using=using)
        assert archive.months_to_seal(NOW, SERIES, using=using) == []
        t = archive.edges_of(OCTOBER)[0]
        store.put([store.StoredReading(1, t, 99.0, "unchecked", arrived=store.to_ms(NOW))], using=using)
        assert archive.months_to_seal(NOW, SERIES, using=using) == [OCTOBER]
        assert means_of(using, tmp_path).filter(series=1, month=OCTOBER)["maximum"].item() == 99.0
        archive.seal(OCTOBER, tmp_path, NOW, SERIES, using=using)
        assert archive.months_to_seal(NOW, SERIES, using=using) == []
        number = store.source_numbers(["range"], using=using)["range"]
        store.reflag(1, np.array([t]), np.array([6]), number, store.to_ms(NOW) + 1, using=using)
        assert archive.months_to_seal(NOW, SERIES, using=using) == [OCTOBER]

    def test_a_month_sealed_by_a_clock_that_ran_ahead_is_sealed_anew(self, using: str, tmp_path: Path):
        fill(using)
        december = datetime(2026, 12, 5, tzinfo=UTC)  # it is 24 November
        archive.seal(NOVEMBER, tmp_path, december, SERIES, using=using)
        t = store.to_ms(NOW) + HOUR
        store.put([store.StoredReading(1, t, 99.0, "unchecked", arrived=t)], using=using)
        assert means_of(using, tmp_path).filter(series=1, month=NOVEMBER)["maximum"].item() == 99.0
        assert NOVEMBER in archive.months_to_seal(december, SERIES, using=using)

    def test_who_writes_while_a_month_is_sealed_is_in_it_or_marks_it(
        self, using: str, tmp_path: Path, django_db_blocker
    ):
        fill(using)
        t = archive.edges_of(OCTOBER)[0] + 1

        def seal() -> None:
            try:
                archive.seal(OCTOBER, tmp_path, NOW, SERIES, using=using)
            finally:
                connections[using].close()

        with transaction.atomic(using=using):
            store.put([store.StoredReading(1, t, 99.0, "unchecked", arrived=t)], using=using)
            sealing = threading.Thread(target=seal)
            sealing.start()
            sealing.join(0.3)  # it has begun, or waits
        sealing.join()
        assert means_of(using, tmp_path).filter(series=1, month=OCTOBER)["maximum"].item() == 99.0

    def test_a_month_without_readings_is_not_sealed(self, using: str, tmp_path: Path):
        fill(using)
        assert archive.seal(archive.read_month("2020-01"), tmp_path, NOW, SERIES, using=using) is None
        assert archive.sealed_months(using=using) == []


def test_the_means_are_the_same_whatever_is_sealed(using: str, tmp_path: Path):
    fill(using)
    unsealed = means_of(using, tmp_path)
    assert unsealed.shape == (9, 7)
    # by hand: October is 744 hours, 106 whole weeks of values s … s + 6 and two more
    october = store.read(2, *archive.edges_of(OCTOBER), using=using).v
    row = unsealed.row(by_predicate=(pl.col("series") == 2) & (pl.col("month") == OCTOBER), named=True)
    assert (row["readings"], row["minimum"], row["maximum"]) == (744, 2.0, 8.0)
    assert row["mean"] == pytest.approx(float(october.mean()))
    for month in (OCTOBER, SEPTEMBER):
        archive.seal(month, tmp_path, NOW, SERIES, using=using)
        again = means_of(using, tmp_path)
        assert again.drop("mean").equals(unsealed.drop("mean"))
        assert again["mean"].to_list() == pytest.approx(unsealed["mean"].to_list())
    for small in tmp_path.glob("figures-*.parquet"):
        small.unlink()
    assert means_of(using, tmp_path).drop("mean").equals(unsealed.drop("mean"))


def test_figures_rest_on_what_may_be_used_and_count_the_rest(using: str, tmp_path: Path):
    t = archive.edges_of(OCTOBER)[0]
    given = [("unchecked", 1.0), ("good", 3.0), ("suspect", 5.0), ("fault", 900.0), ("unchecked", None)]
    store.put([store.StoredReading(1, t + k, v, flag, arrived=t) for k, (flag, v) in enumerate(given)], using=using)
    store.put([store.StoredReading(2, t, 7.0, "bad", arrived=t)], using=using)
    expected = [(1, OCTOBER, 3, 2, 3.0, 1.0, 5.0), (2, OCTOBER, 0, 1, None, None, None)]
    assert archive.monthly_means(tmp_path, OCTOBER, OCTOBER, SERIES, using=using).rows() == expected
    archive.seal(OCTOBER, tmp_path, NOW, SERIES, using=using)
    assert archive.monthly_means(tmp_path, OCTOBER, OCTOBER, SERIES, using=using).rows() == expected


def test_sealing_anew_leaves_no_figures_of_the_former_file(using: str, tmp_path: Path):
    fill(using)
    archive.seal(OCTOBER, tmp_path, NOW, SERIES, using=using)
    t = archive.edges_of(OCTOBER)[0]
    store.put([store.StoredReading(1, t, 99.0, "unchecked", arrived=store.to_ms(NOW))], using=using)
    archive.seal(OCTOBER, tmp_path, NOW, SERIES, using=using)
    assert len(list(tmp_path.glob("figures-*.parquet"))) == 1
    assert means_of(using, tmp_path).filter(series=1, month=OCTOBER)["maximum"].item() == 99.0


@pytest.mark.usefixtures("county")
class TestRetention:
    @pytest.fixture
    def series(self) -> list[int]:
        place = Place.objects.get(code="W1")
        made = [
            Series.objects.create(place=place, parameter=name, source=source).pk
            for name, source in (("NH3N", "old"), ("TP", "kept"))
        ]
        fill(series=made)
        return made

    def test_only_archived_readings_of_the_source_go_and_the_archive_keeps_them(
        self, series: list[int], tmp_path: Path
    ):
        Retention.objects.create(source="old", readings_days=30)
        assert let_go(NOW, tmp_path).readings == 0  # nothing is sealed yet
        archive.seal(SEPTEMBER, tmp_path, NOW, series)
        before = archive.monthly_means(tmp_path, SEPTEMBER, OCTOBER, series)
        assert let_go(NOW, tmp_path).readings == 11 * 24
        assert store.count([series[0]], *archive.edges_of(SEPTEMBER)) == 0
        assert store.count([series[1]], *archive.edges_of(SEPTEMBER)) == 11 * 24
        assert archive.monthly_means(tmp_path, SEPTEMBER, OCTOBER, series).equals(before)
        # a late reading of that month: sealed anew, and what the database let go of is still there
        t = archive.edges_of(SEPTEMBER)[1] - 1
        store.put([store.StoredReading(series[0], t, 5.0, "unchecked", arrived=store.to_ms(NOW))])
        again = archive.seal(SEPTEMBER, tmp_path, NOW, series)
        assert again is not None and again.rows == 2 * 11 * 24 + 1

    def test_parsed_messages_go_refused_ones_stay(self, tmp_path: Path):
        Retention.objects.create(source="hj212", raw_days=7)
        for state in ("parsed", "refused", "received"):
            for kind in ("hj212", "file"):
                RawMessage.objects.create(
                    kind=kind, name="x", received_at=NOW - timedelta(days=8), content=b"", sha256="", state=state
                )
        assert let_go(NOW, tmp_path).messages == 1
        assert RawMessage.objects.count() == 5

    def test_the_manifest_says_what_stands_there(self, series: list[int], tmp_path: Path):
        archive.seal(SEPTEMBER, tmp_path, NOW, series)
        archive.write_manifest(tmp_path)
        manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
        assert [(one["month"], one["rows"]) for one in manifest["months"]] == [("2026-09", 2 * 11 * 24)]
        described = pl.read_parquet(tmp_path / "series.parquet")
        assert described.filter(series=series[0]).select("station", "parameter", "unit").row(0) == (
            "W1",
            "NH3N",
            "mg/L",
        )
