"""The clock of a case, from its events: each wait, its pauses, the day that was decided, and the next leg."""

from datetime import datetime, timedelta

from riverchief.case.deadline import (
    Event,
    Pause,
    Standing,
    Wait,
    explain,
    find_rule,
    last_start_reaching,
    read_calendar,
    rules_of,
    shipped_rules,
    standing_of,
    waits_of,
)

CALENDAR = read_calendar("Mon-Fri 09:00-12:00,14:00-19:00; due at end of working day; china; tz Asia/Shanghai")
RULES = shipped_rules()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00")


def rule_of(state: str, moment: datetime):
    return find_rule(RULES, state, ["dumping"], "ordinary", "500229", moment.date())


def last(events: list[Event], now: str) -> tuple[Wait, Standing]:
    wait = waits_of(events, rule_of)[-1]
    return wait, standing_of(wait, rule_of(wait.state, wait.clock_since), CALENDAR, at(now))


REPORTED = Event(at("11-02T10:00"), "reported")  # a Monday
DISPATCHED = [REPORTED, Event(at("11-02T11:00"), "registered"), Event(at("11-02T15:00"), "dispatched")]


def test_a_report_waits_four_working_hours():
    _wait, standing = last([REPORTED], "11-02T11:00")
    # 10-12 and 14-16
    assert standing.due is not None and standing.due.at == at("11-02T16:00")
    assert (standing.left, standing.percent, standing.is_overdue) == (timedelta(hours=3), 0, False)


def test_putting_right_counts_from_the_dispatch_and_not_from_the_acceptance():
    wait, standing = last([*DISPATCHED, Event(at("11-06T09:00"), "rectifying")], "11-06T10:00")
    # ten working days after Monday 2nd: Monday 16th, at closing
    assert standing.due is not None and standing.due.at == at("11-16T19:00")
    assert wait.clock_since == at("11-02T15:00")


def test_a_suspension_and_the_verifiers_time_are_given_back():
    events = [
        *DISPATCHED,
        Event(at("11-03T09:00"), "rectifying"),
        Event(at("11-04T09:00"), "suspended", until=at("11-30T19:00")),
        Event(at("11-05T09:00"), "rectifying"),
        Event(at("11-06T09:00"), "rectified"),
        Event(at("11-06T11:00"), "rectifying"),
    ]
    _wait, standing = last(events, "11-09T10:00")
    # 8 h of the 4th and 2 h of the 6th: from closing on Monday 16th ten hours on
    assert standing.due is not None
    assert (standing.due.at, standing.due.given_back) == (at("11-18T11:00"), timedelta(hours=10))


def test_a_pause_survives_a_change_of_the_rule():
    events = [
        *DISPATCHED,
        Event(at("11-03T09:00"), "rectifying"),
        Event(at("11-04T09:00"), "suspended", until=at("11-30T19:00")),
        Event(at("11-05T09:00"), "rectifying"),
    ]
    row = {"state": "rectifying", "category": "", "severity": "", "jurisdiction": "", "from": "", "amount": "3"}
    changed = rules_of([{**row, "unit": "work_days", "counts_from": "dispatched", "stands_still_in": "", "reason": ""}])
    wait = waits_of(events, lambda state, _: changed[0] if state == "rectifying" else None)[-1]
    standing = standing_of(wait, changed[0], CALENDAR, at("11-05T10:00"))
    # three days after the 2nd: Thursday 5th at closing, and the 8 h of the 4th on top
    assert standing.due is not None and standing.due.at == at("11-06T19:00")


def test_a_day_that_was_decided_holds_instead_of_the_row_and_an_extension_replaces_it():
    dispatched = [*DISPATCHED[:2], Event(at("11-02T15:00"), "dispatched", due_at=at("11-05T19:00"))]
    events = [*dispatched, Event(at("11-03T09:00"), "rectifying")]
    assert last(events, "11-03T10:00")[1].due.at == at("11-05T19:00")
    events += [
        Event(at("11-04T09:00"), "extension_requested"),
        Event(at("11-04T15:00"), "rectifying", at("11-12T19:00")),
    ]
    assert last(events, "11-05T10:00")[1].due.at == at("11-12T19:00")


def test_a_suspension_is_due_on_the_day_that_was_approved():
    events = [
        *DISPATCHED,
        Event(at("11-03T09:00"), "rectifying"),
        Event(at("11-04T09:00"), "suspended", until=at("11-10T19:00")),
    ]
    assert last(events, "11-05T10:00")[1].due.at == at("11-10T19:00")


