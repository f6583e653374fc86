"""A run of exceeding samples is one episode; its rules are rows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.case.episode import JudgedSample, episode_rules, find_episodes, is_exceeding
from riverchief.standard.classes import CODES

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def samples(*classes: str | None, every_h: int = 4) -> list[JudgedSample]:
    return [
        JudgedSample(BEGIN + timedelta(hours=every_h * n), water_class, ("NH3N",) if water_class else ())
        for n, water_class in enumerate(classes)
    ]


def at(n: int, every_h: int = 4) -> datetime:
    return BEGIN + timedelta(hours=every_h * n)


def test_clean_water_has_no_episode():
    assert find_episodes(samples("I", "II", "II"), "II") == []


def test_a_run_is_one_episode_with_its_worst_sample():
    (found,) = find_episodes(samples("II", "III", ">V", "IV"), "II")
    assert (found.started_at, found.last_exceeding_at, found.ended_at) == (at(1), at(3), None)
    assert (found.worst_class, found.worst_at, found.samples, found.items) == (">V", at(2), 3, ("NH3N",))


def test_three_clean_samples_end_it_at_the_first_of_them():
    (found,) = find_episodes(samples("III", "II", "II", "II"), "II")
    assert found.ended_at == at(1)


def test_two_clean_samples_between_do_not_cut_it():
    (found,) = find_episodes(samples("III", "II", "II", "III"), "II")
    assert (found.samples, found.is_over) == (2, False)


def test_a_sample_without_a_class_neither_feeds_nor_ends_it():
    (found,) = find_episodes(samples("III", None, None, None, "III"), "II")
    assert (found.samples, found.ended_at) == (2, None)


def test_what_exceeded_and_is_within_the_target_again_ends_it_even_where_few_items_give_no_class():
    clean = [JudgedSample(at(n), None, (), ("NH3N",)) for n in (1, 2, 3)]
    (found,) = find_episodes([JudgedSample(at(0), "IV", ("NH3N",)), *clean], "II")
    assert found.ended_at == at(1)
    other = [JudgedSample(at(n), None, (), ("TP",)) for n in (1, 2, 3)]
    (going_on,) = find_episodes([JudgedSample(at(0), "IV", ("NH3N",)), *other], "II")
    assert not going_on.is_over


def test_after_a_long_silence_it_is_over_and_what_follows_is_another():
    silent = [JudgedSample(at(0), "III"), JudgedSample(at(0) + timedelta(hours=49), "III")]
    first, second = find_episodes(silent, "II")
    assert (first.ended_at, second.ended_at) == (at(0), None)


@pytest.mark.parametrize(
    ("water_class", "target", "is_over"), [("III", "III", False), ("IV", "III", True), (None, "I", False)]
)
def test_exceeding_is_worse_than_the_target(water_class: str | None, target: str, is_over: bool):
    assert is_exceeding(water_class, target) is is_over


@given(st.lists(st.sampled_from([*CODES, None]), max_size=60), st.sampled_from(CODES[:5]))
def test_every_exceeding_sample_is_in_exactly_one_episode(classes: list[str | None], target: str):
    found = find_episodes(samples(*classes), target)
    assert sum(one.samples for one in found) == sum(is_exceeding(water_class, target) for water_class in classes)
    assert all(one.started_at <= one.worst_at <= one.last_exceeding_at for one in found)
    assert all(one.is_over for one in found[:-1])  # only the last may still go on


def test_the_rules_are_those_of_the_table():
    rules = episode_rules()
    assert (rules["clean_to_end"], rules["silence_to_end"], rules["recurrence"]) == (3, 48, 90)
