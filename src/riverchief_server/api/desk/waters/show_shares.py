"""A river or the county over time: shares of its sections, beside those of the same days of the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from riverchief.standard import Judgement as Verdict
from riverchief.standard.surface_water import (
    BasinJudgement,
    change_of_basin,
    judge_basin,
    pollutants_text,
    target_rate,
)
from riverchief_server.api.desk.waters.schema_periods import ShareRow, WatersPeriods
from riverchief_server.api.desk.waters.show_periods import NOW, caveat_text, label_of
from riverchief_server.api.words import say
from riverchief_server.places.models import Place
from riverchief_server.places.queries import county
from riverchief_server.standards.earlier import judged_before
from riverchief_server.standards.queries import judgement_at, kept_period, still_stands, verdict_of
from riverchief_server.standards.spans import KEPT_PERIODS, Span, a_year_before, span_of

Verdicts = Mapping[int, Verdict]


def show_waters(sections: Sequence[Place], now: datetime, language: str) -> list[WatersPeriods]:
    """The county, then each river that has sections, the one with most of them first."""
    own = [section for section in sections if section.kind == "section"]
    times: list[tuple[str, str, Verdicts, Verdicts]] = [(NOW, say("period_now", language), _newest(own, now), {})]
    for period in KEPT_PERIODS:
        span = span_of(period, now)
        times.append((period, label_of(span, language), _kept(own, span), _before(own, a_year_before(span, now))))
    rivers: dict[str, list[Place]] = {}
    for section in own:
        rivers.setdefault(section.reach.river, []).append(section)
    home = county()
    groups = [("", home.name if home else "", own)]
    groups += [
        (places[-1].reach.river_code or name, name, places)
        for name, places in sorted(rivers.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    return [_waters(code, name, places, times, language) for code, name, places in groups if places]


def _waters(
    code: str,
    name: str,
    places: Sequence[Place],
    times: Sequence[tuple[str, str, Verdicts, Verdicts]],
    language: str,
) -> WatersPeriods:
    rows = [_shares(key, label, places, these, before, language) for key, label, these, before in times]
    month = next(row for row in rows if row.key == "month")
    sentence = say(
        "waters_sentence" if month.judged else "waters_none",
        language,
        label=month.label,
        total=len(places),
        judged=month.judged,
        good=month.good_share,
        target=month.target_rate,
        change=say("waters_change", language, change=month.change) if month.compared else month.change,
    )
    return WatersPeriods(code=code, name=name, sentence=sentence + _bracketed(month.caveat, language), rows=rows)


def _shares(
    key: str, label: str, places: Sequence[Place], these: Verdicts, before: Verdicts, language: str
) -> ShareRow:
    """The sections of one period; one without a verdict is counted as not judged, never left out of the number."""
    own = [these[place.pk] for place in places if place.pk in these]
    earlier = [before[place.pk] for place in places if place.pk in before]
    basin, then = judge_basin(own, sections=len(places)), judge_basin(earlier, sections=len(places))
    judged = basin.shares.judged
    both = [
        place.pk
        for place in places
        if place.pk in these and place.pk in before and these[place.pk].water_class and before[place.pk].water_class
    ]
    coverage = say("coverage_sections", language, total=len(places), judged=judged)
    if basin.method == "mean" and judged > 1:
        coverage += say("coverage_mean", language)
    if worst := basin.at_worst(language):
        coverage += say("at_worst", language, status=worst)
    return ShareRow(
        key=key,
        label=label,
        status=basin.status(language) or say("not_judged_yet", language),
        judged=judged,
        unjudged=len(places) - judged,
        coverage=coverage,
        pollutants=_pollutants(basin, [place for place in places if place.pk in these], language),
        good_share=_percent(basin.shares.good),
        target_rate=_percent(target_rate(own).rate),
        before_judged=then.shares.judged,
        before_good_share=_percent(then.shares.good),
        compared=len(both),
        change=_change(
            [before[pk] for pk in both],
            [these[pk] for pk in both],
            most=max(judged, len(earlier)),
            sections=len(places),
            language=language,
        ),
        caveat=caveat_text(basin.verification, language) if judged else "",
    )


def _pollutants(basin: BasinJudgement, places: Sequence[Place], language: str) -> str:
    """The main pollutants: of the river, or with fewer than five sections of each of them (``places``, in order)."""
    if basin.method == "shares":
        return pollutants_text(basin.pollutants, language)
    colon, joint = ("：", "；") if language.startswith("zh") else (": ", "; ")
    named = zip(places, basin.by_section, strict=True)
    return joint.join(f"{place.name}{colon}{pollutants_text(found, language)}" for place, found in named if found)


def _change(before: list[Verdict], after: list[Verdict], *, most: int, sections: int, language: str) -> str:
    """Better or worse, by the sections judged in both years: the rule wants the same sections on both sides."""
    if not after:
        return say("no_comparison", language)
    change = change_of_basin(judge_basin(before, sections=sections), judge_basin(after, sections=sections))
    if change is None:
        return say("no_comparison", language)
    words = change.words(language)
    return words if len(after) == most else say("change_compared", language, change=words, n=len(after))


def _newest(sections: Sequence[Place], now: datetime) -> dict[int, Verdict]:
    rows = {section.pk: judgement_at(section, now) for section in sections}
    return {pk: verdict_of(row) for pk, row in rows.items() if row is not None and still_stands(row, now)}


def _kept(sections: Sequence[Place], span: Span) -> dict[int, Verdict]:
    rows = {section.pk: kept_period(section, span) for section in sections}
    return {pk: verdict_of(row) for pk, row in rows.items() if row is not None}


def _before(sections: Sequence[Place], span: Span) -> dict[int, Verdict]:
    verdicts = {section.pk: judged_before(section, span) for section in sections}
    return {pk: verdict for pk, verdict in verdicts.items() if verdict is not None}


def _bracketed(warning: str, language: str) -> str:
    if not warning:
        return ""
    return f"（{warning}）" if language.startswith("zh") else f" ({warning})"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1f} %".replace(".0 %", " %")
