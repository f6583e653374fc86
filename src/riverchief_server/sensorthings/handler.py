"""From a request to its answer, whether it came alone or in a batch."""

from __future__ import annotations

import time
from concurrent.futures import Future
from functools import cache

from django.db import connection

from riverchief.errors import BadInput, Fault
from riverchief.table import read_table
from riverchief_server.asked.who import check_origin, may_read, remembered_asker
from riverchief_server.sensorthings.exchange import Answer, Request
from riverchief_server.sensorthings.mirror import Mirror
from riverchief_server.sensorthings.odata.path import parse_path
from riverchief_server.sensorthings.odata.query import parse_query
from riverchief_server.sensorthings.read.answer import answer, entity_at
from riverchief_server.sensorthings.read.session import Session
from riverchief_server.sensorthings.read.walk import Target, walk
from riverchief_server.sensorthings.vocabulary import all_entities, entity_of
from riverchief_server.sensorthings.write.batch import run_batch
from riverchief_server.sensorthings.write.body import Draft, read_draft, read_json
from riverchief_server.sensorthings.write.committer import Alone, Committer, Together
from riverchief_server.sensorthings.write.create import Linked, Made, create, make_observation
from riverchief_server.sensorthings.write.data_array import links_of, read_groups
from riverchief_server.sensorthings.write.delete import delete
from riverchief_server.sensorthings.write.observation import arrival_of
from riverchief_server.sensorthings.write.streams import remembered_stream, stream_of
from riverchief_server.sensorthings.write.update import changed_observation, read_change, update
from riverchief_server.settings.broker import address_of
from riverchief_server.settings.options import is_on, option

QUICK_BYTES = 4096
READING = ("GET", "HEAD")
CHANGING = ("PATCH", "PUT", "DELETE")
TOLD_BY_MQTT = "http://www.opengis.net/spec/iot_sensing/1.1/req/receive-updates-via-mqtt/receive-updates"
MADE_BY_MQTT = "http://www.opengis.net/spec/iot_sensing/1.1/req/create-observations-via-mqtt/observations-creation"
REPRESENTATION = "return=representation"


