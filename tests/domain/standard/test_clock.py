"""The law judges in Beijing time."""

import datetime as dt

from riverchief.sheet.times import read_moment
from riverchief.standard.clock import beijing


def test_a_zone_is_brought_to_beijing():
    assert beijing(read_moment("2026-02-28T16:00Z")) == dt.datetime(2026, 3, 1)  # noqa: DTZ001


def test_a_time_without_a_zone_is_beijings_already():
    assert beijing(read_moment("2026-02-28 16:00")) == dt.datetime(2026, 2, 28, 16)  # noqa: DTZ001
