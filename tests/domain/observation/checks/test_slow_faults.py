"""Long slow faults: ice at the gauge, a signal that trembles, a step where a probe was calibrated; kinds of series."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.observation.checks import all_tests, check_series, ice, restless, step
from riverchief.observation.checks.kinds import checks_by_kind, kind_of
from riverchief.observation.series import Series

QUARTER_S = 900.0
DAY = 96


def quarters(count: int) -> np.ndarray:
    return np.arange(count) * QUARTER_S


def suspects(outcome) -> list[int]:
    return np.flatnonzero(outcome.codes == 3).tolist()


class TestIce:
    def test_a_level_beside_water_at_its_freezing_point_is_suspect(self):
        outcome = ice([1.0, 1.1, np.nan, 1.2, 1.3], [0.5, 0.1, 0.0, np.nan, -0.2], below_c=0.1)
        assert outcome.codes.tolist() == [1, 3, 9, 2, 3]

    def test_it_is_made_of_a_level_that_has_a_temperature_beside_it(self):
        times = quarters(8)

        def series(parameter: str, values: list[float]) -> Series:
            return Series("W1", parameter, "", times, np.array(values), ("unchecked",) * 8, np.zeros(8, bool))

        level = series("LEVEL", [1.0, 1.01, 1.02, 1.01, 1.0, 1.01, 1.02, 1.0])
        cold = series("WT", [0.0] * 4 + [3.0] * 4)
        checked = check_series(level, companions={"WT": cold})
        assert checked.tests[:4] == ("ice",) * 4 and set(checked.flags[4:]) == {"good"}
        assert "ice" not in {one.test for one in check_series(level).outcomes}


class TestRestless:
    """|x − line between neighbours| > factor · usual, for more than half of six hours."""

    def calm(self, days: int) -> np.ndarray:
        return 5.0 + 0.1 * (np.arange(days * DAY) % 2)  # trembles by 0.1 from value to value

    def test_a_lens_that_fouls_is_seen_and_not_before_half_the_window_trembles(self):
        values = self.calm(10)
        values[8 * DAY :] += 3.0 * (np.arange(2 * DAY) % 2)
        found = suspects(restless(quarters(len(values)), values, factor=6, floor=0.05))
        # 24 values in six hours: the 13th that trembles is more than half of them
        assert found[0] == 8 * DAY + 12 and found == list(range(found[0], len(values)))

    def test_a_flood_rises_and_falls_without_trembling(self):
        values = self.calm(10)
        values[8 * DAY : 9 * DAY] += 800 * np.sin(np.linspace(0, np.pi, DAY))
        assert suspects(restless(quarters(len(values)), values, factor=12, floor=0.15)) == []

    def test_before_three_days_are_known_nothing_can_be_said(self):
        values = self.calm(5)
        outcome = restless(quarters(len(values)), values, factor=6, floor=0.05)
        assert set(outcome.codes[: 3 * DAY].tolist()) == {2} and set(outcome.codes[3 * DAY :].tolist()) == {1}

    def test_missing_values_are_missing_and_a_pause_of_months_forgets_what_was_usual(self):
        values = self.calm(10)
        values[7 * DAY + 5] = np.nan
        times = quarters(len(values))
        times[8 * DAY :] += 90 * 86_400
        outcome = restless(times, values, factor=6, floor=0.05)
        assert outcome.codes[7 * DAY + 5] == 9
        assert set(outcome.codes[8 * DAY :].tolist()) == {2}


class TestStep:
    """The medians of two hours on both sides differ by more than ``least`` and ``factor`` times what is usual."""

    def wave(self, days: int = 4) -> np.ndarray:
        return 8.0 + 0.2 * np.sin(np.arange(days * DAY) / DAY * 2 * np.pi)

    def test_the_value_at_which_a_calibration_shows_is_marked(self):
        values = self.wave()
        values[3 * DAY :] += 0.5
        assert suspects(step(quarters(len(values)), values, least=0.05)) == [3 * DAY]

    def test_a_spike_comes_back_and_is_no_step(self):
        values = self.wave()
        values[3 * DAY] += 2.0
        assert suspects(step(quarters(len(values)), values, least=0.05)) == []

    def test_a_rise_over_hours_is_no_step(self):
        values = self.wave()
        values[3 * DAY : 3 * DAY + 16] += np.linspace(0, 1.0, 16)
        values[3 * DAY + 16 :] += 1.0
        assert suspects(step(quarters(len(values)), values, least=0.05)) == []

    def test_below_the_least_height_nothing_is_said(self):
        values = self.wave()
        values[3 * DAY :] += 0.5
        assert suspects(step(quarters(len(values)), values, least=0.6)) == []

    def test_after_a_pause_nothing_can_be_said(self):
        values, times = self.wave(), quarters(4 * DAY)
        values[3 * DAY :] += 0.5
        times[3 * DAY :] += 6 * 3600
        outcome = step(times, values, least=0.05)
        assert outcome.codes[3 * DAY] == 2 and suspects(outcome) == []


class TestKinds:
    def test_the_kind_follows_from_the_place_and_the_distance_of_samples(self):
        assert kind_of("station", 900.0) == kind_of("section", 4 * 3600.0) == "online"
        assert kind_of("station", 7 * 86_400.0) == kind_of("section", None) == "grab"
        assert kind_of("outfall", 900.0) == "outfall"
        assert kind_of("station", 900.0, given="grab") == "grab"
        with pytest.raises(BadInput):
            kind_of("station", 900.0, given="guess")

    def test_every_rule_names_a_check_and_every_kind_says_why_of_the_same_checks(self):
        from riverchief.table import read_table

        rows = read_table("riverchief.observation.checks", "kinds.csv")
        assert {row["check"] for row in rows} <= set(all_tests())
        of_kind = {kind: {row["check"] for row in rows if row["kind"] == kind} for kind in checks_by_kind()}
        assert len(set(map(frozenset, of_kind.values()))) == 1 and all(row["why"] for row in rows)

    def test_a_grab_sample_neither_spikes_nor_stands_still(self):
        assert not checks_by_kind()["grab"] & {"spike", "stuck", "rate", "restless", "step"}
        assert {"range", "oxygen", "part_of_whole"} <= checks_by_kind()["grab"]
