"""AQI under two editions of HJ 633: figures of the standard, worked by hand."""

import datetime as dt
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.standard.air import AirJudgement, air_levels, edition_on, grade_air, grade_day, grade_hour, level_of
from riverchief.standard.air.breakpoints import breakpoints
from riverchief.standard.air.limits import air_limit

DAY = {"PM25": 62, "PM10": 118, "SO2": 12, "NO2": 38, "CO": 0.9, "O3_8H": 148}


def indices(judged: AirJudgement) -> dict[str, int]:
    return {e.pollutant: e.index for e in judged.evidence}


def test_the_worked_example_under_both_editions():
    # 2012: PM2.5 75 + (62-... ) -> 84, PM10 84, SO2 12, NO2 48, CO 23, O3 90; 2026: PM2.5 102, PM10 99
    old, new = grade_day(DAY, edition="2012"), grade_day(DAY, edition="2026")
    assert indices(old) == {"PM25": 84, "PM10": 84, "SO2": 12, "NO2": 48, "CO": 23, "O3": 90}
    assert (old.aqi, old.primary, old.level) == (90, ("O3",), 2)
    assert indices(new) == {"PM25": 102, "PM10": 99, "SO2": 12, "NO2": 48, "CO": 23, "O3": 90}
    assert (new.aqi, new.primary, new.level) == (102, ("PM25",), 3)


def test_the_edition_goes_by_the_date():
    assert edition_on("aqi", dt.date(2026, 2, 28)).name == "HJ 633-2012"
    assert edition_on("aqi", dt.date(2026, 3, 1)).name == "HJ 633-2026"
    assert grade_day(DAY, dt.date(2026, 2, 28)).aqi == 90
    assert grade_day(DAY, dt.date(2026, 3, 1)).aqi == 102


@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_every_breakpoint_has_its_index(edition: str):
    for points in breakpoints(f"HJ 633-{edition}").values():
        assert points.index(np.array(points.concentrations)).tolist() == list(points.indices)


def test_the_index_is_rounded_up():
    # PM2.5 36 µg/m3: 50 + 50/40 · 1 = 51.25 -> 52
    points = breakpoints("HJ 633-2012")["PM25", "24h"]
    assert points.index(np.array([36.0, 34.3, np.nan, -1.0])).tolist()[:2] == [52.0, 49.0]
    assert np.isnan(points.index(np.array([np.nan, -1.0]))).all()


def test_air_beyond_the_last_breakpoint_is_500():
    assert grade_day({**DAY, "PM10": 2000}, edition="2026").aqi == 500
    assert level_of(500).zh == "严重污染"


def test_ozone_of_8_hours_above_800():
    # 2012: the row may not be used, the hour is; 2026: 300
    with_hour = grade_day({**DAY, "O3_8H": 850, "O3_1H": 900}, edition="2012")
    assert indices(with_hour)["O3"] == 350  # (900 - 800) / (1000 - 800) · 100 + 300
    without = grade_day({**DAY, "O3_8H": 850}, edition="2012")
    assert without.aqi is None
    assert [(x.item, x.kind) for x in without.excluded] == [("O3", "beyond_table")]
    assert indices(grade_day({**DAY, "O3_8H": 850}, edition="2026"))["O3"] == 300


def test_sulphur_dioxide_of_an_hour_above_800():
    hour = {"PM25": 40, "PM10": 60, "SO2": 900, "NO2": 38, "CO": 0.9, "O3": 100}
    assert indices(grade_hour(hour, edition="2026"))["SO2"] == 200
    assert grade_hour(hour, edition="2012").aqi is None


def test_2026_rounds_concentrations_first():
    # PM2.5 60.4 -> 60 -> 100; unrounded it would be 101
    assert indices(grade_day({**DAY, "PM25": 60.4}, edition="2026"))["PM25"] == 100
    assert indices(grade_day({**DAY, "PM25": 75.4}, edition="2012"))["PM25"] == 101


def test_missing_never_passes():
    for edition in ("2012", "2026"):
        quiet = grade_day({**DAY, "PM25": 20, "PM10": 40, "SO2": None}, edition=edition)
        assert (quiet.aqi, quiet.level, quiet.is_good) == (None, None, None)
    loud = grade_day({**DAY, "SO2": None}, edition="2026")
    assert (loud.aqi, loud.is_good) == (102, False)  # above 100 the rest is enough
    assert [x.item for x in loud.excluded] == ["SO2"]


def test_clean_air_has_no_primary_pollutant_and_2026_starts_at_1():
    clean = dict.fromkeys(("PM25", "PM10", "SO2", "NO2", "CO", "O3_8H"), 0.0)
    assert grade_day(clean, edition="2012").aqi == 0
    judged = grade_day(clean, edition="2026")
    assert (judged.aqi, judged.primary) == (1, ())


@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_a_primary_pollutant_is_named_above_50_and_not_at_50(edition: str):
    # PM10 50 ug/m3 is the index 50 itself; 51 is 50.5 (2012) or 50.7 (2026) and is rounded up
    others = dict.fromkeys(("PM25", "SO2", "NO2", "CO", "O3_8H"), 0.0)
    at, above = grade_day({**others, "PM10": 50}, edition=edition), grade_day({**others, "PM10": 51}, edition=edition)
    assert (at.aqi, at.level, at.primary) == (50, 1, ())
    assert (above.aqi, above.level, above.primary) == (51, 2, ("PM10",))


def test_pollutants_above_100_are_named_in_2012_only():
    dirty = {**DAY, "PM25": 120, "PM10": 200}
    assert grade_day(dirty, edition="2012").over == ("PM10", "PM25")
    assert grade_day(dirty, edition="2026").over == ()


def test_two_pollutants_can_be_primary_together():
    # PM10 85 -> 50 + 50/100 · 35 = 67.5 -> 68; PM2.5 49 -> 50 + 50/40 · 14 = 67.5 -> 68
    judged = grade_day({**DAY, "PM10": 85, "PM25": 49, "O3_8H": 90}, edition="2012")
    assert judged.primary == ("PM10", "PM25")


def test_the_sentence_and_its_json():
    judged = grade_day(DAY, dt.date(2026, 3, 1))
    assert judged.explain("zh").startswith("AQI 102，轻度污染（HJ 633-2026 分指数限值表），首要污染物细颗粒物")
    assert AirJudgement.from_dict(json.loads(json.dumps(judged.as_dict()))) == judged


def test_levels_follow_one_another_without_a_gap():
    levels = air_levels()
    assert [level.lowest for level in levels[1:]] == [level.highest + 1 for level in levels[:-1]]


def test_limits_by_date():
    assert air_limit("PM2.5", "annual", dt.date(2025, 1, 1)).limit() == 35
    assert air_limit("PM2.5", "24h", dt.date(2026, 3, 1)).limit() == 60
    assert air_limit("PM2.5", "24h", dt.date(2031, 1, 1)).limit() == 50
    assert air_limit("PM2.5", "annual", edition="2026").limit(zone=1) == 15
    with pytest.raises(BadInput):
        air_limit("PM2.5", "1h")


@given(st.floats(0, 700), st.floats(0, 700))
def test_dirtier_air_never_has_a_lower_index(one: float, other: float):
    for edition in ("2012", "2026"):
        grades = grade_air(
            {**{k: np.full(2, v) for k, v in DAY.items()}, "PM25": np.array([one, other])}, edition=edition
        )
        assert (grades.aqi[0] <= grades.aqi[1]) or one > other
