"""Aggregates against numbers worked out by hand, and against a slow twin."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.observation.aggregate import aggregate, completeness, period_edges

HOUR = 3_600_000
CHINA = ZoneInfo("Asia/Shanghai")


def ms(*parts: int, zone=UTC) -> int:
    return round(datetime(*parts, tzinfo=zone).timestamp() * 1000)


def test_a_line_has_its_middle_as_time_mean_and_its_edge_as_mean_of_readings():
    # v = t in hours, read at 0, 1, 2, 3: over [0, 2) the readings are 0 and 1, the line runs from 0 to 2
    t = HOUR * np.arange(4)
    found = aggregate(t, np.arange(4.0), np.array([0, 2 * HOUR]))
    assert found.mean.tolist() == [0.5]
    assert found.time_mean.tolist() == [1.0]
    assert found.coverage.tolist() == [1.0]


def test_a_flood_read_every_minute_does_not_outweigh_the_day():
    # 23 hours at 1, then one hour at 100 read every minute: the time mean is (23 + 100) / 24 but for the ramp of 1 min
    minutes = 60_000 * np.arange(61)
    t = np.concatenate((HOUR * np.arange(24) - 60_000, 23 * HOUR + minutes))
    v = np.concatenate((np.ones(24), np.full(61, 100.0)))
    found = aggregate(t, v, np.array([0, 24 * HOUR]), longest_gap_ms=2 * HOUR)
    assert found.mean[0] > 70
    assert found.time_mean[0] == pytest.approx((23 + 100) / 24, rel=0.01)


def test_time_between_distant_readings_is_not_covered():
    # 0 h and 1 h, then 9 h and 10 h: 2 of 10 hours covered, and the gap says nothing about the mean
    t = HOUR * np.array([0, 1, 9, 10])
    found = aggregate(t, np.array([1.0, 1.0, 5.0, 5.0]), np.array([0, 10 * HOUR]), longest_gap_ms=2 * HOUR)
    assert found.coverage.tolist() == [pytest.approx(0.2)]
    assert found.time_mean.tolist() == [pytest.approx(3.0)]


def test_a_period_without_a_value_is_not_known():
    found = aggregate(np.array([0, HOUR]), np.array([np.nan, 2.0]), np.array([-HOUR, 0, HOUR, 2 * HOUR]))
    assert found.readings.tolist() == [0, 0, 1]
    assert np.isnan(found.mean[:2]).all() and found.mean[2] == 2.0
    assert np.isnan(found.minimum[0]) and np.isnan(found.time_mean[0])
    assert found.total.tolist() == [0.0, 0.0, 2.0]


def test_a_day_in_china_begins_at_16_utc():
    edges = period_edges(ms(2026, 11, 24, 3), ms(2026, 11, 24, 20), "day", CHINA)
    assert edges.tolist() == [ms(2026, 11, 23, 16), ms(2026, 11, 24, 16), ms(2026, 11, 25, 16)]


def test_a_day_of_changed_clocks_has_23_hours():
    berlin = ZoneInfo("Europe/Berlin")
    edges = period_edges(ms(2026, 3, 28, 12), ms(2026, 3, 30, 12), "day", berlin)
    assert (np.diff(edges) // HOUR).tolist() == [24, 23, 24]


def test_a_water_year_begins_with_its_month():
    edges = period_edges(ms(2026, 4, 30, zone=CHINA), ms(2026, 5, 1, zone=CHINA), "water_year", CHINA)
    assert edges.tolist() == [ms(year, 5, 1, zone=CHINA) for year in (2025, 2026, 2027)]
    american = period_edges(ms(2026, 9, 30), ms(2026, 9, 30), "water_year", UTC, water_year_month=10)
    assert american.tolist() == [ms(2025, 10, 1), ms(2026, 10, 1)]


def test_months_and_hours():
    assert len(period_edges(ms(2024, 1, 31), ms(2024, 12, 31), "month")) == 13
    half = ZoneInfo("Asia/Kolkata")  # UTC + 5:30
    assert period_edges(ms(2026, 1, 1, 0, 10), ms(2026, 1, 1, 0, 20), "hour", half)[0] == ms(2025, 12, 31, 23, 30)


def test_an_unknown_period_names_the_known_ones():
    with pytest.raises(BadInput, match="water_year"):
        period_edges(0, 1, "week")


def test_completeness_counts_a_step_once():
    t = HOUR * np.array([0, 0, 1, 3]) + 5
    assert completeness(t, 0, 4 * HOUR, HOUR) == 0.75
    assert np.isnan(completeness(t, 0, HOUR - 1, HOUR))


readings = st.lists(
    st.tuples(st.integers(0, 500), st.floats(-50, 50)), min_size=2, max_size=40, unique_by=lambda p: p[0]
)


@given(readings=readings, gap=st.integers(1, 200), cut=st.integers(1, 499))
def test_the_time_mean_is_what_a_fine_walk_along_the_line_finds(readings, gap: int, cut: int):
    """The twin: walk every whole ms, average the line where the gap allows it (midpoint rule is exact on a line)."""
    readings.sort()
    t, v = np.array([p[0] for p in readings]), np.array([p[1] for p in readings])
    found = aggregate(t, v, np.array([0, cut, 500]), longest_gap_ms=gap)
    for period, (start, end) in enumerate(((0, cut), (cut, 500))):
        walked = []
        for at in range(start, end):
            k = int(np.searchsorted(t, at, side="right")) - 1
            if 0 <= k < len(t) - 1 and t[k + 1] - t[k] <= gap:
                walked.append(v[k] + (at + 0.5 - t[k]) / (t[k + 1] - t[k]) * (v[k + 1] - v[k]))
        assert found.coverage[period] == pytest.approx(len(walked) / (end - start))
        if walked:
            assert found.time_mean[period] == pytest.approx(np.mean(walked), abs=1e-6)
        else:
            assert np.isnan(found.time_mean[period])


def test_the_sums_of_days_are_the_sum_of_the_month():
    t = ms(2026, 1, 1) + 600_000 * np.arange(31 * 144)
    v = np.random.default_rng(1).normal(5, 1, len(t))
    days = aggregate(t, v, period_edges(int(t[0]), int(t[-1]), "day"))
    month = aggregate(t, v, period_edges(int(t[0]), int(t[-1]), "month"))
    assert days.total.sum() == pytest.approx(month.total[0])
    assert days.readings.sum() == month.readings[0] == len(t)
    assert days.maximum.max() == month.maximum[0]
    assert timedelta(milliseconds=int(month.end[0] - month.start[0])) == timedelta(days=31)
