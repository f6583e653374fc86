"""Nobody is accused of the rain, of the hour of the day, or of an instrument.

Shapes by hand: a rain's first flush A (1 - e^(-u/2 h)) e^(-u/18 h), a day's cosine, a straight ramp; on a level of
0.4 mg/L with 5 % noise, hourly over five days at three stations of the toy river.
"""

import numpy as np
import pytest

from riverchief.place import locate
from riverchief.tracing import Candidate, StationSamples, trace
from tests.domain.tracing.toy import MIDNIGHT, added_mg_l, physics_of, toy_river, toy_stations

HOURS = np.arange(120.0)
LEVEL = 0.4


@pytest.fixture
def river():
    return toy_river()


@pytest.fixture
def suspects(river):
    places = {"upper": (1, 100.0), "side": (2, 300.0), "east": (4, 300.0)}
    return [Candidate(name, locate(river, reach, metres)) for name, (reach, metres) in places.items()]


def series(river, shapes, seed=3):
    """Samples of the toy's stations: ``shapes`` by station [share of the level], added to it, with noise."""
    rng = np.random.default_rng(seed)
    found = []
    for name, place in toy_stations(river).items():
        value = LEVEL * (1.0 + shapes.get(name, 0.0)) * np.exp(rng.normal(0, 0.05, HOURS.size))
        found.append(StationSamples.of(name, place, MIDNIGHT + 3600.0 * HOURS, value))
    return found


def flush(begin_h, height):
    u = np.maximum(HOURS - begin_h, 0.0)
    return height * (1 - np.exp(-u / 2.0)) * np.exp(-u / 18.0)


def rain(depth_mm):
    """Ten hours of rain from hour 49 on, as a gauge has it."""
    return MIDNIGHT + 3600.0 * HOURS, np.where((HOURS >= 49) & (HOURS < 59), depth_mm / 10.0, 0.0)


RISEN = {"brook": flush(50, 3.0), "middle": flush(52, 2.0), "mouth": flush(54, 4.0)}


def test_stations_that_rise_together_were_rained_on(river, suspects):
    found = trace(river, physics_of(river), suspects, series(river, RISEN))
    assert found.verdict == "diffuse"
    assert found.candidates == () and found.set90 == ()
    assert found.hypotheses["diffuse"] > 0.9
    assert sum(found.hypotheses.values()) == pytest.approx(1.0)


def test_rain_that_was_measured_counts_for_it_and_drought_against_it(river, suspects):
    samples = series(river, {"mouth": flush(54, 1.2), "middle": flush(52, 0.5)})
    wet = trace(river, physics_of(river), suspects, samples, rain=rain(40.0))
    unknown = trace(river, physics_of(river), suspects, samples)
    dry = trace(river, physics_of(river), suspects, samples, rain=rain(0.0))

    def odds(found):
        return found.hypotheses["diffuse"] / (1.0 - found.hypotheses["diffuse"] + 1e-300)

    assert odds(wet) > odds(unknown) > odds(dry)


def test_the_hour_of_the_day_releases_nothing(river, suspects):
    cycle = 0.4 * np.cos(2 * np.pi * (HOURS - 15.0) / 24.0)
    found = trace(river, physics_of(river), suspects, series(river, dict.fromkeys(("brook", "middle", "mouth"), cycle)))
    assert found.verdict == "no_release"


def test_a_drifting_instrument_is_called_one(river, suspects):
    found = trace(river, physics_of(river), suspects, series(river, {"mouth": np.maximum(HOURS - 40.0, 0.0) / 30.0}))
    assert found.verdict == "instrument" and found.candidates == ()


def test_a_release_is_found_in_the_rain(river, suspects):
    samples = series(river, RISEN)
    way = physics_of(river)
    for k, one in enumerate(samples):
        added = added_mg_l(river, way, suspects[0].location, one.location, 60.0, MIDNIGHT + 20 * 3600.0, one.time_s)
        samples[k] = StationSamples.of(one.station, one.location, one.time_s, one.value_mg_l + added)
    found = trace(river, way, suspects, samples)
    assert found.hypotheses["release"] > 0.9
    assert found.candidates[0].id == "upper"


def test_where_the_list_is_not_known_to_be_complete_somebody_else_is_thought_of(river, suspects):
    samples = series(river, {})
    for k, one in enumerate(samples):
        place = suspects[0].location
        added = added_mg_l(river, physics_of(river), place, one.location, 60.0, MIDNIGHT + 20 * 3600.0, one.time_s)
        samples[k] = StationSamples.of(one.station, one.location, one.time_s, one.value_mg_l + added)
    found = trace(river, physics_of(river), suspects, samples)
    others = sum(one.probability for one in found.candidates if one.id.startswith("reach:"))
    assert 0.0 < others < 0.5
