"""From an error to its HTTP status, by one table that every face reads.

A row of ``refusals.csv`` is about a kind of fault (a row of ``faults.csv``) or a class of errors; the kind outweighs
the class. What is no error of ours is the database being busy, or ``failed``: written down, said without its words.
"""

from __future__ import annotations

import logging
from functools import cache

from django.db import DatabaseError, InterfaceError

from riverchief.errors import BadInput, Conflict, Fault, NotAllowed, RiverchiefError
from riverchief.table import read_table

log = logging.getLogger(__name__)


def refused(error: Exception, face: str) -> RiverchiefError:
    """``error`` as one of ours, to be said to the asker. What failed is written to the log under the name ``face``."""
    if isinstance(error, RiverchiefError):
        return error
    if isinstance(error, DatabaseError | InterfaceError) and "locked" in str(error):
        return BadInput([Fault("busy")])
    log.error("a request to %s failed", face, exc_info=error)
    return BadInput([Fault("failed")])


def faults_of(error: RiverchiefError) -> tuple[Fault, ...]:
    """Everything that is wrong; empty where an error has words of its own only."""
    if isinstance(error, BadInput):
        return error.faults
    return (error.fault,) if isinstance(error, NotAllowed | Conflict) else ()


def status_of(error: Exception) -> int:
    """The HTTP status of a refusal: what all its faults agree on, else what its class says."""
    if not isinstance(error, RiverchiefError):
        return status_of(refused(error, "—"))
    said = {_statuses().get(fault.kind) for fault in faults_of(error)}
    alike = said.pop() if len(said) == 1 else None
    if alike is not None:
        return alike
    return next(_statuses()[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _statuses())


def headers_of(error: RiverchiefError) -> dict[str, str]:
    """The headers that HTTP wants beside a status (names in small letters): who may ask, how, and when again."""
    status = status_of(error)
    if status == 401:
        return {"www-authenticate": 'Bearer realm="riverchief"'}
    if status == 405:
        allowed = faults_of(error)[0].details.get("allowed", "")
        return {"allow": allowed} if allowed.isascii() else {}
    return {"retry-after": "2"} if status == 503 else {}


def document_of(error: RiverchiefError, language: str) -> dict[str, object]:
    """A refusal as every face says it that no standard binds: one text, and each fault with its kind and place."""
    said = [{"kind": fault.kind, "place": fault.place, "text": fault.text(language)} for fault in faults_of(error)]
    return {"text": error.text(language), "faults": said}


@cache
def _statuses() -> dict[str, int]:
    return {row["refused"]: int(row["status"]) for row in read_table(__package__, "refusals.csv")}
