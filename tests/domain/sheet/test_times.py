"""When it was: the same moment in every form in which people write it, and what is no time says why."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.sheet.times import NoTime, find_zone, read_time

CHINA = find_zone("Asia/Shanghai")


@pytest.mark.parametrize(
    "written",
    [
        "2021-04-01 04:00",
        "2021-04-01T04:00:00",
        "2021/4/1 4:00",
        "2021.04.01 04:00:00",
        "2021年4月1日 4时00分",
        "2021年4月1日4时",
        "202104010400",
        "20210401040000",
        "20210401040000000",
        "2021-03-31T20:00:00Z",
        "2021-04-01T04:00:00+08:00",
        "2021-03-31 21:00+0100",
        "44287.1666666667",  # Excel: days since 1899-12-30
        "04-01 04:00",
        "4月1日 4:00",
        datetime.fromisoformat("2021-04-01T04:00"),
    ],
)
def test_one_moment_in_many_forms(written):
    # 04:00 in China is 20:00 UTC of the day before: China keeps UTC+8 all year
    assert read_time(written, year=2021, zone=CHINA) == datetime(2021, 3, 31, 20, tzinfo=UTC)


def test_midnight_may_be_called_24():
    assert read_time("2021-04-01 24:00", year=None, zone=UTC) == datetime(2021, 4, 2, tzinfo=UTC)


def test_the_clock_may_stand_in_a_column_of_its_own():
    assert read_time("2021-04-01", clock="9:25", year=None, zone=UTC) == datetime(2021, 4, 1, 9, 25, tzinfo=UTC)
    assert read_time(date(2021, 4, 1), clock=time(9, 25), year=None, zone=UTC) == datetime(
        2021, 4, 1, 9, 25, tzinfo=UTC
    )
    assert read_time("2021-04-01", clock="0.5", year=None, zone=UTC) == datetime(2021, 4, 1, 12, tzinfo=UTC)


def test_a_month_alone_is_its_first_day():
    assert read_time("2007-1", year=None, zone=UTC) == datetime(2007, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "options", "kind"),
    [
        ("04-01 04:00", {"year": None, "zone": CHINA}, "needs_year"),
        ("2021-04-01 04:00", {"year": None, "zone": None}, "needs_timezone"),
        ("03/04/2021", {"year": None, "zone": UTC}, "needs_day_first"),
        ("02-29 04:00", {"year": 2021, "zone": UTC}, "bad_time"),
        ("2021-13-01", {"year": None, "zone": UTC}, "bad_time"),
        ("2021-4-123", {"year": None, "zone": UTC}, "bad_time"),
        ("2021-04-01 24:30", {"year": None, "zone": UTC}, "bad_time"),
        ("yesterday", {"year": None, "zone": UTC}, "bad_time"),
        ("", {"year": None, "zone": UTC}, "bad_time"),
        # New York put its clocks from 02:00 to 03:00 on 14 March 2021
        ("2021-03-14 02:30", {"year": None, "zone": find_zone("America/New_York")}, "no_such_local_time"),
    ],
)
def test_what_is_not_a_time_says_why(written, options, kind):
    with pytest.raises(NoTime) as refused:
        read_time(written, **options)
    assert refused.value.kind == kind


def test_day_first_decides():
    assert read_time("03/04/2021", year=None, zone=UTC, day_first=True) == datetime(2021, 4, 3, tzinfo=UTC)
    assert read_time("03/04/2021", year=None, zone=UTC, day_first=False) == datetime(2021, 3, 4, tzinfo=UTC)


@given(st.text(max_size=24))
def test_no_time_is_too_strange(text):
    try:
        found = read_time(text, year=2021, zone=CHINA)
    except NoTime:
        return
    assert found.tzinfo is UTC


def test_a_zone_that_nobody_knows_is_refused():
    with pytest.raises(BadInput) as refused:
        find_zone("Asia/Chengkou")
    assert refused.value.faults[0].kind == "bad_timezone"
