"""The table of holidays against the package it was seeded from, day by day."""

from datetime import date, timedelta

from chinese_calendar import is_workday

from riverchief.case.deadline import china_days, read_calendar, years_of

CALENDAR = read_calendar("Mon-Fri; china; tz none")


def test_every_day_from_2019_to_2026_is_worked_or_not_as_the_notices_say():
    day, end = date(2019, 1, 1), date(2026, 12, 31)
    differing = []
    while day <= end:
        if CALENDAR.works_on(day) != is_workday(day):
            differing.append(day)
        day += timedelta(days=1)
    assert differing == []


def test_the_table_knows_these_years_whole():
    assert years_of(china_days()) == set(range(2019, 2027))


def test_every_day_has_a_name_in_both_languages():
    assert all(day.name_zh and day.name_en for day in china_days().values())
