"""What a river board says: only what the law puts on a board, and no more of anybody than role and office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from riverchief.case.machine import all_states
from riverchief.place.bank import Bank
from riverchief.standard import CLASSES, NOT_JUDGED, rank_of
from riverchief.table import read_table
from riverchief_server.api.words import ago_text, name_of, say, time_text
from riverchief_server.api.words.verdicts import over_text
from riverchief_server.cases.models import Case
from riverchief_server.cases.queries import OPEN_STATES, category_words
from riverchief_server.parties.queries import answering, gaps_of
from riverchief_server.patrols.queries import last_patrols
from riverchief_server.places.models import Reach
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import (
    STANDS_FOR,
    classed_at,
    failing_at,
    judged_sections,
    judgement_at,
    verdict_of,
    verdicts_of_reaches,
)

LATELY = timedelta(days=90)
HISTORY_AT_MOST = 8
CSS_OF_CLASS = {">V": "water-worse"}


class Entry(NamedTuple):
    """One line of what happened."""

    at: datetime
    time_text: str
    text: str


class ChiefRow(NamedTuple):
    """One row of the table of chiefs."""

    level_name: str
    holder: str
    unit: str
    bank_name: str
    phone: str


@dataclass(frozen=True)
class Board:
    """One board, ready to print."""

    code: str
    name: str
    numeral: str
    water_css: str
    water_by: str
    sentence: str
    target: str
    chiefs: list[ChiefRow]
    gaps: list[str]
    length_km: float
    last_patrol: str
    cases_text: str
    history: list[Entry]


class BoardName(NamedTuple):
    """A board in the list of boards."""

    code: str
    name: str
    numeral: str
    water_css: str
    open_cases: int


class RiverBoards(NamedTuple):
    """The boards of one river, from its source down."""

    name: str
    boards: list[BoardName]


def board_of(reach: Reach, now: datetime, language: str) -> Board:
    """The board that stands at ``reach``."""
    verdict = _verdicts(now).get(reach.pk)
    words = CLASSES[verdict.water_class] if verdict else NOT_JUDGED
    target = _target_of(reach)
    patrol = last_patrols(now).get(reach.pk)
    cases = Case.objects.filter(reach=reach)
    open_cases = cases.filter(state__in=OPEN_STATES).count()
    closed = list(cases.filter(state="closed", closed_at__gte=now - LATELY).order_by("-closed_at"))
    chiefs, gaps = _chiefs(reach, now, language)
    return Board(
        code=reach.code,
        name=reach.name,
        numeral=words.numeral,
        water_css=css_of(verdict.water_class if verdict else None),
        water_by=say("public_water_by", language, place=verdict.place.name, time=time_text(verdict.at, now, language))
        if verdict
        else say("public_water_none", language),
        sentence=_sentence(verdict, target, now, language) + _sources(reach, now, language),
        target=CLASSES[target].name(language) if target else "",
        chiefs=chiefs,
        gaps=gaps,
        length_km=round(reach.length_m / 1000, 2),
        last_patrol=ago_text(patrol.ended_at, now, language) if patrol else say("never_patrolled", language),
        cases_text=say("public_cases_text", language, open=open_cases, closed=len(closed)),
        history=[_closed(case, now, language) for case in closed[:HISTORY_AT_MOST]],
    )


def all_boards(now: datetime) -> list[RiverBoards]:
    """Every board by river, the river with the longest course first."""
    classes = {pk: verdict.water_class for pk, verdict in _verdicts(now).items()}
    counted: dict[int | None, int] = {}
    for reach_id in Case.objects.filter(state__in=OPEN_STATES).values_list("reach_id", flat=True):
        counted[reach_id] = counted.get(reach_id, 0) + 1
    reaches = sorted(Reach.objects.all(), key=lambda reach: (reach.river, reach.order))
    grouped = [(name, list(group)) for name, group in groupby(reaches, key=lambda reach: reach.river)]
    grouped.sort(key=lambda pair: -sum(reach.length_m for reach in pair[1]))
    return [
        RiverBoards(
            name,
            [
                BoardName(
                    reach.code,
                    reach.name,
                    CLASSES.get(classes.get(reach.pk, ""), NOT_JUDGED).numeral,
                    css_of(classes.get(reach.pk)),
                    counted.get(reach.pk, 0),
                )
                for reach in own
            ],
        )
        for name, own in grouped
    ]


def history_of(case: Case, now: datetime, language: str) -> list[Entry]:
    """What happened to a report, newest first: states and times, nobody's name and nobody's words."""
    states = all_states()
    entries = case.transitions.filter(is_change=True).order_by("-order")
    return [
        Entry(entry.at_server, time_text(entry.at_server, now, language), states[entry.to_state].name(language))
        for entry in entries
    ]


def css_of(water_class: str | None) -> str:
    """The class name that colours a water class in the stylesheet."""
    return "water-none" if water_class is None else CSS_OF_CLASS.get(water_class, f"water-{water_class}")


def _verdicts(now: datetime) -> dict[int, Judgement]:
    sections = judged_sections()
    return verdicts_of_reaches(list(Reach.objects.all()), sections, classed_at(sections, now))


def _target_of(reach: Reach) -> str:
    """The target of the next section down the same river, which is the one the reach is held to."""
    at: Reach | None = reach
    while at is not None and at.river == reach.river:
        target = (
            at.places.filter(kind="section").exclude(class_target="").values_list("class_target", flat=True).first()
        )
        if target:
            return target
        at = at.down
    return ""


def _sentence(verdict: Judgement | None, target: str, now: datetime, language: str) -> str:
    if verdict is None:
        return say("public_sentence_none", language)
    words = CLASSES[verdict.water_class]
    is_over = target and rank_of(verdict.water_class) > rank_of(target)
    key = "public_sentence_over" if is_over else "public_sentence_good"
    rests = verdict_of(verdict)
    details = {"class": words.name(language), "status": words.status(language)}
    details |= {"judged": str(rests.judged), "of": str(rests.expected)}
    said = say(key, language, target=CLASSES[target or "III"].name(language), **details)
    if now - verdict.at > STANDS_FOR:
        said += ("" if language == "zh" else " ") + say(
            "public_sentence_stale", language, time=time_text(verdict.at, now, language)
        )
    return said


def _sources(reach: Reach, now: datetime, language: str) -> str:
    """The drinking-water sources on the reach that fail, whatever class its water is by its section."""
    said = []
    sources = list(reach.places.filter(kind="source"))
    failing = failing_at(sources, now)
    for place in sources:
        row = judgement_at(place, now) if place.pk in failing else None
        source = verdict_of(row).source if row is not None else None
        if source is not None and source.complies is False:
            items = over_text(source, language)
            said.append(say("public_source_over", language, name=place.name, items=items))
    return ("" if language.startswith("zh") or not said else " ") + " ".join(said)


def _chiefs(reach: Reach, now: datetime, language: str) -> tuple[list[ChiefRow], list[str]]:
    """The chiefs, a row each; one who answers for both banks stands once."""
    levels = {row["level"]: name_of(row, language) for row in read_table("riverchief.party", "levels.csv")}
    sides = {bank: say(f"bank_{bank.value}", language) for bank in (Bank.LEFT, Bank.RIGHT)}
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for bank, side in sides.items():
        for duty in answering(reach, bank, now.date()):
            key = (levels[duty.level], duty.holder, duty.unit.name, duty.phone or duty.unit.phone)
            rows.setdefault(key, []).append(side)
    gaps = sorted(gaps_of(reach, now.date()), key=lambda gap: gap.bank is Bank.RIGHT)
    both = say("bank_both", language)
    chiefs = [
        ChiefRow(level, holder, unit, on[0] if len(on) == 1 else both, phone)
        for (level, holder, unit, phone), on in rows.items()
    ]
    return chiefs, [f"{sides[gap.bank]}：{say('gap', language, level=levels[gap.level])}" for gap in gaps]


def _closed(case: Case, now: datetime, language: str) -> Entry:
    words = category_words()
    names = [name_of(words[code], language) for code in case.categories if code in words]
    at = case.closed_at or case.opened_at
    text = say("public_closed_entry", language, category="、".join(names) or case.number)
    return Entry(at, time_text(at, now, language), text)
