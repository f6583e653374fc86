"""From coordinates to the river and back; distances against published lengths of a degree."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.place import Bank, Network
from riverchief.place.centreline import Centrelines, line_lengths_m, metres_per_degree

LAT = 31.95


@pytest.fixture
def river():
    """Reach 1 runs 2 km east, then reach 2 runs 3 km south; a third has no line. Declared lengths are a survey's."""
    network = Network.build([1, 2, 3], [2, -1, -1], [2200.0, 3000.0, 500.0])
    east, north = metres_per_degree(LAT)
    x1, y2 = 108.0 + 2000 / east, LAT - 3000 / north
    lines = {1: [(108.0, LAT), (x1, LAT)], 2: [(x1, LAT), (x1, y2)], 3: None}
    drawn = [shapely.LineString(lines[reach]) if lines[reach] else None for reach in network.ids.tolist()]
    return Centrelines(network, drawn)


def degrees(east_m, north_m):
    east, north = metres_per_degree(LAT)
    return 108.0 + east_m / east, LAT + north_m / north


def test_the_length_of_a_degree():
    # WGS84 (NIMA TR8350.2): equator 2πa, a = 6378137 m; a meridian quadrant is 10 001 965.729 m
    east, _ = metres_per_degree(0.0)
    assert 360 * float(east) == pytest.approx(2 * np.pi * 6378137, rel=1e-12)
    _, north = metres_per_degree(np.arange(0.005, 90, 0.01))
    assert north.sum() * 0.01 == pytest.approx(10_001_965.729, abs=0.01)
    # e² from the flattening 1/298.257223563: at 60° a degree of longitude is 55 800 m (half the equator's and a little)
    assert float(metres_per_degree(60.0)[0]) == pytest.approx(55_800, abs=1)


def test_a_point_left_of_the_river_snaps_to_its_left_bank(river):
    lon, lat = degrees(500.0, 30.0)  # the river runs east, so north is left
    snapped = river.snap(lon, lat)
    assert river.network.ids[snapped.position[0]] == 1
    assert snapped.distance_m[0] == pytest.approx(30, abs=0.05)
    # a quarter along the line is a quarter of the surveyed 2200 m
    assert snapped.chainage_m[0] == pytest.approx(550, abs=0.1)
    assert snapped.bank(0) is Bank.LEFT
    assert river.snap(*degrees(500.0, -30.0)).bank(0) is Bank.RIGHT
    # reach 2 runs south: east is left; on the line it is both
    assert river.snap(*degrees(2030.0, -1000.0)).bank(0) is Bank.LEFT
    assert river.snap(*degrees(2000.0, -1000.0)).bank(0) is Bank.BOTH


def test_at_the_confluence_the_reach_further_down_counts(river):
    snapped = river.snap(*degrees(2000.0, 0.0))
    assert river.network.ids[snapped.position[0]] == 2
    assert snapped.chainage_m[0] == pytest.approx(0, abs=0.01)


def test_far_and_unknown_points_are_not_on_the_network(river):
    lon, lat = degrees(np.array([500.0, 500.0, np.nan]), np.array([900.0, 1100.0, 0.0]))
    assert (river.snap(lon, lat, within_m=1000).position >= 0).tolist() == [True, False, False]
    with pytest.raises(BadInput) as refused:
        river.locations(["a", "b", "c"], lon, lat)
    assert [(fault.kind, fault.details["given"]) for fault in refused.value.faults] == [
        ("too_far", "b"),
        ("too_far", "c"),
    ]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_drawn_at_a_chainage_snaps_back_to_it(seed):
    rng = np.random.default_rng(seed)
    steps = np.array([0.004, 0.0]) + rng.uniform(-0.002, 0.002, (20, 2))
    line = shapely.LineString(np.array([100.0, 45.0]) + np.cumsum(steps, axis=0))
    lines = Centrelines(Network.build([1], [-1], line_lengths_m([line])), [line])
    chainage = rng.uniform(0, lines.network.length_m[0], 10)
    snapped = lines.snap(*lines.point_at(0, chainage))
    assert snapped.distance_m == pytest.approx(0, abs=1e-4)
    assert snapped.chainage_m == pytest.approx(chainage, abs=1e-3)
    a, b = np.sort(chainage[:2])
    part = lines.part(0, a, b)
    # every line is measured at its own middle latitude, so parts add up to 0.1 %
    assert line_lengths_m([part])[0] == pytest.approx(b - a, rel=1e-3, abs=0.01)


def test_a_reach_without_a_line_has_no_coordinates(river):
    lon, lat = river.point_at([river.network.index_of(3)], [100.0])
    assert np.isnan(lon[0]) and np.isnan(lat[0])
    assert river.part(river.network.index_of(3), 0.0, 100.0) is None
    assert np.isnan(line_lengths_m([None])[0])
