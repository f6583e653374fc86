"""What was not measured is estimated, with its error and its source; what cannot be known stays unknown."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.example.rivers import toy_river
from riverchief.transport.estimate import Estimate, all_methods, first_known
from riverchief.transport.hydraulics import (
    discharge_by_area,
    dispersion_by_fischer,
    dispersion_by_jobson,
    velocity_by_geometry,
    velocity_by_jobson,
    velocity_by_manning,
    velocity_by_regime,
)


def test_area_ratio_takes_the_gauge_on_the_same_river():
    # gauges on 3 (6 km², 2 m³/s) and 4 (4 km², 1 m³/s); 1 and 2 flow into 3, 5 receives 3 and 4
    river = toy_river()
    area = np.empty(5)
    area[river.positions([1, 2, 3, 4, 5])] = [1e6, 3e6, 6e6, 4e6, 12e6]
    found = discharge_by_area(area, river.positions([3, 4]), [2.0, 1.0], river.outlet, river.size)
    flow = dict(zip(river.ids.tolist(), found.values.tolist(), strict=True))
    assert flow == pytest.approx({1: 1 / 3, 2: 1.0, 3: 2.0, 4: 1.0, 5: 4.0})
    assert set(found.method) == {"discharge_area_ratio"}
    error = dict(zip(river.ids.tolist(), found.log_sd.tolist(), strict=True))
    assert error[3] == pytest.approx(0.05)
    assert error[1] == pytest.approx(np.hypot(0.05, 0.3 * np.log(6)))


def test_a_gauge_on_another_brook_is_worth_less():
    river = toy_river()
    found = discharge_by_area(np.full(5, 1e6), river.positions([4]), [1.0], river.outlet, river.size)
    one = int(river.index_of(1))
    assert found.method[one] == "discharge_area_ratio_apart" and found.log_sd[one] == pytest.approx(0.35)


def test_gauges_that_cannot_be_used_are_all_named():
    river = toy_river()
    with pytest.raises(BadInput) as refused:
        discharge_by_area(np.array([1e6, 0, 1e6, 1e6, 1e6]), [1, 99, 2], [1.0, 1.0, 0.0], river.outlet, river.size)
    assert [fault.column for fault in refused.value.faults] == ["gauge area_m2", "gauge", "gauge flow"]


def test_an_unknown_area_leaves_the_discharge_unknown():
    river = toy_river()
    area = np.full(5, 1e6)
    area[0] = np.nan
    found = discharge_by_area(area, [4], [1.0], river.outlet, river.size)
    assert np.isnan(found.values[0]) and found.method[0] == ""


def test_manning_gives_the_discharge_back():
    # Q = W h R^(2/3) S^(1/2)/n
    found, depth = velocity_by_manning([2.0, 300.0, 0.01], [8.0, 60.0, 0.5], [0.004, 0.0005, 0.02], [0.05, 0.03, 0.04])
    width, slope, n = np.array([8.0, 60, 0.5]), np.array([0.004, 0.0005, 0.02]), np.array([0.05, 0.03, 0.04])
    radius = width * depth / (width + 2 * depth)
    assert width * depth * radius ** (2 / 3) * slope**0.5 / n == pytest.approx([2.0, 300.0, 0.01], rel=1e-10)
    assert found.values == pytest.approx(np.array([2.0, 300.0, 0.01]) / (width * depth))


def test_manning_without_slope_is_unknown():
    found, depth = velocity_by_manning([2.0, 2.0], [8.0, np.nan], [0.0, 0.01])
    assert np.isnan(found.values).all() and np.isnan(depth).all()


def test_jobson_by_hand():
    # A 1,000 km², Q_a 15, Q 10 m³/s, S 0.002: D' = A^1.25 √g/Q_a = 3.7123e10, Q' = 2/3
    area, flow, mean = 1e9, 10.0, 15.0
    dimensionless = area**1.25 * 9.80665**0.5 / mean
    assert dimensionless == pytest.approx(3.7125e10, rel=1e-3)
    with_slope = 0.094 + 0.0143 * dimensionless**0.919 * (2 / 3) ** -0.469 * 0.002**0.159 * flow / area
    found = velocity_by_jobson(flow, [area] * 3, [mean, mean, np.nan], [0.002, np.nan, 0.002])
    assert found.values[0] == pytest.approx(with_slope)
    assert found.values == pytest.approx([0.44, 0.31, 0.35], abs=0.02)
    assert found.method.tolist() == ["velocity_jobson_slope", "velocity_jobson", "velocity_jobson_area"]
    assert list(found.log_sd) == sorted(found.log_sd)


def test_dispersion_by_fischer_and_by_the_fall_of_peaks():
    # Fischer: 0.011 · 0.25 · 400/(1 · √(9.80665 · 0.001)) = 11.108
    assert dispersion_by_fischer(0.5, 20.0, 1.0, 0.001).values[0] == pytest.approx(11.108, rel=1e-3)
    # the Gaussian of that D after 12 h has Jobson's unit peak: v/√(4πDT) = 857e-6 · 12^-0.76
    v = 0.5
    spread = dispersion_by_jobson(v).values[0]
    assert v / np.sqrt(4 * np.pi * spread * 12 * 3600) == pytest.approx(857e-6 * 12**-0.76, rel=1e-12)


def test_geometry_and_regime():
    assert velocity_by_geometry([1.0, 16.0], 0.3, 0.25).values == pytest.approx([0.3, 0.6])
    assert velocity_by_regime(10.0).values[0] == pytest.approx(10 / (7.2 * 10**0.5 * 0.27 * 10**0.3))


def test_the_first_that_knows_a_reach_decides_and_says_so():
    given = Estimate.of([0.4, np.nan, np.nan], "velocity_given")
    manning = Estimate.of([0.9, 0.7, np.nan], "velocity_manning")
    found = first_known([given, manning])
    assert found.values[:2].tolist() == [0.4, 0.7] and np.isnan(found.values[2])
    assert [(method.code, count) for method, count in found.methods()] == [
        ("velocity_given", 1),
        ("velocity_manning", 1),
    ]


def test_zero_is_not_a_velocity():
    assert np.isnan(Estimate.of([0.0, -1.0], "velocity_given").values).all()


@pytest.mark.parametrize("method", all_methods().values(), ids=lambda method: method.code)
def test_every_method_says_where_it_comes_from_and_how_it_was_checked(method):
    assert 0 < method.log_sd < 1 and method.verified and method.zh and method.en
    assert method.code.startswith(method.quantity)
    assert method.verified == "given" or (method.source and method.formula)
