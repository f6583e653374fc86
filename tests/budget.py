"""What a test may cost: processor seconds of its own and of the processes it starts, so a busy machine fails nobody.

A test that costs more than ``TEST_S`` (one in a browser: ``BROWSER_TEST_S``) and is not marked ``slow`` or ``nightly``
fails, and so does a run whose slow tests together cost more than ``SLOW_TESTS_S``. These are seconds of a machine on
which ``calibrate`` takes ``CALIBRATION_S``; a slower one is allowed more in proportion. What numba compiles is the cost
of a fresh clone, and a fixture of a wider scope is everybody's: neither is counted against the test that is first.
"""

import os
import resource
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from numba.core import event

TEST_S = 10.0
BROWSER_TEST_S = 20.0  # without a screen the browser draws its maps by the processor
SLOW_TESTS_S = 300.0
CALIBRATION_S = 0.08
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Budget:
    """Adds up what each test costs and fails what costs too much."""

    def __init__(self) -> None:
        self.allowed = max(1.0, calibrate() / CALIBRATION_S)
        self.compiling = Compiling()
        event.register("numba:compile", self.compiling)
        self.began = 0.0
        self.shared = 0.0
        self.slow: dict[str, float] = {}

    def spent_s(self) -> float:
        """The processor seconds spent so far on tests alone."""
        return spent_s(os.getpid()) - self.compiling.spent_s - self.shared

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, bool | None, bool | None]:
        """Note where the clock stands before a test."""
        self.began = self.spent_s()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Leave out what a fixture costs that others use too."""
        before = self.spent_s()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                self.shared += self.spent_s() - before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the cost of the whole test on its last report, and fail it there."""
        report = yield
        if report.when == "teardown":
            cost = self.spent_s() - self.began
            is_slow = any(item.get_closest_marker(name) for name in ("slow", "nightly"))
            report.user_properties.append(("processor_s", round(cost, 3)))
            report.user_properties.append(("is_slow", item.get_closest_marker("slow") is not None))
            allowed = self.allowed * (BROWSER_TEST_S if item.get_closest_marker("browser") else TEST_S)
            if report.passed and not is_slow and cost > allowed:
                report.outcome = "failed"
                report.longrepr = (
                    f"{item.nodeid} took {cost:.1f} s of processor, more than the {allowed:.0f} s of a "
                    "test: make it smaller, or mark it slow and say why"
                )
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what the slow ones cost (in the process that reports, whichever ran the test)."""
        told = dict(report.user_properties)
        if report.when == "teardown" and told.get("is_slow"):
            self.slow[report.nodeid] = float(told["processor_s"])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A run whose slow tests cost too much together has failed."""
        if self.is_over() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the slow ones cost."""
        if self.slow:
            terminalreporter.write_line(
                f"slow tests: {sum(self.slow.values()):.0f} s of processor, {len(self.slow)} tests; "
                f"together they may take {SLOW_TESTS_S * self.allowed:.0f} s"
            )
        if self.is_over():
            for name, cost in sorted(self.slow.items(), key=lambda one: -one[1]):
                terminalreporter.write_line(f"{cost:8.1f} s  {name}")
            terminalreporter.write_line("FAILED the slow tests cost more than they may together")

    def is_over(self) -> bool:
        """Whether the slow tests of this run cost more than they may."""
        return sum(self.slow.values()) > SLOW_TESTS_S * self.allowed


class Compiling(event.Listener):
    """The processor seconds that numba has compiled for, each once although compiling one kernel compiles others."""

    def __init__(self) -> None:
        self.spent_s = 0.0
        self._depth = 0
        self._began = 0.0

    def on_start(self, event: event.Event) -> None:
        """The first of those that nest begins."""
        if self._depth == 0:
            self._began = time.thread_time()
        self._depth += 1

    def on_end(self, event: event.Event) -> None:
        """The first of those that nest ends."""
        self._depth -= 1
        if self._depth == 0:
            self.spent_s += time.thread_time() - self._began


def spent_s(process: int) -> float:
    """The processor seconds of this process, of its children that have ended, and of all that live below it."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(map(_with_descendants_s, _children(process)))


def _children(process: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += map(int, thread.read_text().split())
        except OSError:  # it ended meanwhile
            continue
    return found


def _with_descendants_s(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime, stime, cutime and cstime are fields 14 to 17 of proc(5); the first after the name is the third
    return sum(map(int, fields[11:15])) / TICKS_PER_S + sum(map(_with_descendants_s, _children(process)))


def calibrate() -> float:
    """How long this machine takes for work that is always the same [s of processor], the best of three."""
    return min(_work_s() for _ in range(3))


def _work_s() -> float:
    began = time.process_time()
    total = 0
    for number in range(2_000_000):
        total += number * number % 7
    return time.process_time() - began
