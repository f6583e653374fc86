"""Each base by hand: y = 10, 12, 11, 13 and what it says of later."""

import numpy as np

from riverchief.forecast.bases import all_bases, persistence_of_a_step, same_time_of_day
from riverchief.forecast.season import Season, fit_season
from tests.domain.forecast.toy import DAY_S, START_S, oxygen


def a_constant_season(usual: float, steps: int) -> Season:
    apart = np.full((1, 1, 1), usual)
    return Season(np.ones((steps, 1)), np.array([[usual]]), apart, np.zeros(steps, np.int64), steps)


def test_persistence_climatology_and_damped_anomaly_by_hand():
    # c = 10, φ = 0.5, y(3) = 13: two steps later the anomaly of 3 has faded to 3 · 0.5² = 0.75
    values = np.array([[10.0, 12.0, 11.0, 13.0]])
    said = all_bases(values, a_constant_season(10.0, 8), np.array([[0.5]]), np.array([3]), 2, per_day=1, carried=None)
    assert {name: float(each[0, 0]) for name, each in said.items()} == {
        "persistence": 13.0,
        "climatology": 10.0,
        "damped": 10.75,
    }


def test_the_same_time_of_the_last_day_is_never_later_than_the_origin():
    # six steps a day; at step 13 the forecast for step 13 + 4 = 17 takes step 11, for 13 + 6 = 19 step 13 itself
    values = np.arange(20.0)[None]
    assert same_time_of_day(values, np.array([13]), 4, 6).tolist() == [[11.0]]
    assert same_time_of_day(values, np.array([13]), 6, 6).tolist() == [[13.0]]
    assert same_time_of_day(values, np.array([13]), 7, 6).tolist() == [[8.0]]


def test_the_fading_of_an_anomaly_is_its_slope_on_the_day_before():
    # a = 4, 2, 1: Σ a(t+1) a(t) / Σ a(t)² = (8 + 2) / (16 + 4) = 0.5; a gap takes its pairs with it
    assert persistence_of_a_step(np.array([[4.0, 2.0, 1.0]])).tolist() == [[0.5]]
    assert persistence_of_a_step(np.array([[4.0, np.nan, 1.0]])).tolist() == [[0.0]]


def test_a_climatology_finds_the_season_it_was_made_of():
    # 9 + 2 cos(2π t/year): within 0.2 of it half a year after the last value that was used
    panel = oxygen(days=900)
    season = fit_season(panel.values, panel.times_s(), 700)
    at = np.arange(700, 880)
    usual = 9.0 + 2.0 * np.cos(2 * np.pi * panel.times_s()[at] / (365.2425 * DAY_S))
    assert np.abs(season.ahead(at, 0) - usual).max() < 0.45
    assert np.abs(season.ahead(at, 0) - usual).mean() < 0.2


def test_a_month_takes_no_part_in_the_climatology_it_is_held_against():
    panel = oxygen(days=500)
    known = fit_season(panel.values, panel.times_s(), 500)
    changed = panel.values.copy()
    changed[:, 240:270] += 100.0  # one block of thirty days
    again = fit_season(changed, panel.times_s(), 500)
    inside = np.arange(240, 270)
    np.testing.assert_allclose(again.learned(inside, 0), known.learned(inside, 0))
    assert np.abs(again.learned(np.arange(60, 90), 0) - known.learned(np.arange(60, 90), 0)).max() > 1.0


def test_with_less_than_a_year_no_yearly_course_is_invented():
    panel = oxygen(days=200)
    season = fit_season(panel.values, panel.times_s(400), 200)
    assert season.basis.shape[1] == 1  # the mean alone
    # near months count more: the mean follows the season from winter's 11 towards summer's 7
    assert float(season.now[0, 0]) < float(panel.values[0].mean())


def test_a_place_with_a_handful_of_values_has_no_climatology():
    values = np.full((1, 200), np.nan)
    values[0, :10] = 8.0
    season = fit_season(values, START_S + DAY_S * np.arange(210), 200)
    assert np.isnan(season.ahead(np.array([150]), 5)).all()
