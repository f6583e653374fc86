"""Weather as it was forecast, as it was observed, or as an upper bound."""

from datetime import UTC, datetime

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.forecast.weather import as_if_known, beside
from riverchief.forecast.weather_sheet import read_weather
from tests.domain.forecast.toy import oxygen

ARCHIVE = b"""time,issued,t2m
2021-01-03,2021-01-01,3.1
2021-01-04,2021-01-01,4.1
2021-01-03,2021-01-02,3.2
2021-01-04,2021-01-02,4.2
"""


def test_of_two_issues_the_newest_that_was_out_is_used():
    weather = read_weather(ARCHIVE, "w.csv", UTC)
    assert weather.is_forecast
    told = beside(oxygen(days=6, places=1), weather, (1, 2)).ahead["t2m"]
    shape = (1, 6)
    # on 1 January the first issue is out, on the 2nd and later the second; beyond the 4th nobody said anything
    assert told(2, shape)[0].tolist()[:2] == [3.1, 4.2]
    assert told(1, shape)[0].tolist()[1:3] == [3.2, 4.2]
    assert np.isnan(told(1, shape)[0, 3:]).all() and np.isnan(told(1, shape)[0, 0])


def test_observed_weather_is_a_companion_and_nothing_is_known_ahead():
    weather = read_weather(b"time,rain\n2021-01-01,0\n2021-01-02,5\n", "w.csv", UTC)
    panel = oxygen(days=3, places=2)
    found = beside(panel, weather, (1,))
    assert not found.ahead
    np.testing.assert_array_equal(found.companions["rain"], [[0.0, 5.0, np.nan]] * 2)
    assert as_if_known(panel, weather, (1,)).ahead["rain"](1, (2, 3))[0, 0] == 5.0


def test_hours_are_averaged_into_the_steps_of_the_panel_and_places_kept_apart():
    text = b"time,place,t\n2021-01-01T00:00,S0,1\n2021-01-01T12:00,S0,3\n2021-01-01T12:00,S1,8\n"
    found = beside(oxygen(days=1, places=2), read_weather(text, "w.csv", UTC), (1,))
    assert found.companions["t"].tolist() == [[2.0], [8.0]]


def test_the_json_of_a_weather_service_is_read():
    text = b'{"issued": "2021-01-01T00:00Z", "hourly": {"time": ["2021-01-02T00:00"], "temperature_2m": [4.5]}}'
    weather = read_weather(text, "w.json", UTC)
    assert weather.is_forecast and weather.columns["temperature_2m"].tolist() == [4.5]
    assert weather.valid_s.tolist() == [datetime(2021, 1, 2, tzinfo=UTC).timestamp()]


def test_every_fault_of_a_feed_is_named():
    with pytest.raises(BadInput) as refused:
        read_weather(b"time,t\nyesterday,1\n2021-01-02,warm\n", "w.csv", UTC)
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [("bad_time", 2), ("bad_number", 3)]
    with pytest.raises(BadInput) as refused:
        read_weather(b"t\n1\n", "w.csv", UTC)
    assert refused.value.faults[0].kind == "missing_column"
