"""A verdict as the API says it: sentence, evidence, exclusions, and the law's table with the row lit."""

from __future__ import annotations

from riverchief.parameter import find_parameter
from riverchief.standard import CLASSES, NOT_JUDGED
from riverchief.standard import Evidence as Fact
from riverchief.standard.surface_water.limits import limits_for
from riverchief.standard.verification import levels
from riverchief_server.api.desk.judgements.schema import Evidence, Excluded, Judgement, LimitRow, LimitTable
from riverchief_server.api.words import number_text, say
from riverchief_server.api.words.verdicts import as_reported
from riverchief_server.standards.models import Judgement as Row
from riverchief_server.standards.queries import verdict_of

LAW_CLASSES = ("I", "II", "III", "IV", "V")


def show_judgement(row: Row, language: str) -> Judgement:
    """The judgement kept in ``row``."""
    verdict = verdict_of(row)
    words = CLASSES.get(verdict.water_class or "", NOT_JUDGED)
    chinese = language.startswith("zh")
    return Judgement(
        at=row.at,
        place=row.place.code,
        place_name=row.place.name,
        water_class=verdict.water_class,
        numeral=words.numeral,
        colour=words.colour,
        wording=words.status_zh if chinese else words.status_en,
        sentence=verdict.explain(language),
        standard=verdict.standard,
        edition=verdict.edition,
        verification=levels()[verdict.verification].zh if chinese else levels()[verdict.verification].en,
        limiting=list(verdict.limiting),
        evidence=[show_evidence(fact, language, fact.item in verdict.limiting) for fact in verdict.evidence],
        excluded=[
            Excluded(
                item=left.item,
                name=find_parameter(left.item).name(language) if left.item else "",
                why=left.text(language),
            )
            for left in verdict.excluded
        ],
        table=_table({fact.item: fact for fact in verdict.evidence}, verdict.water, language),
    )


def show_evidence(fact: Fact, language: str, is_limiting: bool) -> Evidence:
    """One item of a verdict."""
    limit = number_text(fact.limit) if fact.lower is None else f"{number_text(fact.lower)}–{number_text(fact.limit)}"
    return Evidence(
        item=fact.item,
        name=find_parameter(fact.item).name(language),
        value=fact.value,
        value_text=as_reported(fact),
        unit=fact.unit if fact.measured is None else find_parameter(fact.item).unit,
        operator=fact.operator,
        limit_text=limit,
        water_class=fact.water_class,
        clause=f"{fact.edition} {fact.clause}",
        over_limit=fact.over_limit,
        sentence=fact.explain(language),
        is_limiting=is_limiting,
    )


def _table(facts: dict[str, Fact], water: str, language: str) -> LimitTable:
    rows = []
    for code, item in limits_for(water).items():
        if item.use != "class":
            continue
        fact = facts.get(code)
        rows.append(
            LimitRow(
                item=code,
                name=find_parameter(code).name(language),
                unit="" if item.unit == "-" else item.unit,
                limits=[_limit_text(item.direction, low, high) for low, high in zip(item.low, item.high, strict=True)],
                value_text=as_reported(fact) if fact else None,
                lit=fact.water_class if fact else None,
            )
        )
    title = say("limit_table", language, water=say(f"water_{water}", language))
    return LimitTable(title=title, classes=[CLASSES[code].numeral for code in LAW_CLASSES], rows=rows)


def _limit_text(direction: str, low: float, high: float) -> str:
    if direction == "range":
        return f"{number_text(low)}–{number_text(high)}"
    return f"≥{number_text(low)}" if direction == "min" else f"≤{number_text(high)}"
