"""A calendar as a line of text: what is understood, and every part that is not, named."""

from datetime import date

import pytest

from riverchief.case.deadline import read_calendar
from riverchief.errors import BadInput


def test_hours_days_holidays_and_flags():
    calendar = read_calendar(
        "Mon 10:30-19:00; Tue-Fri 08:30-19:00; holidays 2026-01-01..2026-01-02; makeup 2026-01-04; tz none"
    )
    assert calendar.spans_on(date(2026, 1, 5)) == ((630, 1140),)
    assert not calendar.works_on(date(2026, 1, 1)) and not calendar.works_on(date(2026, 1, 3))
    assert calendar.spans_on(date(2026, 1, 4)) == ((630, 1140),)  # a make-up Sunday keeps the first day's hours


def test_a_week_that_wraps_around_sunday():
    assert read_calendar("Sat-Mon 09:00-10:00; tz none").works_on(date(2026, 11, 29))


def test_a_hand_written_day_overrules_the_table():
    calendar = read_calendar("Mon-Fri; holidays 2026-11-24; china")
    assert not calendar.works_on(date(2026, 11, 24)) and not calendar.works_on(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("Mon-Fri 08:00-25:00", ["Mon-Fri 08:00-25:00"]),
        ("Mon-Fri 12:00-08:00", ["Mon-Fri 12:00-08:00"]),
        ("Mo-Fr 08:00-12:00; tz Mars/Base", ["Mo-Fr 08:00-12:00", "tz Mars/Base"]),
        ("Mon-Fri; holidays 2026-13-01", ["holidays 2026-13-01"]),
        ("tz none", ["tz none"]),
        ("", [""]),
    ],
)
def test_each_part_that_cannot_be_read_is_named(text: str, given: list[str]):
    with pytest.raises(BadInput) as refused:
        read_calendar(text)
    assert [fault.details["given"] for fault in refused.value.faults] == given
    assert "Mon-Fri 08:00-18:00" in refused.value.text("zh")
