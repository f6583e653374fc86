"""The desk's API: where the routes of all subjects meet, and how a refusal is answered."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.utils import check_csrf

from riverchief.errors import BadInput, Fault, NotAllowed, RiverchiefError
from riverchief_server.api.desk.cases import routes as cases
from riverchief_server.api.desk.deadlines import routes as deadlines
from riverchief_server.api.desk.episodes import routes as episodes
from riverchief_server.api.desk.files import routes as files
from riverchief_server.api.desk.files import routes_upload as upload
from riverchief_server.api.desk.forecasts import routes as forecasts
from riverchief_server.api.desk.instruments import routes as instruments
from riverchief_server.api.desk.instruments import routes_checks as checks
from riverchief_server.api.desk.instruments import routes_health as health
from riverchief_server.api.desk.instruments import routes_upkeep as upkeep
from riverchief_server.api.desk.map import routes as county_map
from riverchief_server.api.desk.messages import routes as messages
from riverchief_server.api.desk.notices import routes as notices
from riverchief_server.api.desk.overdue import routes as overdue
from riverchief_server.api.desk.rights import check_right
from riverchief_server.api.desk.session import routes as session
from riverchief_server.api.desk.spills import routes as spills
from riverchief_server.api.desk.stations import routes as stations
from riverchief_server.api.desk.stations import routes_export as export
from riverchief_server.api.desk.stations import routes_pictures as pictures
from riverchief_server.api.desk.waters import routes as waters
from riverchief_server.api.desk.waters import routes_report as report
from riverchief_server.asked.language import language_of
from riverchief_server.asked.refusals import document_of, headers_of, refused, status_of
from riverchief_server.asked.who import NotLoggedIn

OPEN_TO_STRANGERS = "/api/session"
# A body of the wrong form, as OpenAPI tools expect it; what it says is judged by the table of refusals.
FORM_STATUS = 422


class FastRenderer(BaseRenderer):
    """JSON by orjson: a county's map is a third of a megabyte."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


class StrictParser(Parser):
    """A body that is no JSON is a fault of the asker and not of the server."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


def check_origin(request: HttpRequest) -> bool:
    """Refuses a change that does not come from our own pages, and whatever ``rights.csv`` does not allow the asker."""
    if check_csrf(request) is not None:
        raise NotAllowed(Fault("not_from_here"))
    check_right(request)
    return True


class DeskAPI(NinjaAPI):
    """An operation is called like its function, so that a file may move without a word of the client changing."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = DeskAPI(
    title="Riverchief",
    version="1",
    description="The desk's own API. Texts are in the language of Accept-Language (zh or en).",
    urls_namespace="own",
    docs_url=None,
    openapi_url="/openapi.json",
    renderer=FastRenderer(),
    auth=check_origin,
    parser=StrictParser(),
)
for tag, *routers in (
    ("session", session),
    ("map", county_map),
    ("waters", waters),
    ("waters", report),
    ("stations", stations, pictures, export),
    ("forecasts", forecasts),
    ("cases", cases, overdue, deadlines),
    ("notices", notices),
    ("episodes", episodes),
    ("spills", spills),
    ("instruments", instruments, health, upkeep, checks),
    ("messages", messages),
    ("files", files, upload),
):
    for one in routers:
        api.add_router("", one.router, tags=[tag])


def _said(request: HttpRequest, error: RiverchiefError, status: int | None = None) -> HttpResponse:
    document = document_of(error, language_of(request))
    response = api.create_response(request, document, status=status or status_of(error))
    for name, value in headers_of(error).items():
        response[name] = value
    return response


@api.exception_handler(RiverchiefError)
def _refused(request: HttpRequest, error: RiverchiefError) -> HttpResponse:
    return _said(request, error)


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _said(request, BadInput([Fault("not_understood", column="body", details={"allowed": "JSON"})]))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if not request.user.is_authenticated and not request.path.startswith(OPEN_TO_STRANGERS):
        return _said(request, NotLoggedIn())  # a stranger learns nothing of what a route wants
    return _said(request, BadInput(_faults_of_form(error)), FORM_STATUS)


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    return _said(request, refused(error, f"the desk's API ({request.method} {request.path})"))


def _faults_of_form(error: ValidationError) -> list[Fault]:
    return [
        Fault(
            "not_understood",
            column=".".join(str(part) for part in one["loc"][1:]) or "body",
            details={"allowed": str(one["msg"])},
        )
        for one in error.errors
    ]
