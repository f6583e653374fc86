"""The simulated feed is repeatable, marked and plausible; it holds one discharge that two stations see in turn."""

import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.example.chengkou.discharge import DECAY_PER_S, added_mg_l, night_discharge
from riverchief.example.chengkou.rivers import facts_of, network, physics
from riverchief.example.chengkou.simulation import SOURCE, simulate
from riverchief.parameter import find_parameter
from riverchief.standard.classes import rank_of
from riverchief.standard.surface_water import grade_sample
from riverchief.standard.surface_water.oxygen import saturation_share
from tests.domain.example.chengkou_files import PLACES, path_down

END = datetime(2026, 5, 20, 3, 30, tzinfo=UTC)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FEED = simulate(END)
SEEING = ("M-GY", "M-FX")
CLEAN = ("M-GG", "M-XQ", "M-CZ", "M-TBZ", "M-HJK", "M-SH")


def samples(feed, station):
    """Parameter to value of each time of a station, in order of time."""
    found = defaultdict(dict)
    for reading in feed:
        if reading.station == station and reading.value is not None:
            found[reading.time][reading.parameter] = reading.value
    return dict(sorted(found.items()))


def classes(feed, station, since=EARLIEST):
    water = "lake" if station == "M-SH" else "river"
    return {
        time: grade_sample(values, water=water, missing="ignore").water_class
        for time, values in samples(feed, station).items()
        if time >= since
    }


def exceeding(feed, station, since=EARLIEST):
    """Times from ``since`` on at which the section of ``station`` is worse than its target."""
    target = PLACES[PLACES[station]["part_of"]]["class_target"]
    return [time for time, found in classes(feed, station, since).items() if rank_of(found) > rank_of(target)]


def test_the_same_end_and_seed_give_the_same_feed():
    assert simulate(END) == FEED
    assert simulate(END, seed=2) != FEED


def test_every_reading_is_marked_as_simulated_and_comes_from_a_simulated_station():
    assert {reading.source for reading in FEED} == {SOURCE}
    assert {PLACES[reading.station]["operator"] for reading in FEED} == {"simulated"}
    assert len({reading.key for reading in FEED}) == len(FEED)


def test_sixty_days_four_hourly_up_to_the_end_on_the_hours_of_china():
    times = sorted({reading.time for reading in FEED})
    assert len(times) == 361
    assert {after - before for before, after in itertools.pairwise(times)} == {timedelta(hours=4)}
    assert times[-1] == datetime(2026, 5, 20, 0, tzinfo=UTC) and times[-1] <= END
    assert {(time + timedelta(hours=8)).hour % 4 for time in times} == {0}


def test_values_are_canonical_rounded_and_possible():
    for reading in FEED:
        known = find_parameter(reading.parameter)
        assert reading.unit == known.unit
        if reading.value is not None:
            assert reading.value > 0 and round(reading.value, known.decimals) == reading.value


