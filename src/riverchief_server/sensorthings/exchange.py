"""A request as this face sees it, its answer, and how a refusal is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import DataError

from riverchief.errors import BadInput, Fault
from riverchief_server.asked.language import language_in
from riverchief_server.asked.refusals import headers_of, refused, status_of
from riverchief_server.asked.who import NOBODY, Asker
from riverchief_server.sensorthings.read.answer import Plain
from riverchief_server.settings.options import is_on, option

PREFIX = "/sensorthings/v1.1"


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
    if isinstance(error, DataError):
        # arithmetic of a filter that leaves what the database can count
        error = BadInput([Fault("out_of_range", details={"given": "$filter", "allowed": "±9·10¹⁸"})])
    said = refused(error, "SensorThings")
    status = status_of(said)
    body = {"code": status, "type": "error", "message": said.text(language)}
    return Answer(status, body, headers_of(said))
