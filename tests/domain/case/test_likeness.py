"""Whether two cases are likely the same: by distance on the sphere and by kind."""

import math

import pytest

from riverchief.case.likeness import are_of_one_kind, distance_m, is_near


def test_a_degree_of_latitude_is_the_sixtieth_of_a_right_angle_and_more():
    # 6371 km * pi / 180 = 111.195 km
    assert distance_m(108.0, 31.0, 108.0, 32.0) == pytest.approx(111_195, abs=1)


def test_a_degree_of_longitude_shrinks_with_the_cosine():
    assert distance_m(108.0, 60.0, 108.001, 60.0) == pytest.approx(
        111_195 * math.cos(math.radians(60)) / 1000, rel=1e-4
    )


def test_near_is_250_metres_and_an_unknown_place_is_near_nothing():
    assert is_near(250.0) and not is_near(250.1) and not is_near(None)


def test_one_category_in_common_is_one_kind_and_none_at_all_may_be():
    assert are_of_one_kind(["dumping", "litter"], ["litter"])
    assert not are_of_one_kind(["dumping"], ["litter"])
    assert are_of_one_kind([], ["litter"])