def test_re_opening_begins_a_new_leg_with_a_clock_of_its_own_and_the_old_ones_stay():
    events = [
        *DISPATCHED,
        Event(at("11-03T09:00"), "rectifying", due_at=at("11-05T19:00")),
        Event(at("11-04T09:00"), "rectified"),
        Event(at("11-04T10:00"), "verified"),
        Event(at("11-04T11:00"), "closed"),
        Event(at("11-20T09:00"), "reopened"),
        Event(at("11-20T10:00"), "dispatched"),
        Event(at("11-20T11:00"), "rectifying"),
    ]
    waits = waits_of(events, rule_of)
    assert [wait.leg for wait in waits] == [1] * 7 + [2] * 3
    first, second = (wait for wait in waits if wait.state == "rectifying")
    stood = standing_of(first, rule_of("rectifying", first.clock_since), CALENDAR, at("12-01T09:00"))
    assert (stood.due.at, stood.is_overdue) == (at("11-05T19:00"), False)
    assert standing_of(second, rule_of("rectifying", second.clock_since), CALENDAR, at("11-20T12:00")).due.at == at(
        "12-04T19:00"
    )


def test_what_has_no_deadline_is_neither_in_time_nor_late():
    wait = waits_of([Event(at("11-02T10:00"), "closed")], rule_of)[-1]
    assert standing_of(wait, None, CALENDAR, at("12-30T10:00")) == Standing(None)


def test_the_rungs_are_reached_in_working_time():
    # four working hours, from Monday 09:00: due 15:00; 80 % is 48 min before it, 150 % two hours after, 200 % four
    wait = Wait("reported", 1, at("11-02T09:00"), at("11-02T09:00"))
    rule = rule_of("reported", wait.clock_since)

    def percent(now: str) -> int:
        return standing_of(wait, rule, CALENDAR, at(now)).percent

    assert [percent("11-02T14:12"), percent("11-02T14:12:01")] == [0, 80]
    assert [percent("11-02T15:00"), percent("11-02T15:00:01")] == [80, 100]
    assert [percent("11-02T17:00"), percent("11-02T17:00:01")] == [100, 150]
    assert [percent("11-02T19:00"), percent("11-03T08:59:59"), percent("11-03T09:00:01")] == [150, 150, 200]


def test_no_rung_is_reached_while_the_office_is_closed():
    wait = Wait("reported", 1, at("11-06T15:00"), at("11-06T15:00"))  # Friday; due at closing, 19:00
    rule = rule_of("reported", wait.clock_since)
    night = [standing_of(wait, rule, CALENDAR, at("11-06T19:00") + timedelta(hours=h)).percent for h in range(0, 62, 3)]
    assert set(night) == {80}
    assert standing_of(wait, rule, CALENDAR, at("11-06T20:00")).is_overdue


def test_one_moment_divides_the_late_from_the_rest():
    """``last_start_reaching`` against each start looked at by itself."""
    now = at("11-24T15:20")
    for state in ("reported", "registered", "rectifying"):
        rule = rule_of(state, now)
        for percent in (0, 80, 100, 150, 200):
            border = last_start_reaching(rule, CALENDAR, now, percent)
            for start in (now - timedelta(hours=hour, minutes=7) for hour in range(0, 24 * 60, 5)):
                standing = standing_of(Wait(state, 1, start, start), rule, CALENDAR, now)
                reached = standing.is_overdue if percent == 0 else standing.percent >= percent
                assert reached == (start < border), (state, percent, start)


def test_the_row_that_says_more_precisely_for_whom_wins():
    base = {"state": "rectifying", "severity": "", "category": "", "jurisdiction": "", "from": "", "unit": "work_days"}
    base |= {"counts_from": "dispatched", "stands_still_in": "", "reason": "r"}
    rules = rules_of(
        [
            {**base, "amount": "10"},
            {**base, "amount": "5", "severity": "minor"},
            {**base, "amount": "3", "category": "litter"},
            {**base, "amount": "7", "jurisdiction": "500229107"},
            {**base, "amount": "8", "from": "2026-07-01"},
        ]
    )

    def amount(categories: list[str], severity: str, region: str, day: str) -> float:
        return find_rule(rules, "rectifying", categories, severity, region, at(f"{day}T09:00").date()).amount

    assert amount(["dumping"], "major", "500229101000", "03-02") == 10
    assert amount(["dumping"], "major", "500229101000", "08-03") == 8
    assert amount(["dumping"], "minor", "500229101000", "08-03") == 5
    assert amount(["litter"], "minor", "500229101000", "08-03") == 3
    assert amount(["litter"], "minor", "500229107000", "08-03") == 7


def test_the_sum_is_shown():
    wait = Wait(
        "rectifying", 1, at("09-24T10:00"), at("09-24T10:00"), pauses=(Pause(at("09-28T09:00"), at("09-28T11:00")),)
    )
    rule = rule_of("rectifying", wait.clock_since)
    standing = standing_of(wait, rule, CALENDAR, at("09-25T10:00"))
    # ten working days after Thursday 09-24: 28, 29, 30, 10-08, 09, 10 (调休), 12, 13, 14, 15; + 2 h
    assert standing.due.at == at("10-16T11:00")
    assert explain(wait, rule, standing.due, CALENDAR, "zh") == (
        "自 9月24日 10:00 起 10 个工作日；扣除停表 2 小时；跳过中秋、国庆节；含调休上班 10-10；10月16日 11:00 到期"
    )
    assert "10 working days from 24 September 10:00; 2 h that the clock stood still given back" in explain(
        wait, rule, standing.due, CALENDAR, "en"
    )
