"""Supervision and escalation: a sentence that is heard, and a ladder that tells once and in office hours."""

from datetime import date
from uuid import uuid4

import pytest

from riverchief.errors import BadInput, NotAllowed
from riverchief_server.cases.acts import NewAct, do_act
from riverchief_server.cases.clock import note_day
from riverchief_server.cases.escalation import escalate
from riverchief_server.cases.models import Case
from riverchief_server.cases.queries import broken_entry
from riverchief_server.notices.actions import mark_read
from riverchief_server.notices.models import Notice
from riverchief_server.parties.models import Account
from tests.server.cases.test_clock import at, dispatched_without_a_day, step
from tests.server.cases.test_loop import report, to_rectified
from tests.server.conftest import NOW

People = dict[str, Account]


def supervise(case: Case, by: Account, reason: str = "三日内清运完毕", **more: object) -> Case:
    return do_act(case, NewAct(**({"uuid": uuid4(), "act": "supervise", "reason": reason} | more)), by, NOW)


def told(people: People, username: str) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(account=people[username]).order_by("id").values_list("kind", "details__reason"))


class TestSupervision:
    def test_it_is_a_sentence_in_the_history_that_the_unit_hears(self, people: People):
        case = dispatched_without_a_day(people)
        Notice.objects.all().delete()
        case = supervise(case, people["chief"])
        last = case.transitions.last()
        assert (last.actor.username, last.reason, last.is_change, last.details) == (
            "chief",
            "三日内清运完毕",
            False,
            {"act": "supervise"},
        )
        assert (case.state, case.supervised_at) == ("dispatched", NOW)
        assert told(people, "town") == [("supervised", "三日内清运完毕")]
        assert told(people, "rural") == [] and told(people, "chief") == []
        assert broken_entry(case) is None

    def test_it_needs_a_sentence(self, people: People):
        with pytest.raises(BadInput) as refused:
            supervise(dispatched_without_a_day(people), people["chief"], reason="  ")
        assert [fault.kind for fault in refused.value.faults] == ["step_needs"]

    @pytest.mark.parametrize("username", ["town", "patroller", "verifier", "engineer", "ecology"])
    def test_only_chief_and_office_supervise(self, people: People, username: str):
        with pytest.raises(NotAllowed) as refused:
            supervise(dispatched_without_a_day(people), people[username])
        assert "县级河长" in refused.value.text("zh")

    def test_sent_twice_it_is_one_act_and_one_notice(self, people: People):
        case, uuid = dispatched_without_a_day(people), uuid4()
        for _ in range(2):
            supervise(case, people["chief"], uuid=uuid)
        assert case.transitions.filter(is_change=False).count() == 1
        assert Notice.objects.filter(kind="supervised", account=people["town"]).count() == 1

    def test_a_finished_case_is_not_supervised(self, people: People):
        case = step(to_rectified(people), "verified", people["verifier"], NOW, reason="好")
        case = step(case, "closed", people["office"], NOW)
        with pytest.raises(BadInput) as refused:
            supervise(case, people["chief"])
        assert refused.value.faults[0].kind == "case_is_finished"

    def test_an_unknown_act_names_those_that_are(self, people: People):
        with pytest.raises(BadInput) as refused:
            supervise(dispatched_without_a_day(people), people["chief"], act="shout")
        assert "supervise" in refused.value.text("en")

    def test_a_note_of_progress_is_for_those_who_work_on_it(self, people: People):
        case = dispatched_without_a_day(people)
        do_act(case, NewAct(uuid4(), "progress", "已联系清运公司"), people["town"], NOW)
        assert ("progress", "已联系清运公司") in told(people, "office")
        with pytest.raises(NotAllowed):
            do_act(case, NewAct(uuid4(), "progress", "我也说一句"), people["rural"], NOW)


class TestWhoseTurnItIs:
    def test_each_step_tells_whose_turn_comes(self, people: People):
        case = report(people["patroller"])
        assert told(people, "office") == [("turn", None)]
        case = step(case, "registered", people["office"], NOW)
        assert len(told(people, "office")) == 1  # whoever moved it knows
        step(case, "dispatched", people["office"], NOW, unit=people["town"].unit)
        assert told(people, "town") == [("turn", None)]
        assert told(people, "chief") == told(people, "rural") == []

    def test_nobody_hears_of_a_step_that_was_refused(self, people: People):
        case = report(people["patroller"])
        Notice.objects.all().delete()
        with pytest.raises(NotAllowed):
            step(case, "registered", people["town"], NOW)
        assert not Notice.objects.exists()

    def test_what_was_read_is_read_only_for_its_reader(self, people: People):
        report(people["patroller"])
        theirs = Notice.objects.get(account=people["office"])
        assert mark_read(people["town"], NOW, [theirs.pk]) == 0
        assert mark_read(people["office"], NOW, [theirs.pk]) == 1


class TestTheLadder:
    def rungs(self, people: People, username: str) -> list[str]:
        rows = Notice.objects.filter(account=people[username]).exclude(kind="turn").order_by("id")
        return list(rows.values_list("kind", flat=True))

    def test_it_climbs_once_and_tells_higher_and_higher(self, people: People):
        case = step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
        assert case.allowed == "10 work_days"  # due 12-08 18:00; 80 % two days before, 150 % five days after
        seen = []
        for day in ("11-27", "12-07", "12-09", "12-16", "12-24"):
            for _ in range(2):  # a look more changes nothing
                escalate(at(f"{day}T10:00"))
            seen.append((self.rungs(people, "town")[-1:], self.rungs(people, "chief")[-1:]))
        assert seen == [
            ([], []),
            (["due_soon"], []),
            (["yellow"], []),
            (["orange"], ["orange"]),
            (["red"], ["red"]),
        ]
        assert self.rungs(people, "town") == ["due_soon", "yellow", "orange", "red"]

    def test_looks_that_were_missed_tell_only_of_where_it_stands_now(self, people: People):
        step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
        escalate(at("12-24T10:00"))
        assert self.rungs(people, "town") == ["red"]

    @pytest.mark.parametrize("when", ["12-09T08:30", "12-09T13:00", "12-09T18:00", "12-12T10:00"])
    def test_nothing_climbs_while_the_office_is_closed(self, people: People, when: str):
        step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
        assert escalate(at(when)) == 0

    def test_a_holiday_is_no_time_for_it_either(self, people: People):
        step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
        note_day(date(2026, 12, 9), "holiday", "县庆", "县政府通知", people["office"], NOW)
        assert escalate(at("12-09T10:00")) == 0

    def test_the_same_clock_climbs_no_rung_twice(self, people: People):
        case = step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
        escalate(at("12-09T10:00"))
        Case.objects.filter(pk=case.pk).update(state="rectified")
        case.refresh_from_db()
        step(case, "rectifying", people["verifier"], at("12-09T11:00"), reason="未清净")
        escalate(at("12-09T14:30"))
        assert self.rungs(people, "town") == ["yellow"]  # the same clock of putting right: told already
