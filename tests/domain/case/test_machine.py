"""The state machine: each step by whom it is for, with what it needs, and nothing else."""

import pytest

from riverchief.case.machine import SYSTEM, Actor, CaseFacts, all_rules, all_states, faults_of_step, rules_from, why_not

OFFICE = Actor("o", "office", "office")
TOWN = Actor("t", "township_chief", "town")
VERIFIER = Actor("v", "verifier", "water")


def kinds(case: CaseFacts, actor: Actor, to: str, *given: str) -> list[str]:
    return [fault.kind for fault in faults_of_step(case, actor, to, given)]


class TestWho:
    def test_a_role_that_the_row_names(self):
        assert kinds(CaseFacts("reported"), OFFICE, "registered", "categories") == []
        assert kinds(CaseFacts("reported"), TOWN, "registered", "categories") == ["step_not_yours"]

    def test_the_unit_it_was_sent_to_and_no_other(self):
        sent = CaseFacts("dispatched", assignee_unit="town")
        assert kinds(sent, TOWN, "rectifying") == []
        assert kinds(sent, Actor("r", "township_chief", "rural"), "rectifying") == ["step_not_yours"]

    def test_nobody_is_the_assignee_of_a_case_that_was_sent_to_nobody(self):
        assert kinds(CaseFacts("dispatched"), Actor("x", "township_chief", None), "rectifying") == ["step_not_yours"]

    def test_its_reporter_may_put_a_small_thing_right_on_the_spot(self):
        case = CaseFacts("registered", reporter="p")
        given = ("reason", "photo_after")
        assert kinds(case, Actor("p", "patroller"), "resolved_on_spot", *given) == []
        assert kinds(case, Actor("q", "patroller"), "resolved_on_spot", *given) == ["step_not_yours"]

    def test_the_system_takes_only_the_steps_that_name_it(self):
        system = Actor("", SYSTEM)
        assert kinds(CaseFacts("reported"), system, "registered", "categories") == []
        assert kinds(CaseFacts("closed"), system, "reopened", "reason") == []
        assert kinds(CaseFacts("verified"), system, "closed") == ["step_not_yours"]


class TestGuards:
    @pytest.mark.parametrize("state", ["rectified", "resolved_on_spot"])
    def test_whoever_did_the_work_does_not_verify_it_nor_does_their_unit(self, state: str):
        by_account = CaseFacts(state, done_by=frozenset({"v"}))
        by_unit = CaseFacts(state, done_by_units=frozenset({"water"}))
        assert kinds(by_account, VERIFIER, "verified", "reason") == ["four_eyes"]
        assert kinds(by_unit, VERIFIER, "verified", "reason") == ["four_eyes"]
        assert kinds(CaseFacts(state), VERIFIER, "verified", "reason", "photo_spot") == []

    def test_water_that_still_exceeds_keeps_the_case_open(self):
        assert kinds(CaseFacts("verified", episode_is_over=False), OFFICE, "closed") == ["episode_not_over"]
        assert kinds(CaseFacts("verified"), OFFICE, "closed") == []

    def test_one_extension_a_case(self):
        asked = CaseFacts("rectifying", assignee_unit="town", steps_taken=("extension_requested",))
        assert kinds(asked, TOWN, "extension_requested", "reason", "until") == ["step_only_once"]


class TestNeeds:
    def test_all_that_is_missing_is_named_at_once(self):
        case = CaseFacts("extension_requested")
        assert kinds(case, OFFICE, "rectifying") == ["step_needs", "step_needs"]
        assert kinds(case, OFFICE, "rectifying", "due_at") == ["step_needs"]

    def test_what_a_step_may_bring_is_not_asked_for(self):
        assert kinds(CaseFacts("registered"), OFFICE, "dispatched", "unit") == []

    def test_a_step_that_is_no_step_names_those_that_are(self):
        (fault,) = faults_of_step(CaseFacts("reported"), OFFICE, "closed", ())
        assert fault.kind == "step_unknown"
        assert fault.details["allowed"] == "registered、rejected、merged"

    def test_why_not_says_who_may_in_both_languages(self):
        (register, *_) = rules_from("reported")
        refused = why_not(register, CaseFacts("reported"), TOWN)
        assert refused is not None
        assert "河长办" in refused.text("zh") and "river-chief office" in refused.text("en")


def test_no_rule_leads_from_a_finished_case_but_to_take_it_up_again():
    finished = {code for code, state in all_states().items() if not state.is_open}
    assert {rule.to_state for rule in all_rules() if rule.from_state in finished} == {"reopened"}
