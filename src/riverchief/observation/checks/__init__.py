"""Quality control in the vocabulary of QARTOD: pure checks of arrays, each with its evidence, and one merge.

Every check takes times in seconds and values in canonical units and gives, for each value, a code of
IOOS QARTOD (1 pass, 2 not evaluated, 3 suspect, 4 fail, 9 missing) together with the thresholds that it used. Time
counts in seconds and never in samples; a missing value is stepped over and makes its neighbours no stranger. Nothing
is deleted.
"""

from riverchief.observation.checks.fit import monthly_bands
from riverchief.observation.checks.merge import Merged, all_tests, merge
from riverchief.observation.checks.outcome import FAIL, MISSING, NOT_EVALUATED, PASS, SUSPECT, Outcome
from riverchief.observation.checks.run import Checked, Neighbour, check_readings, check_series
from riverchief.observation.checks.several import ice, neighbour, oxygen, oxygen_saturation_mg_l, part_of_whole
from riverchief.observation.checks.single import (
    attenuated,
    climatology,
    gap,
    gaps,
    range_check,
    rate,
    restless,
    sensor_state,
    spike,
    step,
    stuck,
    time_order,
)
from riverchief.observation.checks.thresholds import Thresholds, read_thresholds, thresholds_for

__all__ = [
    "FAIL",
    "MISSING",
    "NOT_EVALUATED",
    "PASS",
    "SUSPECT",
    "Checked",
    "Merged",
    "Neighbour",
    "Outcome",
    "Thresholds",
    "all_tests",
    "attenuated",
    "check_readings",
    "check_series",
    "climatology",
    "gap",
    "gaps",
    "ice",
    "merge",
    "monthly_bands",
    "neighbour",
    "oxygen",
    "oxygen_saturation_mg_l",
    "part_of_whole",
    "range_check",
    "rate",
    "read_thresholds",
    "restless",
    "sensor_state",
    "spike",
    "step",
    "stuck",
    "thresholds_for",
    "time_order",
]
