"""An episode is traced without anybody pressing a button, once, and its case says what came out."""

from datetime import UTC, datetime, timedelta

import pytest

from riverchief_server.cases.models import Case, Episode
from riverchief_server.cases.tracing_by_itself import trace_by_itself
from riverchief_server.jobs.clock import look
from riverchief_server.jobs.computing import work_off
from riverchief_server.runs.models import DONE, Run
from tests.server.conftest import feed

CLEAN = 0.1


@pytest.fixture
def now(people: object) -> datetime:
    """Four days of clean water, then a pulse at S2 on A and four hours later, thinner, at M1 on C (section S1)."""
    now = datetime.now(UTC)
    feed("S2", [CLEAN] * 24 + [2.0, 1.5, CLEAN, CLEAN, CLEAN, CLEAN], until=now)
    feed("M1", [CLEAN] * 24 + [CLEAN, 0.9, 0.8, CLEAN, CLEAN, CLEAN], until=now)
    look(now)
    return now


def test_episodes_are_traced_once_and_by_nobody(now: datetime):
    assert trace_by_itself(now) == 2
    assert trace_by_itself(now) == 0
    runs = Run.objects.all()
    assert {run.summary["episode"] for run in runs} == set(Episode.objects.values_list("pk", flat=True))
    assert all(run.asked_by is None for run in runs)


def test_the_case_says_what_came_out_and_says_it_once(now: datetime):
    trace_by_itself(now)
    assert work_off() == 2
    assert Run.objects.filter(state=DONE).count() == 2
    trace_by_itself(now)
    trace_by_itself(now + timedelta(minutes=1))
    for case in Case.objects.filter(source="sensor"):
        told = [entry for entry in case.transitions.all() if str(entry.details.get("because")).startswith("traced_")]
        assert len(told) == 1
        assert "自动溯源（氨氮）" in told[0].reason
        assert told[0].details["run"] in {str(run.uuid) for run in Run.objects.all()}


def test_an_episode_of_old_records_is_not_traced(now: datetime):
    assert trace_by_itself(now + timedelta(days=60)) == 0
    assert not Run.objects.exists()
