"""A spill as plain data: what can be stored can be asked again and gives the same answer, to the last digit."""

import json
from typing import Any

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.example.rivers import island_river
from riverchief.place import Location, Network, ReachKind, locate
from riverchief.spill import Spill, Watch, forecast_spill, spill_profile
from riverchief.spill.question import NICE_STEPS_S, SEGMENTS, STEPS, answer_spill, spill_question
from riverchief.transport import Doubt
from riverchief.transport.conditions import Conditions, estimate_conditions
from riverchief.transport.physics import Physics


def heard(share: float) -> None:
    return None


def conditions_of(network: Network, **known: float) -> Conditions:
    given = {"discharge": 10.0, "velocity": 0.5, "dispersion": 15.0} | known
    return estimate_conditions(network, {name: np.full(network.n, value) for name, value in given.items()})


def stored(question: dict[str, Any]) -> dict[str, Any]:
    """Through text and back, as a database keeps it: keys in another order, nothing that JSON cannot hold."""
    back: dict[str, Any] = json.loads(json.dumps(question, sort_keys=True, allow_nan=False))
    return back


def test_the_stored_question_is_answered_as_the_network_itself_is():
    # an island: the river divides and meets again, so branches and their shares must survive the storing
    river = island_river()
    conditions = conditions_of(river)
    last = river.ids[river.n - 1].item()
    place = Watch("border", locate(river, last, 100.0), "border", "边界", 0.5)
    spill = Spill(Location(river.ids[0].item(), 0.0), 50.0, 600.0)
    answer = answer_spill(stored(spill_question(river, conditions, spill, [place])), 3, heard)
    [direct] = forecast_spill(river, spill, [place], conditions.physics, doubt=conditions.doubt, seed=3).places
    [told] = answer["places"]
    for measure in ("arrival_s", "peak_s", "peak_mg_l", "passage_s", "above_limit_s"):
        found = getattr(direct, measure)._asdict()
        assert told[measure] == pytest.approx(found, rel=1e-5), measure
    assert told["probability_above"] == direct.probability_above


def test_the_same_question_and_seed_give_the_same_answer_and_another_seed_another():
    river = island_river()
    place = Watch("end", locate(river, river.ids[river.n - 1].item(), 10.0))
    question = stored(
        spill_question(river, conditions_of(river), Spill(Location(river.ids[0].item(), 0.0), 5.0), [place])
    )
    assert answer_spill(question, 1, heard) == answer_spill(question, 1, heard)
    assert answer_spill(question, 1, heard)["places"] != answer_spill(question, 2, heard)["places"]


def test_only_the_way_of_the_water_is_kept():
    river = Network.build(["a", "b", "c"], ["c", "c", None], [1000.0, 1000.0, 1000.0])
    places = [Watch("A", Location("a", 500.0)), Watch("B", Location("b", 500.0)), Watch("C", Location("c", 500.0))]
    question = spill_question(river, conditions_of(river), Spill(Location("a", 100.0), 1.0), places)
    assert [row["id"] for row in question["reaches"]] == ["a", "c"]
    assert [row["id"] for row in question["places"]] == ["A", "C"]
    assert answer_spill(question, 0, heard)["unreached"] == ["B"]


def test_a_flow_that_nobody_knows_is_refused_before_anything_is_stored():
    river = Network.build(["a", "b"], ["b", None], [1000.0, 1000.0])
    unknown = estimate_conditions(river, {"velocity": np.full(2, 0.5)})
    with pytest.raises(BadInput) as refused:
        spill_question(river, unknown, Spill(Location("a", 0.0), 1.0), [Watch("B", Location("b", 10.0))])
    assert {fault.column for fault in refused.value.faults} == {"discharge_m3_s"}


