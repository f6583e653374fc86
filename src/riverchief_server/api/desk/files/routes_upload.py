"""Files of readings that an instrument uploads by itself."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import File, Router
from ninja.files import UploadedFile

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.files.schema import Replayed
from riverchief_server.asked.who import NotLoggedIn
from riverchief_server.observations.actions import receive
from riverchief_server.observations.inbox.instruments import Passwords, known_of
from riverchief_server.observations.inbox.parsing import Parsed, replay
from riverchief_server.observations.models import Instrument

router = Router()
passwords = Passwords()


@router.post("/upload", response=Replayed, auth=None)
def post_upload(request: HttpRequest, file: UploadedFile | None = File(None)) -> Replayed:  # type: ignore[type-arg]  # noqa: B008
    """A file of readings from an instrument of protocol ``http``: its identity and password by HTTP Basic. The bytes
    are kept before they are read; good rows are taken, the others listed in the inbox."""
    instrument = _uploader(request)
    if file is None:
        raise BadInput([Fault("missing_value", column="file", details={"given": "file", "allowed": "CSV, XLSX"})])
    message = receive("http", file.name or "upload", file.read(), _address(request), datetime.now(UTC))
    message.instrument = instrument
    message.save(update_fields=["instrument"])
    Instrument.objects.filter(pk=instrument.pk).update(
        last_seen_at=message.received_at, last_address=_address(request)[:120]
    )
    return _said(replay([message], datetime.now(UTC)))


def _uploader(request: HttpRequest) -> Instrument:
    """Who uploads; raises :class:`NotLoggedIn` for anybody else, in the same words whatever was wrong."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        identity, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise NotLoggedIn from None
    row = Instrument.objects.filter(protocol="http", identity=identity, is_enabled=True).select_related("place").first()
    if scheme.lower() != "basic" or not colon or row is None or not row.password_hash:
        raise NotLoggedIn
    if not passwords.check(known_of(row), password):
        raise NotLoggedIn
    return row


def _said(done: Parsed) -> Replayed:
    return Replayed(
        messages=done.messages, new=done.put.new, same=done.put.same, changed=done.put.changed, refused=done.refused
    )


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
