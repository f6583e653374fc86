"""A river's day: temperature and light that change with the hour, and plants that live by them."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from riverchief.errors import BadInput
from riverchief.place import Network, locate
from riverchief.transport import Kinetics, Physics, Surroundings, simulate
from riverchief.transport.oxygen import oxygen_saturation
from riverchief.transport.plants import light_share, standing_crop
from riverchief.transport.surroundings import Around

HOUR, DAY = 3600.0, 86_400.0


def lake(around: Surroundings, kinetics: Kinetics, start: list[float], until_s: float, every_s: float = HOUR):
    """One well-mixed pool that hardly anything flows through: what happens in it is reactions alone."""
    pool = Network.build([1], [-1], [1000.0])
    physics = Physics.of([1000.0], np.nan, np.nan, 1e-9, residence_s=1e12)
    return simulate(
        pool, physics, until_s, [locate(pool, 1, 500.0)], kinetics=kinetics, surroundings=around,
        initial_mg_l=start, inflow_mg_l=start, report_every_s=every_s,
    )  # fmt: skip


def test_light_shares_at_known_points():
    # I/(K+I), I/√(K²+I²), I/K e^(1-I/K) at I = K: 1/2, 1/√2, 1; in the dark nothing; in much light all (Steele: less)
    for formula, at_scale in (("half_saturation", 0.5), ("smith", 2**-0.5), ("steele", 1.0)):
        assert light_share(24.0, 24.0, formula) == pytest.approx(at_scale)
        assert light_share(0.0, 24.0, formula) == 0.0
    assert light_share(1e6, 24.0) > 0.999 and light_share(240.0, 24.0, "steele") < 0.01
    assert light_share(0.0, 0.0) == 1.0 and np.isnan(light_share(np.nan, 1.0))
    with pytest.raises(BadInput):
        light_share(1.0, 1.0, "jassby")


def test_light_fades_on_its_way_to_the_bed():
    # I e^(-k H): 100 · e^(-0.5 · 2)
    around = Around(Surroundings(light_w_m2=100.0, extinction_per_m=0.5), 1)
    assert around.light_at_bed(0, np.array([2.0])) == pytest.approx([100 * np.exp(-1)])
    assert Around(Surroundings(), 1).light_at_bed(0, np.array([2.0])) is None


def test_photosynthesis_goes_with_the_light_and_stops_in_the_dark():
    # 10 g/m²/d at full light, K 24 W/m² at the bed; 24 W/m² there for 6 h, then dark: 10 · 0.5 · 0.25 d / 2 m
    kinetics = Kinetics.of(
        ["DO"], {"photosynthesis": 10.0, "reaeration": 0.0}, light={"photosynthesis": 24.0}, hold=None
    )
    around = Surroundings(
        depth_m=2.0, light_w_m2=np.array([[24.0], [0.0]]), extinction_per_m=0.0, time_s=[0.0, 6 * HOUR], period_s=DAY
    )
    found = lake(around, kinetics, [3.0], 2 * DAY, 6 * HOUR)
    grown = 10 * 0.5 * 0.25 / 2
    assert found.mg_l[:, 0, 0] == pytest.approx(3 + grown * np.array([0, 1, 1, 1, 1, 2, 2, 2, 2]), rel=1e-6)


def test_plants_breathe_by_their_mass():
    # 0.5 g/g/d · 30 g/m² / 1.5 m = 10 g/m³/d
    kinetics = Kinetics.of(["DO"], {"plant_respiration": 0.5, "reaeration": 0.0}, hold=None)
    found = lake(Surroundings(depth_m=1.5, plants_g_m2=30.0), kinetics, [9.0], 0.5 * DAY, 0.5 * DAY)
    assert found.mg_l[-1, 0, 0] == pytest.approx(9 - 10 * 0.5)


def test_oxygen_follows_a_warm_day_and_a_cold_night():
    # dO/dt = ka 1.024^(T-20) (Os(T) - O), T one of two by the half day, against an integrator
    warm = np.array([[26.0], [10.0]])
    around = Surroundings(temperature_c=warm, time_s=[0.0, DAY / 2], period_s=DAY)
    found = lake(around, Kinetics.of(["DO"], {"reaeration": 4.0}), [5.0], 3 * DAY)

    def slope(t, c):
        now = warm[int(t % DAY >= DAY / 2), 0]
        return 4.0 / DAY * 1.024 ** (now - 20) * (oxygen_saturation(now) - c)

    c, expected = np.array([5.0]), [5.0]
    for half in range(6):
        span = (half * DAY / 2, (half + 1) * DAY / 2 - 1e-6)
        steps = solve_ivp(slope, span, c, rtol=1e-10, atol=1e-12, t_eval=np.linspace(*span, 13)).y[0]
        c = steps[-1:]
        expected += steps[1:].tolist()
    assert found.mg_l[:, 0, 0] == pytest.approx(expected, abs=1e-5)


def test_a_series_without_a_period_keeps_its_last_step():
    around = Around(Surroundings(temperature_c=np.array([[1.0], [2.0], [3.0]]), time_s=[0.0, 100.0, 200.0]), 1)
    assert [around.step_at(t) for t in (0.0, 99.0, 100.0, 250.0, 1e9)] == [0, 0, 1, 2, 2]


def test_a_period_comes_round_to_the_last_bit():
    around = Around(Surroundings(temperature_c=np.arange(24.0)[:, None], time_s=HOUR * np.arange(24), period_s=DAY), 1)
    times = around.changes(400 * DAY)
    assert times.size == 400 * 24
    assert [around.step_at(t) for t in times.tolist()] == list(range(24)) * 400


def test_a_crop_that_lives_by_its_days_repeats_itself():
    # against 300 days of dA/dt = g - l A by small steps
    span = np.array([8.0, 6.0, 10.0]) * HOUR
    growth, loss = np.array([[0.0], [40.0], [15.0]]), np.array([[0.5], [0.9], [0.7]])
    crop = 0.0
    for _ in range(300):
        means = []
        for k in range(3):
            steps = 2000
            small = np.exp(-loss[k, 0] * span[k] / DAY / steps)
            values = np.empty(steps + 1)
            values[0] = crop
            for j in range(steps):
                values[j + 1] = values[j] * small + growth[k, 0] / loss[k, 0] * (1 - small)
            crop = values[-1]
            means.append(0.5 * (values[1:] + values[:-1]).mean())
    assert standing_crop(span, growth, loss)[:, 0] == pytest.approx(means, rel=1e-6)
    assert standing_crop([DAY], [[12.0, 12.0]], [[0.4, 0.0]])[0] == pytest.approx([30.0, np.nan], nan_ok=True)


def test_everything_wrong_about_surroundings_is_said():
    with pytest.raises(BadInput) as refused:
        Around(
            Surroundings(
                temperature_c=np.zeros((3, 2)), depth_m=-1.0, light_w_m2=-5.0, time_s=[0.0, 1.0], period_s=0.5
            ),
            2,
        )
    assert sorted(fault.column for fault in refused.value.faults) == [
        "depth_m", "light_w_m2", "period_s", "temperature_c",
    ]  # fmt: skip
    with pytest.raises(BadInput):
        Around(Surroundings(time_s=[5.0, 10.0]), 2)
    with pytest.raises(BadInput) as refused:
        Kinetics.of(["DO"], light={"reaeration": 5.0, "photosynthesis": 0.0})
    assert [fault.kind for fault in refused.value.faults] == ["unknown_reaction", "out_of_range"]
