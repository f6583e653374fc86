"""The finite-volume solver against closed forms, OTIS's published case, the other solvers, and its own mass."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.example.rivers import island_river, random_rivers, toy_river
from riverchief.place import Location, Network, locate
from riverchief.transport import (
    Flow,
    Kinetics,
    Physics,
    Release,
    Surroundings,
    plan_grid,
    reach_cumulants,
    responses,
    simulate,
    way_from,
)
from riverchief.transport.cumulants import forward_cumulants
from riverchief.transport.kernel import kernel
from tests.truth.transport_equations import (
    ogata_banks,
    slug_resident,
    steady_load,
    step_with_decay,
    streeter_phelps,
)

HOUR, DAY = 3600.0, 86_400.0


def chain(*lengths: float) -> Network:
    ids = list(range(len(lengths)))
    return Network.build(ids, [*ids[1:], -1], list(lengths))


def in_order(network: Network, values) -> np.ndarray:
    return np.asarray(values, float)[network.row_of_position]


def test_a_slug_keeps_its_peak_at_the_péclet_number_the_grid_chooses():
    # 1,000 kg into 20 km of v 0.5, D 10, k 1e-5, A 20 (Q 10), after 3 km of river above it; cells v Δx/D = 5: Δx 100 m
    river = chain(3000.0, 20_000.0, 5000.0)
    physics = Physics.of(river.length_m, 0.5, 10.0, 10.0, decay_per_s=1e-5)
    place = locate(river, 1, 20_000.0)
    found = simulate(
        river,
        physics,
        16 * HOUR,
        [place],
        releases=[Release(locate(river, 1, 0.0), "TRACER", 1e6)],
        report_every_s=60.0,
    )
    assert found.grid.peclet.max() <= 5.0 + 1e-9 and found.grid.coarse.size == 0
    exact = slug_resident(20_000, np.maximum(found.time_s, 1.0), 1e6, 20, 0.5, 10, 1e-5)
    curve = found.mg_l[:, 0, 0]
    assert curve.max() == pytest.approx(exact.max(), rel=0.02)
    assert found.time_s[curve.argmax()] == pytest.approx(found.time_s[exact.argmax()], rel=0.01)
    assert np.abs(curve - exact).sum() / exact.sum() < 0.035
    # the release is where it fell and not half a cell (100 s) away: its centre is on time
    late = ((curve - exact / exact.sum() * curve.sum()) * found.time_s).sum() / curve.sum()
    assert abs(late) < 15.0


def test_finer_cells_come_nearer():
    river = chain(20_000.0, 3000.0)
    physics = Physics.of(river.length_m, 0.5, 10.0, 10.0)
    errors = []
    for peclet in (10.0, 5.0, 2.5):
        found = simulate(
            river,
            physics,
            14 * HOUR,
            [locate(river, 0, 20_000.0)],
            releases=[Release(locate(river, 0, 0.0), "TRACER", 1e6, duration_s=HOUR)],
            report_every_s=300.0,
            grid=plan_grid(river.down, physics, peclet=peclet),
        )
        curve = responses(way_from(river.down, 0), physics, [0], [1.0], duration_s=HOUR)[0]
        exact = curve.at(found.time_s) * 1e5
        errors.append(np.abs(found.mg_l[:, 0, 0] - exact).sum() / exact.sum())
    # between first (factor 2) and second order (factor 4)
    assert errors[0] > 1.7 * errors[1] > 1.7 * 1.7 * errors[2]


@pytest.mark.parametrize("k", [0.0, 1e-4])
def test_a_step_of_inflow_is_ogata_and_banks(k: float):
    river = chain(5000.0, 8000.0)
    physics = Physics.of(river.length_m, 0.5, 20.0, 10.0, decay_per_s=k)
    found = simulate(
        river,
        physics,
        5 * HOUR,
        [locate(river, 0, 5000.0)],
        inflow_mg_l=1.0,
        hold_inflow=True,
        report_every_s=600.0,
        grid=plan_grid(river.down, physics, peclet=1.0),
    )
    t = np.maximum(found.time_s, 1.0)
    exact = step_with_decay(5000, t, 0.5, 20, k) if k else ogata_banks(5000, t, 0.5, 20)
    assert found.mg_l[:, 0, 0] == pytest.approx(exact, abs=0.005)


def test_steady_load_with_dispersion_and_decay():
    # O'Connor: U 0.1, E 50, k 1e-5, W/Q 10 at the load; it also works upstream, so there is river above
    river = chain(20_000.0, 30_000.0)
    physics = Physics.of(river.length_m, 0.1, 50.0, 2.0, decay_per_s=1e-5)
    until = 12 * DAY
    found = simulate(
        river,
        physics,
        until,
        [locate(river, 1, 50.0 + x) for x in (0.0, 5000.0, 20_000.0)],
        # in the middle of a cell of 100 m: there the curve has its point
        releases=[Release(locate(river, 1, 50.0), "TRACER", 20.0 * until, duration_s=until)],
        report_every_s=DAY,
        grid=plan_grid(river.down, physics, peclet=0.2),
    )
    exact = steady_load(np.array([0.0, 5000, 20_000]), 0.1, 50, 1e-5, 10)
    assert found.mg_l[-1, :, 0] == pytest.approx(exact, rel=0.01)


def test_oxygen_sag_of_streeter_and_phelps():
    # steady plug-like flow: L0 20, D0 1, kd 0.3, ka 0.7 /d at 20 °C; U 0.5 m/s, so 43.2 km a day
    river = chain(*[21_600.0] * 20)
    physics = Physics.of(river.length_m, 0.5, 1.0, 10.0)
    saturation = 9.0924  # mg/L at 20 °C
    kinetics = Kinetics.of(["DO", "CBODF"], {"cbodf_oxidation": 0.3, "reaeration": 0.7}, hold=None)
    start = np.array([saturation - 1.0, 20.0])
    found = simulate(
        river,
        physics,
        11 * DAY,
        [locate(river, i, 21_600.0) for i in (1, 3, 5, 9, 19)],
        kinetics=kinetics,
        surroundings=Surroundings(temperature_c=20.0),
        inflow_mg_l=start,
        initial_mg_l=start,
        grid=plan_grid(river.down, physics, peclet=2000.0),
    )
    days = np.array([1.0, 2, 3, 5, 10])
    deficit = saturation - found.mg_l[-1, :, 0]
    assert deficit == pytest.approx(streeter_phelps(days, 20, 1, 0.3, 0.7), abs=0.02)
    assert found.mg_l[-1, :, 1] == pytest.approx(20 * np.exp(-0.3 * days), rel=0.01)


UVAS_MG_L = {  # hour: mg/L at 38, 105, 281, 433, 619 m; OTIS, Δx 0.25 m, Δt 7.2 s
    9: [11.184, 4.388, 3.7, 3.7, 3.7],
    10: [11.400, 11.161, 3.989, 3.7, 3.7],
    11: [11.4, 11.342, 8.469, 3.935, 3.7],
    12: [3.916, 10.659, 9.964, 6.671, 3.740],
    14: [3.7, 3.712, 5.425, 9.264, 6.147],
    16: [3.7, 3.709, 3.907, 4.472, 7.131],
    20: [3.7, 3.706, 3.839, 3.885, 4.051],
}


def test_uvas_creek_as_otis_computed_it():
    # Bencala and Walters 1983: parameters; Q 0.0125 m³/s at the top, chloride 3.7 → 11.4 mg/L from 8.40 to 11.40 h
    length = np.array([38.0, 67, 176, 152, 236])
    spread = np.array([0.12, 0.15, 0.24, 0.31, 0.40])
    area = np.array([0.30, 0.42, 0.36, 0.41, 0.52])
    store = np.array([0.05, 0.05, 0.36, 0.41, 1.56])
    alpha = np.array([0.0, 0, 3e-5, 1e-5, 4.5e-5])
    lateral = np.array([0.0, 0, 4.545e-6, 1.974e-6, 2.151e-6]) * length
    creek = chain(*length)
    foot = 0.0125 + np.cumsum(lateral)
    middle = foot - lateral / 2
    physics = Physics.of(
        length,
        middle / area,
        spread,
        middle,
        storage_ratio=np.where(alpha > 0, store / area, 0.0),
        exchange_per_s=alpha,
    )
    head = np.array([0.0125, 0, 0, 0, 0])
    times = np.array([0.0, 8.40 * HOUR, 11.40 * HOUR])
    flow = Flow(times, *(np.tile(column, (3, 1)) for column in (foot, head, lateral)))
    inflow = np.full((3, 5, 1), 3.7)
    inflow[1, 0] = 11.4
    places = [locate(creek, i, x) for i, x in ((0, 38.0), (1, 67.0), (2, 176.0), (3, 152.0), (4, 186.0))]
    found = simulate(
        creek,
        physics,
        20 * HOUR,
        places,
        flow=flow,
        inflow_mg_l=inflow,
        initial_mg_l=3.7,
        grid=plan_grid(creek.down, physics, peclet=0.25),
    )
    ours = found.mg_l[list(UVAS_MG_L), :, 0]
    # ±0.5 % of the step of 7.7 mg/L. The salt enters as a flux: so does a Crank-Nicolson program made for a check come
    # nearest to the table (0.4 %); with the concentration held at the top both are 1.2 % early at 105 m.
    assert np.abs(ours - np.array(list(UVAS_MG_L.values()))).max() < 0.005 * 7.7
    assert np.abs(found.balance.error).max() < 1e-12


def random_case(seed: int, reaches: int):
    """A random basin with lakes, divisions, dead zones and decay, its flow falling downstream nowhere but at arms."""
    rng = np.random.default_rng(seed)
    network = random_rivers(reaches, seed % 1000, lakes=0.1, divisions=0.08).network()
    n = network.n
    flow = network.accumulate(rng.uniform(0.02, 1.0, n))
    lake = network.kind > 0
    physics = Physics.of(
        network.length_m,
        rng.uniform(0.1, 1.5, n),
        rng.uniform(1, 60, n),
        flow,
        decay_per_s=rng.choice([0.0, 1e-5], n),
        storage_ratio=0.2,
        exchange_per_s=rng.choice([0.0, 2e-4], n),
        residence_s=np.where(lake, rng.uniform(2e3, 2e5, n), np.nan),
    )
    return rng, network, physics


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), reaches=st.integers(2, 60))
def test_mass_closes_on_any_river_with_lakes_arms_reactions_and_changing_flow(seed: int, reaches: int):
    rng, network, physics = random_case(seed, reaches)
    n = network.n
    steady = Flow.steady(network, physics.discharge_m3_s)
    # Water that the reaches above bring in plus more from outside, some let go a little late; some is abstracted.
    rise = rng.uniform(1.0, 1.3, (4, 1))
    foot = steady.foot_m3_s * rise
    head = np.repeat(steady.head_m3_s, 4, axis=0) * rise
    lateral = np.where(rng.random((4, n)) < 0.2, -0.05, 0.02) * steady.foot_m3_s
    foot = foot + 0.5 * lateral
    flow = Flow(np.array([0.0, 900, 2000, 5000]), foot, head, lateral)
    kinetics = Kinetics.of(["DO", "CBODF", "ORGN", "NH4", "NO3", "TRACER"])
    place = Location(network.ids[int(rng.integers(n))], 0.0)
    found = simulate(
        network,
        physics,
        7200.0,
        [place],
        kinetics=kinetics,
        surroundings=Surroundings(temperature_c=rng.uniform(2, 30, n)),
        flow=flow,
        releases=[Release(place, "TRACER", 500.0), Release(place, "NH4", 800.0, start_s=1000.0, duration_s=1800.0)],
        inflow_mg_l=[8.0, 3.0, 1.0, 0.5, 1.0, 0.2],
        initial_mg_l=[9.0, 2.0, 1.0, 0.2, 2.0, 0.0],
    )
    assert np.abs(found.balance.error).max() < 1e-12
    assert found.state.min() >= -1e-12
    # a conservative substance is neither made nor lost
    assert found.balance.reacted[5] == 0.0


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), reaches=st.integers(2, 40))
def test_water_of_one_concentration_stays_so_while_the_river_rises_and_falls(seed: int, reaches: int):
    rng, network, physics = random_case(seed, reaches)
    steady = Flow.steady(network, physics.discharge_m3_s)
    foot = np.repeat(steady.foot_m3_s, 3, axis=0) * rng.uniform(0.9, 1.1, (3, network.n))
    head = np.repeat(steady.head_m3_s, 3, axis=0) * rng.uniform(0.9, 1.1, (3, network.n))
    lateral = 0.05 * steady.foot_m3_s * rng.uniform(-1, 1, (3, network.n))
    flow = Flow(np.array([0.0, 1000, 1800]), foot, head, lateral)
    same = Kinetics.of(["TRACER"])
    found = simulate(network, physics, 2400.0, [], kinetics=same, flow=flow, inflow_mg_l=4.0, initial_mg_l=4.0)
    assert found.state == pytest.approx(4.0, rel=1e-11)


def test_dead_zones_lakes_and_arms_agree_with_the_transfer_functions():
    river = island_river()
    at = river.positions([1, 2, 3, 4])
    lake = np.zeros(4, bool)
    lake[at[1]] = True  # the southern arm is a lake
    flow = np.empty(4)
    flow[at] = [10.0, 7.0, 3.0, 10.0]
    physics = Physics.of(
        river.length_m,
        0.5,
        15.0,
        flow,
        decay_per_s=1e-5,
        storage_ratio=0.3,
        exchange_per_s=3e-4,
        residence_s=np.where(lake, 1.5e4, np.nan),
    )
    spill = locate(river, 1, 0.0)
    # well above the confluence: there the water's concentration feels the other arm, which a flux does not
    places = [locate(river, 3, 4500.0), locate(river, 4, 3500.0)]
    found = simulate(
        river,
        physics,
        30 * HOUR,
        places,
        releases=[Release(spill, "TRACER", 1e6, duration_s=2 * HOUR)],
        report_every_s=600.0,
        grid=plan_grid(river.down, physics, peclet=1.0),
    )
    edges = river.secondary
    way = way_from(river.down, river.index_of(1), (edges.source, edges.target, edges.fraction))
    positions = [way.position(river.index_of(place.reach)) for place in places]
    for j, curve in enumerate(responses(way, physics, positions, [0.9, 0.875], duration_s=2 * HOUR)):
        exact = curve.at(found.time_s) * 1e6 / flow[river.index_of(places[j].reach)]
        assert np.abs(found.mg_l[:, j, 0] - exact).max() < 0.03 * exact.max()


def test_cumulants_transfer_functions_and_finite_volumes_agree_on_a_basin():
    network = random_rivers(60, 4).network()
    flow = network.accumulate(np.full(network.n, 0.3))
    rng = np.random.default_rng(4)
    physics = Physics.of(
        network.length_m, rng.uniform(0.3, 0.7, network.n), rng.uniform(8, 30, network.n), flow, decay_per_s=5e-6
    )
    source = int(np.argmax(network.distance_to_outlet_m))
    outlet = int(network.outlet[source])
    way = way_from(network.down, source)
    exact = responses(way, physics, [way.position(outlet)], [1.0])[0]
    _, moments = forward_cumulants(network.down, reach_cumulants(physics), source)
    approximate = kernel(exact.time_s, type(moments)(*(column[-1] for column in moments)))
    assert np.abs(approximate - exact.per_s).max() < 0.02 * exact.per_s.max()
    found = simulate(
        network,
        physics,
        float(exact.time_s[-1]),
        [Location(network.ids[outlet], float(network.length_m[outlet]))],
        releases=[Release(Location(network.ids[source], 0.0), "TRACER", 1e6)],
        report_every_s=1800.0,
        grid=plan_grid(network.down, physics, peclet=2.0),
    )
    expected = exact.at(found.time_s) * 1e6 / flow[outlet]
    assert np.abs(found.mg_l[:, 0, 0] - expected).max() < 0.03 * expected.max()


def test_flow_that_takes_more_than_there_is_is_refused():
    river = toy_river()
    physics = Physics.of(river.length_m, 0.5, 10.0, 1.0)
    flow = Flow(np.zeros(1), np.full((1, 5), 50.0), np.zeros((1, 5)), np.zeros((1, 5)))
    with pytest.raises(BadInput) as refused:
        simulate(river, physics, DAY, [], flow=flow)
    assert refused.value.faults[0].kind == "runs_dry"


def test_a_lake_can_be_abstracted_faster_than_it_fills():
    # In 1 m³/s, out 0.2, taken 0.8; the water stays for 1000 s, a step is longer. Steady: what flows in is in the lake.
    river = chain(1000.0, 500.0)
    physics = Physics.of(river.length_m, 0.5, 10.0, [1.0, 0.2], residence_s=[np.nan, 5000.0])
    flow = Flow(np.zeros(1), np.array([[1.0, 0.2]]), np.array([[1.0, 0.0]]), np.array([[0.0, -0.8]]))
    grid = plan_grid(river.down, physics)
    found = simulate(river, physics, 2 * DAY, [locate(river, 1, 100.0)], flow=flow, inflow_mg_l=3.0, grid=grid)
    assert grid.step_s > 1000 / 2
    assert found.mg_l[-1, 0, 0] == pytest.approx(3.0, rel=1e-9) and found.mg_l.max() < 3.0 + 1e-9
    assert np.abs(found.balance.error).max() < 1e-12
