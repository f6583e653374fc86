"""The three lenses of the map: the worst open problem, the water class, how long ago somebody walked there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Min

from riverchief.patrol.freshness import NEVER, days_since, freshness_levels, freshness_of
from riverchief.standard import CLASSES, NOT_JUDGED, rank_of
from riverchief_server.api.desk.map.schema import (
    LegendEntry,
    Lens,
    Lenses,
    ReachFreshness,
    ReachWater,
    ReachWork,
)
from riverchief_server.api.words import say
from riverchief_server.cases.listing import Load
from riverchief_server.observations.queries import is_stale
from riverchief_server.patrols.queries import last_patrols
from riverchief_server.places.models import Place, Reach
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import classed_at, fails, judged_sections, still_stands, verdicts_of_reaches

WORK_LEVELS = ("overdue", "due_soon", "open", "none")
SLIDER_DAYS = 90


def show_lenses(at: datetime, now: datetime, loads: Mapping[int | None, Load], language: str) -> Lenses:
    """All three lenses at time ``at``; ``loads`` are of the reaches: open cases that the reader may see."""
    reaches = list(Reach.objects.all())
    sections = judged_sections()
    classed = classed_at(sections, at)
    work = work_of(reaches, loads)
    water = water_of(reaches, sections, classed, at)
    fresh = freshness_by_reach(reaches, at)
    earliest = Judgement.objects.filter(at__gte=now - timedelta(days=SLIDER_DAYS)).aggregate(first=Min("at"))["first"]
    return Lenses(
        at=at,
        work=work,
        water=water,
        freshness=fresh,
        place_water={place.code: _water(classed.get(place.pk), at) for place in sections},
        work_lens=_work_lens(work, loads.values(), language),
        water_lens=_water_lens(water, [row for row in classed.values() if still_stands(row, at)], language),
        freshness_lens=_freshness_lens(fresh, language),
        earliest=earliest,
    )


def work_of(reaches: Sequence[Reach], loads: Mapping[int | None, Load]) -> dict[str, ReachWork]:
    """The worst open problem of each reach; ``loads`` are by the reach's key."""
    own = {reach.code: loads.get(reach.pk, Load()) for reach in reaches}
    return {code: ReachWork(level=load.level, open_cases=load.open, worst=load.worst) for code, load in own.items()}


def water_of(
    reaches: Sequence[Reach], sections: Sequence[Place], classed: Mapping[int, Judgement], at: datetime
) -> dict[str, ReachWater]:
    """The class that holds for each reach, by its code."""
    found = verdicts_of_reaches(reaches, sections, classed)
    return {reach.code: _water(found.get(reach.pk), at) for reach in reaches}


def freshness_by_reach(reaches: Sequence[Reach], at: datetime) -> dict[str, ReachFreshness]:
    """How many days ago each reach was patrolled, as of ``at``."""
    last = last_patrols(at)
    shown = {}
    for reach in reaches:
        patrol = last.get(reach.pk)
        days = days_since(patrol.ended_at if patrol else None, at)
        shown[reach.code] = ReachFreshness(level=freshness_of(days), days=days)
    return shown


def _water(row: Judgement | None, at: datetime) -> ReachWater:
    if row is None:
        return ReachWater(water_class=None, place=None, place_id=None, at=None, is_stale=False)
    return ReachWater(
        water_class=row.water_class or None,
        place=row.place.name,
        place_id=row.place.code,
        at=row.at,
        is_stale=is_stale(row.at, at),
    )


def _work_lens(work: Mapping[str, ReachWork], loads: Collection[Load], language: str) -> Lens:
    counted = Counter(one.level for one in work.values())
    legend = [
        LegendEntry(level=level, name=say(f"lens_work_level_{level}", language), reaches=counted[level])
        for level in WORK_LEVELS
    ]
    cases, overdue = sum(load.open for load in loads), sum(load.overdue for load in loads)
    if not cases:
        return Lens(sentence=say("lens_work_none", language), legend=legend)
    reaches = sum(1 for one in work.values() if one.open_cases)
    return Lens(sentence=say("lens_work", language, cases=cases, reaches=reaches, overdue=overdue), legend=legend)


def _water_lens(water: Mapping[str, ReachWater], standing: Sequence[Judgement], language: str) -> Lens:
    counted = Counter(one.water_class for one in water.values())
    legend = [
        LegendEntry(level=code, name=f"{words.numeral} {words.status(language)}", reaches=counted[code])
        for code, words in CLASSES.items()
    ]
    nothing = say("lens_water_level_none", language)
    legend.append(LegendEntry(level=NOT_JUDGED.code, name=nothing, reaches=counted[None]))
    if not standing:
        return Lens(sentence=say("lens_water_none", language), legend=legend)
    good = sum(1 for row in standing if rank_of(row.water_class) <= 3)
    over = sum(1 for row in standing if fails(row))
    return Lens(sentence=say("lens_water", language, judged=len(standing), good=good, over=over), legend=legend)


def _freshness_lens(fresh: Mapping[str, ReachFreshness], language: str) -> Lens:
    counted = Counter(one.level for one in fresh.values())
    chinese = language.startswith("zh")
    legend = [
        LegendEntry(level=row.level, name=row.name_zh if chinese else row.name_en, reaches=counted[row.level])
        for row in freshness_levels()
    ]
    legend.append(LegendEntry(level=NEVER, name=say("lens_freshness_level_never", language), reaches=counted[NEVER]))
    stale = counted["stale"] + counted[NEVER]
    return Lens(sentence=say("lens_freshness", language, fresh=counted["fresh"], stale=stale), legend=legend)
