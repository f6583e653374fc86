"""Proofs that cost minutes: ``make test-all`` runs them all, every other run a seventh of them, another one each day.

Which seventh is said at the head of the run; ``--nightly-seed`` repeats it, and ``--nightly`` runs every one. A test
that is named on the command line is run whatever the day.
"""

import os
import zlib
from datetime import UTC, datetime

import pytest

DAYS = 7


def add_options(parser: pytest.Parser) -> None:
    """The options of this file."""
    group = parser.getgroup("nightly")
    group.addoption("--nightly", action="store_true", help="run all tests marked nightly, not only those of the day")
    group.addoption("--nightly-seed", type=int, help="the day whose nightly tests are run (default: days since 1970)")


class Nightly:
    """Leaves out the nightly tests of other days."""

    def __init__(self, config: pytest.Config):
        # Set in the options, so that the workers of a run that began before midnight agree after it.
        if config.option.nightly_seed is None:
            config.option.nightly_seed = int(datetime.now(UTC).timestamp()) // 86_400
        self.seed: int = config.option.nightly_seed

    def pytest_report_header(self, config: pytest.Config) -> str:
        """Say which are run."""
        if config.option.nightly:
            return "nightly tests: all"
        return f"nightly tests: one in {DAYS}, --nightly-seed {self.seed}"

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect those that are not of the day."""
        if config.option.nightly:
            return
        named = {one.partition("[")[0].rpartition(os.sep)[2] for one in config.args if "::" in one}
        others = [
            item
            for item in items
            if item.get_closest_marker("nightly")
            and not is_of_the_day(item.nodeid, self.seed)
            and item.nodeid.partition("[")[0].rpartition("/")[2] not in named
        ]
        if others:
            config.hook.pytest_deselected(items=others)
            left_out = set(others)
            items[:] = [item for item in items if item not in left_out]


def is_of_the_day(name: str, seed: int) -> bool:
    """Whether the nightly test ``name`` is run on the day ``seed``: each is, once in seven days."""
    return (zlib.crc32(name.encode()) + seed) % DAYS == 0
