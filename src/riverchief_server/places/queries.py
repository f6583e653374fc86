"""Questions about places. Upstream is one interval of order numbers, so it is one indexed range in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When

from riverchief.errors import BadInput, Fault
from riverchief.place.network import Network, ReachKind
from riverchief_server.places.models import Place, Reach, Region, SecondaryEdge


def county() -> Region | None:
    """The county this server is for: the topmost region that has been imported."""
    return Region.objects.filter(parent=None).order_by("code").first()


def is_schematic() -> bool:
    """Whether any reach is only indicative: then every map says so."""
    return Reach.objects.filter(is_schematic=True).exists()


def find_place(code: str) -> Place:
    """The place called ``code``, with its reach and what it is part of. Raises ``not_found``."""
    place = Place.objects.select_related("reach", "part_of__reach").filter(code=code).first()
    if place is None:
        raise BadInput([Fault("not_found", details={"given": code})])
    return place


def find_reach(code: str) -> Reach:
    """The reach called ``code``, with its regions and what it flows into. Raises ``not_found``."""
    reach = Reach.objects.select_related("region", "left_region", "right_region", "down").filter(code=code).first()
    if reach is None:
        raise BadInput([Fault("not_found", details={"given": code})])
    return reach


def upstream_of(reach: Reach, within_m: float | None = None) -> QuerySet[Reach]:
    """The reach and everything upstream of it, where ``within_m`` is given only as far as that along the water.

    One range of ``order`` (and one of ``distance_to_outlet_m``); where rivers divide, one more for each slice whose
    water comes by side branches, joined by OR in the same query. Distances are between downstream ends, by the shortest
    way.
    """
    wanted = Q()
    for first, last, offset_m in _slices(reach):
        one = Q(order__range=(first, last))
        if within_m is not None:
            one &= Q(distance_to_outlet_m__lte=offset_m + within_m)
        wanted |= one
    return Reach.objects.filter(wanted)


def _slices(reach: Reach) -> list[tuple[int, int, float]]:
    """Slices of order numbers upstream: first, last, and what to take from ``distance_to_outlet_m`` for the way."""
    own = (reach.first, reach.order, reach.distance_to_outlet_m)
    return [own, *(tuple(piece) for piece in reach.also_upstream)]


def downstream_of(reach: Reach) -> QuerySet[Reach]:
    """The reach and everything it flows through on its way out by any branch: those whose upstream interval holds it,
    or holds the beginning of a branch that its water takes. Two questions for the branches there are, one for the
    reaches.
    """
    wanted = Q()
    for order in _ways_down(reach):
        wanted |= Q(first__lte=order, order__gte=order)
    return Reach.objects.filter(wanted).order_by("order")


def _ways_down(reach: Reach) -> dict[int, float]:
    """Where the ways down from a reach begin: itself and every branch that its water takes [order], with what the
    distance to the outlet is taken from for the shortest way [m]: that way is value - ``distance_to_outlet_m``."""
    edges = [
        edge
        for source, target in (("source", "target"), ("source", "source__down"))
        for edge in SecondaryEdge.objects.using(reach._state.db).values_list(
            f"{source}__first",
            f"{source}__order",
            f"{source}__distance_to_outlet_m",
            f"{target}__order",
            f"{target}__distance_to_outlet_m",
            f"{target}__length_m",
        )
        if edge[3] is not None
    ]
    found = {reach.order: reach.distance_to_outlet_m}
    # with the water: every way to a source is known before its branches are looked at
    for first, source, below_source, target, below_target, length in sorted(edges, key=lambda edge: edge[1]):
        ways = [value - below_source for start, value in found.items() if first <= start <= source]
        if ways:
            value = min(ways) + length + below_target
            found[target] = min(value, found.get(target, value))
    return found


def places_upstream(place: Place, kinds: list[str]) -> QuerySet[Place]:
    """Places of ``kinds`` upstream of ``place``, nearest first, each with ``distance_m`` along the water."""
    reach = place.reach
    left_m = reach.length_m - place.chainage_m
    # of several ways the shortest: the slice with the largest offset
    slices = sorted(_slices(reach), key=lambda piece: -piece[2])
    ways = [
        When(reach__order__range=(first, last), then=_to_outlet() - (offset_m + left_m))
        for first, last, offset_m in slices
    ]
    wanted = Q()
    for first, last, _ in slices:
        wanted |= Q(reach__order__range=(first, last))
    return (
        Place.objects.filter(wanted, kind__in=kinds)
        .exclude(pk=place.pk)
        .annotate(distance_m=Case(*ways, output_field=FloatField()))
        .filter(distance_m__gte=0)
        .select_related("reach")
        .order_by("distance_m")
    )


def places_downstream(place: Place, kinds: list[str]) -> QuerySet[Place]:
    """Places of ``kinds`` downstream of ``place`` by any branch, nearest first, each with ``distance_m`` along the
    water."""
    reach = place.reach
    left_m = reach.length_m - place.chainage_m
    wanted, ways = Q(), []
    # of several ways the shortest: the one whose value is least
    for order, value in sorted(_ways_down(reach).items(), key=lambda way: way[1]):
        on_it = Q(reach__first__lte=order, reach__order__gte=order)
        wanted |= on_it
        ways.append(When(on_it, then=Value(value + left_m) - _to_outlet()))
    return (
        Place.objects.filter(wanted, kind__in=kinds)
        .exclude(pk=place.pk)
        .annotate(distance_m=Case(*ways, output_field=FloatField()))
        .filter(distance_m__gte=0)
        .select_related("reach")
        .order_by("distance_m")
    )


def _to_outlet() -> F:
    """Distance from a place to the outlet: that of its reach's end, and what is left of the reach."""
    return F("reach__distance_to_outlet_m") + F("reach__length_m") - F("chainage_m")  # type: ignore[return-value]


def whole_network(reaches: Sequence[Reach]) -> Network:
    """The county's network as the engines take it, with codes as ids; ``reaches`` are all of them, ``down`` loaded.

    ``network.row_of_position`` puts a list over ``reaches`` into the network's order.
    """
    edges = SecondaryEdge.objects.values_list("source__code", "target__code", "fraction")
    return Network.build(
        [reach.code for reach in reaches],
        [reach.down.code if reach.down else None for reach in reaches],
        [reach.length_m for reach in reaches],
        secondary=tuple(zip(*edges, strict=True)) if edges else None,  # type: ignore[arg-type]
        kind=[ReachKind.LAKE if reach.kind == "lake" else ReachKind.RIVER for reach in reaches],
        storage_m3=[reach.storage_m3 or np.nan for reach in reaches],
    )
