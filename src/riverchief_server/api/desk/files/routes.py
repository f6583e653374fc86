"""Files of readings imported at the desk: looked at first, then all of it or nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile
from pydantic import ValidationError as NotAsAsked

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.files.schema import FileDone, FilePreview, FileWords, HowToRead
from riverchief_server.api.desk.files.show import show_done, show_preview, show_words
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.observations import by_hand
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/files/words", response=FileWords)
def get_file_words(request: HttpRequest) -> FileWords:
    """What columns can mean, the stations, and the sources that have a mapping of their own (right ``import``)."""
    require(request, "import")
    return show_words(language_of(request))


@router.post("/files/preview", response=FilePreview)
def post_preview(
    request: HttpRequest,
    file: UploadedFile = File(...),  # type: ignore[type-arg]  # noqa: B008
    how: str = Form("{}"),  # type: ignore[type-arg]
) -> FilePreview:
    """How a file would be understood, and everything that is wrong with it; nothing is written. ``how`` is JSON."""
    require(request, "import")
    asked = _asked(how)
    content = _content(file)
    looked = by_hand.look_at_file(file.name or "", content, _how(asked), datetime.now(UTC))
    return show_preview(file.name or "", len(content), looked, language_of(request))


@router.post("/files", response=FileDone)
def post_file(
    request: HttpRequest,
    file: UploadedFile = File(...),  # type: ignore[type-arg]  # noqa: B008
    how: str = Form("{}"),  # type: ignore[type-arg]
) -> FileDone:
    """Import a file: all of it, or nothing and every fault. With ``keep_as`` its mapping is kept for its source."""
    account = require(request, "import")
    asked = _asked(how)
    content = _content(file)
    place = find_place(asked.keep_at or asked.station) if asked.keep_as else None
    report = by_hand.import_by_hand(file.name or "file", content, _how(asked), account.shown_name, datetime.now(UTC))
    if place is not None:
        by_hand.keep_mapping(asked.keep_as, place, content, _how(asked))
    return show_done(report, asked.keep_as, language_of(request))


def _content(file: UploadedFile) -> bytes:
    if (file.size or 0) > by_hand.LARGEST:
        raise BadInput([Fault("too_big", details={"given": str(file.size), "allowed": str(by_hand.LARGEST)})])
    return bytes(file.read())


def _asked(how: str) -> HowToRead:
    try:
        return HowToRead.model_validate_json(how)
    except NotAsAsked as broken:
        said = "; ".join(str(one["msg"]) for one in broken.errors())[:200]
        raise BadInput([Fault("not_understood", column="how", details={"allowed": said})]) from None


def _how(asked: HowToRead) -> by_hand.HowToRead:
    return by_hand.HowToRead(
        asked.source,
        {header: column.model_dump() for header, column in asked.columns.items()},
        asked.station,
        asked.year,
        asked.timezone,
    )
