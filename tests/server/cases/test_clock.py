"""The clocks of cases on the server: computed when read, filtered in the database, moved by a holiday or a new row."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test.utils import CaptureQueriesContext

from riverchief.errors import BadInput
from riverchief_server.cases.actions import NewStep, take_step
from riverchief_server.cases.clock import clocks, level_of, note_day, reached, settle_clocks, standing
from riverchief_server.cases.listing import inbox, load_by, load_of, most_urgent_first, reached_now, seen_open
from riverchief_server.cases.models import Case, DeadlineRow
from riverchief_server.parties.models import Account, Unit
from tests.server.cases.test_loop import report, to_dispatched, to_rectified
from tests.server.conftest import NOW  # Tuesday 2026-11-24, 12:00 in Chongqing

People = dict[str, Account]
LOCAL = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=LOCAL)


def step(case: Case, to: str, by: Account | None, now: datetime, **more: object) -> Case:
    version = Case.objects.get(pk=case.pk).version
    told = {"why_no_photo": "夜间无法拍摄"} if to == "verified" else {}
    return take_step(case, NewStep(**({"uuid": uuid(), "to": to, "version": version} | told | more)), by, now)


def uuid():
    from uuid import uuid4

    return uuid4()


def dispatched_without_a_day(people: People) -> Case:
    case = step(report(people["patroller"]), "registered", people["office"], NOW)
    return step(case, "dispatched", people["office"], NOW, unit=people["town"].unit)


def test_a_report_is_due_after_four_working_hours(people: People):
    case = report(people["patroller"])
    # 12:00 is in the noon break (12:30): half an hour, then 14:00-17:30
    assert standing(case, NOW).due.at == at("11-24T17:30")
    assert [level_of(case, at(now)) for now in ("11-24T12:10", "11-24T17:00", "11-24T17:31")] == [
        "open",
        "due_soon",
        "overdue",
    ]


def test_a_dispatch_without_a_day_is_due_by_the_table_of_deadlines(people: People):
    case = step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
    # ordinary: ten working days after Tuesday 24 November
    assert standing(case, NOW).due.at == at("12-08T18:00")
    assert case.due_at is None


def test_a_holiday_told_later_moves_every_due_time_by_itself(people: People):
    case = step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
    note_day(date(2026, 12, 1), "holiday", "县庆", "县政府通知", people["office"], NOW)
    assert standing(case, NOW).due.at == at("12-09T18:00")
    note_day(date(2026, 12, 1), "ordinary", "", "取消", people["office"], NOW)
    assert standing(case, NOW).due.at == at("12-08T18:00")


def test_a_row_of_the_countys_own_holds_from_its_day_on(people: People):
    case = step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
    row = {"state": "rectifying", "severity": "ordinary", "unit": "work_days", "reason": "县规定", "noted_at": NOW}
    DeadlineRow.objects.create(**row, begins=date(2026, 12, 1), amount=2)
    assert standing(case, NOW).due.at == at("12-08T18:00")
    DeadlineRow.objects.create(**row, begins=date(2026, 11, 1), amount=4)
    assert standing(case, NOW).due.at == at("11-30T18:00")
    assert settle_clocks() == 1
    assert reached_late(at("12-01T09:30")) == {case.pk}


def reached_late(now: datetime) -> set[int]:
    return set(Case.objects.filter(reached(now, 0)).values_list("pk", flat=True))


def test_a_day_that_is_decided_holds_and_one_in_the_past_is_refused(people: People):
    case = step(to_dispatched(people), "rectifying", people["town"], NOW)
    assert standing(case, NOW).due.at == NOW + timedelta(days=10)
    asked = step(case, "extension_requested", people["town"], NOW, reason="下雨", until=NOW + timedelta(days=20))
    with pytest.raises(BadInput) as refused:
        step(asked, "rectifying", people["office"], NOW, reason="同意", due_at=NOW - timedelta(days=1))
    assert refused.value.faults[0].kind == "deadline_in_past"


def test_a_new_leg_forgets_the_day_that_was_decided_in_the_old_one(people: People):
    case = step(to_rectified(people), "verified", people["verifier"], NOW, reason="好")
    case = step(case, "closed", people["office"], NOW)
    later = NOW + timedelta(days=30)
    case = step(case, "reopened", people["office"], later, reason="又有垃圾")
    case = step(case, "dispatched", people["office"], later, unit=people["town"].unit)
    case = step(case, "rectifying", people["town"], later)
    # Thursday 24 December; 2027-01-01 is a Friday whose holidays are not told yet: counted, and said so
    assert standing(case, later).due.at == datetime(2027, 1, 7, 18, tzinfo=LOCAL)
    assert standing(case, later).due.unknown_years == (2027,)


class TestManyAtOnce:
    def test_what_sql_calls_late_is_what_each_case_says_of_itself(self, people: People):
        office, town = people["office"], people["town"]
        by_rule = step(dispatched_without_a_day(people), "rectifying", town, NOW)
        decided = step(to_dispatched(people), "rectifying", town, NOW)
        paused = step(dispatched_without_a_day(people), "rectifying", town, NOW)
        paused = step(paused, "suspended", office, NOW, reason="汛期", until=NOW + timedelta(days=5))
        resumed = step(dispatched_without_a_day(people), "rectifying", town, NOW)
        resumed = step(resumed, "suspended", office, NOW, reason="汛期", until=NOW + timedelta(days=5))
        resumed = step(resumed, "rectifying", town, NOW + timedelta(days=3), reason="复工")
        shelving = step(dispatched_without_a_day(people), "rectifying", town, NOW)
        shelving = step(shelving, "shelving_requested", town, NOW, reason="涉及省级矿权")
        everything = [by_rule, decided, paused, resumed, shelving, report(people["patroller"]), to_rectified(people)]
        for days in (0, 1, 2, 4, 6, 9, 10.3, 12, 14.5, 17, 25, 40):
            now = NOW + timedelta(days=days)
            for percent in (0, 80, 100, 150, 200):
                sql = set(Case.objects.filter(reached(now, percent)).values_list("pk", flat=True))
                each = {
                    case.pk
                    for case in everything
                    if (standing(case, now).is_overdue if percent == 0 else standing(case, now).percent >= percent)
                }
                assert sql == each, (days, percent)

    def test_a_case_without_a_deadline_is_counted_as_such(self, people: People):
        case = report(people["patroller"])
        Case.objects.filter(pk=case.pk).update(state="suspended", allowed="", suspended_until=None)
        case.refresh_from_db()
        assert level_of(case, NOW) == "no_deadline"
        assert load_of(Case.objects.all(), reached_now(NOW)).no_deadline == 1

    def test_loads_by_reach(self, people: People):
        case = report(people["patroller"])
        late = load_by(seen_open(people["office"]), "reach_id", reached_now(NOW + timedelta(days=2)))
        assert (late[case.reach_id].open, late[case.reach_id].overdue, late[case.reach_id].level) == (1, 1, "overdue")

    def test_the_most_urgent_come_first(self, people: People):
        calm = report(people["patroller"])
        late = report(people["patroller"])
        Case.objects.filter(pk=late.pk).update(clock_since=NOW - timedelta(days=9))
        at_now = reached_now(NOW)
        assert [case.pk for case in most_urgent_first(inbox(people["office"]), at_now)] == [late.pk, calm.pk]

    def test_counting_does_not_grow_with_the_cases(self, people: People, django_assert_max_num_queries):
        for _ in range(5):
            report(people["patroller"])
        with django_assert_max_num_queries(8):
            at_now = reached_now(NOW)
            load_of(inbox(people["office"]), at_now)
            list(most_urgent_first(inbox(people["office"]), at_now)[:50])


class TestTheInbox:
    def test_only_the_county_chief_can_sign_a_shelving(self, people: People):
        case = step(dispatched_without_a_day(people), "rectifying", people["town"], NOW)
        case = step(case, "shelving_requested", people["town"], NOW, reason="涉及省级矿权")
        assert list(inbox(people["chief"])) == [case] and case not in inbox(people["office"])

    def test_nobody_is_offered_to_verify_their_own_work(self, people: People):
        case = to_rectified(people)
        assert case in inbox(people["verifier"])
        colleague = Account.objects.create(
            username="colleague", role="verifier", unit=people["town"].unit, region=people["office"].region
        )
        assert case not in inbox(colleague)

    def test_after_a_new_leg_the_old_hands_may_verify(self, people: People):
        case = step(to_rectified(people), "verified", people["verifier"], NOW, reason="好")
        case = step(step(case, "closed", people["office"], NOW), "reopened", people["office"], NOW, reason="又有")
        case = step(case, "dispatched", people["office"], NOW, unit=Unit.objects.get(code="rural"))
        case = step(case, "rectifying", people["rural"], NOW)
        Case.objects.filter(pk=case.pk).update(state="rectified")
        colleague = Account.objects.create(
            username="colleague", role="verifier", unit=people["town"].unit, region=people["office"].region
        )
        assert case in inbox(colleague)


def test_the_clocks_are_read_in_two_queries(people: People):
    from django.db import connection

    with CaptureQueriesContext(connection) as seen:
        clocks()
    assert len(seen) == 2
