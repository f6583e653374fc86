"""Deletes entities and what cannot be without them (18-088 table 25). The register's own stay."""

from __future__ import annotations

from itertools import pairwise

from django.db import transaction
from django.db.models import Q

from riverchief.errors import Conflict, Fault
from riverchief_server.observations import store
from riverchief_server.sensorthings.models import Datastream, Feature, History, Particular
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.read.plan import read_identity
from riverchief_server.sensorthings.read.walk import Target
from riverchief_server.sensorthings.write.arrivals import forget_habits
from riverchief_server.sensorthings.write.streams import forget_streams, stream_of
from riverchief_server.sensorthings.write.tables import is_of_register, of_register, row_of


@transaction.atomic
def delete(target: Target, now: int) -> None:
    """Delete the entity of ``target``, and with it what the standard says goes with it."""
    assert target.identity is not None
    if target.entity.name == "Observation":
        _delete_observation(target.identity, now)
        return
    row = row_of(target.entity.name, target.identity)
    if is_of_register(row):
        raise of_register(target.entity.name, target.identity)
    name = target.entity.name
    if name == "Datastream":
        streams = [row]
    elif name in ("Thing", "Sensor", "ObservedProperty"):
        streams = list(row.datastreams.all())
    else:
        streams = []
    for stream in streams:
        assert isinstance(stream, Datastream)
        if is_of_register(stream):
            raise of_register("Datastream", stream.pk)
        forget_readings(stream.pk, now)
    if isinstance(row, Feature):
        _delete_observations_of(row, now)
    if name == "Location":
        # a history without a place says nothing
        History.objects.filter(locations=row, thing__place__isnull=True).delete()
    row.delete()
    forget_habits()
    forget_streams()


def forget_readings(series: int, now: int) -> None:
    """Delete every observation of a datastream that only this face knows."""
    Particular.objects.filter(series=series).delete()
    store.forget(series, now=now)


def _delete_observation(identity: Identity, now: int) -> None:
    key = read_identity(identity)
    assert key is not None
    if stream_of(key[0]).is_of_register:
        raise Conflict(Fault("sta_never_deleted"))
    Particular.objects.filter(series=key[0], t=key[1]).delete()
    store.forget(key[0], key[1], key[1] + 1, now=now)


def _delete_observations_of(feature: Feature, now: int) -> None:
    """The observations of ``feature``: all of datastreams settled on it, but for those that say another, and the others
    that say it."""
    for series, t in list(Particular.objects.filter(feature=feature).values_list("series", "t")):
        if stream_of(series).is_of_register:
            raise of_register("FeatureOfInterest", feature.pk)
        store.forget(series, t, t + 1, now=now)
    for stream in Datastream.objects.filter(feature=feature):
        if is_of_register(stream):
            raise of_register("FeatureOfInterest", feature.pk)
        others = Particular.objects.filter(Q(feature__isnull=False) & ~Q(feature=feature), series=stream.pk)
        edges = [None, *others.order_by("t").values_list("t", flat=True), None]
        for before, after in pairwise(edges):
            start = -store.EVER if before is None else before + 1
            store.forget(stream.pk, start, store.EVER if after is None else after, now=now)
        Particular.objects.filter(series=stream.pk).exclude(pk__in=[other.pk for other in others]).delete()
        stream.is_settled = False
        stream.save(update_fields=["is_settled"])
