"""Who answers for which bank of which reach on which day, and where nobody does."""

from datetime import date

from riverchief.party.jurisdiction import Gap, Responsibility, find_gaps, who_answers
from riverchief.party.region import contains, significant_prefix
from riverchief.party.role import all_roles
from riverchief.place.bank import Bank

DAY = date(2026, 11, 24)


def duty(
    level: str, bank: Bank, *reaches: str, begins: date = date(2020, 1, 1), ends: date | None = None
) -> Responsibility:
    return Responsibility(
        f"unit-{level}", "chief", f"{level} {bank.value}", level, bank, frozenset(reaches), begins, ends
    )


class TestWhoAnswers:
    def test_the_bank_decides_and_the_highest_level_comes_first(self):
        duties = [duty("village", Bank.LEFT, "A"), duty("county", Bank.BOTH, "A"), duty("township", Bank.RIGHT, "A")]
        assert [one.level for one in who_answers(duties, "A", Bank.LEFT, DAY)] == ["county", "village"]
        assert [one.level for one in who_answers(duties, "A", Bank.RIGHT, DAY)] == ["county", "township"]

    def test_a_problem_on_both_banks_has_the_answers_of_both_each_once(self):
        duties = [duty("county", Bank.BOTH, "A"), duty("township", Bank.LEFT, "A"), duty("township", Bank.RIGHT, "A")]
        assert len(who_answers(duties, "A", Bank.BOTH, DAY)) == 3

    def test_the_first_and_the_last_day_count(self):
        one = duty("township", Bank.BOTH, "A", begins=date(2026, 1, 1), ends=date(2026, 6, 30))
        days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
        assert [one.holds_on(day) for day in days] == [False, True, True, False]

    def test_another_reach_is_another_matter(self):
        assert who_answers([duty("township", Bank.BOTH, "A")], "B", Bank.LEFT, DAY) == []


def test_gaps_are_named_by_reach_bank_and_level():
    duties = [duty("township", Bank.LEFT, "A"), duty("village", Bank.BOTH, "A")]
    assert find_gaps(duties, ["A"], DAY, ("township", "village")) == [Gap("A", Bank.RIGHT, "township")]


class TestRegions:
    def test_a_region_contains_what_begins_with_its_digits(self):
        county, town, village = "500229000000", "500229107000", "500229107201"
        assert [significant_prefix(code) for code in (county, town, village)] == ["500229", "500229107", village]
        assert contains(county, village) and contains(town, village) and contains(town, town)
        assert not contains(town, county) and not contains("500229108000", village)


def test_only_the_office_dispatches_and_no_role_may_both_do_and_verify():
    roles = all_roles()
    assert [code for code, role in roles.items() if "dispatch" in role.may] == ["office"]
    assert [code for code, role in roles.items() if {"rectify", "verify"} <= role.may] == []
