"""Reactions as data: exact steps, oxygen that runs out, and names that are checked."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from riverchief.errors import BadInput
from riverchief.transport.kinetics import Kinetics
from riverchief.transport.oxygen import oxygen_saturation, reaeration

DAY = 86_400.0
ALL = ["DO", "CBODF", "CBODS", "ORGN", "NH4", "NO3", "ORGP", "PO4", "CODMN", "MN", "MNP"]


def river(temperature=20.0, depth=1.0, velocity=0.3, elevation=0.0):
    return tuple(np.array([float(x)]) for x in (temperature, depth, velocity, elevation))


def stepped(kinetics: Kinetics, start, span: float, around=None, steps: int = 1) -> np.ndarray:
    around = around or river()
    step = kinetics.step(span / steps, *around)
    c, made = np.array(start, float), np.zeros(len(start))
    for _ in range(steps):
        step.react(np.array([0, 1]), np.array([1.0]), kinetics.oxygen_at, kinetics.hold or 0.0, c, made)
    assert made == pytest.approx(c - np.array(start, float))
    return c


def test_saturation_and_reaeration_reference_values():
    # APHA 4500-O table: 14.621 at 0, 9.092 at 20, 7.559 at 30 °C; formulas at U 0.3 m/s, H 1 m
    assert oxygen_saturation([0.0, 20.0, 30.0]) == pytest.approx([14.621, 9.092, 7.559], abs=5e-4)
    assert oxygen_saturation(20.0, 1000.0) == pytest.approx(9.092 * (1 - 0.1148), abs=5e-4)
    for code, per_day in (("oconnor_dobbins", 2.1525), ("churchill", 1.5078), ("owens_gibbs", 2.3746)):
        assert round(float(reaeration(0.3, 1.0, code)), 4) == per_day


def test_covar_takes_the_formula_made_for_the_place():
    # shallow: Owens-Gibbs; deep and slow: O'Connor-Dobbins; deep and fast: Churchill
    assert reaeration(0.3, 0.5) == reaeration(0.3, 0.5, "owens_gibbs")
    assert reaeration(0.3, 2.0) == reaeration(0.3, 2.0, "oconnor_dobbins")
    assert reaeration(1.2, 2.0) == reaeration(1.2, 2.0, "churchill")


@pytest.mark.parametrize("span", [60.0, 3600.0, 5 * DAY])
def test_a_step_is_the_matrix_exponential(span: float):
    kinetics = Kinetics.of(ALL, hold=None)
    around = river(temperature=14.0, depth=0.8)
    start = np.array([8.0, 6, 4, 1.5, 2, 1, 0.2, 0.1, 4, 0.3, 0.1])
    k, b = kinetics.system(*around)
    augmented = np.zeros((12, 12))
    augmented[:11, :11], augmented[:11, 11] = k[0], b[0]
    exact = (expm(augmented * span) @ np.append(start, 1.0))[:11]
    found = stepped(kinetics, start, span, around)
    assert found[1:] == pytest.approx(exact[1:], rel=1e-12)
    assert found[0] == pytest.approx(exact[0], rel=1e-10)


def test_rates_follow_temperature():
    # θ^(T - 20): CBODF 0.3/d, θ 1.047
    kinetics = Kinetics.of(["CBODF"], {"cbodf_oxidation": 0.3})
    warm = stepped(kinetics, [10.0], DAY, river(temperature=25.0))
    assert warm[0] == pytest.approx(10 * np.exp(-0.3 * 1.047**5))


def test_settling_is_slower_in_deep_water():
    kinetics = Kinetics.of(["MNP"], {"mn_settling": 1.0})
    assert stepped(kinetics, [1.0], DAY, river(depth=4.0))[0] == pytest.approx(np.exp(-0.25))


def test_demand_and_supply_are_per_bed():
    kinetics = Kinetics.of(["DO"], {"reaeration": 0.0, "sediment_demand": 2.0, "surplus": 0.5}, hold=None)
    assert stepped(kinetics, [9.0], DAY, river(depth=1.5))[0] == pytest.approx(9.0 - 1.5 / 1.5)


def slow_twin(kinetics: Kinetics, start, span: float, around) -> np.ndarray:
    """The same system by a stiff integrator, with oxygen ruling the rates at every moment."""

    def slope(_, c):
        k, b = kinetics.system(*around, oxygen_share=float(1 - np.exp(-0.6 * max(c[0], 0.0))))
        return k[0] @ c + b[0]

    return solve_ivp(slope, (0, span), np.array(start, float), method="LSODA", rtol=1e-10, atol=1e-12).y[:, -1]


@pytest.mark.parametrize("load", [5.0, 60.0])
def test_oxygen_that_runs_short_slows_what_needs_it(load: float):
    kinetics = Kinetics.of(["DO", "CBODF", "NH4", "NO3"], {"cbodf_oxidation": 2.0, "reaeration": 0.5})
    start = [6.0, load, 5.0, 2.0]
    found = stepped(kinetics, start, DAY, steps=288)
    assert found == pytest.approx(slow_twin(kinetics, start, DAY, river()), abs=2e-3)
    assert found[0] >= 0
    free = stepped(Kinetics.of(kinetics.species, kinetics.rates, hold=None), start, DAY)
    assert free[1] < found[1]  # without the hold more is oxidised than there was oxygen for


def test_denitrification_waits_for_oxygen_to_go():
    kinetics = Kinetics.of(["DO", "NO3"], {"reaeration": 0.0, "denitrification": 1.0}, without=["sediment_demand"])
    rich = stepped(kinetics, [9.0, 5.0], DAY, steps=100)
    poor = stepped(kinetics, [0.0, 5.0], DAY, steps=100)
    assert rich[1] > 4.95 and poor[1] == pytest.approx(5 * np.exp(-1), rel=1e-6)


def test_a_demand_cannot_take_oxygen_that_is_not_there():
    kinetics = Kinetics.of(["DO"], {"reaeration": 0.0, "surplus": -50.0})
    assert stepped(kinetics, [0.5], DAY)[0] == 0.0


def test_names_and_rates_are_all_checked_at_once():
    with pytest.raises(BadInput) as refused:
        Kinetics.of(["DO", "DO", "CBODX"], {"nitrification": -1.0, "nitrfication": 1.0}, without=["nothing"])
    kinds = sorted(fault.kind for fault in refused.value.faults)
    assert kinds == ["duplicate", "out_of_range", "unknown_reaction", "unknown_reaction", "unknown_species"]
    with pytest.raises(BadInput):
        Kinetics.of(["DO"], formula="thackston")
    with pytest.raises(BadInput):
        Kinetics.of([])


def test_threads_and_cells_that_differ_change_nothing_but_the_time():
    # 5,000 reaches of three cells: alike (one step for all of a reach), or not (one for each); each against its own run
    rng = np.random.default_rng(5)
    kinetics = Kinetics.of(["DO", "CBODF", "NH4", "NO3"], {"cbodf_oxidation": 2.0})
    reaches = 5000
    around = (rng.uniform(5, 25, reaches), rng.uniform(0.2, 3, reaches), np.full(reaches, 0.3), np.zeros(reaches))
    first, volume = 3 * np.arange(reaches + 1), np.full(reaches, 3.0)
    unlike = rng.uniform([0.0, 0, 0, 0], [12.0, 20, 5, 3], (3 * reaches, 4))
    alike = np.repeat(unlike[::3], 3, axis=0) * (1 + 1e-6 * rng.random((3 * reaches, 1)))
    for start in (unlike, alike):
        found = []
        with ThreadPoolExecutor(3) as crew:
            for helpers in (None, crew):
                c, made = start.reshape(-1).copy(), np.zeros(4)
                step = kinetics.step(300.0, *around).twice()
                step.react(first, volume, kinetics.oxygen_at, 0.6, c, made, helpers)
                found.append((c, made))
        assert (found[0][0] == found[1][0]).all() and (found[0][1] == found[1][1]).all()
        assert made == pytest.approx((c.reshape(-1, 4) - start).sum(axis=0), rel=1e-9, abs=1e-9)
        i = 777
        alone = stepped(kinetics, start[3 * i], 600.0, tuple(column[i : i + 1] for column in around))
        assert c[12 * i : 12 * i + 4] == pytest.approx(alone, rel=1e-4, abs=1e-6)
