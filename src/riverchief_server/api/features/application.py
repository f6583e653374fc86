"""The face on the wire: an ASGI application beside Django's, in the same process, with the same rights.

It answers as the SensorThings face does and for the same reasons: threads of its own whose connections stay open, and
one body a reply. See docs/decisions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from riverchief_server.api.features.exchange import PREFIX, Answer, Request, refusal
from riverchief_server.api.features.handler import METHODS, Handler
from riverchief_server.api.features.links import HTML, Address
from riverchief_server.api.features.writing import written
from riverchief_server.api.middleware import POLICY
from riverchief_server.asked.language import LANGUAGES, language_in
from riverchief_server.asked.request import asked, is_below, origin_of
from riverchief_server.asked.who import asker_of
from riverchief_server.settings.options import is_on

THREADS = 4
ALLOWED = ", ".join((*METHODS, "OPTIONS"))
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Features:
    """The ASGI application; it answers below :data:`PREFIX`."""

    def __init__(self, handler: Handler | None = None) -> None:
        self.handler = handler or Handler()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="features")

    def close(self) -> None:
        """End the threads and their connections."""
        together = Barrier(THREADS)

        def end() -> None:
            together.wait(10)
            connection.close()

        for _ in range(THREADS):
            self._threads.submit(end)
        self._threads.shutdown()

    @staticmethod
    def answers(scope: dict[str, Any]) -> bool:
        """Whether a request is for this face."""
        return is_below(scope, PREFIX)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request; a body, which none of ours has, is not waited for."""
        request = Request(**asked(scope, PREFIX))
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self.answer, request, scope.get("scheme", "http"))
        await _send(answer, request, send)

    def answer(self, request: Request, scheme: str = "http") -> Answer:
        """The answer to ``request`` as it leaves, refusals included."""
        request = replace(request, language=_language(request))
        try:
            request = replace(request, root=origin_of(scheme, request.headers) + PREFIX)
            if request.method == "OPTIONS":
                return Answer(204, headers={"allow": ALLOWED})
            try:
                found = self._handled(request)
            except (DatabaseError, InterfaceError):
                # a connection that was lost is not asked again
                connection.close()
                found = self._handled(request)
        except Exception as error:
            found = refusal(error, request.language)
        try:
            pairs = tuple(request.pairs())
        except Exception:
            pairs = ()
        try:
            found = written(found, request, Address(request.root, request.path, pairs), self.handler.drawer)
        except Exception as error:
            found = replace(refusal(error, request.language), page="")
            found = written(found, request, Address(request.root), self.handler.drawer)
        return found.for_reader(request)

    def _handled(self, request: Request) -> Answer:
        return self.handler.handle(replace(request, asker=asker_of(request.headers)))


def _language(request: Request) -> str:
    for part in request.query.split("&"):
        if part.startswith("lang=") and part[5:] in LANGUAGES:
            return part[5:]
    return language_in(request.headers)


async def _send(answer: Answer, request: Request, send: Send) -> None:
    said_by_cookie = "cookie" in request.headers or "authorization" in request.headers
    headers = {
        "cache-control": "private, no-cache" if said_by_cookie or not is_on("open_data") else "no-cache",
        "vary": "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie",
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    if answer.status not in (204, 304):
        headers["content-length"] = str(len(answer.content))
        headers["content-type"] = (
            f"{answer.media_type}; charset=utf-8" if answer.media_type == HTML else answer.media_type
        )
        headers["content-language"] = "zh-CN" if request.language == "zh" else "en"
    if answer.media_type == HTML:
        headers |= {"content-security-policy": POLICY, "x-frame-options": "DENY", "referrer-policy": "same-origin"}
    if is_on("open_data"):
        # pages of others may read what everybody may read; a cookie of ours they cannot send along
        headers["access-control-allow-origin"] = "*"
        headers["access-control-allow-methods"] = ALLOWED
        headers["access-control-allow-headers"] = "authorization, if-none-match"
        headers["access-control-expose-headers"] = "content-crs, etag"
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.content})
