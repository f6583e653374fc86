"""The closed forms give the reference values to the digits they are written with."""

import numpy as np
import pytest

from tests.truth import transport_equations as truth

HOUR = 3600.0


def test_step_of_ogata_and_banks():
    t = np.array([2.5, 2.777778, 3.0]) * HOUR
    assert truth.ogata_banks(5000, t, 0.5, 20).round(6).tolist() == [0.220063, 0.525132, 0.749467]


def test_step_with_decay_ends_in_the_steady_state():
    t = np.array([2.5, 2.777778, 3.0, 20.0]) * HOUR
    found = truth.step_with_decay(5000, t, 0.5, 20, 1e-4)
    assert found.round(6).tolist() == [0.095229, 0.213082, 0.292553, 0.370788]
    # steady: exp(vx/2D (1 - √(1 + 4kD/v²)))
    assert found[-1] == pytest.approx(np.exp(5000 * 0.5 / 40 * (1 - np.sqrt(1 + 4 * 1e-4 * 20 / 0.25))), abs=1e-9)


def test_slug_in_the_water_and_in_the_flux():
    t = np.array([10.5, 11.0, 11.1111, 11.5, 12.0]) * HOUR
    resident = truth.slug_resident(2e4, t, 1e6, 20, 0.5, 10, 1e-5)
    flux = truth.slug_flux(2e4, t, 1e6, 10, 0.5, 10, 1e-5)
    assert resident.round(4).tolist() == [7.0616, 14.7085, 14.9492, 10.7786, 3.1667]
    assert flux.round(4).tolist() == [7.4726, 14.8571, 14.9492, 10.4141, 2.9321]


def test_oxygen_sag():
    t = np.array([1.0, 2, 3, 5, 10])
    assert truth.streeter_phelps(t, 20, 1, 0.3, 0.7).round(4).tolist() == [4.1601, 4.7798, 4.3842, 2.9242, 0.7340]
    assert np.round(truth.streeter_phelps_worst(20, 1, 0.3, 0.7), 4).tolist() == [1.9458, 4.7813]


def test_steady_load_with_dispersion():
    found = truth.steady_load(np.array([0.0, 5000, 20000]), 0.1, 50, 1e-5, 10)
    assert found.round(5).tolist() == [9.12871, 5.66439, 1.35327]
