"""A spill is told to every place downstream, with ranges, and nonsense is refused."""

from dataclasses import replace

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.example.rivers import island_river, toy_river
from riverchief.place import Location, Network, locate
from riverchief.spill import Spill, Watch, forecast_spill, spill_front
from riverchief.transport import Doubt, Physics
from tests.truth.transport_equations import slug_flux

CERTAIN = Doubt(velocity=0.0, dispersion=0.0, decay=0.0, discharge=0.0)


def physics_of(network: Network, **changed) -> Physics:
    given = {"velocity_m_s": 0.5, "dispersion_m2_s": 10.0, "discharge_m3_s": 10.0, "decay_per_s": 1e-5} | changed
    return Physics.of(network.length_m, **given)


def watch(network: Network, name: str, reach: int, chainage: float, **more) -> Watch:
    return Watch(name, locate(network, reach, chainage), **more)


def one_reach() -> Network:
    return Network.build(["r"], [None], [30_000.0])


def test_one_reach_without_doubt_is_the_closed_form():
    # 1,000 kg, 20 km, v 0.5, D 10, k 1e-5, Q 10: flux concentration; its peak by a fine search
    river = one_reach()
    found = forecast_spill(
        river,
        Spill(Location("r", 2000.0), 1000.0),
        [watch(river, "intake", "r", 22_000.0, limit_mg_l=5.0)],
        physics_of(river),
        doubt=CERTAIN,
        members=2,
    ).places[0]
    t = np.linspace(30_000, 55_000, 2_500_001)
    c = slug_flux(20_000, t, 1e6, 10, 0.5, 10, 1e-5)
    over = t[c >= 0.01 * c.max()]
    assert found.distance_m == 20_000.0
    assert found.peak_mg_l.median == pytest.approx(c.max(), rel=1e-5)
    assert found.peak_s.median == pytest.approx(t[c.argmax()], abs=3.0)
    assert found.arrival_s.median == pytest.approx(over[0], abs=5.0)
    assert found.passage_s.median == pytest.approx(over[-1] - over[0], abs=10.0)
    assert found.above_limit_s.median == pytest.approx((c > 5.0).sum() * (t[1] - t[0]), abs=3.0)
    assert found.probability_above == 1.0 and found.resolved
    # survival: exp(x (v - u)/2D), u = √(v² + 4Dk)
    u = np.sqrt(0.25 + 4 * 10 * 1e-5)
    assert found.mass_kg.median == pytest.approx(1000 * np.exp(20_000 * (0.5 - u) / 20), rel=1e-9)


def test_ranges_come_from_the_errors_and_only_from_them():
    # arrival goes with 1/velocity: its 5 % and 95 % are the median times exp(±1.645 · 0.2)
    river = one_reach()
    spill = Spill(Location("r", 0.0), 100.0)
    places = [watch(river, "border", "r", 30_000.0)]
    doubt = replace(CERTAIN, velocity=0.2)
    found = forecast_spill(river, spill, places, physics_of(river), doubt=doubt, members=400, seed=7).places[0]
    assert found.peak_s.p05 / found.peak_s.median == pytest.approx(np.exp(-1.645 * 0.2), rel=0.02)
    assert found.peak_s.p95 / found.peak_s.median == pytest.approx(np.exp(1.645 * 0.2), rel=0.02)
    certain = forecast_spill(river, spill, places, physics_of(river), doubt=CERTAIN, members=5).places[0]
    assert certain.peak_s.p05 == certain.peak_s.p95 == pytest.approx(found.peak_s.median, rel=0.01)
    again = forecast_spill(river, spill, places, physics_of(river), doubt=doubt, members=400, seed=7).places[0]
    assert again == found


def test_discharge_of_the_place_dilutes():
    river = toy_river()
    flow = np.empty(5)
    flow[river.positions([1, 2, 3, 4, 5])] = [1.0, 1.0, 2.0, 3.0, 5.0]
    physics = physics_of(river, discharge_m3_s=flow, decay_per_s=0.0)
    spill = Spill(locate(river, 1, 0.0), 10.0, duration_s=86_400.0 * 20)
    places = [watch(river, "below 3", 3, 3000.0), watch(river, "mouth", 5, 5000.0), watch(river, "brook", 4, 10.0)]
    found = forecast_spill(river, spill, places, physics, doubt=CERTAIN, members=2)
    # a long release is steady: c = M/(d Q)
    rate = 10_000.0 / (86_400 * 20)
    assert [place.watch.id for place in found.places] == ["below 3", "mouth"]
    assert [place.peak_mg_l.median for place in found.places] == pytest.approx([rate / 2, rate / 5], rel=1e-6)
    assert [lost.id for lost in found.unreached] == ["brook"]