def test_an_end_without_zone_is_refused():
    with pytest.raises(BadInput) as refused:
        simulate(datetime(2026, 5, 20))  # noqa: DTZ001
    assert [fault.kind for fault in refused.value.faults] == ["needs_timezone"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("end", [END, datetime(2026, 1, 3, tzinfo=UTC), datetime(2026, 8, 9, 17, tzinfo=UTC)], ids=str)
def test_the_discharge_makes_an_episode_at_two_stations_one_after_the_other(end: datetime, seed: int):
    feed = simulate(end, seed)
    begun = night_discharge(end).start
    first = {}
    for station in SEEING:
        times = exceeding(feed, station, begun)
        assert len(times) >= 2, f"{station} sees it in two samples"
        assert times[-1] - times[0] == timedelta(hours=4) * (len(times) - 1), "one unbroken run"
        assert end - timedelta(days=3) < times[0]
        first[station] = times[0]
    assert first["M-GY"] < first["M-FX"]
    for station in (*CLEAN, "M-SZZ"):
        assert exceeding(feed, station, begun) == []


def test_the_discharge_lowers_oxygen_and_is_worst_in_ammonia():
    begun = night_discharge(END).start
    before, during = [], []
    bad = exceeding(FEED, "M-GY", begun)
    for time, values in samples(FEED, "M-GY").items():
        if begun - timedelta(days=2) < time < begun:
            before.append(values)
        elif time in bad:
            during.append(values)
    assert max(values["DO"] for values in during) < min(values["DO"] for values in before)
    judged = grade_sample(during[0], target="III", missing="ignore")
    assert judged.water_class == ">V" and "NH3N" in judged.limiting


def test_the_border_feels_it_but_keeps_its_class():
    begun = night_discharge(END).start
    later = [values["NH3N"] for time, values in samples(FEED, "M-SZZ").items() if time >= begun]
    assert 0.3 < max(later) < 0.5


def test_no_station_upstream_or_in_another_river_sees_a_molecule():
    discharge = night_discharge(END)
    after_s = np.arange(0.0, 3 * 86_400.0, 1800.0)
    for station in CLEAN:
        assert PLACES[station]["reach"] not in path_down(discharge.reach)[1:]
        assert not added_mg_l(discharge, "NH3N", station, after_s).any()


def test_what_passes_a_station_is_what_was_let_out_less_what_decayed():
    """∫ C·Q dt = M·exp(−k·t̄) for a slow first-order loss over the mean travel time t̄ (plug flow bounds the rest)."""
    discharge = night_discharge(END)
    step_s = 60.0
    after_s = np.arange(0.0, 2.5 * 86_400.0, step_s)
    for station in ("M-GY", "M-FX", "M-SZZ"):
        flow = facts_of("flow_m3_s")[network().index_of(PLACES[station]["reach"])] * 0.75
        added = added_mg_l(discharge, "NH3N", station, after_s)
        passed_kg = added.sum() * step_s * flow / 1000.0  # g/m³ · s · m³/s → g → kg
        arrived_s = (added * after_s).sum() / added.sum() - discharge.duration_s / 2
        assert passed_kg == pytest.approx(700.0 * np.exp(-DECAY_PER_S["NH3N"] * arrived_s), rel=0.002)


def test_the_discharge_begins_in_the_evening_a_day_and_a_half_to_two_and_a_half_days_ago():
    for hour in range(24):
        end = END + timedelta(hours=hour)
        start = night_discharge(end).start
        assert timedelta(hours=36) <= end - start <= timedelta(hours=60)
        assert start.astimezone(UTC).strftime("%H:%M") == "12:30", "20:30 in China"
    assert PLACES[night_discharge(END).outfall]["subkind"] == "farm"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_water_is_mostly_of_class_i_and_ii(seed: int):
    feed = FEED if seed == 1 else simulate(END, seed)
    counted: Counter[str] = Counter()
    for station in (*SEEING, *CLEAN, "M-SZZ"):
        counted.update(classes(feed, station).values())
    assert (counted["I"] + counted["II"]) / counted.total() > 0.97
    assert counted["I"] > 100 and counted["II"] > 100


def test_oxygen_peaks_in_the_afternoon_near_saturation():
    by_hour = defaultdict(list)
    for time, values in samples(FEED, "M-XQ").items():
        by_hour[(time.hour + 8) % 24].append(saturation_share(values["DO"], values["WT"]))
    means = {hour: np.mean(shares) for hour, shares in by_hour.items()}
    assert max(means, key=means.get) in (12, 16) and min(means, key=means.get) in (0, 4)
    assert all(75 < mean < 105 for mean in means.values())


def test_rain_raises_flow_and_turbidity_together_and_thins_salt():
    found = [values for values in samples(FEED, "M-TBZ").values() if {"FLOW", "TURB", "EC"} <= values.keys()]
    flow, turbidity, salt = (np.array([values[name] for values in found]) for name in ("FLOW", "TURB", "EC"))
    wettest, driest = np.argsort(flow)[-20:], np.argsort(flow)[:200]
    assert turbidity[wettest].mean() > 3 * turbidity[driest].mean()
    assert salt[wettest].mean() < 0.95 * salt[driest].mean()
    assert flow.max() > 1.5 * np.median(flow)


def test_winter_water_is_cold_and_summer_water_warm():
    for end, low, high in ((datetime(2026, 2, 1, tzinfo=UTC), 3, 9), (datetime(2026, 8, 1, tzinfo=UTC), 17, 24)):
        last = list(samples(simulate(end), "M-SZZ").values())[-12:]
        assert low < np.mean([values["WT"] for values in last]) < high


def test_one_analyser_fails_and_one_sensor_sticks():
    failed = [reading for reading in FEED if reading.flag == "fault"]
    assert len(failed) == 5 and {(reading.station, reading.parameter) for reading in failed} == {("M-TBZ", "CODMN")}
    assert all(reading.value is None for reading in failed)
    assert {reading.flag for reading in FEED} == {"unchecked", "fault"}
    stuck = [values["DO"] for values in samples(FEED, "M-HJK").values()]
    runs = [len(set(stuck[j : j + 9])) == 1 for j in range(len(stuck) - 8)]
    assert any(runs), "nine equal values of oxygen in a row"


def test_the_engine_takes_the_rivers():
    assert network().n == 98
    water = physics()
    assert water.is_lake.sum() == 1
    assert (water.dispersion_m2_s[~water.is_lake] >= 3).all() and (water.dispersion_m2_s[~water.is_lake] <= 120).all()
    assert physics(0.5).velocity_m_s[~water.is_lake] == pytest.approx(0.5**0.34 * water.velocity_m_s[~water.is_lake])
