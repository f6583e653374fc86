"""What is handed over: quantiles with their skill, and in plain words what is missing."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.forecast import look_ahead, panel_of
from riverchief.forecast.outlook import Line
from riverchief.observation.reading import Censored, Reading
from riverchief.observation.series import series_of
from tests.domain.forecast.toy import DAY_S, START_S, oxygen

DAY = timedelta(days=1)
BEGIN = datetime(2021, 1, 1, tzinfo=UTC)


def readings(values, parameter="DO", station="S", step=DAY, flags=None):
    return [
        Reading(station, parameter, BEGIN + n * step, value, "mg/L", (flags or {}).get(n, "unchecked"))
        for n, value in enumerate(values)
    ]


@pytest.fixture(scope="module")
def outlooks():
    panel = oxygen(days=700)
    panel.values[1, 690:] = np.nan  # ten days without a value
    return look_ahead(panel, (1, 3, 7))


def test_times_and_leads_count_from_the_newest_value(outlooks):
    first = outlooks[0]
    assert first.origin_s == START_S + 699 * DAY_S
    assert [(line.time_s - first.origin_s) / 3600 for line in first.lines] == [24, 72, 168]
    assert [line.lead_h for line in first.lines] == [24, 72, 168]


def test_quantiles_rise_and_every_line_says_what_its_like_was_worth(outlooks):
    for line in outlooks[0].lines:
        assert list(line.quantiles) == sorted(line.quantiles)
        assert line.score is not None and line.score.n > 200
        assert line.is_used or line.quantiles[2] == pytest.approx(line.base)


def test_an_old_value_is_called_old(outlooks):
    assert "recent" in outlooks[1].lacks and outlooks[1].origin_s == START_S + 689 * DAY_S
    assert "recent" not in outlooks[0].lacks


def test_with_a_month_of_record_the_base_is_given_and_said_to_be_all_there_is():
    values = [8.0 + 0.1 * (n % 5) for n in range(30)]
    [outlook] = look_ahead(panel_of(series_of(readings(values)), "DO"), (1, 3))
    assert outlook.lacks == ("record", "intervals")
    assert [line.base_name for line in outlook.lines] == ["persistence"] * 2
    assert [line.quantiles[2] for line in outlook.lines] == [values[-1]] * 2
    assert math.isnan(outlook.lines[0].skill) and outlook.horizon_h is None


def test_one_value_is_enough_to_say_that_it_may_stay():
    [outlook] = look_ahead(panel_of(series_of(readings([8.0])), "DO"), (1,))
    assert outlook.lines[0].base == 8.0 and "record" in outlook.lacks


def test_maintenance_impossible_and_standing_values_are_left_out_and_counted():
    values = [8.0 + 0.3 * math.sin(n) for n in range(60)]
    values[10] = 99.0  # beyond the hard limit of 30 mg/L
    values[20:40] = [8.0] * 20  # stands for twenty days; the table allows seven (168 h)
    panel = panel_of(series_of(readings(values, flags={5: "maintenance"})), "DO")
    assert panel.left_out == {"S": {"maintenance": 1, "range": 1, "stuck": 13}}
    kept = ~np.isnan(panel.values[0])
    assert not kept[5] and not kept[10]
    assert kept[20:27].all() and not kept[27:40].any()  # a value is known to stand only once it has


def test_below_detection_counts_as_half_the_limit():
    given = readings([0.10, 0.12])
    given[1] = given[1]._replace(value=None, censored=Censored("<", 0.05))
    given = [each._replace(parameter="NH3N") for each in given]
    assert panel_of(series_of(given), "NH3N").values.tolist() == [[0.10, 0.025]]


def test_quarter_hours_become_hours_and_four_hours_stay():
    quarter = panel_of(series_of(readings([1.0, 2.0, 3.0, 4.0, 9.0], step=timedelta(minutes=15))), "DO")
    assert (quarter.step_s, quarter.values.tolist()) == (3600.0, [[2.5, 9.0]])
    four = panel_of(series_of(readings([1.0, 2.0], step=timedelta(hours=4))), "DO")
    assert (four.step_s, four.values.tolist(), four.per_day) == (14400.0, [[1.0, 2.0]], 6)


def test_a_lead_between_two_steps_is_refused_with_the_step():
    panel = panel_of(series_of(readings([1.0, 2.0], step=timedelta(hours=4))), "DO")
    with pytest.raises(BadInput) as refused:
        panel.lead_steps([4, 6])
    assert [(fault.kind, fault.details["given"], fault.details["allowed"]) for fault in refused.value.faults] == [
        ("out_of_range", "6 h", "n × 4 h")
    ]


def test_a_parameter_that_is_not_there_is_named_beside_those_that_are():
    with pytest.raises(BadInput) as refused:
        panel_of(series_of(readings([1.0])), "TP")
    assert refused.value.faults[0].kind == "nothing_to_forecast"
    assert refused.value.faults[0].details == {"given": "TP", "allowed": "DO"}


def test_the_chance_of_exceeding_a_limit_is_read_off_the_quantiles():
    line = Line(0.0, 24.0, (1.0, 2.0, 3.0, 4.0, 5.0), 3.0, "damped", True, None)
    # between q50 = 3 and q75 = 4: 1 − (0.5 + 0.25 · 0.5)
    assert line.chance_above(3.5) == pytest.approx(0.375)
    assert (line.chance_above(0.5), line.chance_above(9.0)) == (0.97, 0.03)
