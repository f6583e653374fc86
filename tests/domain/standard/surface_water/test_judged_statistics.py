"""Of several statistics of one water the finest is judged, and each hour only once."""

import numpy as np
import pytest

from riverchief.observation.reading import all_statistics
from riverchief.standard.evidence import Origin
from riverchief.standard.surface_water import grade_sample
from riverchief.standard.surface_water.judged_statistics import judged_statistics, judged_times

HOUR = 3_600_000
INSTANT, HOURLY, DAILY = (judged_statistics()[key] for key in (("instant", 0), ("mean", 3600), ("mean", 86400)))


def hours(*found: float) -> np.ndarray:
    return (HOUR * np.array(found)).astype(np.int64)


def test_every_statistic_is_one_that_readings_have():
    assert {statistic for statistic, _ in judged_statistics()} <= set(all_statistics())


def test_means_of_minutes_and_extremes_are_not_judged():
    assert ("mean", 600) not in judged_statistics()
    assert not {statistic for statistic, _ in judged_statistics()} & {"min", "max", "sum"}


def test_a_mean_alone_is_judged():
    assert judged_times({HOURLY: hours(0, 1, 2)})[HOURLY].tolist() == [True, True, True]


def test_a_mean_beside_a_moment_of_its_hour_is_not():
    # a moment at 1:20: it lies in the hour that a source writes as 1:00 (its beginning) or as 2:00 (its end)
    chosen = judged_times({HOURLY: hours(0, 1, 2, 3), INSTANT: hours(4 / 3)})
    assert chosen[HOURLY].tolist() == [True, False, False, True]
    assert chosen[INSTANT].tolist() == [True]


def test_a_moment_a_whole_period_away_says_nothing_of_the_mean():
    assert judged_times({HOURLY: hours(1), INSTANT: hours(0, 2)})[HOURLY].tolist() == [True]
    assert judged_times({HOURLY: hours(1), INSTANT: hours(1)})[HOURLY].tolist() == [False]


def test_a_day_whose_hours_are_known_is_not_judged_again():
    chosen = judged_times({DAILY: hours(0, 24, 72), HOURLY: hours(30, 31), INSTANT: hours()})
    assert chosen[DAILY].tolist() == [True, False, True]


@pytest.mark.parametrize(("language", "words"), [("zh", "氨氮 0.8 mg/L（小时均值）"), ("en", "(hourly mean)")])
def test_the_evidence_says_which_statistic_it_rests_on(language: str, words: str):
    judged = grade_sample({"NH3N": 0.8}, origins={"NH3N": HOURLY.as_origin()}, missing="ignore")
    assert judged.evidence[0].origin == Origin("hourly mean")
    assert words in judged.explain(language)