def test_an_island_divides_the_mass():
    river = island_river()
    physics = physics_of(river, decay_per_s=0.0)
    found = forecast_spill(
        river,
        Spill(locate(river, 1, 0.0), 10.0),
        [watch(river, "north", 3, 2500.0), watch(river, "south", 2, 1000.0), watch(river, "below", 4, 4000.0)],
        physics,
        doubt=CERTAIN,
        members=2,
    )
    mass = {place.watch.id: place.mass_kg.median for place in found.places}
    assert mass == pytest.approx({"south": 7.0, "north": 3.0, "below": 10.0})
    assert {place.watch.id: place.distance_m for place in found.places} == {"south": 2000, "north": 3500, "below": 7000}


def test_the_front_carries_the_mass_past_every_reach():
    river = toy_river()
    physics = physics_of(river, decay_per_s=0.0)
    front = spill_front(river, Spill(locate(river, 1, 500.0), 10.0), physics, np.linspace(0, 2e5, 401))
    assert river.ids[front.reaches].tolist() == [1, 3, 5]
    passed = (front.mg_l * np.diff(front.time_s)[:, None]).sum(axis=0) * physics.discharge_m3_s[front.reaches]
    assert passed == pytest.approx(np.full(3, 10_000.0), rel=1e-4)
    peaks = front.mg_l.argmax(axis=0)
    assert list(peaks) == sorted(peaks)


def test_forecast_can_bring_its_front():
    river = toy_river()
    found = forecast_spill(
        river,
        Spill(locate(river, 1, 500.0), 10.0),
        [watch(river, "mouth", 5, 5000.0)],
        physics_of(river),
        members=10,
        front_steps=50,
    )
    assert found.front.mg_l.shape == (50, 3)
    assert found.front.time_s[-1] >= found.places[0].peak_s.p95


def test_a_place_in_the_lake_of_the_spill_is_reached_wherever_it_lies():
    lake = Network.build(["lake"], [None], [2000.0], kind=[1], storage_m3=[1e6])
    physics = Physics.of([2000.0], np.nan, np.nan, 10.0, residence_s=1e5)
    found = forecast_spill(
        lake,
        Spill(locate(lake, "lake", 1500.0), 50.0),
        [watch(lake, "head", "lake", 10.0)],
        physics,
        doubt=CERTAIN,
        members=2,
    )
    # M/V = M/(Qτ) = 50,000 g / 1e6 m³, at once
    assert found.places[0].peak_mg_l.median == pytest.approx(0.05, rel=0.02)
    assert not found.places[0].resolved


def test_all_faults_are_named_at_once():
    river = toy_river()
    with pytest.raises(BadInput) as refused:
        forecast_spill(
            river,
            Spill(Location(9, 10.0), -5.0, duration_s=float("nan")),
            [Watch("a", Location(3, 99_999.0), limit_mg_l=0.0), Watch("a", Location(3, 1.0))],
            physics_of(river),
            background_mg_l=-1.0,
            members=0,
            doubt=Doubt(velocity=-0.1),
        )
    kinds = sorted((fault.kind, fault.column or "") for fault in refused.value.faults)
    assert kinds == [
        ("duplicate", "id"),
        ("out_of_range", "a: limit_mg_l"),
        ("out_of_range", "background_mg_l"),
        ("out_of_range", "chainage_m"),
        ("out_of_range", "doubt velocity"),
        ("out_of_range", "duration_s"),
        ("out_of_range", "mass_kg"),
        ("out_of_range", "members"),
        ("unknown_reach", ""),
    ]


def test_no_place_is_no_answer():
    river = toy_river()
    with pytest.raises(BadInput):
        forecast_spill(river, Spill(locate(river, 1, 0.0), 1.0), [], physics_of(river))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("discharge_m3_s", 0.0),
        ("discharge_m3_s", np.nan),
        ("velocity_m_s", -0.1),
        ("velocity_m_s", np.inf),
        ("dispersion_m2_s", 0.0),
        ("decay_per_s", -1e-6),
        ("decay_per_s", np.nan),
    ],
)
def test_a_river_that_cannot_flow_is_refused(column: str, value: float):
    river = toy_river()
    array = np.full(5, 0.5 if column != "decay_per_s" else 0.0)
    array[2] = value
    with pytest.raises(BadInput) as refused:
        physics_of(river, **{column: array})
    (fault,) = refused.value.faults
    assert fault.kind == "bad_reach_values" and fault.column == column and fault.details["count"] == "1"
    assert "2:" in fault.text("zh")


