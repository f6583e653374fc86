"""Rivers and reaches as the API says them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from riverchief.standard import rank_of
from riverchief_server.api.desk.cases.schema import CaseBrief
from riverchief_server.api.desk.map.show import kind_name
from riverchief_server.api.desk.map.show_lenses import freshness_by_reach, water_of, work_of
from riverchief_server.api.desk.people.show import show_banks
from riverchief_server.api.desk.waters.schema import Reach, ReachName, ReachPlace, River
from riverchief_server.api.words import ago_text, say
from riverchief_server.cases.listing import Load
from riverchief_server.patrols.queries import last_patrols
from riverchief_server.places.models import Place
from riverchief_server.places.models import Reach as ReachRow
from riverchief_server.places.queries import upstream_of
from riverchief_server.standards.queries import classed_at, judged_sections


def show_reach(reach: ReachRow, now: datetime, load: Load, briefs: Sequence[CaseBrief], language: str) -> Reach:
    """One reach; ``load`` is that of the cases on it that the reader may see."""
    reaches = list(ReachRow.objects.all())
    sections = judged_sections()
    patrol = last_patrols(now).get(reach.pk)
    upstream_m = sum(upstream_of(reach).values_list("length_m", flat=True))
    places = reach.places.select_related("reach").order_by("chainage_m")
    return Reach(
        id=reach.code,
        name=reach.name,
        river=reach.river,
        river_code=reach.river_code,
        kind=reach.kind,
        length_km=round(reach.length_m / 1000, 2),
        flow_m3_s=reach.flow_m3_s,
        upstream_length_km=round(upstream_m / 1000, 1),
        distance_to_border_km=round(reach.distance_to_outlet_m / 1000, 1),
        schematic=reach.is_schematic,
        banks=show_banks(reach, now.date(), language),
        water=water_of(reaches, sections, classed_at(sections, now), now)[reach.code],
        work=work_of([reach], {reach.pk: load})[reach.code],
        freshness=freshness_by_reach([reach], now)[reach.code],
        last_patrol=say("last_patrol", language, ago=ago_text(patrol.ended_at, now, language), holder=patrol.holder)
        if patrol
        else say("never_patrolled", language),
        upstream=[_name(up) for up in reach.up.order_by("-order")],
        downstream=[_name(reach.down)] if reach.down else [],
        places=[_place(place, language) for place in places],
        cases=list(briefs),
    )


def show_rivers(now: datetime, loads: Mapping[int | None, Load], language: str) -> list[River]:
    """Every river, the longest first, with the class of its last section; ``loads`` are by the reach's key."""
    reaches = sorted(ReachRow.objects.all(), key=lambda reach: (reach.river, reach.order))
    sections = judged_sections()
    water = water_of(reaches, sections, classed_at(sections, now), now)
    rivers = []
    for name, group in groupby(reaches, key=lambda reach: reach.river):
        own = list(group)
        cases = sum(loads.get(reach.pk, Load()).open for reach in own)
        length_km = round(sum(reach.length_m for reach in own) / 1000, 1)
        worst = max((water[reach.code].water_class for reach in own), key=lambda code: rank_of(code) if code else 0)
        rivers.append(
            River(
                code=own[-1].river_code or name,
                name=name,
                length_km=length_km,
                reaches=[_name(reach) for reach in own],
                sentence=say("river_line", language, reaches=len(own), km=length_km, open=cases),
                water_class=worst,
                open_cases=cases,
            )
        )
    return sorted(rivers, key=lambda river: -river.length_km)


def _name(reach: ReachRow) -> ReachName:
    return ReachName(id=reach.code, name=reach.name)


def _place(place: Place, language: str) -> ReachPlace:
    return ReachPlace(
        id=place.code,
        kind=place.kind,
        kind_name=kind_name(place, language),
        name=place.name,
        bank_name=say(f"bank_{place.bank}", language),
        chainage_km=round(place.chainage_m / 1000, 2),
    )
