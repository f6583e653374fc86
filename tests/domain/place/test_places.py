"""Banks, locations and Chinese coordinates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.example.rivers import island_river, toy_river
from riverchief.place import Bank, Location, locate, river_distance_m
from riverchief.place.coordinates import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_gcj02,
)


@pytest.mark.parametrize(
    ("spelling", "bank"),
    [("左岸", Bank.LEFT), (" Left ", Bank.LEFT), ("R", Bank.RIGHT), ("右岸", Bank.RIGHT), ("两岸", Bank.BOTH)],
)
def test_banks_are_read_as_people_write_them(spelling, bank):
    assert Bank.parse(spelling) is bank


def test_an_unknown_bank_is_refused():
    with pytest.raises(BadInput) as refused:
        Bank.parse("北岸")
    assert refused.value.faults[0].kind == "unknown_bank"
    assert "左岸" in refused.value.text("zh")


def test_both_banks_include_each():
    assert Bank.BOTH.includes(Bank.LEFT) and not Bank.LEFT.includes(Bank.RIGHT)
    assert (Bank.LEFT.zh, Bank.BOTH.en) == ("左岸", "both banks")


def test_a_location_is_checked_on_the_network_and_all_faults_are_told():
    river = toy_river()
    assert locate(river, 3, 3000.0004, "左岸") == Location(3, 3000.0, Bank.LEFT)
    with pytest.raises(BadInput) as refused:
        locate(river, 3, 3001.0, "north")
    assert sorted(fault.kind for fault in refused.value.faults) == ["out_of_range", "unknown_bank"]
    with pytest.raises(BadInput):
        Location(3, float("nan"))


def test_river_distance_runs_from_place_to_place():
    river = toy_river()
    # 900 m left of reach 1, all 3000 m of reach 3, 250 m of reach 5
    assert river_distance_m(river, Location(1, 100.0), Location(5, 250.0)) == pytest.approx(900 + 3000 + 250)
    assert river_distance_m(river, Location(3, 100.0), Location(3, 250.0)) == 150
    assert np.isnan(river_distance_m(river, Location(3, 250.0), Location(3, 100.0)))
    assert np.isnan(river_distance_m(river, Location(4, 0.0), Location(3, 100.0)))
    island = island_river()
    assert river_distance_m(island, Location(1, 1000.0), Location(4, 0.0)) == pytest.approx(2000)


@pytest.mark.parametrize(
    ("name", "wgs84", "gcj02"),
    [
        ("Shanghai", (31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ("Shenzhen", (22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ("Beijing", (39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_published_pairs_of_the_gcj02_shift(name, wgs84, gcj02):
    # (lat, lon) pairs of eviltransform's tests (github.com/googollee/eviltransform, go/transform_test.go)
    lon, lat = wgs84_to_gcj02(wgs84[1], wgs84[0])
    assert (float(lat), float(lon)) == pytest.approx(gcj02, abs=1e-7), name


@settings(deadline=None)
@given(st.floats(73, 137), st.floats(2, 55))
def test_there_and_back_again(lon, lat):
    for there, back in [(wgs84_to_gcj02, gcj02_to_wgs84), (gcj02_to_bd09, bd09_to_gcj02)]:
        assert back(*there(lon, lat)) == pytest.approx((lon, lat), abs=1e-8)


def test_outside_china_nothing_moves_and_arrays_keep_their_shape():
    lon, lat = np.array([[2.35, 108.66], [np.nan, -70.0]]), np.array([[48.86, 31.95], [30.0, -10.0]])
    x, y = gcj02_to_wgs84(lon, lat)
    assert (x[0, 0], y[0, 0], x[1, 1], y[1, 1]) == (2.35, 48.86, -70.0, -10.0)
    assert np.isnan(x[1, 0]) and x.shape == (2, 2)
    assert 0.001 < abs(x[0, 1] - 108.66) < 0.01


def test_coordinate_systems_have_many_names():
    assert to_wgs84(108.66, 31.95, "EPSG:4490") == (108.66, 31.95)
    assert to_wgs84(108.66, 31.95, "火星坐标系") == gcj02_to_wgs84(108.66, 31.95)
    lon, lat = gcj02_to_bd09(*wgs84_to_gcj02(108.66, 31.95))
    assert to_wgs84(lon, lat, "百度") == pytest.approx((108.66, 31.95), abs=1e-9)
    with pytest.raises(BadInput) as refused:
        to_wgs84(1.0, 1.0, "EPSG:3857")
    assert refused.value.faults[0].kind == "unknown_coordinates"
