"""Questions about runs: which there are, what came out, and whether it would come out again."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from riverchief.errors import BadInput, Fault
from riverchief_server.parties.models import Account
from riverchief_server.runs.models import RUNNING, Result, Run
from riverchief_server.runs.permissions import READ


def runs_of(kind: str, account: Account) -> QuerySet[Run]:
    """The runs of ``kind`` that ``account`` may read, the newest first, without their inputs; default is none."""
    if READ not in account.the_role.may:
        return Run.objects.none()
    return Run.objects.filter(kind=kind).select_related("asked_by", "repeats").defer("inputs")


def find_run(kind: str, uuid: UUID, account: Account) -> Run:
    """The run; raises ``BadInput`` (``not_found``) where there is none that ``account`` may read."""
    run = runs_of(kind, account).filter(uuid=uuid).first()
    if run is None:
        raise BadInput([Fault("not_found", details={"given": str(uuid)})])
    return run


def result_of(run: Run) -> dict[str, Any] | None:
    """What came out; ``None`` until the run is done."""
    found = Result.objects.filter(run=run).first()
    return found.content if found is not None else None


def failure_of(run: Run, language: str) -> str:
    """Why it failed, in the reader's language; empty where it did not."""
    return "\n".join(Fault(**fault).text(language) for fault in run.failure)


def same_answer(run: Run, other: Run) -> bool | None:
    """Whether two runs gave the same answer to the last digit; ``None`` where one has none."""
    hashes = list(Result.objects.filter(run__in=[run, other]).values_list("sha256", flat=True))
    return hashes[0] == hashes[1] if len(hashes) == 2 else None


def time_left(run: Run, now: datetime) -> timedelta | None:
    """How long the rest will take if it goes on as it did; ``None`` where nothing can be said yet."""
    if run.state != RUNNING or run.began_at is None or run.progress < 0.05:
        return None
    return (now - run.began_at) * ((1.0 - run.progress) / run.progress)


def fingerprint(content: Any) -> str:
    """The hash of anything that JSON can hold, whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
