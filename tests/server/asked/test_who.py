"""Default deny: every route of the API asks who it is, and tells nobody more than they may know."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riverchief_server.api.desk.routes import api
from tests.server.cases.test_loop import picture

OPEN = {
    ("get", "/api/session"),
    ("post", "/api/session/login"),
    ("post", "/api/session/demo"),
    ("post", "/api/session/logout"),
    ("post", "/api/session/language"),
}
ROUTES = sorted(
    (method, path)
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method in methods
    if (method, path) not in OPEN
)


def filled(path: str) -> str:
    for name, value in {
        "{code}": "S1",
        "{parameter}": "NH3N",
        "{number}": "999901-2026-0001",
        "{uuid}": str(uuid4()),
    }.items():
        path = path.replace(name, value)
    return path


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_stranger_is_told_to_log_in_and_nothing_else(method: str, path: str):
    body = {"uuid": str(uuid4()), "title": "岸边垃圾", "to": "closed", "version": 1}
    if path == "/api/attachments":
        answer = Client().post(path, {"uuid": str(uuid4()), "file": _file()})
    else:
        answer = getattr(Client(), method)(filled(path), body if method == "post" else {}, "application/json")
    assert answer.status_code == 401, answer.content
    assert set(answer.json()) == {"text", "faults"}


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", b"x", "image/jpeg")


class TestHiddenCases:
    def test_a_case_one_may_not_see_is_not_there(self, as_):
        number = _report(as_("patroller"), bank="right")["brief"]["number"]
        assert as_("ecology").get(f"/api/cases/{number}").status_code == 404
        assert as_("rural").get(f"/api/cases/{number}").status_code == 200

    def test_nor_does_the_search_find_it(self, as_):
        _report(as_("patroller"), bank="right", title="隐蔽的排口")
        assert as_("ecology").get("/api/search", {"q": "隐蔽"}).json() == []
        assert len(as_("office").get("/api/search", {"q": "隐蔽"}).json()) == 1

    def test_nor_do_lenses_and_lists_count_it(self, as_):
        _report(as_("patroller"), bank="right")
        assert as_("ecology").get("/api/lenses").json()["work"]["C"]["open_cases"] == 0
        assert as_("office").get("/api/lenses").json()["work"]["C"]["open_cases"] == 1
        assert as_("ecology").get("/api/cases").json()["total"] == 0

    def test_its_photos_are_hidden_too(self, as_):
        uuid = str(uuid4())
        upload = {"uuid": uuid, "file": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")}
        assert as_("patroller").post("/api/attachments", upload).status_code == 200
        _report(as_("patroller"), bank="right", attachments=[uuid])
        assert as_("ecology").get(f"/api/attachments/{uuid}").status_code == 404
        answer = as_("rural").get(f"/api/attachments/{uuid}")
        assert (answer.status_code, answer.content) == (200, picture())


def _report(client: Client, **more: object) -> dict:
    body = {"uuid": str(uuid4()), "title": "岸边垃圾", "reach": "C", "bank": "left", "categories": ["litter"]}
    answer = client.post("/api/cases", body | more, "application/json")
    assert answer.status_code == 201, answer.content
    return answer.json()
