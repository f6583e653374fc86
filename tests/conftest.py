"""What holds for every test: its budget, the day of the nightly ones, what a PostgreSQL repeats, and the tally."""

import json
from pathlib import Path

import pytest

from tests import nightly
from tests.budget import Budget
from tests.repeated import touches_the_database

COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "deselected")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of these tests."""
    nightly.add_options(parser)
    group = parser.getgroup("riverchief")
    group.addoption("--only-database", action="store_true", help="only tests that another database could change")
    group.addoption("--tally", type=Path, help="a file to write the number of tests of each outcome into, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Watch the budget and the calendar."""
    config.pluginmanager.register(Budget(), "riverchief-budget")
    config.pluginmanager.register(nightly.Nightly(config), "riverchief-nightly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--only-database`` leave out what would be the same again."""
    if not config.option.only_database:
        return
    same = [item for item in items if not touches_the_database(item)]
    config.hook.pytest_deselected(items=same)
    left_out = set(same)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the tally, for whoever adds up several runs."""
    if (file := terminalreporter.config.option.tally) is not None:
        file.write_text(json.dumps({name: len(terminalreporter.getreports(name)) for name in COUNTED}))
