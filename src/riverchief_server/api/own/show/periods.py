"""Sections, rivers and the county over time: now, this month, this year, beside the same part of the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from riverchief.standard import CLASSES, NOT_JUDGED
from riverchief.standard import Judgement as Verdict
from riverchief.standard.surface_water import change_of_class, change_of_shares, judge_basin, target_rate
from riverchief.standard.verification import caveat
from riverchief_server.api.own.schemas.periods import PeriodRow, Periods, ShareRow, WatersPeriods
from riverchief_server.api.words import ago_text, say
from riverchief_server.places.models import Place
from riverchief_server.places.queries import county
from riverchief_server.standards.actions import grade_span
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import judgement_at, kept_period, verdict_of
from riverchief_server.standards.spans import KEPT_PERIODS, KeptPeriod, Span, a_year_before, local, span_of

NOW = "now"


class Known(NamedTuple):
    """A verdict that is shown, and how much of its period it rests on."""

    verdict: Verdict
    row: Judgement | None
    coverage: Mapping[str, int]


def show_periods(section: Place, now: datetime, language: str) -> Periods:
    """One section: now, this month, this year."""
    newest = judgement_at(section, now)
    rows = []
    if newest is not None:
        known = Known(verdict_of(newest), newest, {})
        rows.append(_row(NOW, say("period_now", language), known, None, ago_text(newest.at, now, language), language))
    for period in KEPT_PERIODS:
        span = span_of(period, now)
        current = _kept(section, span)
        if current is not None:
            before = grade_span(section, a_year_before(span, now))
            covered = _coverage(span, current, now, language)
            label = _label(period, span, language)
            rows.append(_row(period, label, current, before.verdict if before else None, covered, language))
    sentence = rows[1].sentence if len(rows) > 1 else say("periods_none", language)
    return Periods(sentence=sentence, rows=rows)


def show_waters(sections: Sequence[Place], now: datetime, language: str) -> list[WatersPeriods]:
    """The county, then each river that has sections, the one with most of them first."""
    own = [section for section in sections if section.kind == "section"]
    facts = {period: _of_all(own, span_of(period, now), now) for period in KEPT_PERIODS}
    newest = {section.pk: row for section in own if (row := judgement_at(section, now)) is not None}
    rivers: dict[str, list[Place]] = {}
    for section in own:
        rivers.setdefault(section.reach.river, []).append(section)
    home = county()
    groups = [("", home.name if home else "", own)]
    groups += [
        (places[-1].reach.river_code or name, name, places)
        for name, places in sorted(rivers.items(), key=lambda pair: -len(pair[1]))
    ]
    return [_waters(code, name, places, facts, newest, now, language) for code, name, places in groups if places]


def _waters(
    code: str,
    name: str,
    places: Sequence[Place],
    facts: Mapping[KeptPeriod, Mapping[int, tuple[Verdict | None, Verdict | None]]],
    newest: Mapping[int, Judgement],
    now: datetime,
    language: str,
) -> WatersPeriods:
    current = [verdict_of(newest[place.pk]) for place in places if place.pk in newest]
    rows = [_shares(NOW, say("period_now", language), current, [], language)]
    for period in KEPT_PERIODS:
        pairs = [facts[period][place.pk] for place in places]
        these = [this for this, _ in pairs if this is not None]
        before = [other for _, other in pairs if other is not None]
        rows.append(_shares(period, _label(period, span_of(period, now), language), these, before, language))
    month = rows[1]
    sentence = say(
        "waters_sentence" if month.judged else "waters_none",
        language,
        label=month.label,
        judged=month.judged,
        good=month.good_share,
        target=month.target_rate,
    )
    return WatersPeriods(code=code, name=name, sentence=sentence, rows=rows)


def _of_all(sections: Sequence[Place], span: Span, now: datetime) -> dict[int, tuple[Verdict | None, Verdict | None]]:
    """Each section's verdict on ``span`` and on the same part of the year before."""
    found = {}
    for section in sections:
        current, before = _kept(section, span), grade_span(section, a_year_before(span, now))
        found[section.pk] = (current.verdict if current else None, before.verdict if before else None)
    return found


def _kept(section: Place, span: Span) -> Known | None:
    row = kept_period(section, span)
    return Known(verdict_of(row), row, row.content.get("coverage", {})) if row else None


def _row(key: str, label: str, known: Known, before: Verdict | None, coverage: str, language: str) -> PeriodRow:
    verdict = known.verdict
    change = change_of_class(before.water_class if before else None, verdict.water_class)
    return PeriodRow(
        key=key,
        label=label,
        water_class=verdict.water_class,
        numeral=_numeral(verdict),
        sentence=f"{label}{'：' if language == 'zh' else ': '}{_said(verdict, language)}",
        meets_target=verdict.meets_target,
        coverage=coverage,
        before_class=before.water_class if before else None,
        before_numeral=_numeral(before),
        change=(change.zh if language == "zh" else change.en) if change else say("no_comparison", language),
        caveat=caveat(verdict.verification, language).strip("（）() "),
    )


def _shares(key: str, label: str, these: list[Verdict], before: list[Verdict], language: str) -> ShareRow:
    basin, then = judge_basin(these), judge_basin(before)
    change = change_of_shares(then.shares.good, then.shares.inferior, basin.shares.good, basin.shares.inferior)
    rate = target_rate(these)
    return ShareRow(
        key=key,
        label=label,
        status=(basin.status_zh if language == "zh" else basin.status_en) or say("not_judged_yet", language),
        judged=basin.shares.judged,
        unjudged=basin.shares.unjudged,
        good_share=_percent(basin.shares.good),
        target_rate=_percent(rate.rate),
        before_good_share=_percent(then.shares.good),
        change=(change.zh if language == "zh" else change.en) if change else say("no_comparison", language),
        caveat=caveat(basin.verification, language).strip("（）() ") if basin.shares.judged else "",
    )


def _said(verdict: Verdict, language: str) -> str:
    """Class, whether the target is met, and by what: without the words that the chip beside it says already."""
    if verdict.water_class is None:
        return say("not_judged_yet", language)
    words = CLASSES[verdict.water_class]
    target = CLASSES[verdict.target].name(language)
    key = "period_over" if verdict.meets_target is False else "period_good"
    details = {"class": words.name(language), "status": words.status(language)}
    return say(key, language, target=target, **details)


def _numeral(verdict: Verdict | None) -> str:
    return CLASSES.get((verdict.water_class if verdict else None) or "", NOT_JUDGED).numeral


def _coverage(span: Span, known: Known, now: datetime, language: str) -> str:
    """How many days of the month (months of the year) that have passed have samples."""
    until = min(span.end, local(now))
    samples = known.coverage.get("samples", 0)
    if span.period == "month":
        return say("coverage_month", language, have=known.coverage.get("days", 0), of=until.day, samples=samples)
    return say("coverage_year", language, have=known.coverage.get("months", 0), of=until.month, samples=samples)


def _label(period: KeptPeriod, span: Span, language: str) -> str:
    return say(f"period_{period}", language, month=span.begin.month, month_en=f"{span.begin:%b}", year=span.begin.year)


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1f} %".replace(".0 %", " %")
