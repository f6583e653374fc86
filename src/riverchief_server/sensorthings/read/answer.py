"""The answer to a question: an entity, a page, a property, the bare links; as values, not yet as bytes."""

from __future__ import annotations

from typing import Any

import orjson

from riverchief.errors import BadInput, Fault
from riverchief_server.observations import store
from riverchief_server.sensorthings.odata.path import Segment, not_there
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.read.aggregate import aggregated
from riverchief_server.sensorthings.read.data_array import show_data_array
from riverchief_server.sensorthings.read.expand import show_observation_page, show_page
from riverchief_server.sensorthings.read.observations import ObservationPage, read_observations
from riverchief_server.sensorthings.read.page import ALIAS, Page, notes_of, read_page
from riverchief_server.sensorthings.read.plan import read_identity
from riverchief_server.sensorthings.read.session import Session
from riverchief_server.sensorthings.read.walk import Target, property_at, walk
from riverchief_server.sensorthings.sql.sentence import Sql

# What can be asked of one entity.
OF_ONE = ("$select", "$expand")


class Plain(str):
    """An answer that is no JSON but a text."""


def answer(segments: tuple[Segment, ...], query: Query, session: Session) -> Any:
    """What is at the address ``segments``. Raises :class:`~riverchief.errors.BadInput`."""
    target = walk(segments)
    if query.apply is not None and (target.identity is not None or target.entity.name != "Observation"):
        details = {"given": f"{target.entity.set} $apply", "allowed": "Observations?$apply=…"}
        raise BadInput([Fault("sta_not_built", details=details)])
    if target.identity is None:
        return collection(target, query, session)
    possible = () if target.keys or target.ending else OF_ONE
    for name, _ in query.options:
        if name not in possible:
            details = {"given": name, "nearest": ", ".join(possible) or "—"}
            raise BadInput([Fault("sta_unknown_option", details=details)])
    if target.keys:
        return _property(target, session)
    if target.ending:
        if target.ending == "$ref":
            return {"@iot.selfLink": session.link(target.entity, target.identity)}
        raise not_there(target.ending)
    return entity_at(target, query, session)


def entity_at(target: Target, query: Query, session: Session) -> dict[str, Any]:
    """One entity as JSON says it."""
    assert target.identity is not None
    query = Query(select=query.select, expand=query.expand)
    if target.entity.name == "Observation":
        key = read_identity(target.identity)
        assert key is not None
        readings = store.read(key[0], key[1], key[1] + 1)
        return show_observation_page(ObservationPage(readings), query, session)[0]
    scope = (Sql(f"{ALIAS}.id = %s", (target.identity,), "truth"),)
    page = read_page(target.entity, scope, query, session)
    return show_page(target.entity, page, query, session)[0]


def collection(target: Target, query: Query, session: Session) -> Any:
    """A page of a collection, with its count and the link to the next page."""
    if query.apply is not None:
        return aggregated(target, query, session)
    if target.ending == "$value":
        raise not_there(target.ending)
    if target.ending == "$count":
        query = Query(filter=query.filter, count=True, top=0)
    address = f"{session.root}/{target.address}"
    if target.entity.name == "Observation":
        found = read_observations(target.series, target.scope, query, session)
        notes = notes_of("", Page([], found.count, found.token), address, query)
        if target.ending == "$count":
            return Plain(found.count)
        if query.result_format.lower() == "dataarray":
            return notes | {"value": show_data_array(found.readings, query, session)}
        rows = show_observation_page(found, query, session)
    else:
        if query.result_format and query.result_format.lower() != "default":
            raise BadInput([Fault("not_one_of", details={"given": query.result_format, "allowed": "default"})])
        page = read_page(target.entity, target.scope, query, session)
        notes = notes_of("", page, address, query)
        if target.ending == "$count":
            return Plain(page.count)
        rows = show_page(target.entity, page, query, session)
    if target.ending == "$ref":
        links = [{"@iot.selfLink": session.link(target.entity, row["@iot.id"])} for row in rows]
        return notes | {"value": links}
    return notes | {"value": rows}


def _property(target: Target, session: Session) -> Any:
    shown = orjson.loads(orjson.dumps(entity_at(target, Query(), session)))
    value = property_at(target, shown)
    if target.ending == "$value":
        return Plain(value) if isinstance(value, str) else Plain(orjson.dumps(value).decode())
    if target.ending:
        raise not_there(target.ending)
    return {target.keys[-1]: value}
