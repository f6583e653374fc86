"""A request as this face sees it, and its answer; errors become HTTP here and nowhere else in this face."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import DatabaseError, DataError, InterfaceError

from riverchief.errors import BadInput, Conflict, Fault, NotAllowed, RiverchiefError
from riverchief_server.asked.reader import NotLoggedIn
from riverchief_server.asked.request import language_in
from riverchief_server.asked.who import NOBODY, Asker
from riverchief_server.sensorthings.read.answer import Plain
from riverchief_server.settings.options import is_on, option

log = logging.getLogger(__name__)
PREFIX = "/sensorthings/v1.1"
STATUS_OF = {"not_found": 404, "sta_no_method": 405, "sta_not_built": 501}


@dataclass(frozen=True)
class Request:
    """One request; ``path`` is below the service root, ``headers`` have names in small letters."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    root: str = PREFIX
    asker: Asker = NOBODY

    @property
    def language(self) -> str:
        """``zh`` or ``en``, for the words of refusals."""
        return language_in(self.headers)


@dataclass(frozen=True)
class Answer:
    """One answer; ``body`` is JSON to be, a :class:`Plain` text, or ``None`` for nothing."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> tuple[str, bytes]:
        """The media type and the bytes."""
        if self.body is None:
            return "application/json", b""
        if isinstance(self.body, Plain):
            return "text/plain; charset=utf-8", self.body.encode()
        if isinstance(self.body, bytes):
            return self.headers.get("content-type", "application/json"), self.body
        return "application/json", orjson.dumps(self.body, option=orjson.OPT_NON_STR_KEYS)


def public_root() -> str:
    """The address of the face as others are told it where nobody has asked by one."""
    url = option("public_url").rstrip("/")
    if not url:
        scheme = "https" if is_on("https") else "http"
        url = f"{scheme}://{option('hosts').split(',')[0].strip()}:{option('port')}"
    return url + PREFIX


def refusal(error: Exception, language: str) -> Answer:
    """What is answered to ``error``: who is at fault, and what would be right."""
    if isinstance(error, NotLoggedIn):
        return _said(401, error, language, {"www-authenticate": 'Bearer realm="riverchief"'})
    if isinstance(error, NotAllowed):
        return _said(403, error, language)
    if isinstance(error, Conflict):
        return _said(409, error, language)
    if isinstance(error, BadInput):
        kinds = {fault.kind for fault in error.faults}
        status = STATUS_OF.get(next(iter(kinds)), 400) if len(kinds) == 1 else 400
        return _said(status, error, language)
    if isinstance(error, RiverchiefError):
        return _said(400, error, language)
    if isinstance(error, DatabaseError | InterfaceError) and "locked" in str(error):
        busy = BadInput([Fault("sta_busy")])
        return _said(503, busy, language, {"retry-after": "2"})
    if isinstance(error, DataError):
        # arithmetic of a filter that leaves what the database can count
        details = {"given": "$filter", "allowed": "±9·10¹⁸"}
        return _said(400, BadInput([Fault("out_of_range", details=details)]), language)
    log.error("a request to SensorThings failed", exc_info=error)
    return _said(500, BadInput([Fault("sta_failed")]), language)


def _said(status: int, error: RiverchiefError, language: str, headers: dict[str, str] | None = None) -> Answer:
    body = {"code": status, "type": "error", "message": error.text(language)}
    return Answer(status, body, headers or {})
