"""Changes entities: whole (PUT), some properties (PATCH), by merge patch and by JSON Patch (18-088 §10.3)."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import models, transaction

from riverchief.errors import BadInput, Conflict, Fault
from riverchief_server.sensorthings.models import Datastream, History, HistoryLocation, Location, Thing
from riverchief_server.sensorthings.odata.expression import Period
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.odata.times import read_period
from riverchief_server.sensorthings.read.answer import entity_at
from riverchief_server.sensorthings.read.plan import read_identity
from riverchief_server.sensorthings.read.session import Session, fetch
from riverchief_server.sensorthings.read.walk import Target
from riverchief_server.sensorthings.write.arrivals import Arrivals, forget_habits
from riverchief_server.sensorthings.write.body import Draft, read_draft, read_json
from riverchief_server.sensorthings.write.create import place_thing
from riverchief_server.sensorthings.write.json_patch import json_patch, merge_patch
from riverchief_server.sensorthings.write.observation import arrival_of
from riverchief_server.sensorthings.write.streams import forget_streams, stream_of
from riverchief_server.sensorthings.write.tables import (
    FIELDS,
    FREE,
    RELATIONS,
    is_of_register,
    of_register,
    row_of,
)

JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
NULLABLE = {"properties", "observedArea"}


def read_change(target: Target, method: str, media_type: str, body: bytes, session: Session) -> Draft:
    """What a request wants the entity to be like: a draft in which everything that is given is to be written."""
    entity = target.entity
    given = read_json(body)
    if method == "PUT":
        linked = frozenset(name for name, relation in entity.relations.items() if not relation.many)
        draft = read_draft(entity, given, linked=linked)
        draft.given |= {name for name, known in entity.properties.items() if not known.computed}
    elif media_type in (JSON_PATCH, MERGE_PATCH):
        now = _plain(target, session)
        make = json_patch if media_type == JSON_PATCH else merge_patch
        draft = read_draft(entity, make(now, given), whole=False)
        draft.given |= set(now)
    else:
        draft = read_draft(entity, given, whole=False)
    if draft.inside:
        raise BadInput([Fault("sta_inline_update", details={"given": next(iter(draft.inside))})])
    missing = [
        name
        for name, known in entity.properties.items()
        if name in draft.given and name not in draft.values and known.required and known.kind != "result"
    ]
    if missing:
        raise BadInput([Fault("missing_value", details={"given": name, "allowed": name}) for name in missing])
    return draft


@transaction.atomic
def update(target: Target, draft: Draft, now: int) -> None:
    """Write ``draft`` over the entity of ``target`` (no observation)."""
    assert target.identity is not None
    row = row_of(target.entity.name, target.identity)
    if is_of_register(row):
        _check_register(row, target, draft)
    for name in draft.given & target.entity.properties.keys():
        if name in FIELDS and (name in draft.values or name in NULLABLE):
            setattr(row, FIELDS[name], draft.values.get(name))
    if isinstance(row, Location) and "location" in draft.values:
        # a feature of interest made of where it was before stays what it was
        row.feature = None
    for relation, field in RELATIONS.items():
        links = draft.links.get(relation)
        if links and hasattr(row, field):
            setattr(row, field, row_of(relation, links[0], as_link=True).pk)
    row.save()
    _relink(row, draft, now)
    forget_habits()
    forget_streams()


def changed_observation(target: Target, draft: Draft, session: Session) -> Arrivals:
    """The observation of ``target`` as it is to be: another version of the same reading.

    Its time is its identity and cannot change. A new result has to be checked again, unless a quality comes with it.
    """
    key = read_identity(target.identity)
    assert key is not None
    series, t = key
    now = orjson.loads(orjson.dumps(entity_at(target, Query(), session)))
    told = draft.values.get("phenomenonTime", t)
    if (told.begin if isinstance(told, Period) else told) != t:
        raise Conflict(Fault("sta_time_is_identity"))
    values: dict[str, Any] = {"phenomenonTime": read_period(now["phenomenonTime"]), "result": now.get("result")}
    for name, read in (("resultTime", read_period), ("validTime", read_period), ("parameters", dict)):
        if name in now:
            values[name] = read(now[name])
    if "result" not in draft.given or "resultQuality" in draft.given:
        values["resultQuality"] = now.get("resultQuality")
    for name in draft.given:
        if name in draft.values:
            values[name] = draft.values[name]
        elif name != "phenomenonTime":
            values.pop(name, None)
    stream = stream_of(series)
    link = draft.links.get("FeatureOfInterest")
    feature: int | None
    if link:
        feature = int(row_of("FeatureOfInterest", link[0], as_link=True).pk)
    else:
        rows = fetch("SELECT feature_id FROM sta_particular WHERE series = %s AND t = %s", [series, t])
        feature = rows[0][0] if rows else None
    if draft.links.get("Datastream", [series])[0] != series:
        raise Conflict(Fault("sta_time_is_identity"))
    return arrival_of(stream, values, feature, session.now)


def _plain(target: Target, session: Session) -> dict[str, Any]:
    """What of an entity can be patched."""
    shown = orjson.loads(orjson.dumps(entity_at(target, Query(), session)))
    known = target.entity.properties
    return {name: value for name, value in shown.items() if name in known and not known[name].computed}


def _check_register(row: models.Model, target: Target, draft: Draft) -> None:
    """Of what mirrors the register only what the register has no place for may change; the same again is no change."""
    assert target.identity is not None
    free = FREE[target.entity.name]
    for name in draft.given & draft.entity.properties.keys():
        if name not in free and name in FIELDS and getattr(row, FIELDS[name]) != draft.values.get(name):
            raise of_register(target.entity.name, target.identity)
    if any(getattr(row, RELATIONS[name]) != ids[0] for name, ids in draft.links.items() if name in RELATIONS):
        raise of_register(target.entity.name, target.identity)


def _relink(row: models.Model, draft: Draft, now: int) -> None:
    if isinstance(row, Thing) and "Locations" in draft.links:
        wanted = [int(row_of("Location", link, as_link=True).pk) for link in draft.links["Locations"]]
        if set(row.locations.values_list("pk", flat=True)) != set(wanted):
            place_thing(row, wanted, now)
    if isinstance(row, Location):
        for link in draft.links.get("Things", []):
            thing = row_of("Thing", link, as_link=True)
            assert isinstance(thing, Thing)
            if not thing.locations.filter(pk=row.pk).exists():
                place_thing(thing, [row.pk], now)
    if isinstance(row, History) and "Locations" in draft.links:
        wanted = [int(row_of("Location", link, as_link=True).pk) for link in draft.links["Locations"]]
        HistoryLocation.objects.filter(history=row).exclude(location__in=wanted).delete()
        for pk in wanted:
            HistoryLocation.objects.get_or_create(history=row, location_id=pk)
    for link in draft.links.get("Datastreams", []):
        _take_datastream(row, link)


def _take_datastream(row: models.Model, link: Identity) -> None:
    """A datastream becomes that of ``row``: its thing, its sensor or its observed property."""
    stream = row_of("Datastream", link, as_link=True)
    assert isinstance(stream, Datastream)
    field = {"Thing": "thing_id", "Sensor": "sensor_id", "ObservedProperty": "observed_property_id"}[type(row).__name__]
    if getattr(stream, field) != row.pk:
        if is_of_register(stream):
            raise of_register("Datastream", stream.pk)
        setattr(stream, field, row.pk)
        stream.save()
