"""Several requests in one (18-088 §12): OData's JSON form and its ``multipart/mixed``.

Requests of one atomicity group (one change set) happen all or not at all; one request can name what an earlier one
made, as ``$id`` in its address or in a link. Every request has its own answer, with its own rights.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction

from riverchief.errors import BadInput, Fault
from riverchief_server.sensorthings.exchange import Answer, Request, refusal
from riverchief_server.sensorthings.write.body import read_json

MOST = 1000
Handle = Callable[[Request], Answer]
NAMED = re.compile(r"^/?\$([\w-]+)(?=/|\?|$)")


@dataclass
class Part:
    """One request of a batch and, later, its answer; parts with one ``group`` belong together."""

    id: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    group: str = ""
    answer: Answer = field(default_factory=lambda: Answer(424, None))


class _Failed(Exception):
    """A request of a group failed: nothing of the group shall have happened."""


def run_batch(request: Request, handle: Handle) -> Answer:
    """The answers to all requests of a batch, in its form."""
    media_type = request.headers.get("content-type", "")
    if media_type.startswith("multipart/mixed"):
        parts = _read_multipart(request)
        _run(parts, request, handle)
        return _write_multipart(parts)
    parts = _read_json(request.body)
    _run(parts, request, handle)
    return Answer(200, {"responses": [_json_answer(part) for part in parts]})


def _run(parts: list[Part], request: Request, handle: Handle) -> None:
    made: dict[str, str] = {}
    groups: dict[str, list[Part]] = {}
    for position, part in enumerate(parts):
        groups.setdefault(part.group or f"#{position}", []).append(part)
    for members in groups.values():
        if not members[0].group:
            members[0].answer = _one(members[0], request, handle, made)
            continue
        before = dict(made)
        try:
            with transaction.atomic():
                for part in members:
                    part.answer = _one(part, request, handle, made)
                    if part.answer.status >= 400:
                        raise _Failed
        except _Failed:
            made.clear()
            made.update(before)
            for part in members:
                if part.answer.status < 400:
                    part.answer = Answer(424, {"code": 424, "type": "error", "message": "—"})


def _one(part: Part, request: Request, handle: Handle, made: dict[str, str]) -> Answer:
    url = NAMED.sub(lambda found: made.get(found[1], found[0]), part.url)
    body = part.body
    for name, link in made.items():
        # "@iot.id": "$name" in a link is the id of what was made under that name
        identity = link[link.rindex("(") + 1 : -1].replace("'", '"')
        body = body.replace(f'"${name}"'.encode(), identity.encode())
    path, _, query = _below_root(url, request.root).partition("?")
    inner = Request(
        part.method, path.strip("/"), query, {**_inherited(request), **part.headers}, body, request.root, request.asker
    )
    try:
        if path.strip("/") == "$batch":
            raise BadInput([Fault("no_method", details={"given": "$batch", "allowed": "—"})])
        # a refusal must not leave a broken transaction behind
        with transaction.atomic():
            answer = handle(inner)
    except Exception as error:
        return refusal(error, request.language)
    if answer.status == 201 and "location" in answer.headers:
        made[part.id] = _below_root(answer.headers["location"], request.root)
    return answer


def _below_root(url: str, root: str) -> str:
    if url.startswith(root):
        return url[len(root) :].lstrip("/")
    path = root.partition("://")[2].partition("/")[2]
    return url.removeprefix(f"/{path}").lstrip("/")


def _inherited(request: Request) -> dict[str, str]:
    return {name: request.headers[name] for name in ("accept-language", "cookie", "origin") if name in request.headers}


def _read_json(body: bytes) -> list[Part]:
    given = read_json(body)
    requests = given.get("requests") if isinstance(given, dict) else None
    if not isinstance(requests, list) or len(requests) > MOST:
        raise BadInput([Fault("not_understood", details={"allowed": f'{{"requests": […]}} (≤ {MOST})'})])
    parts = []
    for position, one in enumerate(requests):
        if not isinstance(one, dict) or not isinstance(one.get("url"), str) or not isinstance(one.get("method"), str):
            raise BadInput([Fault("not_understood", line=position + 1, details={"allowed": "{id, method, url, body}"})])
        headers = {str(name).lower(): str(value) for name, value in (one.get("headers") or {}).items()}
        content = b"" if one.get("body") is None else orjson.dumps(one["body"])
        group = str(one.get("atomicityGroup") or "")
        parts.append(Part(str(one.get("id", position)), one["method"].upper(), one["url"], headers, content, group))
    return parts


def _json_answer(part: Part) -> dict[str, Any]:
    said: dict[str, Any] = {"id": part.id, "status": part.answer.status}
    if part.answer.headers:
        said["headers"] = part.answer.headers
    if part.answer.body is not None:
        media_type, content = part.answer.content()
        said["body"] = orjson.Fragment(content) if media_type == "application/json" else content.decode()
    return said


def _read_multipart(request: Request) -> list[Part]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not message.is_multipart():
        raise BadInput([Fault("not_understood", details={"allowed": "multipart/mixed; boundary=…"})])
    parts: list[Part] = []
    for number, inner in enumerate(message.iter_parts()):
        if inner.get_content_type() == "multipart/mixed":
            parts += [
                _http_part(one, f"changeset {number}", len(parts) + k) for k, one in enumerate(inner.iter_parts())
            ]
        else:
            parts.append(_http_part(inner, "", len(parts)))
    if len(parts) > MOST:
        raise BadInput([Fault("not_understood", details={"allowed": f"≤ {MOST}"})])
    return parts


def _http_part(message: Any, group: str, position: int) -> Part:
    content = message.get_payload(decode=True) or b""
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.decode("utf-8", "replace").strip().split("\n")
    words = lines[0].split()
    if len(words) < 2:
        raise BadInput([Fault("not_understood", line=position + 1, details={"allowed": "POST Things HTTP/1.1"})])
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    identity = str(message.get("Content-ID") or position).strip("<>")
    return Part(identity, words[0].upper(), words[1], headers, body.strip(b"\n"), group)


def _write_multipart(parts: list[Part]) -> Answer:
    boundary = f"batch_{uuid4().hex}"
    lines: list[bytes] = []
    position = 0
    while position < len(parts):
        group = parts[position].group
        members = [part for part in parts[position:] if group and part.group == group] or [parts[position]]
        if not group:
            lines += [f"--{boundary}".encode(), *_http_answer(members[0])]
        else:
            inner = f"changeset_{uuid4().hex}"
            lines += [f"--{boundary}".encode(), f"Content-Type: multipart/mixed; boundary={inner}".encode(), b""]
            for part in members:
                lines += [f"--{inner}".encode(), *_http_answer(part)]
            lines.append(f"--{inner}--".encode())
        position += len(members)
    lines += [f"--{boundary}--".encode(), b""]
    return Answer(200, b"\r\n".join(lines), {"content-type": f"multipart/mixed; boundary={boundary}"})


def _http_answer(part: Part) -> list[bytes]:
    media_type, content = part.answer.content()
    headers = {"Content-Type": media_type, **part.answer.headers}
    lines = [
        b"Content-Type: application/http",
        f"Content-ID: {part.id}".encode(),
        b"",
        f"HTTP/1.1 {part.answer.status} {_reason(part.answer.status)}".encode(),
        *(f"{name}: {value}".encode() for name, value in headers.items()),
        b"",
    ]
    return [*lines, content] if content else lines


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase
