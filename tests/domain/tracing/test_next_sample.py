"""The next sample to take is the one that tells apart what cannot yet be told apart."""

import math

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.place import Location, locate
from riverchief.tracing import Assumptions, Candidate, next_samples, trace
from tests.domain.tracing.toy import MIDNIGHT, measured, physics_of, toy_river

#: Two brooks of the same length meet below both candidates, and nobody else is thought of.
SURE = Assumptions(velocity=0.05, local_velocity=0.02, noise=0.05, listed=1.0)


@pytest.fixture
def open_question():
    """A release seen only at the mouth, and two outfalls whose water takes equally long to get there."""
    river = toy_river()
    # 1 [1000 m] and 2 [2000 m] meet: 800 m and 1800 m on them leave 200 m each
    suspects = [Candidate("west", locate(river, 1, 200.0)), Candidate("north", locate(river, 2, 1200.0))]
    time_s = MIDNIGHT + 1800.0 * np.arange(20.0)
    samples = measured(
        river,
        physics_of(river),
        {"mouth": locate(river, 5, 4800.0)},
        [(suspects[0].location, 60.0, MIDNIGHT + 1800.0)],
        time_s=time_s,
    )
    return river, suspects, samples


def places(river):
    return {
        "on west brook": locate(river, 1, 900.0),
        "on north brook": locate(river, 2, 1900.0),
        "below both": locate(river, 3, 2500.0),
        "another brook": locate(river, 4, 2000.0),
    }


def test_equal_candidates_are_told_apart_on_the_tributary_between_them(open_question):
    river, suspects, samples = open_question
    found = trace(river, physics_of(river), suspects, samples, assumptions=SURE)
    assert set(found.set90) == {"west", "north"}
    assert found.groups == (("west", "north"),)
    # both passed the brooks in the first two hours; the mean way of 800 m takes 2000 s
    hours = [-9.0, -8.5, -8.0, 0.0, 6.0]
    advice = next_samples(found, places(river), hours)
    assert len(advice) == 20
    assert advice[0].site in ("on west brook", "on north brook") and advice[0].hour < -7.9
    assert advice[0].gain > 0.5 * math.log(2.0) and advice[0].share > 0.5
    by_place = {name: max(one.gain for one in advice if one.site == name) for name in places(river)}
    # below the confluence both predict the same: nothing to learn; nor where no water of theirs comes
    assert by_place["below both"] < 0.1 * by_place["on west brook"]
    assert by_place["another brook"] == pytest.approx(0.0, abs=1e-9)
    # and when the wave is long gone there is nothing to learn anywhere
    assert max(one.gain for one in advice if one.hour == 6.0) < 0.02


def test_gain_never_exceeds_what_is_not_known(open_question):
    river, suspects, samples = open_question
    found = trace(river, physics_of(river), suspects, samples, assumptions=SURE)
    assert all(0.0 <= one.gain <= math.log(2.0) + 1e-6 for one in next_samples(found, places(river), [-9.0, -8.0, 1.0]))


def test_taking_the_advised_sample_settles_it(open_question):
    river, suspects, samples = open_question
    found = trace(river, physics_of(river), suspects, samples, assumptions=SURE)
    best = next_samples(found, places(river), [-9.0, -8.75, -8.5, -8.25, -8.0])[0]
    more = measured(
        river,
        physics_of(river),
        {best.site: best.location},
        [(suspects[0].location, 60.0, MIDNIGHT + 1800.0)],
        time_s=np.array([best.time_s]),
    )
    after = trace(river, physics_of(river), suspects, [*samples, *more], assumptions=SURE)
    assert after.candidates[0].id == "west"
    assert after.candidates[0].probability > found.candidates[0].probability


def test_what_it_will_read_is_said(open_question):
    river, suspects, samples = open_question
    found = trace(river, physics_of(river), suspects, samples, assumptions=SURE)
    late = next(one for one in next_samples(found, places(river), [40.0]) if one.site == "below both")
    assert late.expected_mg_l.median == pytest.approx(0.2, rel=0.1)
    assert set(late.as_dict()) == {"site", "location", "time", "hour", "gain", "share", "expected_mg_l"}


def test_no_source_no_advice(open_question):
    river, suspects, _ = open_question
    clean = measured(river, physics_of(river), {"mouth": locate(river, 5, 4800.0)}, [])
    assert next_samples(trace(river, physics_of(river), suspects, clean), places(river), [1.0]) == ()


def test_sites_off_the_network_and_hours_that_are_none(open_question):
    river, suspects, samples = open_question
    found = trace(river, physics_of(river), suspects, samples, assumptions=SURE)
    with pytest.raises(BadInput) as refused:
        next_samples(found, {"nowhere": Location(99, 0.0), "beyond": Location(1, 1e6)}, [math.nan])
    assert [fault.kind for fault in refused.value.faults] == ["unknown_reach", "out_of_range", "out_of_range"]
    with pytest.raises(BadInput):
        next_samples(found, {}, [1.0])
