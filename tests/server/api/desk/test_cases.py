"""The loop over HTTP: report, steps, conflicts, and what each is told."""

from collections.abc import Callable
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riverchief_server.cases.models import Case
from tests.server.cases.test_loop import picture

As = Callable[[str], Client]
JSON = "application/json"


def report(client: Client, **more: object) -> dict:
    body = {"uuid": str(uuid4()), "title": "岸边垃圾", "reach": "C", "bank": "left", "categories": ["litter"]}
    return client.post("/api/cases", body | more, JSON).json()


def step(client: Client, case: dict, to: str, **more: object):
    told = {"why_no_photo": "夜间无法拍摄"} if to == "verified" else {}
    body = {"uuid": str(uuid4()), "to": to, "version": case["version"]} | told | more
    return client.post(f"/api/cases/{case['brief']['number']}/steps", body, JSON)


def upload(client: Client) -> str:
    uuid = str(uuid4())
    client.post("/api/attachments", {"uuid": uuid, "file": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    return uuid


class TestTheLoopOverHttp:
    def test_from_report_to_sign_off(self, as_: As):
        case = report(as_("patroller"))
        assert case["brief"]["next_step"] == "等待河长办立案"
        case = step(as_("office"), case, "registered").json()
        due = "2026-12-04T18:00:00+08:00"
        case = step(as_("office"), case, "dispatched", unit="town", due_at=due).json()
        assert as_("town").get("/api/inbox").json()["cases"][0]["number"] == case["brief"]["number"]
        case = step(as_("town"), case, "rectifying").json()
        case = step(as_("town"), case, "rectified", reason="已清运", attachments=[upload(as_("town"))]).json()
        case = step(as_("verifier"), case, "verified", reason="现场干净").json()
        case = step(as_("office"), case, "closed").json()
        assert case["brief"]["state_name"] == "已销号"
        assert case["is_history_intact"] is True
        assert [entry["to_state"] for entry in case["history"]][-1] == "closed"

    def test_each_is_told_what_they_may_do_and_why_not_the_rest(self, as_: As):
        number = report(as_("patroller"))["brief"]["number"]
        office = {action["to"]: action for action in as_("office").get(f"/api/cases/{number}").json()["actions"]}
        town = {action["to"]: action for action in as_("town").get(f"/api/cases/{number}").json()["actions"]}
        assert office["registered"]["is_allowed"] and office["registered"]["is_primary"]
        assert not town["registered"]["is_allowed"]
        assert town["registered"]["why_not"] == "“立案”只能由河长办、系统办理"
        assert [need["kind"] for need in office["rejected"]["requires"]] == ["reason"]

    def test_a_step_of_somebody_else_is_forbidden(self, as_: As):
        answer = step(as_("town"), report(as_("patroller")), "registered")
        assert (answer.status_code, answer.json()["faults"][0]["kind"]) == (403, "step_not_yours")

    def test_a_step_that_lacks_something_names_it(self, as_: As):
        case = step(as_("office"), report(as_("patroller")), "registered").json()
        answer = step(as_("office"), case, "dispatched")
        assert answer.status_code == 400
        assert [fault["place"] for fault in answer.json()["faults"]] == ["unit"]

    def test_a_case_that_moved_on_is_a_conflict_in_a_human_sentence(self, as_: As):
        case = report(as_("patroller"))
        step(as_("office"), case, "registered")
        answer = step(as_("office"), case, "rejected", reason="不是")
        assert answer.status_code == 409
        assert answer.json()["text"] == "工单已由他人更新（现为“已立案”），请刷新后再办"

    def test_sent_twice_is_reported_once(self, as_: As):
        uuid = str(uuid4())
        first = as_("patroller").post("/api/cases", {"uuid": uuid, "title": "垃圾"}, JSON)
        again = as_("patroller").post("/api/cases", {"uuid": uuid, "title": "垃圾"}, JSON)
        assert (first.status_code, again.status_code, Case.objects.count()) == (201, 200, 1)

    def test_an_unknown_reach_or_unit_is_named_with_the_nearest(self, as_: As):
        answer = as_("patroller").post(
            "/api/cases", {"uuid": str(uuid4()), "title": "垃圾", "reach": "玩具河·E段"}, JSON
        )
        assert (answer.status_code, answer.json()["faults"][0]["place"]) == (400, "reach")
        assert "玩具河" in answer.json()["text"]
        case = step(as_("office"), report(as_("patroller")), "registered").json()
        answer = step(as_("office"), case, "dispatched", unit="twon", due_at="2026-12-04T18:00:00+08:00")
        assert "town" in answer.json()["text"]

    def test_an_unknown_bank_names_the_banks(self, as_: As):
        answer = as_("patroller").post("/api/cases", {"uuid": str(uuid4()), "title": "垃圾", "bank": "middle"}, JSON)
        assert answer.status_code == 422
        assert "left" in answer.json()["text"]

    def test_html_in_a_report_stays_text(self, as_: As):
        case = report(as_("patroller"), title="<img src=x onerror=alert(1)>")
        assert case["brief"]["title"] == "<img src=x onerror=alert(1)>"
        answer = as_("office").get(f"/api/cases/{case['brief']['number']}")
        assert answer["Content-Type"].startswith("application/json")
        assert "default-src 'self'" in answer["Content-Security-Policy"]
