"""Changes of judgements: judge what has changed, keep every version, never write over one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.db import transaction

from riverchief.parameter import find_parameter
from riverchief.standard import Judgement as Verdict
from riverchief.standard import grade_sample
from riverchief.standard.surface_water.limits import limits_for
from riverchief.standard.surface_water.published import reconcile
from riverchief_server.observations.queries import Sample, samples_between
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement

EVER = (datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1))


def judge_section(section: Place, now: datetime, since: datetime | None = None) -> int:
    """Judge every sample of ``section`` (from ``since``) that has no verdict yet or has changed; return how many.

    A verdict whose values, target and edition are as before is left alone, so judging twice changes nothing.
    """
    samples = samples_between(section, since or EVER[0], now + EVER[1])
    current = {
        row.at: row
        for row in Judgement.objects.filter(place=section, period="sample", is_current=True, at__gte=since or EVER[0])
    }
    made = 0
    for sample in samples:
        verdict = grade(section, sample)
        if verdict is None:
            continue
        fingerprint = _fingerprint(verdict)
        before = current.get(sample.at)
        if before is not None and before.fingerprint == fingerprint:
            continue
        _write(section, sample.at, verdict, fingerprint, before, now)
        made += 1
    return made


def grade(section: Place, sample: Sample) -> Verdict | None:
    """The verdict on one sample; ``None`` where nothing in it is an item of the standard."""
    water: Literal["river", "lake"] = "lake" if section.reach.kind == "lake" else "river"
    limits = limits_for(water)
    if not any(code in limits and limits[code].use == "class" for code in sample.values):
        return None
    verdict = grade_sample(
        sample.values,
        water=water,
        target=section.class_target or "III",
        state="maintenance" if sample.is_maintenance else None,
    )
    # A value printed exactly at a limit may have been above it before it was rounded: the printed class tells.
    return reconcile(verdict, sample.published, {code: find_parameter(code).decimals for code in sample.values})


@transaction.atomic
def _write(
    section: Place, at: datetime, verdict: Verdict, fingerprint: str, before: Judgement | None, now: datetime
) -> None:
    if before is not None:
        Judgement.objects.filter(pk=before.pk).update(is_current=False)
    Judgement.objects.create(
        place=section,
        at=at,
        water_class=verdict.water_class or "",
        target=verdict.target,
        limiting=list(verdict.limiting),
        content=_plain(verdict),
        fingerprint=fingerprint,
        version=before.version + 1 if before else 1,
        made_at=now,
    )


def _fingerprint(verdict: Verdict) -> str:
    text = json.dumps(_plain(verdict), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(verdict: Verdict) -> dict[str, Any]:
    return json.loads(json.dumps(verdict.as_dict(), allow_nan=False, default=str))  # type: ignore[no-any-return]
