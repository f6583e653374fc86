"""Questions about places. Upstream is one interval of order numbers, so it is one indexed range in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db.models import F, QuerySet

from riverchief.place.network import Network, ReachKind
from riverchief_server.places.models import Place, Reach, Region, SecondaryEdge


def county() -> Region | None:
    """The county this server is for: the topmost region that has been imported."""
    return Region.objects.filter(parent=None).order_by("code").first()


def is_schematic() -> bool:
    """Whether any reach is only indicative: then every map says so."""
    return Reach.objects.filter(is_schematic=True).exists()


def upstream_of(reach: Reach, within_m: float | None = None) -> QuerySet[Reach]:
    """The reach and everything upstream of it, where ``within_m`` is given only as far as that along the water.

    One range of ``order`` (and one of ``distance_to_outlet_m``); distances are between downstream ends.
    """
    found = Reach.objects.filter(order__range=(reach.first, reach.order))
    if within_m is not None:
        found = found.filter(distance_to_outlet_m__lte=reach.distance_to_outlet_m + within_m)
    return found


def downstream_of(reach: Reach) -> QuerySet[Reach]:
    """The reach and everything it flows through on its way out: those whose upstream interval holds it."""
    return Reach.objects.filter(first__lte=reach.order, order__gte=reach.order, outlet=reach.outlet).order_by("order")


def places_upstream(place: Place, kinds: list[str]) -> QuerySet[Place]:
    """Places of ``kinds`` upstream of ``place``, nearest first, each with ``distance_m`` along the water."""
    reach = place.reach
    return (
        Place.objects.filter(kind__in=kinds, reach__order__range=(reach.first, reach.order))
        .exclude(pk=place.pk)
        .annotate(distance_m=_to_outlet() - _outlet_distance(place))
        .filter(distance_m__gte=0)
        .select_related("reach")
        .order_by("distance_m")
    )


def places_downstream(place: Place, kinds: list[str]) -> QuerySet[Place]:
    """Places of ``kinds`` downstream of ``place``, nearest first, each with ``distance_m`` along the water."""
    reach = place.reach
    return (
        Place.objects.filter(kind__in=kinds, reach__first__lte=reach.order, reach__order__gte=reach.order)
        .exclude(pk=place.pk)
        .annotate(distance_m=_outlet_distance(place) - _to_outlet())
        .filter(distance_m__gte=0)
        .select_related("reach")
        .order_by("distance_m")
    )


def _to_outlet() -> F:
    """Distance from a place to the outlet: that of its reach's end, and what is left of the reach."""
    return F("reach__distance_to_outlet_m") + F("reach__length_m") - F("chainage_m")  # type: ignore[return-value]


def _outlet_distance(place: Place) -> float:
    return place.reach.distance_to_outlet_m + place.reach.length_m - place.chainage_m


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
