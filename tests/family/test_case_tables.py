"""The tables of a case, walked whole: states, steps, needs and roles know each other, and every case can end."""

from riverchief.case.machine import SYSTEM, all_rules, all_states
from riverchief.party.role import all_roles
from riverchief.table import read_table

RELATIONS = {"assignee", "reporter", SYSTEM}
STATES = all_states()
RULES = all_rules()


def test_every_step_leads_from_a_state_to_a_state():
    assert {rule.from_state for rule in RULES} | {rule.to_state for rule in RULES} == set(STATES)


def test_every_step_names_known_roles_needs_and_guards():
    needs = {row["need"] for row in read_table("riverchief.case", "needs.csv")}
    for rule in RULES:
        assert set(rule.who) <= set(all_roles()) | RELATIONS
        assert set(rule.needs) <= needs
        assert rule.guard in {"", "four_eyes", "episode_over", "once"}


def test_no_step_stands_twice():
    pairs = [(rule.from_state, rule.to_state) for rule in RULES]
    assert len(pairs) == len(set(pairs))


def test_each_open_state_has_one_step_that_is_the_next_and_says_whose_turn_it_is():
    for code, state in STATES.items():
        if state.is_open:
            assert sum(rule.is_primary for rule in RULES if rule.from_state == code) == 1, code
            assert state.waits_for in set(all_roles()) | RELATIONS
            turns = {who for rule in RULES if rule.from_state == code for who in rule.who}
            assert state.waits_for in turns, code


def test_every_state_can_be_reached_and_left_for_the_end():
    def reached(start: str) -> set[str]:
        found, todo = set(), [start]
        while todo:
            here = todo.pop()
            if here not in found:
                found.add(here)
                todo += [rule.to_state for rule in RULES if rule.from_state == here]
        return found

    assert reached("reported") == set(STATES)
    assert all("closed" in reached(code) for code in STATES if code != "merged")


def test_every_way_to_the_end_passes_through_somebody_elses_eyes():
    into_verified = [rule for rule in RULES if rule.to_state == "verified"]
    assert into_verified and all(rule.guard == "four_eyes" for rule in into_verified)
    assert {rule.from_state for rule in RULES if rule.to_state == "closed"} == {"verified"}
