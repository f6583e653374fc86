"""Changes of judgements: judge what has changed, keep every version, never write over one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson
from django.db import transaction

from riverchief.parameter import find_parameter
from riverchief.standard import Judgement as Verdict
from riverchief.standard import grade_sample
from riverchief.standard.surface_water.limits import limits_for
from riverchief.standard.surface_water.published import reconcile
from riverchief_server.observations.queries import Sample, samples_between
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement

AT_ONCE = 500
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
    replaced: list[int] = []
    made: list[Judgement] = []
    for sample in samples:
        verdict = grade(section, sample)
        if verdict is None:
            continue
        content = _plain(verdict)
        fingerprint = _fingerprint(content)
        before = current.get(sample.at)
        if before is not None and before.fingerprint == fingerprint:
            continue
        if before is not None:
            replaced.append(before.pk)
        made.append(
            Judgement(
                place=section,
                at=sample.at,
                water_class=verdict.water_class or "",
                target=verdict.target,
                limiting=list(verdict.limiting),
                content=content,
                fingerprint=fingerprint,
                version=before.version + 1 if before else 1,
                made_at=now,
            )
        )
    with transaction.atomic():
        for start in range(0, len(replaced), AT_ONCE):
            Judgement.objects.filter(pk__in=replaced[start : start + AT_ONCE]).update(is_current=False)
        Judgement.objects.bulk_create(made, batch_size=AT_ONCE)
    return len(made)


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


def _fingerprint(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON keeps it, the same as its ``as_dict`` (orjson walks the dataclasses, ten times faster)."""
    return orjson.loads(orjson.dumps(verdict))  # type: ignore[no-any-return]
