"""What cannot be traced is refused with every reason, or said in plain words; never answered with a number."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.place import Location, Network, locate
from riverchief.tracing import Assumptions, Candidate, StationSamples, trace
from tests.domain.tracing.toy import HALF_HOURS, measured, physics_of, toy_river, toy_stations

PLACE = Location(1, 100.0)


def kinds(refused) -> list[str]:
    return [fault.kind for fault in refused.value.faults]


def test_times_without_zone_are_no_times():
    with pytest.raises(BadInput) as refused:
        StationSamples.of(
            "s", PLACE, [datetime.fromisoformat("2026-11-20"), "2026-11-20T01:00", "noon"], [1.0, 1.0, 1.0]
        )
    assert kinds(refused) == ["bad_time"] * 3
    assert [fault.line for fault in refused.value.faults] == [1, 2, 3]


def test_times_with_zone_are_seconds_since_1970():
    given = StationSamples.of("s", PLACE, ["2026-11-20T08:00:00+08:00", "2026-11-20T01:00:00Z"], [1.0, 2.0])
    assert given.time_s.tolist() == [1795132800.0, 1795136400.0]


def test_an_unknown_unit_is_refused_and_a_known_one_converted():
    with pytest.raises(BadInput) as refused:
        StationSamples.of("s", PLACE, HALF_HOURS[:1], [1.0], unit="mg per litre")
    assert kinds(refused) == ["unknown_unit"]
    with pytest.raises(BadInput) as refused:
        StationSamples.of("s", PLACE, HALF_HOURS[:1], [1.0], unit="m3/s")
    assert kinds(refused) == ["unit_mismatch"]
    assert StationSamples.of("s", PLACE, HALF_HOURS[:1], [1500.0], unit="ug/L").value_mg_l[0] == pytest.approx(1.5)


def test_negative_and_infinite_concentrations_are_all_named():
    with pytest.raises(BadInput) as refused:
        StationSamples.of("s", PLACE, HALF_HOURS[:4], [1.0, -0.1, np.inf, -3.0])
    assert kinds(refused) == ["out_of_range"] * 3
    assert {fault.line for fault in refused.value.faults} == {2, 3, 4}


def test_one_time_twice_and_columns_of_two_lengths():
    with pytest.raises(BadInput) as refused:
        StationSamples.of("s", PLACE, [HALF_HOURS[0], HALF_HOURS[0]], [1.0, 2.0])
    assert kinds(refused) == ["duplicate"]
    with pytest.raises(BadInput) as refused:
        StationSamples.of("s", PLACE, HALF_HOURS[:3], [1.0, 2.0])
    assert kinds(refused) == ["wrong_shape"]


def test_a_mark_of_censoring_that_is_none():
    with pytest.raises(BadInput) as refused:
        StationSamples.of("s", PLACE, HALF_HOURS[:2], [1.0, 2.0], censor=["<", "~"])
    assert kinds(refused) == ["not_one_of"]
    with pytest.raises(BadInput) as refused:
        StationSamples.of("s", PLACE, HALF_HOURS[:2], [1.0, 2.0], censor=["<"])
    assert kinds(refused) == ["wrong_shape"]


def test_every_fault_of_a_trace_is_named_at_once():
    river = toy_river()
    samples = [
        StationSamples.of("a", Location(99, 0.0), HALF_HOURS[:3], [1.0, 1.0, 1.0]),
        StationSamples.of("b", Location(1, 5000.0), HALF_HOURS[:3], [1.0, 1.0, 1.0]),
        StationSamples.of("b", Location(1, 10.0), HALF_HOURS[:3], [1.0, 1.0, 1.0]),
    ]
    candidates = [Candidate("x", Location(1, 0.0), prior=0.0), Candidate("x", Location(77, 0.0))]
    with pytest.raises(BadInput) as refused:
        trace(river, physics_of(river), candidates, samples, most_sources=0)
    assert sorted(kinds(refused)) == sorted(
        ["duplicate", "duplicate", "out_of_range", "out_of_range", "out_of_range", "unknown_reach", "unknown_reach"]
    )


def test_no_station_at_all():
    river = toy_river()
    with pytest.raises(BadInput) as refused:
        trace(river, physics_of(river), [Candidate("x", PLACE)], [])
    assert kinds(refused) == ["empty_file"]


def test_stations_that_no_candidates_water_passes():
    river = toy_river()
    samples = measured(river, physics_of(river), {"side": locate(river, 2, 500.0)}, [])
    with pytest.raises(BadInput) as refused:
        trace(river, physics_of(river), [Candidate("x", PLACE)], samples)
    assert kinds(refused) == ["no_way"]


@pytest.mark.parametrize("column", ["discharge_m3_s", "velocity_m_s"])
@pytest.mark.parametrize("value", [0.0, np.nan])
def test_flow_that_is_zero_or_missing_on_the_way_is_refused_and_elsewhere_not(column, value):
    river = toy_river()
    physics = physics_of(river)
    samples = measured(river, physics, toy_stations(river), [(PLACE, 40.0, HALF_HOURS[12])])

    def with_hole(reach):
        values = getattr(physics, column).copy()
        values[river.index_of(reach)] = value
        return replace(physics, **{column: values})

    with pytest.raises(BadInput) as refused:
        trace(river, with_hole(3), [Candidate("x", PLACE)], samples)
    assert kinds(refused) == ["bad_reach_values"]
    assert "3" in refused.value.faults[0].details["given"]
    # reach 4 is on no way from x
    assert trace(river, with_hole(4), [Candidate("x", PLACE)], samples).set90 == ("x",)


def test_physics_of_another_network():
    river, other = toy_river(), Network.build(["r"], [None], [100.0])
    samples = measured(river, physics_of(river), toy_stations(river), [])
    with pytest.raises(BadInput) as refused:
        trace(river, physics_of(other), [Candidate("x", PLACE)], samples)
    assert kinds(refused) == ["wrong_shape"]


def test_candidates_of_unknown_kind_permit_and_history():
    with pytest.raises(BadInput) as refused:
        Candidate.of("x", PLACE, kind="volcano", permit="perhaps", past_cases=-1)
    assert kinds(refused) == ["unknown_kind", "not_one_of", "out_of_range"]


def test_odds_multiply():
    # mine 4 x no permit 2 x two cases or more 3
    assert Candidate.of("x", PLACE, kind="mine", permit="none", past_cases=5).prior == 24.0
    assert Candidate.of("x", PLACE).prior == 1.0


def test_assumptions_outside_their_ranges_are_all_named():
    with pytest.raises(BadInput) as refused:
        Assumptions(velocity=-0.1, noise=2.0, shortest_s=7200.0, longest_s=3600.0, least_mass_kg=10.0, floor_mg_l=0.0)
    assert {fault.column for fault in refused.value.faults} == {"velocity", "noise", "shortest_s", "floor_mg_l"}
    with pytest.raises(BadInput) as refused:
        Assumptions.from_dict({"velocty": 0.1})
    assert kinds(refused) == ["unknown_column"]
    assert Assumptions.from_dict(Assumptions(noise=0.2).as_dict()) == Assumptions(noise=0.2)
