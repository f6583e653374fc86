"""A trace is asked for in the county's words, stored whole, and gives the same answer again."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from riverchief.errors import BadInput
from riverchief_server.jobs.computing import work_off
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Reach
from riverchief_server.runs.actions import ask, repeat
from riverchief_server.runs.queries import find_run, result_of, same_answer
from riverchief_server.runs.traces import KIND, TraceAsked, trace_run
from tests.server.conftest import NOW, feed

People = dict[str, Account]
CLEAN = 0.1


@pytest.fixture
def episode(people: People) -> TraceAsked:
    """4 days of clean water, then a pulse at S2 on A, and four hours later, thinner, at M1 on C below."""
    feed("S2", [CLEAN] * 24 + [2.0, CLEAN, CLEAN, CLEAN, CLEAN])
    feed("M1", [CLEAN] * 24 + [CLEAN, 0.6, CLEAN, CLEAN, CLEAN])
    began = NOW - timedelta(hours=16)
    return TraceAsked(uuid4(), "S1", "氨氮", began, NOW - timedelta(hours=8), {"P1": 1}, {"episode": 7})


def test_the_answer_is_kept_with_what_it_rests_on(people: People, episode: TraceAsked):
    run, is_new = ask(trace_run(episode, NOW), people["engineer"], NOW)
    assert is_new and work_off() == 1
    run = find_run(KIND, run.uuid, people["office"])
    answer = result_of(run)
    assert answer is not None
    assert run.state == "done" and run.summary["episode"] == 7 and run.summary["parameter"] == "NH3N"
    assert {station["station"] for station in answer["stations"]} == {"S2", "M1"}
    assert answer["candidates"][0]["id"] == "P1" and answer["verdict"] == "one"
    assert run.summary["verdict"] == answer["verdict"] and run.summary["best"]["id"] == "P1"
    json.dumps(answer, allow_nan=False)


def test_the_stored_question_gives_the_same_answer_whatever_becomes_of_the_county(people: People, episode: TraceAsked):
    run, _ = ask(trace_run(episode, NOW, seed=3), people["engineer"], NOW)
    work_off()
    Reach.objects.filter(code="A").update(velocity_m_s=2.0, length_m=9000)
    feed("M1", [5.0, 5.0])
    again, _ = repeat(run, uuid4(), people["office"], NOW)
    work_off()
    assert same_answer(run, again) is True


def test_odds_of_the_county_go_in_with_the_question(episode: TraceAsked):
    inputs = trace_run(episode, NOW).inputs
    (outfall,) = inputs["candidates"]
    assert (outfall["id"], outfall["prior"]) == ("P1", 2.0)  # one case in two years
    assert inputs["sites"].keys() == {"S1", "S2"}
    assert {row["id"] for row in inputs["reaches"]} == {"A", "B", "C", "D"}


def test_everything_wrong_with_the_question_is_said_at_once(people: People):
    wrong = TraceAsked(uuid4(), "NOPE", "水温", NOW, NOW - timedelta(days=1))
    with pytest.raises(BadInput) as refused:
        trace_run(wrong, NOW)
    assert [fault.kind for fault in refused.value.faults] == ["not_found", "unit_mismatch", "out_of_range"]


def test_water_nobody_measured_cannot_be_traced(people: People):
    silent = TraceAsked(uuid4(), "S1", "TP", NOW - timedelta(hours=8), NOW)
    with pytest.raises(BadInput) as refused:
        trace_run(silent, NOW)
    assert [fault.kind for fault in refused.value.faults] == ["empty_file"]


def test_samples_after_now_are_not_known_yet(episode: TraceAsked):
    early = trace_run(episode, NOW - timedelta(hours=12))
    latest = max(max(one["time_s"]) for one in early.inputs["samples"])
    assert datetime.fromtimestamp(latest, NOW.tzinfo) <= NOW - timedelta(hours=12)
