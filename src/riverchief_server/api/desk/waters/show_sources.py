"""Drinking-water sources (水源地评价): each in one month, and the share that complies, county and township apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from riverchief.parameter import find_parameter
from riverchief.standard import Compliance
from riverchief.standard.surface_water import source_kinds, source_rate
from riverchief.standard.surface_water.drinking import programmes
from riverchief.table import read_table
from riverchief_server.api.desk.waters.schema_sources import SourceGroup, SourceRow, Sources
from riverchief_server.api.words import name_of, say
from riverchief_server.api.words.verdicts import over_text, source_sentence
from riverchief_server.places.models import Place
from riverchief_server.standards.actions import kind_of_place
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import verdict_of
from riverchief_server.standards.spans import span_of

_VERDICTS = {True: "source_yes", False: "source_no", None: "source_unknown"}
LARGE_FROM = 10_000  # people; with 1,000 t a day what is called 千吨万人


def show_sources(month: datetime, language: str) -> Sources:
    """Every source in the month in which ``month`` lies; the rates are of the year up to it."""
    places = list(Place.objects.filter(kind="source").select_related("reach", "region"))
    span, year = span_of("month", month), span_of("year", month)
    kept: dict[int, dict[datetime, Compliance]] = {place.pk: {} for place in places}
    rows = Judgement.objects.filter(
        place__in=places, period="month", is_current=True, at__gte=year.begin, at__lt=span.end
    )
    for row in rows:
        if (source := verdict_of(row).source) is not None:
            kept[row.place_id][row.at] = source
    shown = [_row(place, kept[place.pk], span.begin, language) for place in places]
    failing = [row.name for row in shown if row.complies is False]
    groups = [
        _group(rule, [place for place in places if _level(place) == rule["level"]], kept, language)
        for rule in read_table("riverchief_server.api.desk.waters", "source_targets.csv")
    ]
    joint = "、" if language.startswith("zh") else ", "
    sentence = say(
        "sources_failing" if failing else "sources_sentence",
        language,
        month=f"{span.begin:%Y-%m}",
        total=len(shown),
        judged=sum(row.complies is not None for row in shown),
        names=joint.join(failing),
    )
    return Sources(
        month=f"{span.begin:%Y-%m}",
        sentence=sentence,
        groups=[group for group in groups if group.sources],
        rows=sorted(shown, key=lambda row: (row.complies is not False, row.level, row.id)),
    )


def _row(place: Place, months: dict[datetime, Compliance], begin: datetime, language: str) -> SourceRow:
    source = months.get(begin)
    verdicts = [one.complies for one in months.values()]
    kind = source_kinds()[kind_of_place(place)]
    complies = source.complies if source else None
    joint = "、" if language.startswith("zh") else ", "
    large = _level(place) == "township" and (place.people or 0) >= LARGE_FROM
    names = [name_of({"zh": kind.zh, "en": kind.en}, language), *([say("source_large", language)] if large else [])]
    return SourceRow(
        id=place.code,
        name=place.name,
        kind=joint.join(names),
        level=_level(place),
        people=place.people,
        complies=complies,
        verdict=say(_VERDICTS[complies] if source else "period_no_sample", language),
        over=over_text(source, language) if source else "",
        missing=joint.join(find_parameter(code).name(language) for code in source.missing) if source else "",
        judged=len(source.evidence) if source else 0,
        measured=source.measured if source else 0,
        of=source.expected if source else programmes()[kind.programmes[0]].items,
        months_complying=verdicts.count(True),
        months_judged=len(verdicts) - verdicts.count(None),
        sentence=source_sentence(source, language, "").rstrip("；; ") if source else say("period_no_sample", language),
    )


def _group(
    rule: dict[str, str], places: Sequence[Place], kept: dict[int, dict[datetime, Compliance]], language: str
) -> SourceGroup:
    """The share of source-months that comply, beside what is asked for."""
    rate = source_rate([(one.complies, None) for place in places for one in kept[place.pk].values()])
    wanted = float(rule["at_least_pct"])
    return SourceGroup(
        level=rule["level"],
        name=name_of(rule, language),
        sources=len(places),
        complying=rate.compliant,
        judged=rate.judged,
        rate="—" if rate.by_count is None else f"{rate.by_count:.1f} %".replace(".0 %", " %"),
        wanted=f"{wanted:g} %",
        meets=None if rate.by_count is None else rate.by_count >= wanted,
    )


def _level(place: Place) -> str:
    return "county" if place.operator == "county" else "township"
