"""Days from hours, years from days (GB 3095, HJ 663-2013)."""

import numpy as np
import pytest

from riverchief.standard.air.days import AirDays, daily_maximum_8h, days_of_hours
from riverchief.standard.air.years import composite_index, good_days, good_days_under, judge_year, percentile

NAN = np.nan


def hours_of(day: str, count: int = 24):
    return np.datetime64(day, "h") + np.arange(1, count + 1)


def test_a_day_ends_with_the_hour_labelled_midnight():
    # the hour labelled 00:00 of 2 March is the last of 1 March
    days = days_of_hours(hours_of("2026-03-01"), {"PM25": np.arange(24.0)})
    assert [str(day) for day in days.days] == ["2026-03-01"]
    assert days.values["PM25"][0] == pytest.approx(11.5)
    starting = days_of_hours(hours_of("2026-03-01") - 1, {"PM25": np.arange(24.0)}, hour_label="start")
    assert starting.values["PM25"][0] == pytest.approx(11.5)


def test_a_day_needs_20_hours():
    values = np.full(24, 50.0)
    values[:4] = NAN
    assert days_of_hours(hours_of("2026-03-01"), {"SO2": values}).values["SO2"][0] == 50.0
    values[4] = -9.0  # negative is missing too
    assert np.isnan(days_of_hours(hours_of("2026-03-01"), {"SO2": values}).values["SO2"][0])


def test_the_daily_maximum_8_hour_mean_by_hand():
    # ozone 100 at hours 13 to 20, else 20: the mean ending at 20 is 100
    hours = np.full((1, 24), 20.0)
    hours[0, 12:20] = 100.0
    assert daily_maximum_8h(hours)[0] == pytest.approx(100.0)


def test_the_night_before_8_does_not_count():
    # high ozone at hours 1 to 7 only: the first mean that counts ends at 8 and has 7 of them
    hours = np.full((1, 24), 10.0)
    hours[0, :7] = 90.0
    assert daily_maximum_8h(hours)[0] == pytest.approx((7 * 90 + 10) / 8)


def test_a_short_day_counts_only_if_it_is_over_the_limit():
    hours = np.full((2, 24), NAN)
    hours[0, 10:20] = 100.0
    hours[1, 10:20] = 200.0
    found = daily_maximum_8h(hours)
    assert np.isnan(found[0]) and found[1] == 200.0


def test_percentiles_of_the_law():
    # n = 365: k = 1 + 364 p -> 328.6, 346.8, 357.72
    values = np.arange(1.0, 366.0)
    assert percentile(values, 0.90) == pytest.approx(328.6)
    assert percentile(values, 0.95) == pytest.approx(346.8)
    assert percentile(values, 0.98) == pytest.approx(357.72)
    assert np.isnan(percentile(np.array([NAN]), 0.9))


def test_the_composite_index_of_the_worked_example():
    # 12/60 + 28/40 + 55/70 + 33/35 + 1.2/4 + 150/160 = 3.87
    found = composite_index({"SO2": 12, "NO2": 28, "PM10": 55, "PM25": 33, "CO": 1.2, "O3": 150})
    assert found.index == pytest.approx(3.87, abs=5e-3)
    assert np.isnan(composite_index({"SO2": 12}).index)


def a_year(year: int, **changes: float) -> AirDays:
    days = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
    air = {"SO2": 12.0, "NO2": 28.0, "PM10": 55.0, "PM25": 33.0, "CO": 1.2, "O3_8H": 150.0, **changes}
    return AirDays(days, {code: np.full(days.size, value) for code, value in air.items()})


def test_a_year_with_all_its_statistics():
    year = judge_year(a_year(2025), 2025)
    found = {(s.pollutant, s.of): s for s in year.statistics}
    assert found["PM25", "annual"].value == 33
    assert (found["PM25", "annual"].limit, found["PM25", "annual"].over) == (35, False)
    assert year.composite.index == pytest.approx(3.87, abs=5e-3)
    assert (year.good_days.good, year.good_days.judged, year.good_days.share) == (365, 365, 100.0)


def test_what_the_same_year_would_be_under_the_other_edition():
    # PM2.5 62 every day: index 84 under 2012, 102 under 2026
    days = a_year(2025, PM25=62.0)
    under = good_days_under(days)
    assert (under["2012"].good, under["2026"].good) == (365, 0)
    assert judge_year(days, 2025, limits="2026").statistics[6].limit == 30


def test_a_year_across_the_change_uses_both_editions():
    days = a_year(2026, PM25=62.0)
    found = good_days(days)
    assert (found.good, found.by_level[3]) == (59, 306)  # January and February are 59 days
    assert found.editions == ("HJ 633-2012", "HJ 633-2026")


def test_too_few_days_prove_no_compliance_but_do_prove_an_excess():
    clean, dirty = a_year(2025), a_year(2025, PM25=50.0)
    for days in (clean, dirty):
        days.values["PM25"][:60] = NAN
    over = {
        name: next(s for s in judge_year(days, 2025).statistics if (s.pollutant, s.of) == ("PM25", "annual")).over
        for name, days in (("clean", clean), ("dirty", dirty))
    }
    assert over == {"clean": None, "dirty": True}


@pytest.mark.parametrize(("pm10", "aqi", "good"), [(150.0, 100, 1), (151.0, 101, 0)])
def test_a_day_of_100_is_a_good_one_and_a_day_of_101_is_not(pm10: float, aqi: int, good: int):
    # by the edition of 2012 PM10 150 ug/m3 is the index 100, the last of level 2
    clean = {code: np.array([0.0]) for code in ("SO2", "NO2", "CO", "PM25", "O3_8H")}
    day = AirDays(np.array(["2025-05-01"], "datetime64[D]"), {**clean, "PM10": np.array([pm10])})
    found = good_days(day)
    assert (found.good, found.judged) == (good, 1)
    assert found.by_level[2 if aqi <= 100 else 3] == 1


def test_days_without_an_aqi_are_neither_good_nor_bad():
    days = a_year(2025)
    days.values["SO2"][:10] = NAN
    found = good_days(days)
    assert (found.good, found.judged, found.unjudged) == (355, 355, 10)
