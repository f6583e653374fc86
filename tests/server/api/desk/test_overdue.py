"""What is overdue, over HTTP: whose, since when, with the telephone; and supervision from the card."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.test import Client

from riverchief_server.cases.models import Case
from tests.server.api.desk.test_cases import JSON, report, step

As = Callable[[str], Client]


def late_case(as_: As, days: int = 40) -> dict:
    case = step(as_("office"), report(as_("patroller"), categories=["dumping"]), "registered").json()
    case = step(as_("office"), case, "dispatched", unit="town").json()
    case = step(as_("town"), case, "rectifying").json()
    since = datetime.now(UTC) - timedelta(days=days)
    Case.objects.filter(number=case["brief"]["number"]).update(clock_since=since)
    return case


def test_the_chief_sees_what_is_overdue_whose_since_when_and_the_telephone(as_: As):
    number = late_case(as_)["brief"]["number"]
    report(as_("patroller"))
    said = as_("chief").get("/api/overdue").json()
    (one,) = said["cases"]
    assert (one["brief"]["number"], one["unit"], one["holder"], one["phone"]) == (
        number,
        "甲镇人民政府",
        "河长 · 甲镇",
        "000-4",
    )
    assert one["may_supervise"] and "超期" in one["late_text"] and datetime.fromisoformat(one["since"])
    assert [(unit["name"], unit["overdue"]) for unit in said["units"]] == [("甲镇人民政府", 1)]
    assert said["sentence"] == "2件未办结，1件已超期，涉及1个单位。"


def test_supervision_is_seen_by_the_unit_on_its_own_list(as_: As):
    number = late_case(as_)["brief"]["number"]
    given = {"uuid": str(uuid4()), "act": "supervise", "reason": "本周五前清完"}
    case = as_("chief").post(f"/api/cases/{number}/acts", given, JSON).json()
    last = case["history"][-1]
    assert (last["act"], last["to_name"], last["actor"], last["reason"]) == (
        "supervise",
        "督办",
        "chief",
        "本周五前清完",
    )
    (mine,) = as_("town").get("/api/overdue").json()["cases"]
    assert "本周五前清完" in mine["supervision"] and not mine["may_supervise"]
    assert as_("town").get("/api/inbox").json()["cases"][0]["is_supervised"]
    notices = as_("town").get("/api/notices").json()
    assert notices["unread"] == 2 and "chief督办 岸边垃圾：本周五前清完" in notices["notices"][0]["text"]
    assert as_("town").post("/api/notices/read", {}, JSON).json()["unread"] == 0


def test_a_unit_is_not_told_of_the_cases_of_another(as_: As):
    late_case(as_)
    said = as_("rural").get("/api/overdue").json()
    assert (said["total"], said["open"], said["cases"], said["units"]) == (0, 0, [], [])


def test_only_those_of_one_unit(as_: As):
    late_case(as_)
    assert as_("chief").get("/api/overdue?unit=rural").json()["cases"] == []
    assert len(as_("chief").get("/api/overdue?unit=town").json()["cases"]) == 1


def test_in_time_is_never_said_of_what_has_no_deadline(as_: As):
    case = report(as_("patroller"))
    assert as_("chief").get("/api/overdue").json()["sentence"] == "1件有期限的未办结工单都在期限内。"
    Case.objects.filter(number=case["brief"]["number"]).update(allowed="", state="suspended")
    said = as_("chief").get("/api/overdue").json()
    assert said["no_deadline"] == 1 and "另有1件没有规定期限" in said["sentence"]
    assert as_("office").get("/api/inbox").json()["sentence"] == "1件等您办理，其中0件已超期。另有1件没有规定期限。"


def test_the_case_page_says_which_acts_are_whose(as_: As):
    number = late_case(as_)["brief"]["number"]
    acts = {act["act"]: act for act in as_("town").get(f"/api/cases/{number}").json()["acts"]}
    assert acts["progress"]["is_allowed"] and not acts["supervise"]["is_allowed"]
    assert "县级河长" in acts["supervise"]["why_not"]


def test_the_case_shows_its_sum_and_the_time_of_each_step(as_: As):
    case = late_case(as_)
    said = as_("office").get(f"/api/cases/{case['brief']['number']}").json()
    assert "10 个工作日" in said["deadline"]
    assert [clock["state_name"] for clock in said["clocks"]] == ["整改中", "已派发", "已立案", "已上报"]
    assert said["clocks"][1]["text"] == "在期限内"
