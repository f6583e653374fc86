"""What a river board says: only what the law puts on a board, and no more of anybody than role and office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from riverchief.case.machine import all_states
from riverchief.standard import CLASSES, NOT_JUDGED, rank_of
from riverchief_server.api.own.schemas.map import ReachWater
from riverchief_server.api.own.show.lenses import water_of
from riverchief_server.api.own.show.people import show_banks
from riverchief_server.api.words import ago_text, name_of, say, time_text
from riverchief_server.cases.models import Case
from riverchief_server.cases.queries import OPEN_STATES, category_words
from riverchief_server.patrols.queries import last_patrols
from riverchief_server.places.models import Reach
from riverchief_server.standards.queries import STANDS_FOR, classed_at, judged_sections

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
    water = _water(now)[reach.code]
    words = CLASSES.get(water.water_class or "", NOT_JUDGED)
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
        water_css=css_of(water.water_class),
        water_by=say("public_water_by", language, place=water.place, time=time_text(water.at, now, language))
        if water.at
        else say("public_water_none", language),
        sentence=_sentence(water, target, now, language),
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
    water = _water(now)
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
                    CLASSES.get(water[reach.code].water_class or "", NOT_JUDGED).numeral,
                    css_of(water[reach.code].water_class),
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


def _water(now: datetime) -> dict[str, ReachWater]:
    sections = judged_sections()
    return water_of(list(Reach.objects.all()), sections, classed_at(sections, now), now)


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


def _sentence(water: ReachWater, target: str, now: datetime, language: str) -> str:
    if water.water_class is None or water.at is None:
        return say("public_sentence_none", language)
    words = CLASSES[water.water_class]
    key = "public_sentence_over" if target and rank_of(water.water_class) > rank_of(target) else "public_sentence_good"
    details = {"class": words.name(language), "status": words.status(language)}
    said = say(key, language, target=CLASSES[target or "III"].name(language), **details)
    if now - water.at > STANDS_FOR:
        said += ("" if language == "zh" else " ") + say(
            "public_sentence_stale", language, time=time_text(water.at, now, language)
        )
    return said


def _chiefs(reach: Reach, now: datetime, language: str) -> tuple[list[ChiefRow], list[str]]:
    """The chiefs, a row each; one who answers for both banks stands once."""
    banks = show_banks(reach, now.date(), language)
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for bank in banks:
        for chief in bank.chiefs:
            key = (chief.level_name, chief.holder, chief.unit, chief.phone)
            rows.setdefault(key, []).append(bank.bank_name)
    both = say("bank_both", language)
    chiefs = [
        ChiefRow(level, holder, unit, on[0] if len(on) == 1 else both, phone)
        for (level, holder, unit, phone), on in rows.items()
    ]
    return chiefs, [f"{bank.bank_name}：{gap}" for bank in banks for gap in bank.gaps]


def _closed(case: Case, now: datetime, language: str) -> Entry:
    words = category_words()
    names = [name_of(words[code], language) for code in case.categories if code in words]
    at = case.closed_at or case.opened_at
    text = say("public_closed_entry", language, category="、".join(names) or case.number)
    return Entry(at, time_text(at, now, language), text)
