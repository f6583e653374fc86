"""From a request to its answer, whether it came alone or in a batch."""

from __future__ import annotations

import time

from riverchief.errors import BadInput, Fault
from riverchief.table import read_table
from riverchief_server.api.access import check_origin, may_read
from riverchief_server.api.sensorthings.exchange import Answer, Request
from riverchief_server.api.sensorthings.mirror import Mirror
from riverchief_server.api.sensorthings.odata.path import parse_path
from riverchief_server.api.sensorthings.odata.query import parse_query
from riverchief_server.api.sensorthings.read.answer import answer
from riverchief_server.api.sensorthings.read.session import Session
from riverchief_server.api.sensorthings.vocabulary import all_entities

METHODS = ("GET", "HEAD")


class Handler:
    """The face without its wire: thread-safe, one a process."""

    def __init__(self) -> None:
        self.mirror = Mirror()

    def handle(self, request: Request) -> Answer:
        """The answer to ``request``; refusals are raised."""
        if request.method not in METHODS:
            details = {"given": request.method, "allowed": ", ".join(METHODS)}
            raise BadInput([Fault("sta_no_method", details=details)])
        check_origin(request.method, request.headers, request.asker, request.root)
        may_read(request.asker)
        self.mirror.follow()
        segments = parse_path(request.path)
        if not segments:
            return Answer(200, root_document(request.root))
        return Answer(200, answer(segments, parse_query(request.query), session_of(request)))


def session_of(request: Request) -> Session:
    """What an answer to ``request`` needs to know."""
    return Session(request.root, round(time.time() * 1000), request.language)


def root_document(root: str) -> dict[str, object]:
    """The service root: the eight collections and what of the standard is met (18-088 §9.2.1)."""
    return {
        "value": [{"name": entity.set, "url": f"{root}/{entity.set}"} for entity in all_entities().values()],
        "serverSettings": {"conformance": [row["uri"] for row in read_table(__package__, "conformance.csv")]},
    }
