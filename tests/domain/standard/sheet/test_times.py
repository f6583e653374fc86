"""Times are read as written; a year or a zone is never guessed."""

import datetime as dt

import pytest

from riverchief.errors import BadInput
from riverchief.standard.sheet.times import beijing, has_year, read_time, read_timezone


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 08:00",
        "2026/3/1 8:00",
        "2026-03-01T08:00:00",
        "2026年3月1日 8时",
        "2026年3月1日8时00分",
        "2026.03.01 08:00",
        "2026030108",
    ],
)
def test_one_moment_in_many_spellings(text: str):
    assert read_time(text) == dt.datetime(2026, 3, 1, 8)  # noqa: DTZ001


def test_a_day_closes_at_24():
    assert read_time("2026-02-28 24:00") == dt.datetime(2026, 3, 1)  # noqa: DTZ001


def test_a_time_without_a_year_needs_one():
    assert has_year("04-01 04:00") is False
    with pytest.raises(BadInput):
        read_time("04-01 04:00")
    zone = read_timezone("+08:00")
    assert read_time("04-01 04:00", year=2021, timezone=zone).isoformat() == "2021-04-01T04:00:00+08:00"


def test_a_zone_is_brought_to_beijing():
    assert beijing(read_time("2026-02-28T16:00Z")) == dt.datetime(2026, 3, 1)  # noqa: DTZ001


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30", "yesterday", "2026-03-01 25:00", "2026-03-01 08:61"])
def test_what_is_no_time_is_refused(text: str):
    with pytest.raises(BadInput):
        read_time(text)


def test_an_unknown_zone_is_refused():
    with pytest.raises(BadInput):
        read_timezone("Mars/Olympus")
