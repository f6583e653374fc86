"""Cases: inbox, list, one case, report, steps, photos."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile
from ninja.responses import Status

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.api.desk.cases.schema import Act, Attachment, Case, CaseList, Report, SimilarCase, Step
from riverchief_server.api.desk.cases.show import show_attachment, show_case, show_list, show_similar
from riverchief_server.api.desk.times import Moment
from riverchief_server.api.words import say
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import account_of, require
from riverchief_server.cases.actions import NewCase, NewStep, open_case, take_step
from riverchief_server.cases.acts import NewAct, do_act
from riverchief_server.cases.likeness import similar_open
from riverchief_server.cases.listing import inbox, load_of, most_urgent_first, plain, reached_now
from riverchief_server.cases.models import Attachment as Photo
from riverchief_server.cases.models import Case as CaseRow
from riverchief_server.cases.queries import OPEN_STATES, visible_to
from riverchief_server.cases.uploads import file_of, keep_photo
from riverchief_server.parties.models import Account, Unit
from riverchief_server.places.models import Reach

router = Router()
PAGE_AT_MOST = 200
SOURCE_OF_ROLE = {"office": "office"}


@router.get("/inbox", response=CaseList)
def get_inbox(request: HttpRequest, offset: int = 0) -> CaseList:
    """What waits for the asker, the most urgent first."""
    account, language, now = require(request, "see"), language_of(request), datetime.now(UTC)
    at, waiting = reached_now(now), inbox(account)
    load = load_of(waiting, at)
    key = "inbox_empty" if not load.open else "inbox" if load.overdue or load.no_deadline else "inbox_in_time"
    sentence = say(key, language, n=load.open, overdue=load.overdue)
    if load.no_deadline:
        sentence += say("some_timeless", language, n=load.no_deadline)
    page = most_urgent_first(waiting, at)[max(0, offset) : max(0, offset) + PAGE_AT_MOST]
    return show_list(page, load.open, sentence, account, now, language)


@router.get("/cases", response=CaseList)
def get_cases(
    request: HttpRequest, state: str = "", reach: str = "", q: str = "", offset: int = 0, limit: int = 50
) -> CaseList:
    """The cases the asker may see; ``state`` is a state or ``open``."""
    account, language, now = require(request, "see"), language_of(request), datetime.now(UTC)
    found = visible_to(account)
    if state:
        found = found.filter(state__in=OPEN_STATES if state == "open" else [state])
    if reach:
        found = found.filter(reach__code=reach)
    if q.strip():
        found = found.filter(Q(number__icontains=q.strip()) | Q(title__icontains=q.strip()))
    total, load = plain(found).count(), load_of(found, reached_now(now))
    sentence = say("cases" if total else "cases_none", language, n=total, open=load.open, overdue=load.overdue)
    page = found[max(0, offset) : max(0, offset) + min(max(1, limit), PAGE_AT_MOST)]
    return show_list(page, total, sentence, account, now, language)


@router.post("/cases", response={200: Case, 201: Case})
def post_case(request: HttpRequest, given: Report) -> Status[Case]:
    """Report a problem. Sent again with the same ``uuid`` it is the same case (200)."""
    account, now = require(request, "report"), datetime.now(UTC)
    new = NewCase(
        uuid=given.uuid,
        title=given.title,
        description=given.description,
        source=SOURCE_OF_ROLE.get(account.role, "patrol"),
        categories=given.categories,
        severity=given.severity,
        reach=_reach(given.reach),
        bank=given.bank,
        lon=given.lon,
        lat=given.lat,
        attachments=given.attachments,
        at_device=given.at_device,
    )
    case, is_new = open_case(new, account, now)
    if not is_new and case.reporter_id != account.pk:
        raise BadInput([Fault("duplicate", column="uuid", details={"given": str(given.uuid), "allowed": "uuid"})])
    return Status(201 if is_new else 200, show_case(case, account, now, language_of(request)))


@router.get("/cases/similar", response=list[SimilarCase])
def get_similar(request: HttpRequest, reach: str, lon: float, lat: float, categories: str = "") -> list[SimilarCase]:
    """Open cases on the reach, of the same kind and within 250 m, that the asker may see: perhaps the same problem."""
    account, now = require(request, "report"), datetime.now(UTC)
    row = _reach(reach)
    codes = [code for code in categories.split(",") if code]
    found = similar_open(visible_to(account), row, lon, lat, codes) if row else []
    return show_similar(found, account, now, language_of(request))


@router.get("/cases/{number}", response=Case)
def get_case(request: HttpRequest, number: str) -> Case:
    """One case, whole."""
    account = require(request, "see")
    return show_case(_case(account, number), account, datetime.now(UTC), language_of(request))


@router.post("/cases/{number}/steps", response=Case)
def post_step(request: HttpRequest, number: str, given: Step) -> Case:
    """Take a step of a case: 409 if it has moved on, 403 if it is not the asker's, 400 if it lacks something."""
    account, now = require(request, "see"), datetime.now(UTC)
    case = _case(account, number)
    step = NewStep(
        uuid=given.uuid,
        to=given.to,
        version=given.version,
        reason=given.reason,
        unit=_unit(given.unit),
        due_at=given.due_at,
        until=given.until,
        target=_case(account, given.target) if given.target else None,
        categories=given.categories,
        title=given.title,
        severity=given.severity,
        why_no_photo=given.why_no_photo,
        attachments=given.attachments,
        lon=given.lon,
        lat=given.lat,
        accuracy_m=given.accuracy_m,
        at_device=given.at_device,
    )
    case = take_step(case, step, account, now)
    return show_case(_case_again(case), account, now, language_of(request))


