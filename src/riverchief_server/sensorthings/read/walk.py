"""Follows an address step by step: every entity on the way must be there, and be related to the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from riverchief_server.observations import store
from riverchief_server.sensorthings.odata.path import Identity, Segment, not_there, written
from riverchief_server.sensorthings.read.page import ALIAS
from riverchief_server.sensorthings.read.plan import read_identity
from riverchief_server.sensorthings.read.session import fetch
from riverchief_server.sensorthings.sql.sentence import Sql
from riverchief_server.sensorthings.vocabulary import IDENTITY, Entity, Relation, by_set, entity_of

ENDINGS = ("$ref", "$value", "$count")


@dataclass(frozen=True)
class Target:
    """What an address names.

    A collection where ``identity`` is ``None``: the rows of ``entity`` within ``scope`` (conditions on the row ``e``),
    observations also within ``series``. ``parent`` and ``relation`` say how it was reached. ``keys`` go on into a
    property, ``ending`` is ``$ref``, ``$value`` or ``$count``.
    """

    entity: Entity
    identity: Identity | None = None
    scope: tuple[Sql, ...] = ()
    series: tuple[int, ...] | None = None
    parent: tuple[Entity, Identity] | None = None
    relation: Relation | None = None
    keys: tuple[str, ...] = ()
    ending: str = ""

    @property
    def address(self) -> str:
        """The address below the service root, without property and ending."""
        if self.identity is not None:
            return f"{self.entity.set}({written(self.identity)})"
        if self.parent is not None and self.relation is not None:
            return f"{self.parent[0].set}({written(self.parent[1])})/{self.relation.name}"
        return self.entity.set


def walk(segments: Sequence[Segment]) -> Target:
    """What ``segments`` name. Raises ``not_found`` where nothing is there."""
    first = segments[0]
    if first.name not in by_set():
        raise not_there(first.name)
    target = Target(by_set()[first.name])
    target = _chosen(target, first)
    rest = list(segments[1:])
    while rest and target.identity is not None and rest[0].name in target.entity.relations:
        target = _related(target, rest.pop(0))
    if rest and rest[-1].name in ENDINGS and rest[-1].identity is None:
        ending = rest.pop().name
        target = replace(target, ending=ending)
    if rest and (target.identity is None or any(step.identity is not None for step in rest)):
        raise not_there("/".join(step.name for step in rest))
    return replace(target, keys=tuple(step.name for step in rest)) if rest else target


def is_there(target: Target, identity: Identity) -> bool:
    """Whether an entity with ``identity`` is among those of ``target``."""
    if target.entity.name == "Observation":
        key = read_identity(identity)
        if key is None or (target.series is not None and key[0] not in target.series):
            return False
        if not target.scope:
            return bool(store.read(key[0], key[1], key[1] + 1, only=("t",)).size)
        own = Sql(f"{ALIAS}.series = %s AND {ALIAS}.t = %s", key, "truth")
    elif isinstance(identity, int):
        own = Sql(f"{ALIAS}.id = %s", (identity,), "truth")
        if abs(identity) > 2**62:
            return False
    else:
        return False
    conditions = [*target.scope, own]
    where = " AND ".join(one.text for one in conditions)
    given = [p for one in conditions for p in one.parameters]
    return bool(fetch(f"SELECT 1 FROM {target.entity.table} AS {ALIAS} WHERE {where}", given))


def related_scope(entity: Entity, identity: Identity, relation: Relation) -> Sql:
    """The condition that the row ``e`` is related to the entity ``identity``."""
    condition = relation.sql.format(p="o", c=ALIAS)
    key = read_identity(identity) if entity.name == "Observation" else (identity,)
    own = "o.series = %s AND o.t = %s" if entity.name == "Observation" else "o.id = %s"
    if relation.many and entity.name != "Observation":
        # the parent needs not be read: only its id stands in the condition
        return Sql(relation.sql.format(p="o", c=ALIAS).replace("o.id", "%s"), key or (), "truth")
    left, equals, right = condition.partition(" = ")
    assert equals
    return Sql(f"{left} IN (SELECT {right} FROM {entity.table} AS o WHERE {own})", tuple(key or ()), "truth")


def observations_of_feature(feature: Identity) -> tuple[tuple[int, ...], tuple[Sql, ...]]:
    """The series whose observations are of ``feature``, and what has to be tested of each of them besides."""
    own = fetch("SELECT id FROM sta_datastream WHERE feature_id = %s", [feature])
    others = fetch("SELECT DISTINCT series FROM sta_particular WHERE feature_id = %s", [feature])
    series = sorted({row[0] for row in own + others})
    if not series:
        return (), ()
    marks = ", ".join(["%s"] * len(series))
    mixed = fetch(
        f"SELECT 1 FROM sta_particular WHERE series IN ({marks}) AND feature_id IS NOT NULL LIMIT 1",
        series,
    )
    relation = entity_of("FeatureOfInterest").relations["Observations"]
    scope = (Sql(relation.sql.format(p="o", c=ALIAS).replace("o.id", "%s"), (feature,), "truth"),) if mixed else ()
    return tuple(series), scope


def _chosen(target: Target, segment: Segment) -> Target:
    if segment.identity is None:
        return target
    if not is_there(target, segment.identity):
        raise not_there(f"{segment.name}({written(segment.identity)})")
    return Target(target.entity, segment.identity)


def _related(target: Target, segment: Segment) -> Target:
    assert target.identity is not None
    relation = target.entity.relations[segment.name]
    entity = entity_of(relation.target)
    parent = (target.entity, target.identity)
    if entity.name == "Observation":
        if target.entity.name == "Datastream":
            found = Target(entity, series=(int(target.identity),), parent=parent, relation=relation)
        else:
            series, scope = observations_of_feature(target.identity)
            found = Target(entity, series=series, scope=scope, parent=parent, relation=relation)
        return _chosen(found, segment)
    scope = (related_scope(target.entity, target.identity, relation),)
    if relation.many:
        return _chosen(Target(entity, scope=scope, parent=parent, relation=relation), segment)
    if segment.identity is not None:
        raise not_there(segment.name)
    where = scope[0]
    rows = fetch(f"SELECT {ALIAS}.id FROM {entity.table} AS {ALIAS} WHERE {where.text}", where.parameters)
    if not rows:
        raise not_there(segment.name)
    return Target(entity, rows[0][0], parent=parent, relation=relation)


def property_at(target: Target, values: dict[str, Any]) -> Any:
    """The value at ``keys`` of an entity that has ``values``. A property without a value is ``None``."""
    name = target.keys[0]
    if name in IDENTITY and len(target.keys) == 1:
        return target.identity
    if name not in target.entity.properties:
        raise not_there(name)
    value = values.get(name)
    for key in target.keys[1:]:
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise not_there("/".join(target.keys))
    return value