def test_progress_is_told_and_what_it_raises_ends_the_work():
    river = Network.build(["a"], [None], [5000.0])
    question = spill_question(
        river, conditions_of(river), Spill(Location("a", 0.0), 1.0), [Watch("A", Location("a", 4000.0))]
    )
    shares: list[float] = []
    answer_spill(question, 0, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 100

    class Enough(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.3:
            raise Enough

    with pytest.raises(Enough):
        answer_spill(question, 0, stop)


class TestTheProfile:
    def test_its_stretches_cover_the_way_once_and_carry_the_mass_past(self):
        # conservative, one river of three reaches: every stretch must see all of the mass go by, ∫ Q c dt = M
        river = Network.build(["a", "b", "c"], ["b", "c", None], [3000.0, 500.0, 6500.0])
        physics = Physics.of(river.length_m, 0.5, 10.0, [2.0, 4.0, 8.0])
        spill = Spill(locate(river, "a", 1000.0), 10.0)
        profile = spill_profile(river, spill, physics, np.arange(0.0, 90_001.0, 100.0), segments=60)
        names = river.ids[profile.reaches]
        for name, length, start in (("a", 3000.0, 1000.0), ("b", 500.0, 0.0), ("c", 6500.0, 0.0)):
            own = np.flatnonzero(names == name)
            assert profile.from_m[own[0]] == start and profile.to_m[own[-1]] == pytest.approx(length)
            np.testing.assert_allclose(profile.from_m[own[1:]], profile.to_m[own[:-1]])
        assert profile.from_m.size <= 60 and profile.from_m.size > 50
        passed = (profile.mg_l * np.diff(profile.time_s)[:, None]).sum(axis=0) * physics.discharge_m3_s[profile.reaches]
        np.testing.assert_allclose(passed, 10_000.0, rtol=1e-4)  # g

    def test_the_front_moves_down_with_the_water(self):
        river = Network.build(["a"], [None], [20_000.0])
        physics = Physics.of(river.length_m, 0.5, 5.0, 2.0)
        profile = spill_profile(river, Spill(locate(river, "a", 0.0), 1.0), physics, np.arange(0.0, 50_001.0, 300.0))
        middle = 0.5 * (profile.from_m + profile.to_m)
        top = profile.time_s[profile.mg_l.argmax(axis=0)] + 150.0
        far = middle > 2000.0
        np.testing.assert_allclose(top[far], middle[far] / 0.5, atol=300.0)

    def test_a_lake_is_one_stretch(self):
        river = Network.build(
            ["a", "lake", "b"],
            ["lake", "b", None],
            [2000.0, 1000.0, 2000.0],
            kind=[ReachKind.RIVER, ReachKind.LAKE, ReachKind.RIVER],
            storage_m3=[np.nan, 1e5, np.nan],
        )
        physics = Physics.of(river.length_m, 0.5, 5.0, 2.0, residence_s=[np.nan, 5e4, np.nan])
        profile = spill_profile(river, Spill(locate(river, "a", 0.0), 1.0), physics, np.arange(0.0, 1e5, 1e3))
        lake = river.ids[profile.reaches] == "lake"
        assert (profile.from_m[lake].tolist(), profile.to_m[lake].tolist()) == ([0.0], [1000.0])

    def test_more_reaches_than_stretches_are_one_stretch_each(self):
        n = 40
        river = Network.build(list(range(1, n + 1)), [*range(2, n + 1), None], np.full(n, 400.0))
        physics = Physics.of(river.length_m, 0.5, 5.0, 2.0)
        profile = spill_profile(river, Spill(locate(river, 1, 0.0), 1.0), physics, [0.0, 1e4, 2e4], segments=20)
        assert profile.reaches.tolist() == list(range(n))


def test_the_animation_is_bounded_and_its_steps_are_ones_that_people_count_in():
    river = Network.build(["a"], [None], [90_000.0])
    question = spill_question(
        river, conditions_of(river), Spill(Location("a", 0.0), 1.0), [Watch("A", Location("a", 9e4))]
    )
    front = answer_spill(question, 0, heard)["front"]
    steps = np.diff(front["time_s"])
    assert set(steps) <= {float(step) for step in NICE_STEPS_S} and len(set(steps)) == 1
    assert steps.size <= STEPS and len(front["reach"]) <= SEGMENTS
    assert len(front["mg_l"]) == len(front["reach"]) and {len(row) for row in front["mg_l"]} == {steps.size}
    assert max(front["mg_l"][-1]) > 0  # the last place is reached while the animation runs


def test_without_doubt_there_is_no_range():
    river = Network.build(["a"], [None], [9000.0])
    certain = Conditions(conditions_of(river).physics, Doubt(0.0, 0.0, 0.0, 0.0), {})
    question = spill_question(
        river, certain, Spill(Location("a", 0.0), 1.0), [Watch("A", Location("a", 8e3))], members=5
    )
    found = answer_spill(question, 0, heard)["places"][0]["arrival_s"]
    assert found["p05"] == found["median"] == found["p95"]


def test_behind_a_reservoir_the_animation_shows_the_hours_in_which_something_moves():
    # 4 km above a lake that keeps its water for 80 days, 10 km below it: the passage takes a year, the front hours
    river = Network.build(
        ["a", "lake", "b"],
        ["lake", "b", None],
        [4000.0, 800.0, 10_000.0],
        kind=[ReachKind.RIVER, ReachKind.LAKE, ReachKind.RIVER],
        storage_m3=[np.nan, 10.0 * 80 * 86400, np.nan],
    )
    certain = Conditions(conditions_of(river).physics, Doubt(0.0, 0.0, 0.0, 0.0), {})
    question = spill_question(
        river, certain, Spill(Location("a", 0.0), 1.0), [Watch("B", Location("b", 1e4))], members=2
    )
    answer = answer_spill(question, 0, heard)
    assert answer["places"][0]["passage_s"]["median"] > 300 * 86400
    time_s = answer["front"]["time_s"]
    # the picture and the table agree: below the dam the front is not ahead of the arrival
    last = np.array(answer["front"]["mg_l"][-1])
    seen = np.array(time_s[1:])[last >= 0.01 * answer["places"][0]["peak_mg_l"]["median"]][0]
    arrival = answer["places"][0]["arrival_s"]["median"]
    assert arrival <= seen <= arrival + 2 * time_s[1]
    assert answer["places"][0]["peak_s"]["median"] < time_s[-1] < 4 * 86400 and time_s[1] <= 3600
