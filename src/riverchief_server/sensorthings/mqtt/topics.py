"""Topics: which an entity that changed has of itself, what subscribers asked for, and what comes in on which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from riverchief.errors import BadInput
from riverchief_server.sensorthings.odata.path import Identity, Segment, parse_path, written
from riverchief_server.sensorthings.odata.query import Query, parse_query
from riverchief_server.sensorthings.vocabulary import Entity, by_set, entity_of

VERSION = "v1.1"
# Where what came in on a topic is answered, and where refusals are told. Others must not have us publish elsewhere.
ANSWERS = "answers/"
ERRORS = f"{ANSWERS}errors"
LONGEST = 1000


@dataclass(frozen=True)
class Wish:
    """A topic that somebody subscribed to, as a question to the face."""

    topic: str
    segments: tuple[Segment, ...]
    query: Query


class Incoming(NamedTuple):
    """What a topic that observations come in on says: below which address, and as whom (where the broker knows)."""

    path: str
    user: str | None


def read_wish(topic: str) -> Wish | None:
    """The question that ``topic`` asks; ``None`` where it is none of this face, or one for many topics."""
    if not topic.startswith(f"{VERSION}/") or len(topic) > LONGEST or "+" in topic or "#" in topic:
        return None
    path, _, query = topic.removeprefix(f"{VERSION}/").partition("?")
    try:
        segments, asked = parse_path(path), parse_query(query)
    except BadInput:
        return None
    if not segments or segments[0].name not in by_set() or {name for name, _ in asked.options} - {"$select"}:
        return None
    return Wish(topic, segments, asked)


def topics_of(
    entity: Entity, identity: Identity, shown: dict[str, Any], related: dict[str, Iterable[Identity]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each topic that an entity has of itself with what is said on it (18-088 §14.1): its collection, itself, its
    properties, and the navigation to it from what it is ``related`` to."""
    yield f"{VERSION}/{entity.set}", shown
    own = f"{VERSION}/{entity.set}({written(identity)})"
    yield own, shown
    for name in entity.properties:
        if name in shown:
            yield f"{own}/{name}", {name: shown[name]}
    for name, others in related.items():
        relation = entity.relations[name]
        target = entity_of(relation.target)
        for other in others:
            yield f"{VERSION}/{target.set}({written(other)})/{relation.inverse}", shown


def read_incoming(topic: str, prefix: str, user_prefix: str) -> Incoming | None:
    """What a topic says on which an observation came; ``None`` for one on which none may come.

    ``prefix`` stands before the standard's topic. With ``user_prefix`` (not empty) ``user_prefix + NAME + "/"`` may
    stand there too: the broker's own list of rights then vouches that only NAME publishes there.
    """
    if user_prefix and topic.startswith(user_prefix):
        user, slash, rest = topic.removeprefix(user_prefix).partition("/")
        if slash and rest.startswith(f"{VERSION}/"):
            return Incoming(rest.removeprefix(f"{VERSION}/"), user)
        return None
    if topic.startswith(f"{prefix}{VERSION}/"):
        return Incoming(topic.removeprefix(f"{prefix}{VERSION}/"), None)
    return None