@pytest.mark.parametrize("velocity", [0.01, 0.5, 3.0])
@pytest.mark.parametrize("dispersion", [1e-3, 15.0, 500.0])
def test_a_place_at_the_spill_itself_is_reached_at_once_and_only_bounds_its_peak(velocity: float, dispersion: float):
    # on the point, and where the reach below begins when it is spilled at the very end of the one above
    river = Network.build(["a", "b"], ["b", None], [2000.0, 2000.0])
    physics = physics_of(river, velocity_m_s=velocity, dispersion_m2_s=dispersion)
    for spilled, seen in (("a", 700.0), Location("a", 700.0)), (("a", 2000.0), Location("b", 0.0)):
        spill = Spill(Location(*spilled), 20.0)
        found = forecast_spill(river, spill, [Watch("here", seen)], physics, members=20).places[0]
        assert found.distance_m == 0.0 and not found.resolved
        assert found.arrival_s.median == pytest.approx(0.0, abs=1.0) and found.peak_mg_l.median > 0
        assert found.mass_kg.median == pytest.approx(20.0)


def test_a_place_at_a_spill_that_lasts_sees_what_is_let_out():
    # 20 kg over 2 h into 10 m³/s: 20e3 g / 7200 s / 10 m³/s = 0.278 mg/L while it lasts
    river = one_reach()
    spill = Spill(Location("r", 500.0), 20.0, 7200.0)
    found = forecast_spill(
        river, spill, [watch(river, "here", "r", 500.0)], physics_of(river), doubt=CERTAIN, members=2
    )
    assert found.places[0].peak_mg_l.median == pytest.approx(20e3 / 7200 / 10, rel=0.02)


def behind_a_lake(t: np.ndarray, lake_s: float) -> np.ndarray:
    """1,000 kg, 5 km of river (v 0.5, D 10, k 0), then a mixed tank: τ c' = c_in - c, by exact steps for an inflow that
    is even within a step."""
    inflow = np.concatenate([[0.0], slug_flux(5000, t[1:], 1e6, 10, 0.5, 10, 0.0)])
    stay = np.exp(-(t[1] - t[0]) / lake_s)
    c = np.zeros(t.size)
    for j in range(1, t.size):
        c[j] = c[j - 1] * stay + (1 - stay) * 0.5 * (inflow[j] + inflow[j - 1])
    return c


@pytest.mark.parametrize("lake_d", [2.0, 80.0, 400.0])
def test_a_reservoir_with_a_long_memory_does_not_blur_when_the_spill_arrives(lake_d: float):
    # the tank keeps the water for weeks; the arrival is that of the 5 km above it, in minutes
    lake_s = lake_d * 86400
    river = Network.build(["a", "lake"], ["lake", None], [5000.0, 800.0], kind=[0, 1], storage_m3=[np.nan, 10 * lake_s])
    physics = Physics.of(river.length_m, 0.5, 10.0, 10.0, residence_s=[np.nan, lake_s])
    c_of = behind_a_lake(t := np.arange(0.0, 60_000.0, 5.0), lake_s)
    limit = 0.6 * float(c_of.max())
    found = forecast_spill(
        river,
        Spill(Location("a", 0.0), 1000.0),
        [watch(river, "dam", "lake", 800.0, limit_mg_l=limit)],
        physics,
        doubt=CERTAIN,
        members=2,
    ).places[0]
    assert found.resolved
    assert found.peak_mg_l.median == pytest.approx(c_of.max(), rel=2e-3)
    assert found.arrival_s.median == pytest.approx(t[np.argmax(c_of >= 0.01 * c_of.max())], abs=30.0)
    # then it falls by exp(-t/τ): to 1 % after ln(100) τ, to 0.6 after ln(1/0.6) τ
    assert found.passage_s.median == pytest.approx(np.log(100) * lake_s, rel=0.05)
    assert found.above_limit_s.median == pytest.approx(np.log(1 / 0.6) * lake_s, rel=0.05)


def test_a_spill_into_the_lake_itself_is_there_at_once():
    river = Network.build(["lake"], [None], [800.0], kind=[1], storage_m3=[1e6])
    physics = Physics.of(river.length_m, np.nan, np.nan, 10.0, residence_s=[1e5])
    spill = Spill(Location("lake", 0.0), 10.0)
    found = forecast_spill(river, spill, [watch(river, "dam", "lake", 800.0)], physics, doubt=CERTAIN, members=2)
    assert not found.places[0].resolved and found.places[0].arrival_s.median == pytest.approx(0.0, abs=60.0)
