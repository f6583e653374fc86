"""An answer with its bytes: as a page or as data, as the reader wants it."""

from __future__ import annotations

from dataclasses import replace

import orjson

from riverchief_server.api.features.exchange import Answer, Request
from riverchief_server.api.features.html import rendered
from riverchief_server.api.features.links import HTML, Address
from riverchief_server.api.features.read.shapes import Drawer


def written(answer: Answer, request: Request, address: Address, drawer: Drawer) -> Answer:
    """``answer`` with its bytes; one that has no document stays as it is."""
    if answer.document is None:
        return answer
    if request.wants_html and answer.page:
        text = rendered(answer.page, answer.document, request, address, drawer)
        return replace(answer, media_type=HTML, content=text.encode())
    return replace(answer, content=orjson.dumps(answer.document))
