"""The calendar and the deadlines over HTTP: read by all, added to by whoever rules, after a look at what would move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.test import Client

from tests.server.api.desk.test_cases import JSON, report, step

As = Callable[[str], Client]
ROW = {
    "state": "rectifying",
    "severity": "ordinary",
    "begins": "2026-01-01",
    "amount": 2,
    "unit": "work_days",
    "reason": "县政府会议纪要",
}


def rectifying(as_: As) -> str:
    case = step(as_("office"), report(as_("patroller"), categories=["dumping"]), "registered").json()
    case = step(as_("office"), case, "dispatched", unit="town").json()
    return step(as_("town"), case, "rectifying").json()["brief"]["number"]


def test_everybody_reads_the_table(as_: As):
    said = as_("town").get("/api/deadlines").json()
    assert not said["may_change"] and 2026 in said["years"]
    assert {"10 个工作日", "4 个工作小时"} <= {row["length"] for row in said["rows"]}
    assert not any(row["is_own"] for row in said["rows"])


def test_a_preview_says_what_would_move_and_moves_nothing(as_: As):
    number = rectifying(as_)
    before = as_("office").get(f"/api/cases/{number}").json()["brief"]["due_at"]
    said = as_("office").post("/api/deadlines/preview", ROW, JSON).json()
    assert (said["moved"], said["looked_at"], said["cases"][0]["number"]) == (1, 1, number)
    assert said["cases"][0]["after"] < said["cases"][0]["before"] == before
    assert as_("office").get(f"/api/cases/{number}").json()["brief"]["due_at"] == before


def test_a_row_that_says_less_precisely_for_whom_moves_nothing_and_the_preview_says_so(as_: As):
    rectifying(as_)
    assert as_("office").post("/api/deadlines/preview", ROW | {"severity": ""}, JSON).json()["moved"] == 0


def test_a_row_that_was_added_holds_at_once_and_says_whose_it_is(as_: As):
    number = rectifying(as_)
    before = as_("office").get(f"/api/cases/{number}").json()["brief"]["due_at"]
    said = as_("office").post("/api/deadlines/rows", ROW, JSON).json()
    assert [row["length"] for row in said["rows"] if row["is_own"]] == ["2 个工作日"]
    after = as_("office").get(f"/api/cases/{number}").json()
    assert after["brief"]["due_at"] < before and "2 个工作日" in after["deadline"]


def test_a_day_that_was_added_moves_what_is_counted_over_it(as_: As):
    number = rectifying(as_)
    before = as_("office").get(f"/api/cases/{number}").json()["brief"]["due_at"]
    coming = datetime.now(UTC).date() + timedelta(days=2)  # the day of the start is not counted
    while coming.weekday() > 4:
        coming += timedelta(days=1)
    given = {"day": coming.isoformat(), "kind": "holiday", "name": "县庆", "reason": "县政府通知"}
    said = as_("office").post("/api/deadlines/days", given, JSON).json()
    assert [(day["name"], day["by"]) for day in said["days"] if day["day"] == given["day"]] == [("县庆", "office")]
    assert as_("office").get(f"/api/cases/{number}").json()["brief"]["due_at"] > before


def test_every_cell_that_means_nothing_is_named(as_: As):
    wrong = ROW | {
        "state": "closed",
        "category": "dumpling",
        "severity": "terrible",
        "jurisdiction": "110",
        "amount": 1.5,
    }
    answer = as_("office").post("/api/deadlines/rows", wrong, JSON)
    places = [fault["place"] for fault in answer.json()["faults"]]
    assert (answer.status_code, places) == (400, ["state", "category", "severity", "jurisdiction", "amount"])
