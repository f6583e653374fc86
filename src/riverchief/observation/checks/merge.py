"""One flag out of many verdicts, by one explicit precedence, with the test that set it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.observation.checks.outcome import FAIL, MISSING, NOT_EVALUATED, PASS, SUSPECT, Codes, Outcome
from riverchief.table import read_table

# From the weakest to the strongest: what one test saw outweighs what another did not look at, doubt outweighs consent,
# and what is not there cannot be anything else.
PRECEDENCE = (NOT_EVALUATED, PASS, SUSPECT, FAIL, MISSING)


class Test(NamedTuple):
    """One row of ``tests.csv``: ``rank`` decides which test is named where several gave the winning verdict; a test
    that does not count (``counts``) is told and leaves the flag alone."""

    code: str
    rank: int
    counts: bool
    name_zh: str
    name_en: str


class Merged(NamedTuple):
    """``codes`` (n,) and, for each value, ``tests`` (n,): the place in ``names`` of the test that set it; -1 where the
    code is pass or not evaluated."""

    codes: Codes
    tests: NDArray[np.int8]
    names: tuple[str, ...]

    def test_at(self, place: int) -> str:
        """The test that set the code of a value; empty where none objected."""
        found = self.tests[place]
        return "" if found < 0 else self.names[found]


def merge(outcomes: Sequence[Outcome]) -> Merged:
    """The verdict of all ``outcomes`` on each value, all of one length (at least one).

    Precedence: missing, fail, suspect, pass, not evaluated (:data:`PRECEDENCE`). Of tests that agree the one of lowest
    rank is named.
    """
    known = all_tests()
    counting = sorted((outcome for outcome in outcomes if known[outcome.test].counts), key=lambda o: known[o.test].rank)
    length = len(outcomes[0].codes)
    strength = np.zeros(10, np.uint8)
    for place, code in enumerate(PRECEDENCE):
        strength[code] = place
    codes = np.full(length, NOT_EVALUATED, np.uint8)
    tests = np.full(length, -1, np.int8)
    for place, outcome in enumerate(counting):
        stronger = strength[outcome.codes] > strength[codes]
        codes[stronger] = outcome.codes[stronger]
        tests[stronger] = place
    tests[(codes == PASS) | (codes == NOT_EVALUATED)] = -1
    return Merged(codes, tests, tuple(outcome.test for outcome in counting))


@cache
def all_tests() -> dict[str, Test]:
    """The tests by code, in the order of their rank."""
    rows = read_table("riverchief.observation.checks", "tests.csv")
    tests = [Test(row["test"], int(row["rank"]), row["counts"] == "1", row["name_zh"], row["name_en"]) for row in rows]
    return {test.code: test for test in sorted(tests, key=lambda test: test.rank)}