class Handler:
    """The face without its wire: thread-safe, one a process."""

    def __init__(self, committer: Committer | None = None) -> None:
        self.mirror = Mirror()
        self._committer = committer or Together()
        self._alone = Alone()

    def close(self) -> None:
        """Write what waits, then end."""
        self._committer.close()

    def handle(self, request: Request) -> Answer:
        """The answer to ``request``; refusals are raised."""
        check_origin(request.method, request.headers, request.asker, request.root.rsplit("/sensorthings", 1)[0])
        self.mirror.follow()
        if request.method in READING:
            may_read(request.asker)
            segments = parse_path(request.path)
            if not segments:
                return Answer(200, root_document(request.root))
            return Answer(200, answer(segments, parse_query(request.query), session_of(request)))
        if request.method == "POST":
            return self._post(request)
        if request.method in CHANGING:
            return self._change(request)
        raise _no_method(request.method, (*READING, "POST", *CHANGING))

    def quick(self, request: Request) -> tuple[Future[None], Answer] | None:
        """One observation of a datastream and by an asker that are known already: nothing has to be looked up, so this
        waits for nothing, and the answer holds as soon as the future is done. ``None`` where it is anything else."""
        if request.method != "POST" or not request.path.endswith("Observations") or len(request.body) > QUICK_BYTES:
            return None
        segments = parse_path(request.path)
        own = len(segments) == 2 and segments[0].name == "Datastreams" and segments[1].name == "Observations"
        if not own and request.path != "Observations":
            return None
        asker = remembered_asker(request.headers)
        if asker is None or asker.way == "session" or "prefer" in request.headers:
            return None
        asker.need(_right_to("POST", "Observations"))
        linked = frozenset({"Datastream"}) if own else frozenset()
        draft = read_draft(entity_of("Observation"), read_json(request.body), linked=linked)
        identity = segments[0].identity if own else next(iter(draft.links.get("Datastream", [])), None)
        stream = remembered_stream(identity)
        if stream is None or draft.inside or "FeatureOfInterest" in draft.links:
            return None
        asker.need_place(stream.place)
        session = session_of(request)
        arrival = arrival_of(stream, draft.values, None, session.now)
        link = session.link(draft.entity, f"{arrival.series}-{int(arrival.t[0])}")
        return self._committer.submit([arrival]), Answer(201, None, {"location": link})

    def _post(self, request: Request) -> Answer:
        if request.path == "$batch":
            return run_batch(request, self.handle)
        if request.path == "CreateObservations":
            return self._create_observations(request)
        request.asker.need(_right_to("POST", request.path.rsplit("/", 1)[-1]))
        target = walk(parse_path(request.path) or parse_path("—"))
        if target.identity is not None or target.keys or target.ending:
            raise _no_method("POST", (*READING, *CHANGING))
        linked: Linked = {}
        if target.parent is not None and target.relation is not None:
            linked[target.relation.inverse] = target.parent[1]
        draft = read_draft(target.entity, read_json(request.body), linked=frozenset(linked))
        if draft.inside:
            # who may only measure makes no datastream on the way
            request.asker.need(_right_to("POST", "*"))
        session = session_of(request)
        if target.entity.name == "Observation" and not draft.inside:
            made = Made(session.now)
            identity = make_observation(draft, linked, made)
            request.asker.need_place(stream_of(made.arrivals[0].series).place)
            self._commit(made)
        else:
            identity = create(draft, linked, session.now)
        link = session.link(target.entity, identity)
        shown = None
        if REPRESENTATION in request.headers.get("prefer", ""):
            shown = entity_at(Target(target.entity, identity), parse_query(""), session)
        return Answer(201, shown, {"location": link})

    def _commit(self, made: Made) -> None:
        # within a transaction (a change set of a batch) only the caller can make it durable
        committer = self._alone if connection.in_atomic_block else self._committer
        committer.commit(made.arrivals)

    def _create_observations(self, request: Request) -> Answer:
        request.asker.need(_right_to("POST", "Observations"))
        session = session_of(request)
        groups = read_groups(read_json(request.body), session.now, request.asker.need_place)
        arrivals = [one for group in groups for one in group.arrivals]
        if not arrivals:
            first = next((refused for group in groups for refused in group.refusals.values()), None)
            why = first.text(request.language) if first else "—"
            raise BadInput([Fault("sta_nothing_stored", details={"given": why})])
        made = Made(session.now, arrivals)
        self._commit(made)
        return Answer(201, [link for group in groups for link in links_of(group, request.root, request.language)])

    def _change(self, request: Request) -> Answer:
        segments = parse_path(request.path)
        name = segments[-1].name if segments else ""
        request.asker.need(_right_to(request.method, name))
        target = walk(segments or parse_path("—"))
        if target.identity is None or target.keys or target.ending:
            raise _no_method(request.method, READING)
        target = Target(target.entity, target.identity)
        session = session_of(request)
        if request.method == "DELETE":
            delete(target, session.now)
            return Answer(200)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        draft: Draft = read_change(target, request.method, media_type, request.body, session)
        if target.entity.name == "Observation":
            self._commit(Made(session.now, [changed_observation(target, draft, session)]))
        else:
            update(target, draft, session.now)
        return Answer(200, entity_at(target, parse_query(""), session))


def session_of(request: Request) -> Session:
    """What an answer to ``request`` needs to know."""
    return Session(request.root, round(time.time() * 1000), request.language)


def session_at(root: str) -> Session:
    """The same where nobody asked."""
    return Session(root, round(time.time() * 1000))


def root_document(root: str) -> dict[str, object]:
    """The service root: the eight collections and what of the standard is met (18-088 §9.2.1)."""
    met = [row["uri"] for row in read_table(__package__, "conformance.csv")]
    more: dict[str, object] = {}
    if is_on("sensorthings_mqtt") and option("mqtt_url"):
        endpoints = [str(address_of(option("mqtt_url")))]
        prefix = option("mqtt_create_prefix")
        more = {TOLD_BY_MQTT: {"endpoints": endpoints}, MADE_BY_MQTT: {"endpoints": endpoints, "topicPrefix": prefix}}
        # with a prefix the topics of what comes in are not those of the standard
        met += [TOLD_BY_MQTT] if prefix else [TOLD_BY_MQTT, MADE_BY_MQTT]
    return {
        "value": [{"name": entity.set, "url": f"{root}/{entity.set}"} for entity in all_entities().values()],
        "serverSettings": {"conformance": met, **more},
    }


def _right_to(method: str, name: str) -> str:
    """The right that the table of rights asks for; ``name`` is the last step of an address."""
    entity = "Observation" if name.startswith("Observations") else "*"
    return _rights()[entity, method]


@cache
def _rights() -> dict[tuple[str, str], str]:
    return {(row["entity"], row["method"]): row["right"] for row in read_table(__package__, "rights.csv")}


def _no_method(given: str, allowed: tuple[str, ...]) -> BadInput:
    return BadInput([Fault("no_method", details={"given": given, "allowed": ", ".join(allowed)})])
