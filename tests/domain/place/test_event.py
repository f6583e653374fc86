"""Things along the river by reach, chainage and bank; the toy river's answers are worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.example.rivers import island_river, random_rivers, toy_river
from riverchief.place import Bank, Location, river_distance_m
from riverchief.place.event import Event, Events


def said(found):
    return [(one.event.id, round(one.distance_m, 6)) for one in found]


@pytest.fixture
def along_toy():
    return Events(
        toy_river(),
        [
            Event("pipe", "outfall", Location(1, 400.0, Bank.LEFT)),
            Event("mill", "outfall", Location(5, 1000.0, Bank.RIGHT)),
            Event("works", "intake", Location(5, 4000.0)),
            Event("zone", "functional_zone", Location(3, 2000.0), Location(5, 500.0)),
            Event("wall", "bank_segment", Location(4, 0.0, Bank.LEFT), Location(4, 4000.0, Bank.LEFT)),
        ],
    )


def test_upstream_of_the_waterworks(along_toy):
    # from 5:4000 up: mill 3000; zone ends at 5:500, so 3500; wall's end is 5's head: 4000; pipe 600 + 3000 + 4000
    assert said(along_toy.upstream_of(Location(5, 4000.0))) == [
        ("works", 0),
        ("mill", 3000),
        ("zone", 3500),
        ("wall", 4000),
        ("pipe", 7600),
    ]
    assert said(along_toy.upstream_of(Location(5, 4000.0), within_m=7000, kinds=["outfall"])) == [("mill", 3000)]


def test_downstream_of_the_pipe(along_toy):
    # 600 m of reach 1, then 2000 of reach 3 to the zone, and so on; reach 4 is not on the way
    assert said(along_toy.downstream_of(Location(1, 400.0))) == [
        ("pipe", 0),
        ("zone", 600 + 2000),
        ("mill", 600 + 3000 + 1000),
        ("works", 600 + 3000 + 4000),
    ]


def test_between_pipe_and_mill_lies_the_zone(along_toy):
    found = along_toy.between(Location(1, 500.0), Location(5, 900.0))
    assert said(found) == [("zone", 500 + 2000)]


def test_a_stretch_covers_the_places_inside_it_on_its_bank(along_toy):
    assert [event.id for event in along_toy.covering(Location(3, 2500.0, Bank.RIGHT))] == ["zone"]
    assert along_toy.covering(Location(3, 1999.0)) == []
    assert [event.id for event in along_toy.covering(Location(4, 10.0, Bank.LEFT))] == ["wall"]
    assert along_toy.covering(Location(4, 10.0, Bank.RIGHT)) == []
    # standing inside a stretch one is at 0 m of it, up and down
    assert said(along_toy.upstream_of(Location(3, 2500.0), kinds=["functional_zone"])) == [("zone", 0)]
    assert said(along_toy.downstream_of(Location(3, 2500.0), kinds=["functional_zone"])) == [("zone", 0)]


def test_a_stretch_round_an_island_covers_both_arms():
    events = Events(island_river(), [Event("z", "functional_zone", Location(1, 0.0), Location(4, 10.0))])
    assert all(events.covering(Location(reach, 5.0)) for reach in (1, 2, 3, 4))


def test_every_fault_of_every_event_is_told():
    with pytest.raises(BadInput) as refused:
        Events(
            toy_river(),
            [
                Event("a", "outfall", Location(9, 0.0)),
                Event("a", "outfal", Location(1, 0.0)),
                Event("c", "intake", Location(1, 1500.0)),
                Event("d", "functional_zone", Location(5, 0.0), Location(3, 0.0)),
                Event("e", "functional_zone", Location(5, 0.0)),
                Event("f", "functional_zone", Location(5, 10.0), Location(5, 0.0)),
            ],
        )
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [
        ("unknown_reach", 1),
        ("duplicate", 2),
        ("unknown_kind", 2),
        ("out_of_range", 3),
        ("not_downstream", 4),
        ("missing_value", 5),
        ("not_downstream", 6),
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(6, 40), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.2]), st.floats(0, 20000))
def test_events_are_found_exactly_where_distances_say(n, seed, divisions, within):
    network = random_rivers(n, seed, basins=2, divisions=divisions).network()
    rng = np.random.default_rng(seed)

    def anywhere():
        i = int(rng.integers(n))
        return Location(int(network.ids[i]), float(rng.uniform(0, network.length_m[i])))

    points = [Event(str(k), "outfall", anywhere()) for k in range(12)]
    events, place = Events(network, points), anywhere()
    up = {event.id: river_distance_m(network, event.at, place) for event in points}
    down = {event.id: river_distance_m(network, place, event.at) for event in points}
    found_up = dict(said(events.upstream_of(place, within)))
    found_down = dict(said(events.downstream_of(place, within)))
    assert found_up == pytest.approx({name: way for name, way in up.items() if way <= within}, abs=1e-5)
    assert found_down == pytest.approx({name: way for name, way in down.items() if way <= within}, abs=1e-5)
