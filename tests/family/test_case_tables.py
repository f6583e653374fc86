"""The tables of a case, walked whole: states, steps, needs and roles know each other, and every case can end."""

from riverchief.case.deadline import UNITS, china_days, ladder, read_calendar, shipped_calendar, shipped_rules
from riverchief.case.deadline.wait import UNTIL_A_DAY
from riverchief.case.machine import SYSTEM, TRAITS, all_rules, all_states
from riverchief.party.role import all_roles
from riverchief.table import read_table

RELATIONS = {"assignee", "reporter", SYSTEM}
STATES = all_states()
RULES = all_rules()


def test_every_step_leads_from_a_state_to_a_state():
    assert {rule.from_state for rule in RULES} | {rule.to_state for rule in RULES} == set(STATES)


def test_every_trait_of_a_state_is_one_that_is_read_and_no_other_is_promised():
    assert {trait for state in STATES.values() for trait in state.traits} == set(TRAITS)


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


def test_every_state_that_waits_has_a_deadline_of_its_own():
    """But for those that last until a day somebody approved."""
    general = {rule.state for rule in shipped_rules() if not (rule.category or rule.jurisdiction)}
    assert general == {code for code, state in STATES.items() if state.is_open} - UNTIL_A_DAY


def test_a_deadline_by_severity_knows_every_severity():
    severities = {row["severity"] for row in read_table("riverchief.case", "severities.csv")}
    by_state: dict[str, set[str]] = {}
    for rule in shipped_rules():
        if not rule.category:
            by_state.setdefault(rule.state, set()).add(rule.severity)
    assert all(found in ({""}, severities) for found in by_state.values())


def test_every_deadline_names_a_unit_states_and_categories_that_are_there_and_its_reason():
    categories = {row["code"] for row in read_table("riverchief.case", "categories.csv")}
    for rule in shipped_rules():
        assert rule.unit in UNITS and rule.amount > 0 and rule.reason
        assert rule.counts_from in {"entered", *STATES} and rule.stands_still_in <= set(STATES)
        assert rule.category in {"", *categories}


def test_the_ladder_rises_and_tells_people_whom_the_house_knows():
    percents = [rung.percent for rung in ladder()]
    assert percents == sorted(set(percents))
    known = {"assignee", "reach_chief", "upper_chief", *all_roles()}
    assert all(set(rung.tells) <= known for rung in ladder())


def test_the_shipped_calendar_is_one_and_knows_the_holidays():
    calendar = read_calendar(shipped_calendar())
    assert calendar.week.has_hours and calendar.special == china_days()
