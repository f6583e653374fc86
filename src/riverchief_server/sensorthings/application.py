"""The face on the wire: an ASGI application beside Django's, in the same process, with the same rights.

Django's path of a request (middleware, a thread hop for each, ORM) costs more than everything the store does for the
questions that clients ask most; see docs/decisions. So this application reads the request itself, asks in a thread of
its own pool, whose connections stay open, and sends one body: a reply in pieces would wait 40 ms for Nagle's algorithm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from riverchief.errors import BadInput, Fault
from riverchief_server.asked.request import asked, is_below, origin_of
from riverchief_server.asked.who import asker_of
from riverchief_server.sensorthings.exchange import PREFIX, Answer, Request, refusal
from riverchief_server.sensorthings.handler import Handler
from riverchief_server.settings.options import is_on

log = logging.getLogger(__name__)
LARGEST_MB = 32
THREADS = 4
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class SensorThings:
    """The ASGI application; it answers below :data:`PREFIX`."""

    def __init__(self, handler: Handler | None = None) -> None:
        self.handler = handler or Handler()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sensorthings")

    def close(self) -> None:
        """Write what waits, then end the threads."""
        self._threads.shutdown()
        self.handler.close()

    @staticmethod
    def answers(scope: dict[str, Any]) -> bool:
        """Whether a request is for this face."""
        return is_below(scope, PREFIX)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(**asked(scope, PREFIX))
        answer = await self._answer(request, scope.get("scheme", "http"), receive)
        await _send(answer, request, send)

    async def _answer(self, request: Request, scheme: str, receive: Receive) -> Answer:
        try:
            request = replace(request, root=origin_of(scheme, request.headers) + PREFIX, body=await _body(receive))
            if request.method == "OPTIONS":
                return Answer(204, headers={"allow": "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"})
            quick = self.handler.quick(request)
            if quick is not None:
                await asyncio.wrap_future(quick[0])
                return quick[1]
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._handled, request)
        except Exception as error:
            return refusal(error, request.language)

    def _handled(self, request: Request) -> Answer:
        try:
            return self.handle(request)
        except (DatabaseError, InterfaceError):
            # a connection that was lost is not asked again
            connection.close()
            if request.method not in ("GET", "HEAD"):
                raise
            return self.handle(request)

    def handle(self, request: Request) -> Answer:
        """The answer to ``request``, refusals as answers; what fails for no fault of the asker is raised."""
        try:
            return self.handler.handle(replace(request, asker=asker_of(request.headers)))
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:
            return refusal(error, request.language)


async def _body(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_MB * 2**20:
            raise BadInput([Fault("sta_too_big", details={"allowed": str(LARGEST_MB)})])
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(answer: Answer, request: Request, send: Send) -> None:
    media_type, content = answer.content()
    headers = {
        "content-type": media_type,
        "content-length": str(len(content)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    if is_on("open_data"):
        # pages of others may read what everybody may read; a cookie of ours they cannot send along
        headers["access-control-allow-origin"] = "*"
        headers["access-control-allow-headers"] = "authorization, content-type"
        headers["access-control-expose-headers"] = "location"
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else content})
