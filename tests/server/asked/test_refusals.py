"""One table says which HTTP status a refusal has, and every face reads it."""

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory

from riverchief.errors import BadInput, Conflict, Fault, NotAllowed, RiverchiefError
from riverchief.table import read_table
from riverchief_server.api.desk.routes import api
from riverchief_server.api.features import exchange as features
from riverchief_server.asked.refusals import status_of
from riverchief_server.asked.who import NotLoggedIn
from riverchief_server.sensorthings import exchange as sensorthings

ROWS = read_table("riverchief_server.asked", "refusals.csv")
KINDS = {row["kind"] for row in read_table("riverchief.errors", "faults.csv")}
CLASSES = {"BadInput", "Conflict", "NotAllowed", "RiverchiefError"}
# what is refused, and what HTTP calls it (RFC 9110 §15)
SAID = [
    (NotLoggedIn(), 401),
    (NotAllowed(Fault("only_one_station")), 403),
    (Conflict(Fault("case_moved_on")), 409),
    (Conflict(Fault("run_over")), 409),
    (BadInput([Fault("bad_number")]), 400),
    (BadInput([Fault("not_found")]), 404),
    (BadInput([Fault("not_found"), Fault("not_found")]), 404),
    (BadInput([Fault("not_found"), Fault("bad_number")]), 400),
    (BadInput([Fault("features_unknown_collection")]), 404),
    (BadInput([Fault("no_method")]), 405),
    (BadInput([Fault("sta_not_built")]), 501),
    (BadInput([Fault("sta_too_big")]), 413),
    (RiverchiefError("refused"), 400),
    (DatabaseError("database is locked"), 503),
    (ZeroDivisionError(), 500),
]


def by_desk(error: Exception) -> int:
    handler = next(api._exception_handlers[kind] for kind in type(error).__mro__ if kind in api._exception_handlers)
    return handler(RequestFactory().get("/api/map"), error).status_code


@pytest.mark.parametrize(("error", "status"), SAID, ids=lambda one: repr(one)[:60])
def test_every_face_says_the_same_status(error: Exception, status: int):
    assert status_of(error) == status
    assert by_desk(error) == status
    assert features.refusal(error, "zh").status == status
    assert sensorthings.refusal(error, "zh").status == status


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["refused"])
def test_a_row_is_about_something_that_exists_and_says_why(row: dict[str, str]):
    assert row["refused"] in KINDS | CLASSES
    assert 400 <= int(row["status"]) < 600
    assert row["because"].strip()


def test_no_kind_has_two_rows():
    assert len({row["refused"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_failed_is_said_in_words_and_without_a_word_of_the_program(language: str):
    error = KeyError("password_of_the_database")
    request = RequestFactory().get("/api/map", headers={"accept-language": language})
    answered = api._exception_handlers[Exception](request, error).content.decode()
    said = (answered, str(features.refusal(error, language).document), str(sensorthings.refusal(error, language).body))
    for text in said:
        assert ("服务出错" if language == "zh" else "the server failed") in text
        assert "password_of_the_database" not in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [("get", "/api/nothing", 404, "not_found"), ("delete", "/api/map", 405, "no_method")],
)
def test_what_django_itself_refuses_has_the_same_shape(client: Client, method: str, path: str, status: int, kind: str):
    answer = getattr(client, method)(path, headers={"accept-language": "en"})
    assert answer.status_code == status
    assert answer.json()["faults"][0]["kind"] == kind
    assert answer.json()["text"]
    assert answer.headers.get("Allow", "") == ("GET" if status == 405 else "")
