"""Transfer functions give the closed forms back, within the error they state, without wrapping round or ringing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.transport import Physics, as_edges, reach_cumulants, responses, way_from
from tests.truth.transport_equations import log_transfer, ogata_banks, slug_flux, slug_resident, step_with_decay

HOUR = 3600.0


def chain(*lengths: float) -> np.ndarray:
    return np.append(np.arange(1, len(lengths)), -1)


def one_place(physics, position, share, **options):
    return responses(way_from(chain(*physics.length_m), 0), physics, [position], [share], **options)[0]


def test_slug_reference_in_flux_and_in_the_water():
    # 1,000 kg, A 20 m², v 0.5, D 10, k 1e-5, x 20 km, cut into 40 reaches; reference mg/L to 4 decimals
    physics = Physics.of(np.full(40, 500.0), 0.5, 10.0, 10.0, decay_per_s=1e-5)
    t = np.array([10.5, 11.0, 11.1111, 11.5, 12.0]) * HOUR
    flux = one_place(physics, 39, 1.0)
    assert 1e6 / 10 * flux.at(t) == pytest.approx([7.4726, 14.8571, 14.9492, 10.4141, 2.9321], abs=1e-4)
    water = one_place(physics, 39, 1.0, resident=True)
    assert 1e6 / 10 * water.at(t) == pytest.approx([7.0616, 14.7085, 14.9492, 10.7786, 3.1667], abs=1e-4)


@pytest.mark.parametrize("k", [0.0, 1e-4])
def test_step_reference(k: float):
    # a long release is a step: C/C0 = d · (share per second)
    physics = Physics.of([2000.0, 3000.0], 0.5, 20.0, 1.0, decay_per_s=k)
    duration = 40 * HOUR
    found = one_place(physics, 1, 1.0, duration_s=duration)
    t = np.array([2.5, 2.777778, 3.0, 20.0]) * HOUR
    expected = step_with_decay(5000, t, 0.5, 20, k) if k else ogata_banks(5000, t, 0.5, 20)
    assert duration * found.at(t) == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(
    distance=st.floats(30, 1e5),
    v=st.floats(0.02, 3),
    D=st.floats(0.05, 300),
    k=st.sampled_from([0.0, 1e-6, 1e-4]),
    resident=st.booleans(),
)
def test_any_slug_to_a_millionth_of_its_peak(distance, v, D, k, resident):
    physics = Physics.of([0.4 * distance, 0.6 * distance], v, D, 2.0, decay_per_s=k)
    found = one_place(physics, 1, 1.0, resident=resident)
    if found is None:  # less than exp(-600) survives
        assert -reach_cumulants(physics)[:, 3].sum() > 600
        return
    t = found.time_s[found.time_s > 0]
    if resident:
        exact = slug_resident(distance, t, 1.0, 2.0 / v, v, D, k) * 2.0
    else:
        exact = slug_flux(distance, t, 1.0, 1.0, v, D, k)
    if found.resolved:
        assert np.abs(found.per_s[found.time_s > 0] - exact).max() <= 1e-6 * exact.max()
    else:
        assert distance * v / D < 2  # only where dispersion has hardly begun


def test_nothing_arrives_outside_the_window_and_all_mass_inside():
    physics = Physics.of([3000.0, 5000.0], 0.4, 8.0, 1.0, decay_per_s=2e-5, storage_ratio=0.4, exchange_per_s=2e-4)
    found = one_place(physics, 1, 1.0)
    arrived = found.per_s.sum() * found.step_s
    assert arrived == pytest.approx(found.survival, rel=1e-7)
    assert found.per_s[[0, -1]] == pytest.approx([0, 0], abs=1e-7 * found.per_s.max())
    # ringing would swing below zero
    assert found.per_s.min() > -1e-7 * found.per_s.max()
    wider = one_place(physics, 1, 1.0, tail=1e-11)
    assert found.at(wider.time_s) == pytest.approx(wider.per_s, abs=1e-5 * found.per_s.max())


def test_too_small_a_window_would_wrap_and_the_test_sees_it():
    physics = Physics.of([3000.0, 5000.0], 0.4, 8.0, 1.0, storage_ratio=0.4, exchange_per_s=2e-4)
    careless = one_place(physics, 1, 1.0, tail=1e-2)
    assert abs(careless.per_s[0]) > 1e-6 * careless.per_s.max()


def test_dead_zones_and_lakes_have_the_moments_of_their_transfer_function():
    physics = Physics.of(
        [4000.0, 1000.0, 6000.0],
        [0.5, np.nan, 0.3],
        [10.0, np.nan, 6.0],
        3.0,
        decay_per_s=[1e-5, 2e-6, 0],
        storage_ratio=[0.3, 0, 0.1],
        exchange_per_s=[5e-4, 0, 1e-3],
        residence_s=[np.nan, 9000.0, np.nan],
    )
    found = one_place(physics, 2, 0.5)
    own = reach_cumulants(physics) * np.array([[1], [1], [0.5]])
    mean, variance, third, log_survival = own.sum(axis=0)
    weight = found.per_s * found.step_s
    assert weight.sum() == pytest.approx(np.exp(log_survival), rel=1e-7)
    t = found.time_s - mean
    assert (weight * t).sum() / weight.sum() == pytest.approx(0, abs=1e-4 * np.sqrt(variance))
    assert (weight * t**2).sum() / weight.sum() == pytest.approx(variance, rel=1e-5)
    assert (weight * t**3).sum() / weight.sum() == pytest.approx(third, rel=1e-4)
    # and at any frequency: the transform of the curve is H
    s = 2j * np.pi / 7777.0
    exact = sum(
        log_transfer(
            s,
            physics.length_m[i] * (0.5 if i == 2 else 1),
            physics.velocity_m_s[i],
            physics.dispersion_m2_s[i],
            physics.decay_per_s[i],
            physics.storage_ratio[i],
            physics.exchange_per_s[i],
            physics.residence_s[i],
        )
        for i in range(3)
    )
    assert (weight * np.exp(-s * found.time_s)).sum() == pytest.approx(np.exp(exact), rel=1e-6)


def test_arms_that_meet_again_are_added():
    # 0 divides: 0.7 through 1 (long), 0.3 straight into 2
    physics = Physics.of([1000.0, 9000.0, 2000.0], 0.5, 5.0, 1.0, decay_per_s=1e-5)
    both = responses(way_from(chain(1, 1, 1), 0, as_edges([(0, 2, 0.3)])), physics, [2], [1.0])[0]
    t = both.time_s
    exact = 0.3 * slug_flux(3000, t, 1, 1, 0.5, 5, 1e-5) + 0.7 * slug_flux(12000, t, 1, 1, 0.5, 5, 1e-5)
    assert both.per_s == pytest.approx(exact, abs=1e-6 * exact.max())


def test_places_in_the_reach_of_the_release_count_from_the_release():
    physics = Physics.of([10_000.0, 1000.0], 0.5, 10.0, 1.0)
    way = way_from(chain(1, 1), 0)
    above, below, far = responses(way, physics, [0, 0, 1], [0.2, 0.9, 1.0], source_share=0.4)
    assert above is None
    t = below.time_s[1:]
    assert below.per_s[1:] == pytest.approx(slug_flux(5000, t, 1, 1, 0.5, 10, 0), abs=1e-6 * below.per_s.max())
    assert far.per_s.max() == pytest.approx(slug_flux(7000, far.time_s[1:], 1, 1, 0.5, 10, 0).max(), rel=1e-6)


def test_a_release_into_a_lake_is_its_mixed_tank():
    physics = Physics.of([1.0], np.nan, np.nan, 1.0, residence_s=[3e4])
    found = one_place(physics, 0, 0.3)
    assert not found.resolved  # it begins with a jump
    t = np.array([1e3, 1e4, 1e5])
    assert found.at(t) == pytest.approx(np.exp(-t / 3e4) / 3e4, rel=2e-3)


def test_impossible_questions_are_refused():
    physics = Physics.of([1000.0], 0.5, 10.0, 1.0)
    with pytest.raises(BadInput) as refused:
        one_place(physics, 0, 1.0, duration_s=-1.0, tail=0.5)
    assert [fault.column for fault in refused.value.faults] == ["duration_s", "tail"]
