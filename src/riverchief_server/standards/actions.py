"""Changes of judgements: judge what has changed, keep every version, never write over one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import orjson
from django.db import transaction

from riverchief.parameter import find_parameter
from riverchief.standard import Compliance, Origin, grade_sample
from riverchief.standard import Judgement as Verdict
from riverchief.standard.censored import Censored, Reported, bound_of
from riverchief.standard.surface_water import judge_series, judge_source, kind_of_source
from riverchief.standard.surface_water.limits import limits_for, source_limits
from riverchief.standard.surface_water.published import reconcile
from riverchief_server.observations.queries import Sample, samples_between
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.spans import KEPT_PERIODS, Span, local, span_of

AT_ONCE = 500
EVER = (datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1))


class Made(NamedTuple):
    """A verdict to keep: of which time (a period: its beginning), and how much of the period it rests on."""

    at: datetime
    verdict: Verdict
    coverage: dict[str, int]


@transaction.atomic
def judge_section(section: Place, now: datetime, since: datetime | None = None) -> list[datetime]:
    """Judge every sample of ``section`` (from ``since``) that has no verdict yet or has changed; return their times.

    A verdict whose values, target and edition are as before is left alone, so judging twice changes nothing. The months
    and years that hold a changed sample are judged again, and only they; all of it is written, or nothing.
    """
    begin = since or EVER[0]
    made = [
        Made(sample.at, verdict, {})
        for sample in samples_between(section, begin, now + EVER[1])
        if (verdict := grade(section, sample)) is not None
    ]
    changed = _keep(section, "sample", made, now, begin)
    for period in KEPT_PERIODS:
        spans = sorted({span_of(period, at) for at in changed})
        _keep(section, period, [one for span in spans if (one := grade_span(section, span))], now, EVER[0])
    return changed


def grade(section: Place, sample: Sample) -> Verdict | None:
    """The verdict on one sample; ``None`` where nothing in it is an item of the standard."""
    if not _has_items(section, sample.values):
        return None
    verdict = grade_sample(
        sample.values,
        water=section.reach.water,
        target=section.class_target or "III",
        state="maintenance" if sample.is_maintenance else None,
        origins=_origins(sample),
    )
    if section.kind == "source" and not sample.is_maintenance:
        verdict = replace(verdict, source=judge_drinking(section, sample))
    # A value printed exactly at a limit may have been above it before it was rounded: the printed class tells.
    return reconcile(verdict, sample.published, {code: find_parameter(code).decimals for code in sample.values})


def judge_drinking(section: Place, sample: Sample) -> Compliance:
    """Whether a drinking-water source complies by one sample."""
    return judge_source(sample.values, kind_of_place(section), origins=_origins(sample))


def kind_of_place(section: Place) -> str:
    """The kind of a source (a row of ``drinking_kinds.csv``): by the water it is drawn from and whose it is."""
    ground = "ground" if section.subkind == "ground" else section.reach.water
    return kind_of_source(ground, "county" if section.operator == "county" else "township")


def _origins(sample: Sample) -> dict[str, Origin]:
    return {code: statistic.as_origin() for code, statistic in sample.statistics.items()}


def _worst_of(found: Sequence[Compliance]) -> Compliance:
    """A source complies in a month if it does in every sample: the worst of them speaks for the month."""
    failing = [one for one in found if one.complies is False]
    if failing:
        return max(failing, key=lambda one: (len(one.over), max((e.over_limit or 0.0) for e in one.over)))
    return next((one for one in found if one.complies is None), found[-1])


def grade_span(section: Place, span: Span) -> Made | None:
    """The verdict on a month or year of ``section`` so far; ``None`` where it has no sample.

    Values that may not be used (flagged, under maintenance) are left out of the means.
    """
    samples = [one for one in samples_between(section, span.begin, span.end) if _has_items(section, one.values)]
    if not samples:
        return None
    codes = list(dict.fromkeys(code for sample in samples for code in sample.values))
    reported = {code: [_usable(sample, code) for sample in samples] for code in codes}
    times = np.array([local(sample.at).replace(tzinfo=None) for sample in samples], dtype="datetime64[s]")
    (judged,) = judge_series(
        times,
        {code: np.array([_number(value) for value in column], np.float64) for code, column in reported.items()},
        span.period,
        water=section.reach.water,
        target=section.class_target or "III",
        bounds={code: np.array([bound_of(value) for value in column], np.uint8) for code, column in reported.items()},
    )
    verdict = judged.judgement
    drunk = [judge_drinking(section, one) for one in samples if section.kind == "source" and not one.is_maintenance]
    if drunk:
        verdict = replace(verdict, source=_worst_of(drunk))
    coverage = {
        "samples": len(samples),
        "days": len({local(sample.at).date() for sample in samples}),
        "months": len({(local(sample.at).year, local(sample.at).month) for sample in samples}),
    }
    return Made(span.begin, verdict, coverage)


def _keep(section: Place, period: str, made: Sequence[Made], now: datetime, since: datetime) -> list[datetime]:
    """Write the verdicts that differ from those in force, all together; return their times."""
    in_force = Judgement.objects.filter(place=section, period=period, is_current=True, at__gte=since)
    current = {row.at: row for row in in_force}
    replaced: list[int] = []
    rows: list[Judgement] = []
    for one in made:
        content = _plain(one.verdict) | ({"coverage": one.coverage} if one.coverage else {})
        fingerprint = _fingerprint(content)
        before = current.get(one.at)
        if before is not None and before.fingerprint == fingerprint:
            continue
        if before is not None:
            replaced.append(before.pk)
        rows.append(
            Judgement(
                place=section,
                period=period,
                at=one.at,
                water_class=one.verdict.water_class or "",
                target=one.verdict.target,
                limiting=list(one.verdict.limiting),
                content=content,
                fingerprint=fingerprint,
                version=before.version + 1 if before else 1,
                made_at=now,
            )
        )
    with transaction.atomic():
        for start in range(0, len(replaced), AT_ONCE):
            Judgement.objects.filter(pk__in=replaced[start : start + AT_ONCE]).update(is_current=False)
        Judgement.objects.bulk_create(rows, batch_size=AT_ONCE)
    return [row.at for row in rows]


def _has_items(section: Place, codes: Iterable[str]) -> bool:
    limits = limits_for(section.reach.water)
    drunk = source_limits() if section.kind == "source" else {}
    return any((code in limits and limits[code].use == "class") or code in drunk for code in codes)


def _usable(sample: Sample, code: str) -> Reported:
    return None if sample.is_maintenance else sample.values.get(code)


def _number(value: Reported) -> float:
    """The value, or the bound that is known of it; NaN where there is none."""
    if isinstance(value, Censored):
        return value.bound
    return np.nan if value is None else value


def _fingerprint(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON keeps it, the same as its ``as_dict`` (orjson walks the dataclasses, ten times faster)."""
    return orjson.loads(orjson.dumps(verdict))  # type: ignore[no-any-return]