@router.post("/cases/{number}/acts", response=Case)
def post_act(request: HttpRequest, number: str, given: Act) -> Case:
    """Do an act that changes no state: supervise, note progress. 403 if it is not the asker's."""
    account, now = require(request, "see"), datetime.now(UTC)
    new = NewAct(
        uuid=given.uuid,
        act=given.act,
        reason=given.reason,
        attachments=tuple(given.attachments),
        lon=given.lon,
        lat=given.lat,
        at_device=given.at_device,
    )
    do_act(_case(account, number), new, account, now)
    return show_case(_case(account, number), account, now, language_of(request))


@router.post("/attachments", response=Attachment)
def post_attachment(
    request: HttpRequest,
    file: File[UploadedFile],
    uuid: Form[UUID],
    kind: Form[str] = "photo",
    taken_at: Form[Moment | None] = None,
    lon: Form[float | None] = None,
    lat: Form[float | None] = None,
) -> Attachment:
    """Upload a photo (JPEG, PNG, WebP); it belongs to a case once a report or step names it."""
    account = require(request, "report")
    photo = keep_photo(uuid, file.read(), account, datetime.now(UTC), kind=kind, taken_at=taken_at, lon=lon, lat=lat)
    return show_attachment(photo, language_of(request))


@router.get("/attachments/{uuid}")
def get_attachment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The bytes of a photo, to those who may see its case (or who uploaded it)."""
    account = account_of(request)
    photo = Photo.objects.filter(uuid=uuid).first()
    may = photo is not None and (
        photo.uploaded_by_id == account.pk
        or (photo.case_id is not None and visible_to(account).filter(pk=photo.case_id).exists())
    )
    if photo is None or not may or not file_of(photo).exists():
        raise BadInput([Fault("not_found", details={"given": str(uuid)})])
    # Whole, not streamed: a photo is bounded, and an ASGI server would gather a synchronous stream anyway.
    response = HttpResponse(file_of(photo).read_bytes(), content_type=photo.media_type)
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _case(account: Account, number: str) -> CaseRow:
    """The case, if the account may see it; one that is hidden is not there."""
    case = visible_to(account).filter(number=number).first()
    if case is None:
        raise BadInput([Fault("not_found", details={"given": number})])
    return case


def _case_again(case: CaseRow) -> CaseRow:
    return CaseRow.objects.select_related("reach", "assignee", "suggested_unit", "reporter", "region", "place").get(
        pk=case.pk
    )


def _reach(code: str | None) -> Reach | None:
    if code is None:
        return None
    reach = Reach.objects.filter(code=code).first()
    if reach is None:
        known = [name for pair in Reach.objects.values_list("code", "name") for name in pair]
        raise BadInput([unknown_name("unknown_reach", code, known, column="reach")])
    return reach


def _unit(code: str | None) -> Unit | None:
    if code is None:
        return None
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        known = [name for pair in Unit.objects.values_list("code", "name") for name in pair]
        raise BadInput([unknown_name("unknown_unit_code", code, known, column="unit")])
    return unit
