"""A forecast that was issued at a moment is the same whatever came afterwards."""

from dataclasses import replace

import numpy as np
import pytest

from riverchief.forecast import Panel, Upstream, issue
from riverchief.forecast.panel import Foreseen
from riverchief.forecast.rolling import later
from tests.domain.forecast.toy import DAY_S, oxygen

LEADS = (1, 3)
SINCE, ORIGIN = 330, 385  # forecasts are issued from SINCE on; what comes after ORIGIN is changed


def with_another_future(panel: Panel, after: int) -> Panel:
    """Everything measured after step ``after`` is another river's: higher, wilder, and with a gap."""

    def changed(values: np.ndarray) -> np.ndarray:
        found = values.copy()
        found[:, after + 1 :] = 3.0 * found[:, after + 1 :] + 40.0
        found[:, after + 5 : after + 12] = np.nan
        return found

    companions = {name: changed(column) for name, column in panel.companions.items()}
    return replace(panel, values=changed(panel.values), companions=companions)


def forecasts_until(panel: Panel, origin: int, upstream=()) -> np.ndarray:
    return issue(panel, LEADS, SINCE, upstream=upstream).quantiles[..., : origin + 1]


@pytest.fixture
def panel() -> Panel:
    panel = oxygen(days=430)
    return replace(panel, companions={"WT": oxygen(days=430, seed=7).values})


def test_what_comes_after_the_origin_changes_no_forecast(panel):
    upstream = [Upstream.after("S1", "S0", 2 * DAY_S)]
    before = forecasts_until(panel, ORIGIN, upstream)
    assert np.isfinite(before[:, :, :, SINCE:]).all()
    np.testing.assert_array_equal(before, forecasts_until(with_another_future(panel, ORIGIN), ORIGIN, upstream))


def test_a_value_of_tomorrow_would_be_noticed(panel):
    leaking = replace(panel, companions={"WT": later(panel.values, 1)})  # tomorrow's value under another name
    changed = with_another_future(panel, ORIGIN)
    changed = replace(changed, companions={"WT": later(changed.values, 1)})
    assert not np.array_equal(forecasts_until(leaking, ORIGIN), forecasts_until(changed, ORIGIN), equal_nan=True)


def test_skewed_values_are_told_as_such_from_the_past_alone(panel):
    spiky = replace(panel, values=np.exp(panel.values - 9.0), companions={})
    before = forecasts_until(spiky, ORIGIN)
    np.testing.assert_array_equal(before, forecasts_until(with_another_future(spiky, ORIGIN), ORIGIN))


def test_a_weather_forecast_reaches_the_model_and_the_weather_itself_does_not(panel):
    known = {lead: later(panel.values, lead) for lead in LEADS}
    told = replace(panel, companions={}, ahead={"w": Foreseen({0: panel.values, **known})})
    untold = replace(panel, companions={})
    truth = np.stack(list(known.values()))[:, :, SINCE:400]
    missed = [np.nanmean(np.abs(forecasts_until(each, 399)[2][:, :, SINCE:] - truth)) for each in (told, untold)]
    assert missed[0] < 0.5 * missed[1]
