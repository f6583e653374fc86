"""A run is asked for, computed elsewhere, kept once, and can be asked again exactly."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from riverchief.errors import BadInput, Conflict, Fault, NotAllowed
from riverchief_server.jobs import computing
from riverchief_server.jobs.computing import work_off
from riverchief_server.parties.models import Account
from riverchief_server.runs import actions, kinds
from riverchief_server.runs.actions import NewRun, ask, cancel, finish, new_worker, repeat, take_up, tell
from riverchief_server.runs.kinds import Stopped
from riverchief_server.runs.models import Result, Run
from riverchief_server.runs.queries import failure_of, find_run, result_of, runs_of, same_answer, time_left
from tests.server.conftest import NOW

People = dict[str, Account]
LATER = NOW + timedelta(seconds=30)


def drawn(inputs: Mapping[str, Any], seed: int, tell: Callable[[float], None]) -> dict[str, Any]:
    """A computation as small as can be: it counts, and depends on its seed."""
    for step in range(4):
        tell(step / 4)
    if inputs.get("refuse"):
        raise BadInput([Fault("unknown_reach", column="reach", details={"given": "Z", "nearest": "A"})])
    return {"sum": sum(inputs["numbers"]) / 3 + seed, "text": "土堡寨", "tiny": 1e-7, "nothing": None}


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setitem(kinds.KINDS, "toy", drawn)
    monkeypatch.setattr(computing, "TELL_EVERY_S", 0.0)
    yield "toy"
    actions.asked.clear()


def question(kind: str, **inputs: Any) -> NewRun:
    return NewRun(uuid4(), kind, {"numbers": [0.1, 0.2, 0.7]} | inputs, seed=7, summary={"name": "甲"})


class TestARun:
    def test_is_asked_computed_and_kept(self, people: People, kind: str):
        run, is_new = ask(question(kind), people["engineer"], NOW)
        assert (run.state, is_new, result_of(run)) == ("waiting", True, None)
        assert work_off() == 1
        run = find_run(kind, run.uuid, people["patroller"])
        assert (run.state, run.progress, run.attempts, run.asked_by) == ("done", 1.0, 1, people["engineer"])
        assert run.version and run.began_at and run.ended_at
        assert result_of(run) == {"sum": 1.0 / 3 + 7, "text": "土堡寨", "tiny": 1e-7, "nothing": None}

    def test_asked_twice_is_asked_once(self, people: People, kind: str):
        new = question(kind)
        assert ask(new, people["office"], NOW)[1] is True
        assert ask(new, people["office"], LATER)[1] is False
        assert Run.objects.count() == 1
        with pytest.raises(BadInput) as refused:
            ask(new, people["engineer"], NOW)  # the uuid is somebody else's
        assert refused.value.faults[0].kind == "duplicate"

    def test_repeated_it_gives_the_same_answer_to_the_last_digit(self, people: People, kind: str):
        run, _ = ask(question(kind), people["engineer"], NOW)
        again, _ = repeat(run, uuid4(), people["office"], LATER)
        assert (again.inputs, again.seed, again.fingerprint) == (run.inputs, run.seed, run.fingerprint)
        assert work_off() == 2
        assert same_answer(run, again) is True
        other, _ = ask(NewRun(uuid4(), kind, run.inputs, seed=8), people["office"], LATER)
        assert same_answer(run, other) is None
        work_off()
        assert same_answer(run, other) is False

    def test_an_answer_is_written_once(self, people: People, kind: str):
        run, _ = ask(question(kind), people["engineer"], NOW)
        worker = new_worker()
        taken = take_up(worker, NOW)
        assert taken is not None and finish(taken, worker, {"sum": 1}, NOW)
        assert finish(taken, worker, {"sum": 2}, LATER) is False
        assert result_of(run) == {"sum": 1}
        assert Result.objects.count() == 1

    def test_what_is_refused_is_told_in_the_readers_language(self, people: People, kind: str):
        run, _ = ask(question(kind, refuse=True), people["engineer"], NOW)
        work_off()
        run.refresh_from_db()
        assert (run.state, result_of(run)) == ("failed", None)
        assert failure_of(run, "zh") == "reach: 不认识的河段“Z”；最接近的是：A"
        assert failure_of(run, "en") == "reach: unknown reach 'Z'; nearest: A"

    def test_what_breaks_is_a_failure_and_the_next_one_is_computed(self, people: People, kind: str):
        broken, _ = ask(NewRun(uuid4(), kind, {"numbers": ["?"]}), people["engineer"], NOW)
        sound, _ = ask(question(kind), people["engineer"], LATER)
        assert work_off() == 2
        broken.refresh_from_db()
        sound.refresh_from_db()
        assert (broken.state, sound.state) == ("failed", "done")
        assert failure_of(broken, "zh") == "计算出错，已记录；请重新提交或联系管理员"


class TestWhoMay:
    @pytest.mark.parametrize("role", ["patroller", "verifier"])
    def test_who_has_no_right_to_ask(self, people: People, kind: str, role: str):
        with pytest.raises(NotAllowed):
            ask(question(kind), people[role], NOW)
        assert Run.objects.count() == 0

    def test_a_role_that_sees_nothing_reads_no_run(self, people: People, kind: str, monkeypatch: pytest.MonkeyPatch):
        ask(question(kind), people["engineer"], NOW)
        assert runs_of(kind, people["patroller"]).count() == 1
        monkeypatch.setattr("riverchief_server.runs.queries.READ", "no such right")
        assert runs_of(kind, people["patroller"]).count() == 0

    def test_only_the_asker_and_the_office_stop_it(self, people: People, kind: str):
        run, _ = ask(question(kind), people["engineer"], NOW)
        for stranger in ("town", "patroller"):
            with pytest.raises(NotAllowed):
                cancel(run, people[stranger], NOW)
        assert cancel(run, people["office"], NOW).state == "cancelled"

    def test_nobody_fills_the_queue(self, people: People, kind: str):
        for _ in range(actions.MOST_WAITING):
            ask(question(kind), people["engineer"], NOW)
        with pytest.raises(BadInput) as refused:
            ask(question(kind), people["engineer"], NOW)
        assert refused.value.faults[0].kind == "too_many_runs"
        ask(question(kind), people["office"], NOW)


class TestCancelling:
    def test_what_waits_is_never_computed(self, people: People, kind: str):
        run, _ = ask(question(kind), people["engineer"], NOW)
        cancel(run, people["engineer"], NOW)
        assert work_off() == 0
        assert cancel(run, people["engineer"], LATER).ended_at == NOW

    def test_what_is_being_computed_stops_at_its_next_word(self, people: People, kind: str, monkeypatch):
        heard: list[float] = []

        def slow(inputs: Mapping[str, Any], seed: int, tell: Callable[[float], None]) -> dict[str, Any]:
            for step in range(4):
                tell(step / 4)
                heard.append(step / 4)
                if step == 1:
                    cancel(run, people["engineer"], LATER)
            return {}

        monkeypatch.setitem(kinds.KINDS, "toy", slow)
        run, _ = ask(question(kind), people["engineer"], NOW)
        work_off()
        run.refresh_from_db()
        assert (run.state, run.progress, heard, result_of(run)) == ("cancelled", 0.25, [0.0, 0.25], None)

    def test_what_is_over_cannot_be_cancelled(self, people: People, kind: str):
        run, _ = ask(question(kind), people["engineer"], NOW)
        work_off()
        with pytest.raises(Conflict):
            cancel(run, people["engineer"], LATER)
        assert result_of(run) is not None


@pytest.mark.usefixtures("people")
class TestWorkersThatDie:
    def taken(self, kind: str, worker: str, at: datetime = NOW) -> Run:
        ask(question(kind), None, NOW)
        run = take_up(worker, at)
        assert run is not None
        return run

    def test_a_run_is_taken_up_by_one_only(self, kind: str):
        self.taken(kind, new_worker())
        assert take_up(new_worker(), LATER) is None

    def test_after_the_lease_another_takes_it_up_and_the_first_is_not_heard_any_more(self, kind: str):
        first, second = "elsewhere 1 a b", "elsewhere 2 c d"
        run = self.taken(kind, first)
        tell(run, first, 0.5, LATER)
        at = LATER + actions.LEASE
        assert take_up(second, at) is None
        again = take_up(second, at + timedelta(seconds=1))
        assert again is not None and (again.pk, again.attempts, again.progress) == (run.pk, 2, 0.0)
        with pytest.raises(Stopped):
            tell(run, first, 0.9, at)
        assert finish(run, first, {"sum": 1}, at) is False
        assert finish(again, second, {"sum": 2}, at) is True
        assert result_of(run) == {"sum": 2}

    def test_a_dead_process_of_this_machine_is_noticed_at_once(self, kind: str):
        host, pid, _, thread = new_worker().split()
        run = self.taken(kind, f"{host} {pid} before {thread}")  # the same number, an earlier process
        again = take_up(new_worker(), NOW)
        assert again is not None and again.pk == run.pk

    def test_a_run_that_kills_its_workers_is_given_up(self, kind: str):
        run = self.taken(kind, "elsewhere 1 a b")
        at = NOW
        for _ in range(actions.MOST_ATTEMPTS):
            at += actions.LEASE + timedelta(seconds=1)
            again = take_up("elsewhere 1 a b", at)
        assert again is None
        run.refresh_from_db()
        assert (run.state, failure_of(run, "zh")) == ("failed", "计算被中断 3 次，已停止重试；请重新提交")


def test_the_time_left_is_what_the_rest_would_take():
    run = Run(state="running", began_at=NOW, progress=0.25)
    assert time_left(run, LATER) == timedelta(seconds=90)
    assert time_left(Run(state="running", began_at=NOW, progress=0.0), LATER) is None
    assert time_left(Run(state="done", began_at=NOW, progress=1.0), LATER) is None
