"""Travel time of the mean particle: length over velocity, summed along the quickest way."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.example.rivers import island_river, random_rivers, toy_river
from riverchief.place import Location
from riverchief.place.trace import trace_downstream, trace_upstream
from riverchief.place.travel import TravelTimes


def test_time_is_length_over_velocity():
    river = toy_river()
    velocity = np.array([{1: 0.5, 2: 1.0, 3: 0.25, 4: 1.0, 5: 2.0}[reach] for reach in river.ids.tolist()])
    times = TravelTimes.of(river, velocity)
    # 500 m at 0.5 + 3000 m at 0.25 + 1000 m at 2: 1000 + 12000 + 500 s
    assert times.time_s(Location(1, 500.0), Location(5, 1000.0)) == pytest.approx(13500)
    assert times.time_s(Location(3, 0.0), Location(3, 100.0)) == pytest.approx(400)
    assert np.isnan(times.time_s(Location(5, 0.0), Location(3, 0.0)))
    positions, found_s = times.upstream(river.index_of(5), within_s=2500)
    # downstream ends of 3 and 4 are one reach 5 (2500 s) away, 1 and 2 further
    assert dict(zip(river.ids[positions].tolist(), found_s.tolist(), strict=True)) == {3: 2500, 4: 2500, 5: 0}


def test_the_quickest_arm_counts_even_if_it_is_longer():
    river = island_river()
    # the northern arm 3 is 5 km at 2 m/s (2500 s), the southern arm 2 is 2 km at 0.5 m/s (4000 s)
    velocity = np.array([{1: 1.0, 2: 0.5, 3: 2.0, 4: 1.0}[reach] for reach in river.ids.tolist()])
    times = TravelTimes.of(river, velocity)
    assert times.time_s(Location(1, 1000.0), Location(4, 0.0)) == pytest.approx(2500)


def test_at_one_metre_a_second_times_are_distances():
    river = random_rivers(80, 5, basins=2, divisions=0.1).network()
    times = TravelTimes.of(river, 1.0)
    for i in range(river.n):
        up, down = trace_upstream(river, i, 9000), trace_downstream(river, i, 9000)
        for trace, (positions, found_s) in ((up, times.upstream(i, 9000)), (down, times.downstream(i, 9000))):
            assert positions.tolist() == trace.positions.tolist()
            assert found_s.tolist() == pytest.approx(trace.distance_m.tolist())


def test_no_velocity_no_travel_time():
    with pytest.raises(BadInput) as refused:
        TravelTimes.of(toy_river(), [1.0, 0.0, np.nan, -1.0, 1.0])
    assert [fault.kind for fault in refused.value.faults] == ["out_of_range"] * 3
