"""Counting deadlines by hand: each expected moment can be checked on a wall calendar."""

from datetime import date, datetime, timedelta

import pytest

from riverchief.case.deadline import Pause, due_at, due_day, read_calendar, working_time
from riverchief.errors import BadInput

OFFICE = read_calendar("Mon-Fri 08:30-12:00,14:00-18:00; china; due at end of working day; tz Asia/Shanghai")
NOON_BREAK = read_calendar("Mon-Fri 08:30-12:00,14:00-18:00; tz none")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_four_hours_from_half_past_ten_end_after_the_noon_break():
    # 1.5 h to noon, 2.5 h from 14:00
    assert due_at(NOON_BREAK, local("2026-11-24T10:30"), 4, "work_hours").at == local("2026-11-24T16:30")


def test_what_is_used_up_at_closing_is_due_at_closing_and_a_second_more_the_next_morning():
    # 2026-11-27 is a Friday; 14:00-18:00 are four hours
    assert due_at(NOON_BREAK, local("2026-11-27T14:00"), 4, "work_hours").at == local("2026-11-27T18:00")
    assert due_at(NOON_BREAK, local("2026-11-27T14:00:01"), 4, "work_hours").at == local("2026-11-30T08:30:01")


def test_a_report_on_saturday_night_begins_to_count_on_monday_morning():
    assert due_at(OFFICE, at("2026-11-28T23:10"), 1, "work_hours").at == at("2026-11-30T09:30")


def test_the_spring_festival_of_2026_is_not_counted_and_its_make_up_saturday_is():
    # from Friday 02-13: Sat 02-14 is worked (调休), 02-15..02-23 are holidays, Tue 02-24 is the second working day
    assert due_at(OFFICE, at("2026-02-13T09:00"), 2, "work_days").at == at("2026-02-24T18:00")


def test_a_pause_gives_back_its_working_time_only():
    # 5.5 h on Monday, 7.5 h on Tuesday: due at closing; paused Mon 17:00 to Tue 09:30: 1 h + 1 h of working time
    pause = Pause(local("2026-11-23T17:00"), local("2026-11-24T09:30"))
    due = due_at(NOON_BREAK, local("2026-11-23T10:30"), 13, "work_hours", [pause])
    assert (due.at, due.given_back) == (local("2026-11-25T10:30"), timedelta(hours=2))


def test_a_pause_after_the_deadline_changes_nothing():
    late = Pause(local("2026-11-25T08:30"), local("2026-11-26T08:30"))
    assert due_at(NOON_BREAK, local("2026-11-23T08:30"), 1, "work_days", [late]).at == local("2026-11-24T08:30")
    assert due_at(NOON_BREAK, local("2026-11-23T08:30"), 2, "work_hours", [late]).given_back == timedelta(0)


def test_pauses_that_overlap_count_once():
    one = Pause(local("2026-11-23T09:00"), local("2026-11-23T11:00"))
    two = Pause(local("2026-11-23T10:00"), local("2026-11-23T11:30"))
    # 0.5 h before the pause, 0.5 h from 11:30 to noon, then 1 h from 14:00
    assert due_at(NOON_BREAK, local("2026-11-23T08:30"), 2, "work_hours", [one, two]).at == local("2026-11-23T15:00")


def test_a_last_calendar_day_at_rest_moves_on_only_where_the_calendar_says_so():
    rolls = read_calendar("Mon-Fri; china; due rolls to next working day; tz Asia/Shanghai")
    stays = read_calendar("Mon-Fri; china; tz Asia/Shanghai")
    # 2026-09-28 + 5 days = 10-03, in the National Day week; 10-08 is the first working day
    assert due_day(rolls, date(2026, 9, 28), 5, "calendar_days").at == date(2026, 10, 8)
    assert due_day(stays, date(2026, 9, 28), 5, "calendar_days").at == date(2026, 10, 3)


def test_days_that_were_paused_are_given_back_as_days():
    # Mon 23rd + 3 working days = Thu 26th; Tue and Wed paused: + 2 = Mon 30th
    paused = [(date(2026, 11, 24), date(2026, 11, 26))]
    days = read_calendar("Mon-Fri; tz none")
    assert due_day(days, date(2026, 11, 23), 3, "work_days", paused).at == date(2026, 11, 30)


def test_a_year_without_its_holidays_is_counted_by_the_week_and_marked():
    due = due_at(OFFICE, at("2031-09-30T09:00"), 2, "work_days")
    assert (due.at, due.unknown_years) == (at("2031-10-02T18:00"), (2031,))
    assert due_at(OFFICE, at("2026-09-30T09:00"), 2, "work_days").unknown_years == ()


def test_an_end_of_year_named_in_the_next_years_notice_does_not_make_its_own_year_known():
    assert due_at(OFFICE, at("2018-12-28T09:00"), 1, "work_days").unknown_years == (2018,)


def test_counting_back_gives_the_opening_where_the_time_is_used_up():
    assert due_at(NOON_BREAK, local("2026-11-24T11:30"), -3, "work_hours").at == local("2026-11-24T08:30")
    assert due_at(NOON_BREAK, local("2026-11-24T11:30"), -4, "work_hours").at == local("2026-11-23T17:00")


def test_an_hour_is_an_hour_when_the_clocks_change():
    # Berlin, 2026-03-29 02:00 -> 03:00; a day that is open all night has 23 hours
    always = read_calendar("daily 00:00-24:00; tz Europe/Berlin")
    start = datetime.fromisoformat("2026-03-28T12:00:00+00:00")
    assert due_at(always, start, 24, "work_hours").at == start + timedelta(hours=24)


def test_adding_and_measuring_are_each_others_inverse():
    # working_time(start, due(start, a)) = a for every a, because working time never runs outside office hours
    start = at("2026-02-11T16:41:07")
    for hours in (0.25, 1, 3.75, 8, 61, 400):
        due = due_at(OFFICE, start, hours, "work_hours").at
        assert working_time(OFFICE, start, due) == timedelta(hours=hours)


def test_working_time_leaves_out_the_pauses_that_lie_within():
    pause = Pause(local("2026-11-20T17:00"), local("2026-11-23T09:30"))
    spent = working_time(NOON_BREAK, local("2026-11-20T16:00"), local("2026-11-23T10:30"), [pause])
    assert spent == timedelta(hours=2)


def test_hours_need_office_hours():
    with pytest.raises(BadInput) as refused:
        due_at(read_calendar("Mon-Fri; tz none"), local("2026-11-24T10:00"), 1, "work_hours")
    assert refused.value.faults[0].kind == "calendar_without_hours"


def test_a_calendar_of_holidays_alone_is_refused_and_not_counted_for_ever():
    closed = read_calendar("Mon 08:00-09:00; holidays 2026-01-01..2099-12-31; tz none")
    with pytest.raises(BadInput) as refused:
        due_at(closed, local("2026-11-24T10:00"), 1, "work_days")
    assert refused.value.faults[0].kind == "count_too_far"
