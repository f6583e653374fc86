"""What is told to subscribers: each reading that was written by whatever door, and each entity that changed here.

Readings come from the store's own log of news, so those of stations, files and checks are told like those that came by
this face, and a restart or a broker that is away loses none. Nothing is told unless measurements are open data or the
settings say that the broker keeps readers apart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from django.db import transaction
from django.db.models.signals import post_save

from riverchief.errors import BadInput
from riverchief_server.observations import store
from riverchief_server.observations.store import Columns
from riverchief_server.observations.store.news import News
from riverchief_server.sensorthings.models import History
from riverchief_server.sensorthings.mqtt.topics import VERSION, Wish, topics_of
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.read.answer import entity_at
from riverchief_server.sensorthings.read.expand import keys_of, show_observation_page
from riverchief_server.sensorthings.read.observations import ObservationPage
from riverchief_server.sensorthings.read.page import ALIAS
from riverchief_server.sensorthings.read.session import Session, fetch
from riverchief_server.sensorthings.read.walk import Target, is_there, related_scope, walk
from riverchief_server.sensorthings.vocabulary import Entity, entity_of
from riverchief_server.sensorthings.write.tables import MODELS

MOST_AT_ONCE = 1000
MOST_RELATED = 200
# What was written in one go was stamped at most so long before it was committed.
SLOWEST_MS = 900_000


class Telling(NamedTuple):
    """One message to be published."""

    topic: str
    payload: bytes


class Changed:
    """The entities that changed in this process and are not told yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, Identity], None] = {}
        self._names = {model: name for name, model in MODELS.items()}

    def listen(self) -> None:
        """Hear from now on what is saved; told only once it is committed."""
        for model in self._names:
            post_save.connect(self._saved, sender=model, weak=False)

    def close(self) -> None:
        """Hear no more."""
        for model in self._names:
            post_save.disconnect(self._saved, sender=model)

    def take(self) -> list[tuple[str, Identity]]:
        """What changed since the last time, each once."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        return list(waiting)

    def again(self, keys: Iterable[tuple[str, Identity]]) -> None:
        """Give back what could not be told."""
        with self._lock:
            self._waiting |= dict.fromkeys(keys)

    def _saved(self, sender: Any, instance: Any, **_: Any) -> None:
        key = (self._names[sender], instance.pk)
        moved = ("Thing", instance.thing_id) if isinstance(instance, History) else None

        def later() -> None:
            with self._lock:
                self._waiting[key] = None
                if moved is not None:
                    self._waiting[moved] = None

        transaction.on_commit(later)


def tell_entity(name: str, identity: Identity, wishes: Sequence[Wish], session: Session) -> list[Telling]:
    """What is to be told of an entity that changed; nothing of one that is gone by now."""
    entity = entity_of(name)
    try:
        shown = entity_at(Target(entity, identity), Query(), session)
    except IndexError:
        return []
    related = {
        relation: _related(entity, identity, relation)
        for relation, known in entity.relations.items()
        if known.target != "Observation"
    }
    found = dict(topics_of(entity, identity, shown, related))
    for wish in wishes:
        target = _target(wish)
        if target is None or target.entity.name != name or target.keys or target.ending or wish.topic in found:
            continue
        if target.identity == identity or (target.identity is None and is_there(target, identity)):
            found[wish.topic] = entity_at(Target(entity, identity), wish.query, session)
    return [Telling(topic, orjson.dumps(said)) for topic, said in found.items()]


def tell_readings(found: Columns, wishes: Sequence[Wish], session: Session) -> list[Telling]:
    """What is to be told of readings that were written, in the order of ``found``."""
    if not found.size:
        return []
    shown = [orjson.dumps(one) for one in show_observation_page(ObservationPage(found), Query(), session)]
    features = keys_of("FeatureOfInterest", found)
    told = []
    for position, (series, feature) in enumerate(zip(found.series.tolist(), features, strict=True)):
        payload = shown[position]
        told.append(Telling(f"{VERSION}/Observations", payload))
        told.append(Telling(f"{VERSION}/Datastreams({series})/Observations", payload))
        if feature is not None:
            told.append(Telling(f"{VERSION}/FeaturesOfInterest({feature})/Observations", payload))
        if found.revision[position]:
            # nobody can have subscribed to one that was not there before
            told += _properties(f"{series}-{int(found.t[position])}", payload)
    usual = {one.topic for one in told}
    for wish in wishes:
        if wish.topic not in usual:
            told += _wished(wish, found, session)
    return told


def written(entries: Sequence[News]) -> Columns | None:
    """The readings that ``entries`` speak of, each once, in order of their times; of too many the newest.

    A write of two distant times spans everything between them: what was not changed just then is left out.
    """
    spans: dict[int, tuple[int, int, int]] = {}
    for entry in entries:
        for series, first, last in entry.spans.tolist():
            known = spans.get(series, (first, last, entry.at))
            spans[series] = min(first, known[0]), max(last, known[1]), min(entry.at, known[2])
    found = []
    for series, (first, last, at) in spans.items():
        rows = store.read(series, first, last + 1, limit=2 * MOST_AT_ONCE, newest_first=True)
        if first < last:
            rows = rows.take(np.maximum(rows.arrived, rows.since) >= at - SLOWEST_MS)
        found.append(rows)
    if not found:
        return None
    whole = store.joined(found)
    return whole.take(np.lexsort((whole.series, whole.t))[-MOST_AT_ONCE:])


def _properties(identity: str, payload: bytes) -> Iterator[Telling]:
    own = f"{VERSION}/Observations('{identity}')"
    yield Telling(own, payload)
    said = orjson.loads(payload)
    for name in entity_of("Observation").properties:
        if name in said:
            yield Telling(f"{own}/{name}", orjson.dumps({name: said[name]}))


def _wished(wish: Wish, found: Columns, session: Session) -> list[Telling]:
    """What a subscriber asked for that has no topic of its own: selected properties, a longer way."""
    target = _target(wish)
    if target is None or target.entity.name != "Observation" or target.ending or target.keys:
        return []
    mine = np.ones(found.size, bool) if target.series is None else np.isin(found.series, target.series)
    if target.identity is not None or target.scope:
        names = [f"{series}-{t}" for series, t in zip(found.series.tolist(), found.t.tolist(), strict=True)]
        whole = Target(target.entity, series=target.series, scope=target.scope)
        for position in np.flatnonzero(mine).tolist():
            one = names[position]
            mine[position] = one == target.identity if target.identity is not None else is_there(whole, one)
    rows = show_observation_page(ObservationPage(found.take(mine)), wish.query, session) if mine.any() else []
    return [Telling(wish.topic, orjson.dumps(row)) for row in rows]


_targets: dict[str, tuple[float, Target | None]] = {}
REMEMBERED_S = 30.0


def _target(wish: Wish) -> Target | None:
    """What a wish is about, looked up again now and then; ``None`` while nothing is there."""
    known = _targets.get(wish.topic)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    try:
        target = walk(wish.segments)
    except BadInput:
        target = None
    if len(_targets) > MOST_AT_ONCE:
        _targets.clear()
    _targets[wish.topic] = (time.monotonic() + REMEMBERED_S, target)
    return target


def _related(entity: Entity, identity: Identity, name: str) -> Iterable[Identity]:
    relation = entity.relations[name]
    target = entity_of(relation.target)
    where = related_scope(entity, identity, relation)
    sql = f"SELECT {ALIAS}.id FROM {target.table} AS {ALIAS} WHERE {where.text} LIMIT %s"
    return [row[0] for row in fetch(sql, [*where.parameters, MOST_RELATED])]
