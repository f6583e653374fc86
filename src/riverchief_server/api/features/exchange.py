"""A request as this face sees it, its answer, and how a refusal is written (RFC 7807)."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_plus

from riverchief.errors import BadInput, Fault
from riverchief_server.api.features.links import GEOJSON, HTML, JSON
from riverchief_server.asked.refusals import faults_of, headers_of, refused, status_of
from riverchief_server.asked.who import NOBODY, Asker

PREFIX = "/features"
PROBLEM = "application/problem+json"
LEAST_TO_PACK = 1400


@dataclass(frozen=True)
class Request:
    """One request; ``path`` is below the landing page, ``headers`` have names in small letters."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    root: str = PREFIX
    language: str = "zh"
    asker: Asker = NOBODY

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters in order. Raises ``features_encoding`` for what is no UTF-8 or no text."""
        found = []
        for part in filter(None, self.query.split("&")):
            name, _, value = part.partition("=")
            try:
                pair = (unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict"))
            except UnicodeDecodeError:
                raise BadInput([Fault("features_encoding", details={"given": part[:60]})]) from None
            if "\x00" in pair[0] + pair[1]:
                raise BadInput([Fault("features_encoding", details={"given": part[:60]})])
            found.append(pair)
        return found

    @property
    def wants_html(self) -> bool:
        """Whether the parameter ``f`` says so, else whether the program prefers pages to data."""
        for part in self.query.split("&"):
            if part.startswith("f="):
                return part == "f=html"
        return prefers_html(self.headers.get("accept", ""))


@dataclass(frozen=True)
class Answer:
    """One answer: a document, how it is written as JSON, and the template of its page."""

    status: int
    document: Any = None
    media_type: str = JSON
    page: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    def for_reader(self, request: Request) -> Answer:
        """The answer as it leaves: named by its content, unsaid where the reader has it, packed where it may be."""
        if self.status != 200:
            return self
        tag = f'W/"{hashlib.blake2b(self.content + self.media_type.encode(), digest_size=12).hexdigest()}"'
        headers = {**self.headers, "etag": tag}
        known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
        if "*" in known or tag in known or tag.removeprefix("W/") in known:
            return replace(self, status=304, headers=headers, content=b"")
        if len(self.content) < LEAST_TO_PACK or not takes_gzip(request.headers.get("accept-encoding", "")):
            return replace(self, headers=headers)
        packer = zlib.compressobj(4, zlib.DEFLATED, 31)
        content = packer.compress(self.content) + packer.flush()
        return replace(self, headers={**headers, "content-encoding": "gzip"}, content=content)


def prefers_html(accept: str) -> bool:
    """Whether ``Accept`` names ``text/html`` and nothing of ours that it likes better."""
    weights = {JSON: 0.0, GEOJSON: 0.0, HTML: 0.0}
    for part in accept.lower().split(","):
        name, *options = (piece.strip() for piece in part.split(";"))
        if name in weights:
            weights[name] = _weight(options)
    return weights[HTML] > 0 and weights[HTML] > max(weights[JSON], weights[GEOJSON])


def takes_gzip(accept: str) -> bool:
    """Whether ``Accept-Encoding`` has gzip in it."""
    for part in accept.lower().split(","):
        name, *options = (piece.strip() for piece in part.split(";"))
        if name in ("gzip", "*"):
            return _weight(options) > 0
    return False


def refusal(error: Exception, language: str) -> Answer:
    """What is answered to ``error``: who is at fault, and what would be right (RFC 7807)."""
    said = refused(error, "OGC API - Features")
    faults = faults_of(said)
    status, kind = status_of(said), faults[0].kind if faults else "refused"
    document = {
        "type": f"urn:riverchief:fault:{kind}",
        "code": kind,
        "status": status,
        "title": faults[0].text(language) if faults else said.text(language),
        "detail": said.text(language),
    }
    return Answer(status, document, PROBLEM, "problem", headers_of(said))


def _weight(options: list[str]) -> float:
    for option in options:
        if option.startswith("q="):
            try:
                return float(option[2:])
            except ValueError:
                return 0.0
    return 1.0
