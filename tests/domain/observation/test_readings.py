"""Readings: what may be judged, what must be left out and named."""

from datetime import UTC, datetime

import pytest

from riverchief.observation.reading import Censored, Reading, all_statistics, sort_out

NOON = datetime(2021, 4, 1, 12, tzinfo=UTC)


def reading(value: float | None = 0.2, flag: str = "unchecked", censored: Censored | None = None) -> Reading:
    return Reading("土堡寨", "NH3N", NOON, value, "mg/L", flag, censored)


def test_a_reading_cannot_be_altered():
    with pytest.raises(AttributeError):
        reading().value = 0.3  # type: ignore[misc]


def test_judgement_leaves_out_maintenance_and_missing_and_names_them():
    good, worked_on, nothing = reading(), reading(flag="maintenance"), reading(value=None, flag="missing")
    below = reading(value=None, censored=Censored("<", 0.025))
    assert sort_out([good, worked_on, nothing, below]) == ((good, below), (worked_on, nothing))


def test_two_readings_are_the_same_one_whatever_their_value():
    assert reading(0.2).key == reading(0.3, "bad").key
    assert reading().key != reading()._replace(statistic="mean").key
    assert reading().key != reading()._replace(source="laboratory").key


def test_the_default_statistic_is_in_the_table():
    assert Reading("s", "WT", NOON, 1.0, "degC").statistic in all_statistics()
