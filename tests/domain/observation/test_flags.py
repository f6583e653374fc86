"""Flags: a table with QARTOD codes, one precedence, and the letters of HJ 212."""

import pytest

from riverchief.errors import BadInput
from riverchief.observation.flag import all_flags, find_flag, flag_of_hj212, worst
from tests.shared_data import shared


def test_every_flag_has_a_qartod_code_and_a_rank_of_its_own():
    flags = all_flags()
    assert {flag.qartod for flag in flags} == {1, 2, 3, 4, 9}
    assert {flag.qartod for flag in flags if flag.usable} == {1, 2, 3}
    assert all(not flag.usable for flag in flags if flag.qartod in (4, 9))


def test_the_precedence_never_lets_a_better_code_hide_a_worse_one():
    # ranks rise with QARTOD's own order 1 < 2 < 3 < 4 < 9, but that "good" and "unchecked" trade places: a value that
    # one test passed and no other looked at is good
    order = [flag.qartod for flag in all_flags() if flag.code not in ("good", "unchecked")]
    assert order == sorted(order)


def test_the_worst_flag_wins():
    assert worst(["good", "maintenance", "suspect"]) == "maintenance"
    assert worst(["maintenance", "missing"]) == "missing"
    assert worst([]) == "unchecked"


def test_maintenance_keeps_out_of_judgement_and_suspect_does_not():
    assert not find_flag("maintenance").usable
    assert find_flag("suspect").usable, "a real spill looks suspect; hiding it from judgement would be the worst error"


def test_all_eight_letters_of_hj212_are_ours():
    assert set(flag_of_hj212()) == set("NFMSDCTB")
    assert [letter for letter, code in flag_of_hj212().items() if find_flag(code).usable] == ["N"]


def test_usable_agrees_with_the_standard_table():
    rows = [line.split(",") for line in shared("standards/hj212_flags.csv").read_text().splitlines()[1:]]
    for kind, letter, *_, valid in rows:
        if kind == "data":
            assert find_flag(flag_of_hj212()[letter]).usable == (valid == "1"), letter


def test_an_unknown_flag_is_named_with_its_neighbours():
    with pytest.raises(BadInput) as refused:
        find_flag("maintainance")
    assert "maintenance" in refused.value.faults[0].details["nearest"]
