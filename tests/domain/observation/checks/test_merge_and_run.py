"""One flag out of many verdicts, thresholds out of a table, and the whole of it on readings."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.observation.checks import (
    Neighbour,
    Outcome,
    all_tests,
    check_readings,
    check_series,
    merge,
    read_thresholds,
    thresholds_for,
)
from riverchief.observation.checks.thresholds import shipped_rows
from riverchief.observation.flag import find_flag
from riverchief.observation.reading import Censored, Reading
from riverchief.observation.series import series_of
from riverchief.telemetry.csv import read_readings
from tests.shared_data import shared

START = datetime(2021, 4, 1, tzinfo=UTC)


def outcome(test: str, *codes: int) -> Outcome:
    return Outcome(test, np.array(codes, np.uint8), {})


def readings(parameter: str, values, *, step_h: float = 4, flags=None, unit: str = "mg/L", station="A"):
    return [
        Reading(
            station,
            parameter,
            START + timedelta(hours=step_h * place),
            value,
            unit,
            (flags or {}).get(place, "unchecked") if value is not None else "missing",
        )
        for place, value in enumerate(values)
    ]


def test_the_precedence_is_missing_fail_suspect_pass_not_evaluated():
    merged = merge([outcome("range", 2, 1, 1, 1, 4), outcome("spike", 2, 2, 3, 4, 9)])
    assert merged.codes.tolist() == [2, 1, 3, 4, 9]
    assert [merged.test_at(place) for place in range(5)] == ["", "", "spike", "spike", "spike"]


def test_the_first_test_by_rank_is_named_whatever_the_order_given():
    one = merge([outcome("stuck", 4), outcome("range", 4)])
    other = merge([outcome("range", 4), outcome("stuck", 4)])
    assert one.test_at(0) == other.test_at(0) == "range"


def test_a_gap_is_told_and_does_not_count():
    merged = merge([outcome("gap", 3), outcome("range", 1)])
    assert (merged.codes.tolist(), merged.test_at(0)) == ([1], "")
    assert not all_tests()["gap"].counts


def test_thresholds_go_from_general_to_special():
    assert thresholds_for("WT", interval_s=900).spike_suspect == 1
    assert thresholds_for("WT", interval_s=14400).spike_suspect == 4
    assert thresholds_for("WT").rate_suspect_per_h is None
    assert thresholds_for("WT", interval_s=900).hard_high == 45  # from the row of any interval
    own = read_thresholds("parameter,station,soft_high,spike_suspect\n水温,A,25,none\nWT,,30,\n")
    assert thresholds_for("WT", interval_s=900, station="A", extra=own).soft_high == 25
    assert thresholds_for("WT", interval_s=900, station="A", extra=own).spike_suspect is None
    assert thresholds_for("WT", interval_s=900, station="B", extra=own).soft_high == 30
    assert thresholds_for("w99004").hard_high is None  # a parameter without a row has no thresholds


def test_every_shipped_row_is_in_order():
    for row in shipped_rows():
        limits = thresholds_for(row.parameter, interval_s=row.interval_s)
        for lower, upper in [
            ("hard_low", "soft_low"),
            ("soft_low", "soft_high"),
            ("soft_high", "hard_high"),
            ("spike_suspect", "spike_fail"),
            ("spike_suspect_share", "spike_fail_share"),
            ("rate_suspect_per_h", "rate_fail_per_h"),
            ("stuck_suspect_h", "stuck_fail_h"),
        ]:
            low, high = getattr(limits, lower), getattr(limits, upper)
            assert low is None or high is None or low <= high, (row, lower, upper)


def test_a_threshold_table_with_faults_names_them_all():
    with pytest.raises(BadInput) as refused:
        read_thresholds("parameter,soft_hihg,hard_high\nWX,1,2\nWT,1,much\nTP,1,inf\n")
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [
        ("unknown_column", None),
        ("unknown_parameter", 2),
        ("bad_number", 3),
        ("bad_number", 4),
    ]
    with pytest.raises(BadInput):
        read_thresholds("station,hard_high\nA,1\n")


def test_a_flag_of_the_source_stays_and_a_check_adds_to_it():
    values = [0.3, 0.31, 9.0, 0.3, 0.32, 0.29, 400.0]
    (checked,) = check_readings(readings("NH3N", values, flags={1: "maintenance", 6: "by_hand"}))
    assert checked.flags == ("good", "maintenance", "bad", "good", "good", "good", "bad")
    assert checked.tests == ("", "sensor_state", "spike", "", "", "", "range")
    assert find_flag(checked.flags[1]).usable is False


def test_each_verdict_carries_its_evidence():
    (checked,) = check_readings(readings("NH3N", [0.3, 0.3, 9.0, 0.3]))
    told = {outcome.test: outcome.thresholds for outcome in checked.outcomes}
    assert told["spike"] == {"suspect": 0.5, "fail": 5, "suspect_share": 1, "fail_share": 5}
    assert {"sensor_state", "range", "spike", "stuck", "gap"} <= set(told)


def test_a_bound_is_neither_missing_nor_stuck():
    below = [
        Reading("A", "NH3N", START + timedelta(hours=4 * place), None, "mg/L", "unchecked", Censored("<", 0.2))
        for place in range(100)
    ]
    (checked,) = check_readings(below)
    assert set(checked.flags) == {"good"}
    assert checked.series.is_bound.all()


def test_ammonia_above_total_nitrogen_makes_both_suspect():
    both = readings("NH3N", [0.5, 2.0, 0.5, 0.4]) + readings("TN", [1.0, 1.1, 1.0, None])
    ammonia, nitrogen = check_readings(both)
    assert ammonia.flags[1] == nitrogen.flags[1] == "suspect"
    assert ammonia.tests[1] == "spike" or ammonia.tests[1] == "part_of_whole"
    assert nitrogen.tests[1] == "part_of_whole"
    assert nitrogen.flags[3] == "missing" and ammonia.flags[3] == "good"


def test_oxygen_is_held_against_the_waters_temperature():
    both = readings("DO", [9.0, 9.1, 24.0, 9.0]) + readings("WT", [20, 20.1, 20, 19.9], unit="degC")
    dissolved, _ = check_readings(both)
    assert "oxygen" in {outcome.test for outcome in dissolved.outcomes}
    assert dissolved.flags[2] == "bad"


def test_a_neighbour_only_raises_doubt():
    (here,) = series_of(readings("EC", [400, 405, 900, 410], unit="uS/cm"))
    (upstream,) = series_of(readings("EC", [400, 402, 404, 406], unit="uS/cm", station="B"))
    extra = read_thresholds(
        "parameter,spike_suspect,spike_fail,spike_suspect_share,spike_fail_share\nEC,none,none,none,none\n"
    )
    checked = check_series(here, extra=extra, neighbours=[Neighbour(upstream, 0.0, 100.0)])
    assert (checked.flags, checked.tests[2]) == (("good", "good", "suspect", "good"), "neighbour")


def test_the_last_of_several_readings_of_one_time_is_in_force():
    twice = [*readings("TP", [0.1, 0.2]), readings("TP", [0.15])[0]]
    (series,) = series_of(twice)
    assert (series.values.tolist(), series.superseded, series.interval_s) == ([0.15, 0.2], 1, 4 * 3600)


def test_two_weeks_of_clean_mountain_water_raise_no_alarm():
    rng = np.random.default_rng(5)
    hours = np.arange(14 * 24 * 4) / 4
    for parameter, base, daily, noise in [
        ("WT", 12, 3, 0.02),
        ("PH", 8.2, 0.2, 0.01),
        ("DO", 10, 0.8, 0.03),
        ("EC", 300, 10, 1),
    ]:
        values = base + daily * np.sin(hours / 24 * 2 * np.pi) + rng.normal(0, noise, len(hours))
        (checked,) = check_readings(readings(parameter, np.round(values, 3).tolist(), step_h=0.25))
        assert set(checked.flags) == {"good"}, parameter


def test_chengkou_in_maintenance_and_in_flood():
    result = read_readings(shared("data/chengkou_stations/rows.csv"), year=2021)
    checked = {(each.series.station, each.series.parameter): each for each in check_readings(result.readings)}
    turbidity = checked[("土堡寨", "TURB")]
    # seven distinct times under maintenance (counted in the file); the flood of 688 NTU is not thrown away
    assert turbidity.flags.count("maintenance") == 7
    assert "bad" not in turbidity.flags
    assert set(checked[("水寨子", "NH3N")].flags) <= {"good", "unchecked", "maintenance"}
    failed = [each for each in checked.values() if "bad" in each.flags]
    assert failed == []
