"""The invented past fits the county: every step has its actor, every actor a unit, every patrol its walker."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from riverchief.case.machine import Actor, CaseFacts, faults_of_step
from riverchief.errors import BadInput
from riverchief.example import chengkou
from riverchief.example.chengkou.discharge import night_discharge
from riverchief.example.chengkou.past import cases, patrols, people, photo_path
from riverchief.party.role import all_roles
from riverchief.table import read_table
from tests.domain.example.chengkou_files import PARTIES, REACHES, RESPONSIBILITIES, path_down

END = datetime(2026, 5, 20, 3, 30, tzinfo=UTC)
ENDS = [END + timedelta(hours=hour) for hour in range(24)]
CASES = {case.id: case for case in cases(END)}
PEOPLE = {person.username: person for person in people()}


def size_of_jpeg(raw: bytes) -> tuple[int, int]:
    """Width and height from the frame header (ITU-T T.81, B.2.2): marker, length, precision, lines, samples."""
    assert raw[:2] == b"\xff\xd8"
    at = 2
    while raw[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    return int.from_bytes(raw[at + 7 : at + 9], "big"), int.from_bytes(raw[at + 5 : at + 7], "big")


def state(case):
    return case.steps[-1].to if case.steps else "reported"


def test_cases_stand_in_many_different_states():
    states = Counter(state(case) for case in CASES.values())
    assert states.keys() == {
        "reported",
        "registered",
        "dispatched",
        "returned",
        "rectifying",
        "rectified",
        "resolved_on_spot",
        "rejected",
        "closed",
    }


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_nothing_lies_in_the_future_and_steps_follow_one_another(end: datetime):
    for case in cases(end):
        times = [case.at, *(step.at for step in case.steps)]
        assert all(before < after for before, after in pairwise(times)), case.id
        assert times[-1] < end, case.id
    assert all(patrol.began < patrol.ended < end for patrol in patrols(end))


def test_a_case_tells_its_matter_in_chinese_and_then_in_english():
    for case in CASES.values():
        zh, en = case.description.rsplit("。", 1) if "。" in case.description else case.description.rsplit("？", 1)
        assert len(zh) > 10 and en.isprintable() and en.strip()[0].isascii() and len(en) > 30, case.id


def test_every_actor_is_somebody_with_a_unit():
    assert all(person.unit in PARTIES for person in PEOPLE.values())
    for case in CASES.values():
        assert (case.by in PEOPLE) != bool(case.reporter_name), case.id
        assert all(step.by in PEOPLE for step in case.steps)


def test_work_is_done_by_the_unit_it_was_sent_to_and_verified_by_another():
    for case in CASES.values():
        sent_to, workers = None, set()
        for step in case.steps:
            if step.to == "dispatched":
                assert step.unit in PARTIES and step.due > step.at
                sent_to = step.unit
            if step.to in {"rectified", "returned"} or (step.to == "rectifying" and not workers):
                assert PEOPLE[step.by].unit == sent_to, case.id
            if step.to in {"rectified", "resolved_on_spot"}:
                assert step.photo and step.reason
                workers.add(step.by)
            if step.to == "verified":
                assert step.by not in workers and PEOPLE[step.by].unit != sent_to


def test_every_step_is_allowed_by_the_table_of_states():
    """Played as the server plays them: each step by its actor on the case as it then stands, with what it brings."""
    for case in CASES.values():
        at, assignee, taken = "reported", None, []
        workers: set[str] = set()
        for step in case.steps:
            person = PEOPLE[step.by]
            facts = CaseFacts(
                at,
                assignee,
                case.by,
                frozenset(workers),
                frozenset(PEOPLE[worker].unit for worker in workers),
                steps_taken=tuple(taken),
            )
            brought = {
                "reason": step.reason,
                "photo_after": step.photo,
                "photo_spot": step.to == "verified",  # the demonstration says why it has none
                "unit": step.unit,
                "due_at": step.due,
                "until": step.until,
                "categories": step.categories,
            }
            given = {need for need, thing in brought.items() if thing}
            actor = Actor(person.username, person.role, person.unit)
            assert faults_of_step(facts, actor, step.to, given) == [], (case.id, step.to)
            if step.to in {"rectified", "resolved_on_spot"}:
                workers.add(step.by)
            assignee = step.unit or assignee
            taken.append(step.to)
            at = step.to


def test_cases_and_people_use_the_words_of_their_tables():
    categories, severities, sources = (
        {row[key] for row in read_table("riverchief.case", name)}
        for name, key in (("categories.csv", "code"), ("severities.csv", "severity"), ("sources.csv", "source"))
    )
    for case in CASES.values():
        assert set(case.categories) <= categories and case.severity in severities and case.source in sources
    assert {person.role for person in PEOPLE.values()} <= set(all_roles())


def test_one_case_came_back_from_verification_and_one_is_overdue():
    walked = [step.to for step in CASES["K-10"].steps]
    assert walked.count("rectified") == 2 and walked[-1] == "closed"
    [sent] = [step for step in CASES["K-02"].steps if step.to == "dispatched"]
    assert state(CASES["K-02"]) == "rectifying" and sent.due < END


def test_a_case_lies_on_its_reach_and_names_its_kinds_and_picture():
    for case in CASES.values():
        assert 0 <= case.chainage_m <= REACHES[case.reach]["length_m"]
        assert case.bank in {"left", "right"} and case.categories and case.title and case.description
        assert size_of_jpeg(photo_path(case.photo).read_bytes()) == (800, 560)


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_somebody_smells_the_discharge_below_the_outfall_the_morning_after(end: datetime):
    smelled = next(case for case in cases(end) if case.id == "K-09")
    discharge = night_discharge(end)
    assert smelled.source == "public" and smelled.reach in path_down(discharge.reach)
    assert discharge.start < smelled.at < discharge.start + timedelta(hours=12)


def test_pictures_are_small():
    folder = photo_path("litter").parent
    assert sum(path.stat().st_size for path in folder.glob("*.jpg")) < 400_000


def test_an_unknown_picture_is_named_with_its_neighbours():
    with pytest.raises(BadInput) as refused:
        photo_path("liter")
    assert "litter" in refused.value.text("en")


def test_freshness_differs_from_reach_to_reach():
    latest = {}
    for patrol in patrols(END):
        if patrol.counts:
            latest[patrol.reach] = patrol.ended
    days = {reach: (END - ended).days for reach, ended in latest.items()}
    assert len(REACHES) - len(days) == 3, "three reaches were never walked"
    assert sum(age <= 7 for age in days.values()) > 25
    assert sum(7 < age <= 15 for age in days.values()) > 15
    assert sum(age > 15 for age in days.values()) > 5


def test_who_walks_answers_for_the_reach():
    posts = {(row["reach_from"], row["holder"]) for row in RESPONSIBILITIES if row["level"] == "village"}
    assert all((patrol.reach, patrol.holder) in posts for patrol in patrols(END))


def test_a_patrol_that_does_not_count_is_kept_and_says_why():
    kept = [patrol for patrol in patrols(END) if not patrol.counts]
    assert len(kept) == 2 and all(patrol.why_not.startswith("不计入：") for patrol in kept)


def test_the_patrols_are_what_the_tool_writes():
    from tools.chengkou import patrols as tool

    ours = sorted(tuple(row.values()) for row in chengkou.rows_of("patrols.csv"))
    assert ours == sorted(tuple(str(cell) for cell in row.values()) for row in tool.rows())
