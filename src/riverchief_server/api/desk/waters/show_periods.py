"""One section over time: now, this month, this year, beside the same days of the year before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from riverchief.parameter import find_parameter
from riverchief.standard import CLASSES, NOT_JUDGED
from riverchief.standard import Judgement as Verdict
from riverchief.standard.rounding import show_multiple
from riverchief.standard.surface_water import change_of_class, main_pollutants, period_rules, pollutants_text
from riverchief.standard.verification import caveat
from riverchief_server.api.desk.waters.schema_periods import PeriodItem, PeriodRow, Periods
from riverchief_server.api.words import ago_text, say
from riverchief_server.api.words.verdicts import source_sentence
from riverchief_server.places.models import Place
from riverchief_server.standards.earlier import judged_before
from riverchief_server.standards.queries import judgement_at, kept_period, verdict_of
from riverchief_server.standards.spans import (
    KEPT_PERIODS,
    KeptPeriod,
    Span,
    a_year_before,
    days_passed,
    months_passed,
    span_of,
)

NOW = "now"


class Rests(NamedTuple):
    """What a row rests on: samples, the days or months that hold any, of how many, and how many are needed."""

    samples: int
    have: int
    expected: int
    needed: int
    text: str


def show_periods(section: Place, now: datetime, language: str) -> Periods:
    """One section: now, this month, this year; a month without a sample is said to be one."""
    rows = []
    newest = judgement_at(section, now)
    if newest is not None:
        rests = Rests(1, 1, 1, 1, ago_text(newest.at, now, language))
        label = say("period_now", language)
        rows.append(_row(NOW, label, (newest.at, newest.at), verdict_of(newest), None, rests, language))
    spans = [span_of(period, now) for period in KEPT_PERIODS]
    kept = {span.period: kept_period(section, span) for span in spans}
    for span in spans if any(kept.values()) else ():
        row = kept[span.period]
        rests = _rests(span, row.content.get("coverage", {}) if row else {}, now, language)
        before = judged_before(section, a_year_before(span, now))
        label = label_of(span, language)
        verdict = verdict_of(row) if row else None
        rows.append(_row(span.period, label, (span.begin, span.end), verdict, before, rests, language))
    sentences = [row.sentence for row in rows if row.key != NOW]
    return Periods(sentence=sentences[0] if sentences else say("periods_none", language), rows=rows)


def label_of(span: Span, language: str) -> str:
    """``11月``, ``2026年以来``."""
    begin = span.begin
    return say(f"period_{span.period}", language, month=begin.month, month_en=f"{begin:%b}", year=begin.year)


def caveat_text(level: str, language: str) -> str:
    """What must be said beside a verdict of this level of verification, without brackets."""
    return caveat(level, language).strip("（）() ")


def _row(
    key: str,
    label: str,
    ends: tuple[datetime, datetime],
    verdict: Verdict | None,
    before: Verdict | None,
    rests: Rests,
    language: str,
) -> PeriodRow:
    words = CLASSES.get((verdict.water_class if verdict else None) or "", NOT_JUDGED)
    earlier = CLASSES.get((before.water_class if before else None) or "", NOT_JUDGED)
    change = change_of_class(before.water_class if before else None, verdict.water_class if verdict else None)
    warning = caveat(verdict.verification, language) if verdict else ""
    colon = "：" if language.startswith("zh") else ": "
    return PeriodRow(
        key=key,
        label=label,
        start=ends[0],
        end=ends[1],
        water_class=verdict.water_class if verdict else None,
        numeral=words.numeral,
        colour=words.colour,
        wording=words.status(language),
        sentence=f"{label}{colon}{_said(verdict, language)}{warning}",
        meets_target=verdict.meets_target if verdict else None,
        limiting=_items(verdict, language) if verdict else [],
        pollutants=pollutants_text(main_pollutants(verdict), language) if verdict else "",
        judged=verdict.judged if verdict else 0,
        of=verdict.expected if verdict else 0,
        samples=rests.samples,
        have=rests.have,
        expected=rests.expected,
        needed=rests.needed,
        coverage=rests.text,
        before_class=before.water_class if before else None,
        before_numeral=earlier.numeral,
        change=change.words(language) if change else _no_change(before, language),
        caveat=warning.strip("（）() "),
    )


def _no_change(before: Verdict | None, language: str) -> str:
    """Why there is no comparison: the year before has no data, or one of the two has no class."""
    return say("no_comparison" if before is None else "not_compared", language)


def _said(verdict: Verdict | None, language: str) -> str:
    """Class, whether the target is met, and by what not."""
    if verdict is None:
        return say("period_no_sample", language)
    if verdict.source is not None:
        return source_sentence(verdict.source, language, "").rstrip("；; ")
    target = CLASSES[verdict.target].name(language)
    over = [item.text for item in _items(verdict, language) if item.item in verdict.over]
    items = ("、" if language.startswith("zh") else ", ").join(over)
    found = main_pollutants(verdict)
    polluted = say("period_pollutants", language, items=pollutants_text(found, language)) if found else ""
    counts = {"judged": verdict.judged, "of": verdict.expected}
    if verdict.water_class is None:
        key = "period_at_best" if verdict.meets_target is False else "period_too_few" if verdict.evidence else ""
        return say(key or "not_judged_yet", language, target=target, items=items, **counts) + polluted
    words = CLASSES[verdict.water_class]
    key = "period_over" if verdict.meets_target is False else "period_good"
    details = {"class": words.name(language), "status": words.status(language)}
    return say(key, language, target=target, items=items, **details, **counts) + polluted


def _items(verdict: Verdict, language: str) -> list[PeriodItem]:
    """What decides the class, and what is over the target, the largest multiple first."""
    multiples = verdict.over_limit
    return [
        PeriodItem(
            item=code,
            name=(name := find_parameter(code).name(language)),
            over_limit=(times := multiples.get(code)),
            text=say("period_item_over", language, name=name, multiple=show_multiple(times)) if times else name,
        )
        for code in dict.fromkeys([*multiples, *verdict.over, *verdict.limiting])
    ]


def _rests(span: Span, coverage: Mapping[str, int], now: datetime, language: str) -> Rests:
    """How many of the days of the month (months of the year) that have begun hold samples, and how many must."""
    samples = coverage.get("samples", 0)
    if span.period == "month":
        have, expected, needed = coverage.get("days", 0), days_passed(span, now), _needed("month")
    else:
        have, expected, needed = coverage.get("months", 0), months_passed(span, now), _needed("year")
    text = say(f"coverage_{span.period}", language, have=have, of=expected, samples=samples)
    if span.period == "year" and have < needed:
        text += say("coverage_needed", language, needed=needed)
    return Rests(samples, have, expected, needed, text)


def _needed(period: KeptPeriod) -> int:
    return period_rules()[period].minimum
