"""Reads what a client sends of an entity: every fault is named at once, and nothing unknown is passed over in silence.

Members that only a server writes (``@iot.…``, navigation links, computed times) are ignored, since clients send back
what they were given. Of a link only its ``@iot.id`` counts, whatever else stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import shapely

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.sensorthings.odata.expression import Period
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.odata.times import read_period, read_time
from riverchief_server.sensorthings.vocabulary import Entity, Property, Relation, entity_of

GEOJSON_TYPES = ("application/geo+json", "application/vnd.geo+json")
DEEPEST = 6
UNIT_MEMBERS = ("name", "symbol", "definition")


@dataclass
class Draft:
    """An entity as a client describes it: values by property, and by relation the ids of what is there already and
    drafts of what is to be made with it. ``given`` are the names that were sent at all."""

    entity: Entity
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[Identity]] = field(default_factory=dict)
    inside: dict[str, list[Draft]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)


def read_json(body: bytes) -> Any:
    """``body`` as JSON. Raises ``not_understood``."""
    try:
        return orjson.loads(body)
    except ValueError as wrong:
        raise BadInput([Fault("not_understood", details={"allowed": f"JSON ({wrong})"})]) from None


def read_draft(entity: Entity, given: Any, *, whole: bool = True, linked: frozenset[str] = frozenset()) -> Draft:
    """The draft that ``given`` describes. With ``whole`` everything required must be there; relations in ``linked`` are
    known from the address. Raises :class:`~riverchief.errors.BadInput` with every fault."""
    faults: list[Fault] = []
    draft = _draft(entity, given, whole, linked, faults, "", 0)
    if faults:
        raise BadInput(faults)
    return draft


def identity_in(given: Any) -> Identity | None:
    """The ``@iot.id`` of a link; ``None`` where it is none."""
    identity = given.get("@iot.id") if isinstance(given, Mapping) else None
    if isinstance(identity, bool) or not isinstance(identity, int | str):
        return None
    if isinstance(identity, str) and identity.isdecimal() and len(identity) < 19:
        return int(identity)
    return identity


def _draft(
    entity: Entity, given: Any, whole: bool, linked: frozenset[str], faults: list[Fault], place: str, depth: int
) -> Draft:
    draft = Draft(entity)
    if not isinstance(given, Mapping):
        faults.append(Fault("not_understood", column=place or None, details={"allowed": f"{{…}} ({entity.name})"}))
        return draft
    if depth > DEEPEST:
        faults.append(Fault("sta_too_deep", column=place or None, details={"allowed": str(DEEPEST)}))
        return draft
    for name, value in given.items():
        where = f"{place}{name}"
        if name == "id" or "@iot." in name:
            continue
        if name in entity.properties:
            draft.given.add(name)
            if not entity.properties[name].computed and value is not None:
                _value(entity.properties[name], value, draft, faults, where)
        elif name in entity.relations:
            if value is not None:
                draft.given.add(name)
                _relation(entity.relations[name], value, draft, faults, where, depth)
        else:
            faults.append(unknown_name("sta_unknown_member", name, entity.names(), column=place or None))
    if whole:
        missing = [known.name for known in entity.properties.values() if known.required and not _has(draft, known)]
        missing += [
            known.name
            for known in entity.relations.values()
            if known.required
            and known.name not in linked
            and not draft.links.get(known.name)
            and not draft.inside.get(known.name)
        ]
        faults += [
            Fault("missing_value", column=place or None, details={"given": name, "allowed": name}) for name in missing
        ]
    _check_geometry(draft, faults, place)
    return draft


def _has(draft: Draft, known: Property) -> bool:
    # a result may be null, but it must be said
    return known.name in draft.values or (known.kind == "result" and known.name in draft.given)


def _value(known: Property, value: Any, draft: Draft, faults: list[Fault], where: str) -> None:
    wanted = _KINDS.get(known.kind)
    if wanted is not None and not isinstance(value, wanted[0]):
        faults.append(Fault("not_understood", column=where, details={"allowed": wanted[1]}))
        return
    if known.name == "unitOfMeasurement":
        unknown = [key for key in value if key not in UNIT_MEMBERS]
        if unknown:
            faults.append(unknown_name("sta_unknown_member", unknown[0], list(UNIT_MEMBERS), column=where))
            return
    if known.kind in ("time", "period"):
        try:
            value = read_time(value) if known.kind == "time" else read_period(value)
        except BadInput as refused:
            faults += [fault.at(column=where) for fault in refused.faults]
            return
    draft.values[known.name] = value


def _relation(known: Relation, value: Any, draft: Draft, faults: list[Fault], where: str, depth: int) -> None:
    if known.many != isinstance(value, list):
        faults.append(Fault("not_understood", column=where, details={"allowed": "[…]" if known.many else "{…}"}))
        return
    for one in value if known.many else [value]:
        identity = identity_in(one)
        if identity is not None:
            draft.links.setdefault(known.name, []).append(identity)
            continue
        target = entity_of(known.target)
        back = frozenset({known.inverse})
        inner = _draft(target, one, True, back, faults, f"{where}/", depth + 1)
        draft.inside.setdefault(known.name, []).append(inner)


def _check_geometry(draft: Draft, faults: list[Fault], place: str) -> None:
    """Where GeoJSON is promised it has to be GeoJSON: numbers, and a shape."""
    for name, known in draft.entity.properties.items():
        value = draft.values.get(name)
        if known.kind != "geometry" or value is None:
            continue
        if draft.values.get("encodingType", GEOJSON_TYPES[0]) not in GEOJSON_TYPES:
            continue
        shape = None
        if isinstance(value, Mapping) and value.get("type"):
            try:
                shape = shapely.from_geojson(orjson.dumps(value).decode())
            except (shapely.GEOSException, ValueError):
                shape = None
        if shape is None:
            details = {"given": str(value)[:60], "allowed": "GeoJSON (RFC 7946)"}
            faults.append(Fault("bad_geometry", column=f"{place}{name}", details=details))


def ends(value: int | Period) -> tuple[int, int | None]:
    """Begin and end of a time; a point in time has no end."""
    return (value.begin, value.end) if isinstance(value, Period) else (value, None)


_KINDS: dict[str, tuple[Any, str]] = {
    "text": (str, "text"),
    "object": (dict, "{…}"),
    "time": (str, "2026-11-24T00:15:00Z"),
    "period": (str, "2026-11-24T00:15:00Z"),
}
