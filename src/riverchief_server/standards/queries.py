"""Questions about judgements: the verdict in force at a place, now or at any time before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from riverchief.standard import Judgement as Verdict
from riverchief.standard import rank_of
from riverchief_server.places.models import Place, Reach
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.spans import Span

# Sections sampled by hand are sampled once a month: what is older says nothing of the water now.
STANDS_FOR = timedelta(days=31)
NEWER_AT_MOST = 50  # samples without a class that are looked at beside the newest class


def verdict_of(row: Judgement) -> Verdict:
    """The domain's judgement that a row keeps."""
    return Verdict.from_dict(row.content)


def judgement_at(section: Place, at: datetime) -> Judgement | None:
    """The newest judgement in force of a sample not after ``at``."""
    return Judgement.objects.filter(place=section, period="sample", is_current=True, at__lte=at).order_by("-at").first()


def classed_at(sections: Iterable[Place], at: datetime) -> dict[int, Judgement]:
    """For each of ``sections`` the newest judgement that could give a class and is not after ``at``, by place.

    A class does not stand where a newer sample without one is known to be worse.
    """
    found: dict[int, Judgement] = {}
    for section in sections:
        rows = Judgement.objects.filter(place=section, period="sample", is_current=True, at__lte=at).order_by("-at")
        row = rows.exclude(water_class="").first()
        if row is not None and not any(_is_worse(newer, row) for newer in rows.filter(at__gt=row.at)[:NEWER_AT_MOST]):
            found[section.pk] = row
    return found


def _is_worse(newer: Judgement, classed: Judgement) -> bool:
    return rank_of(newer.content.get("at_best")) > rank_of(classed.water_class)


def fails(row: Judgement) -> bool:
    """Whether a verdict says that the target is missed, or that a drinking-water source does not comply."""
    return verdict_of(row).meets_target is False


def failing_at(sections: Iterable[Place], at: datetime) -> set[int]:
    """Those of ``sections`` whose newest verdict that still stands at ``at`` fails, with or without a class."""
    newest = ((section.pk, judgement_at(section, at)) for section in sections)
    return {pk for pk, row in newest if row is not None and still_stands(row, at) and fails(row)}


def still_stands(row: Judgement, at: datetime) -> bool:
    """Whether a verdict may be counted as the state of the water at ``at``; an older one is shown, with its date."""
    return at - row.at <= STANDS_FOR


def verdicts_of_reaches(
    reaches: Sequence[Reach], sections: Sequence[Place], classed: Mapping[int, Judgement]
) -> dict[int, Judgement]:
    """The verdict that holds for each reach: of the next judged section downstream on its river, else upstream.

    The section a reach flows into is the one its water is judged by; a river below its last section keeps that class.
    """
    at_reach: dict[int, Judgement] = {}
    for place in sections:
        if place.pk in classed:
            at_reach[place.reach_id] = classed[place.pk]
    by_pk = {reach.pk: reach for reach in reaches}
    below: dict[int, Judgement] = {}
    for reach in sorted(reaches, key=lambda reach: -reach.order):
        down = by_pk.get(reach.down_id) if reach.down_id else None
        if reach.pk in at_reach:
            below[reach.pk] = at_reach[reach.pk]
        elif down is not None and down.river == reach.river and down.pk in below:
            below[reach.pk] = below[down.pk]
    above: dict[int, Judgement] = {}
    for reach in sorted(reaches, key=lambda reach: reach.order):
        found = at_reach.get(reach.pk) or above.get(reach.pk)
        down = by_pk.get(reach.down_id) if reach.down_id else None
        if found is not None and down is not None and down.river == reach.river:
            above[down.pk] = found
    return above | below


def judged_sections() -> list[Place]:
    """Every place that can be judged: a section or source, and a station that belongs to none."""
    places = Place.objects.filter(kind__in=["section", "source", "station"]).select_related("reach", "part_of")
    return [place for place in places if place.kind != "station" or place.part_of_id is None]


def section_of(place: Place) -> Place:
    """The place that carries the judgement of ``place``: the section a station is part of, else itself."""
    return place.part_of if place.kind == "station" and place.part_of is not None else place


def kept_period(section: Place, span: Span) -> Judgement | None:
    """The judgement in force of ``section`` for a month or year."""
    return Judgement.objects.filter(place=section, period=span.period, is_current=True, at=span.begin).first()


def has_other_target(section: Place) -> bool:
    """Whether the verdicts in force of ``section`` were made for another target than it has now."""
    newest = Judgement.objects.filter(place=section, period="sample", is_current=True).order_by("-at").first()
    return newest is not None and newest.target != (section.class_target or "III")
