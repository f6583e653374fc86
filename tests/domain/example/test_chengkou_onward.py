"""How the demonstration's stations go on: from where they were, with the day, and with the water that passes."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riverchief.example.chengkou.discharge import added_mg_l, night_discharge
from riverchief.example.chengkou.onward import go_on
from riverchief.example.chengkou.simulation import SOURCE, simulate
from riverchief.observation.reading import Reading

END = datetime(2026, 11, 24, 4, 10, tzinfo=UTC)


def last_of(station: str, end: datetime = END) -> list[Reading]:
    newest = {one.parameter: one for one in simulate(end, days=20) if one.station == station}
    return list(newest.values())


@pytest.mark.parametrize("station", ["M-GG", "M-TBZ", "M-SZZ", "M-FX"])
def test_the_next_value_is_near_the_last_and_of_the_same_series(station: str):
    last = last_of(station)
    found = go_on(last, END, night_discharge(END))
    assert [one.parameter for one in found] == [one.parameter for one in last]
    for before, now in zip(last, found, strict=True):
        assert (now.station, now.source, now.time) == (station, SOURCE, END)
        assert now.value == pytest.approx(before.value, rel=0.25, abs=0.15), now.parameter


def test_the_same_moment_reads_the_same():
    assert go_on(last_of("M-GG"), END) == go_on(last_of("M-GG"), END)


def test_water_is_warmest_in_the_afternoon():
    last = last_of("M-GG")
    by_hour = {}
    for hour in range(24):
        found = go_on(last, datetime(2026, 11, 25, hour, tzinfo=UTC) - timedelta(hours=8))
        by_hour[hour] = next(one.value for one in found if one.parameter == "WT")
    assert max(by_hour, key=lambda hour: by_hour[hour]) in range(14, 19)
    assert min(by_hour, key=lambda hour: by_hour[hour]) in range(2, 7)


def test_ammonia_falls_as_the_water_of_the_discharge_passes():
    # at the confluence the bell passes while the feed goes on; days later only the river's own ammonia is left
    discharge = night_discharge(END)
    hours = np.arange(0.0, 96.0)
    bell = added_mg_l(discharge, "NH3N", "M-SZZ", hours * 3600.0)
    peak_at = discharge.start + timedelta(hours=float(hours[bell.argmax()]))
    last = [Reading("M-SZZ", "NH3N", peak_at, float(bell.max()) + 0.05, "mg/L", source=SOURCE)]
    (long_after,) = go_on(last, peak_at + timedelta(days=5), discharge)
    assert long_after.value == pytest.approx(0.05, abs=0.02)


def test_what_has_no_value_is_not_sent():
    silent = Reading("M-TBZ", "CODMN", END, None, "mg/L", "fault", source=SOURCE)
    assert go_on([silent], END) == []
