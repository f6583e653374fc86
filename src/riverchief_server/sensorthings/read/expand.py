"""What is shown inside: one statement a relation for all rows of a page, never one a row; each row gets its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from riverchief_server.observations import store
from riverchief_server.observations.store import Columns
from riverchief_server.observations.store.engine import engine_of
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.read.observations import (
    ObservationPage,
    particulars_of,
    read_observations,
    show_observations,
)
from riverchief_server.sensorthings.read.order import Term, terms_of, write_token
from riverchief_server.sensorthings.read.page import ALIAS, Page, notes_of, page_size
from riverchief_server.sensorthings.read.plan import Plan, make_plan
from riverchief_server.sensorthings.read.readings import SHOWN
from riverchief_server.sensorthings.read.rows import Row, check_select, columns_of, read_rows, show
from riverchief_server.sensorthings.read.session import Session, fetch
from riverchief_server.sensorthings.read.walk import observations_of_feature
from riverchief_server.sensorthings.sql.sentence import Sql
from riverchief_server.sensorthings.sql.translate import truth
from riverchief_server.sensorthings.vocabulary import Entity, Relation, entity_of

PARENT = "o"


def show_page(entity: Entity, page: Page, query: Query, session: Session) -> list[dict[str, Any]]:
    """The rows of ``page`` with everything that ``query`` wants inside them."""
    expand(entity, page.rows, query, session)
    return [show(entity, row, query, session) for row in page.rows]


def show_observation_page(page: ObservationPage, query: Query, session: Session) -> list[dict[str, Any]]:
    """The same for observations."""
    shown = show_observations(page.readings, query, session)
    for name, inner in query.expand.items():
        target = entity_of(entity_of("Observation").relations[name].target)
        keys = keys_of(name, page.readings)
        rows = _by_id(target, sorted({key for key in keys if key is not None}), inner, session)
        for said, key in zip(shown, keys, strict=True):
            if key in rows:
                said[name] = rows[key]
    return shown


def expand(entity: Entity, rows: Sequence[Row], query: Query, session: Session) -> None:
    """Put into each of ``rows`` what ``query`` wants inside it."""
    for name, inner in query.expand.items():
        relation = entity.relations[name]
        if not rows:
            check_select(entity_of(relation.target), inner)
        elif relation.target == "Observation":
            _observations(entity, rows, relation, inner, session)
        else:
            _entities(entity, rows, relation, inner, session)


def _entities(entity: Entity, rows: Sequence[Row], relation: Relation, query: Query, session: Session) -> None:
    target = entity_of(relation.target)
    check_select(target, query)
    context = session.context
    size = page_size(query)
    terms = [*terms_of(query.orderby, target, ALIAS, context), Term(Sql(f"{ALIAS}.id", (), "number"))]
    condition = truth(query.filter, target, ALIAS, context) if query.filter is not None else Sql("1 = 1")
    marks = ", ".join(["%s"] * len(rows))
    order = ", ".join(term.sql for term in terms)
    keys = ", ".join(f"{term.value.text} AS k{k}" for k, term in enumerate(terms))
    join = relation.sql.format(p=PARENT, c=ALIAS)
    # the columns get names of their own, since a derived table may not have two of one name
    own_columns = columns_of(target, ALIAS, query)
    width = len(own_columns)
    columns = ", ".join(f"{column} AS c{k}" for k, column in enumerate(own_columns))
    sql = (
        f"SELECT parent, many, {', '.join(f'c{k}' for k in range(width))}, "
        f"{', '.join(f'k{k}' for k in range(len(terms)))} FROM ("
        f"SELECT {PARENT}.id AS parent, count(*) OVER (PARTITION BY {PARENT}.id) AS many, "
        f"row_number() OVER (PARTITION BY {PARENT}.id ORDER BY {order}) AS place, {columns}, {keys} "
        f"FROM {entity.table} AS {PARENT} JOIN {target.table} AS {ALIAS} ON {join} "
        f"WHERE {PARENT}.id IN ({marks}) AND {condition.text}) AS numbered "
        "WHERE place > %s AND place <= %s ORDER BY parent, place"
    )
    given = [p for term in terms for p in term.parameters] + [p for term in terms for p in term.value.parameters]
    given += [row.identity for row in rows]
    # one row more than may be read tells that there are too many, and no more of them are fetched
    found = fetch(
        f"{sql} LIMIT {session.budget.left + 1}", [*given, *condition.parameters, query.skip, query.skip + size + 1]
    )
    session.budget.spend(len(found))
    own = read_rows(target, [record[2:] for record in found], query)
    expand(target, list({row.identity: row for row in own}.values()), query, session)
    inside = {row.identity: row.inside for row in own if row.inside}
    by_parent: dict[Identity, list[int]] = {}
    for position, record in enumerate(found):
        by_parent.setdefault(record[0], []).append(position)
    for row in rows:
        positions = by_parent.get(row.identity, [])
        shown = []
        for position in positions[:size]:
            child = own[position]
            child.inside = inside.get(child.identity, child.inside)
            shown.append(show(target, child, query, session))
        if not relation.many:
            row.inside[relation.name] = {relation.name: shown[0]} if shown else {}
            continue
        token = None
        if len(positions) > size and size:
            token = write_token(found[positions[size - 1]][2 + width :])
        many = int(found[positions[0]][1]) if positions else 0
        page = Page([], many if query.count else None, token)
        address = f"{session.link(entity, row.identity)}/{relation.name}"
        row.inside[relation.name] = {relation.name: shown} | notes_of(relation.name, page, address, query)


def _observations(entity: Entity, rows: Sequence[Row], relation: Relation, query: Query, session: Session) -> None:
    check_select(entity_of("Observation"), query)
    if entity.name == "Datastream" and query.top == 1 and not query.skip and not query.count:
        plan = make_plan(None, (), query, session)
        if _is_newest(plan):
            _newest(rows, relation, plan, query, session)
            return
    pages = []
    for row in rows:
        pages.append(_page_of(entity, row.identity, query, session))
        # a statement is work too, whatever it finds
        session.budget.spend(max(pages[-1].readings.size, 1))
    shown = show_observation_page(ObservationPage(store.joined([page.readings for page in pages])), query, session)
    begin = 0
    for row, page in zip(rows, pages, strict=True):
        mine = shown[begin : begin + page.readings.size]
        begin += page.readings.size
        address = f"{session.link(entity, row.identity)}/{relation.name}"
        notes = notes_of(relation.name, Page([], page.count, page.token), address, query)
        row.inside[relation.name] = {relation.name: mine} | notes


def _page_of(entity: Entity, parent: Identity, query: Query, session: Session) -> ObservationPage:
    if entity.name == "Datastream":
        return read_observations((int(parent),), (), query, session)
    series, scope = observations_of_feature(parent)
    return read_observations(series, scope, query, session)


def _newest(rows: Sequence[Row], relation: Relation, plan: Plan, query: Query, session: Session) -> None:
    """The newest observation of each datastream, all sought in one statement: what dashboards ask every minute."""
    newest = store.latest_columns([int(row.identity) for row in rows], plan.end, only=SHOWN)
    newest = newest.take(newest.t >= plan.start)
    shown = show_observation_page(ObservationPage(newest), query, session)
    more = _have_more(newest, plan)
    found = {
        series: (said, t) for series, said, t in zip(newest.series.tolist(), shown, newest.t.tolist(), strict=True)
    }
    datastream = entity_of("Datastream")
    for row in rows:
        if row.identity not in found:
            row.inside[relation.name] = {relation.name: []}
            continue
        said, t = found[int(row.identity)]
        inside: dict[str, Any] = {relation.name: [said]}
        if row.identity in more:
            address = f"{session.link(datastream, row.identity)}/{relation.name}"
            inside |= notes_of(relation.name, Page([], None, write_token([row.identity, t])), address, query)
        row.inside[relation.name] = inside


def _is_newest(plan: Plan) -> bool:
    return plan.order == "time" and plan.descending and not plan.rest and plan.series is None


def _have_more(newest: Columns, plan: Plan) -> set[int]:
    """The series that have a reading before their newest one, within the range of ``plan``."""
    if not newest.size:
        return set()
    engine = engine_of()
    sql = (
        "SELECT wanted.series FROM "
        + engine.wanted
        + " WHERE (SELECT t FROM reading WHERE reading.series = wanted.series "
        "AND t < %s ORDER BY t DESC LIMIT 1 OFFSET 1) >= %s"
    )
    return set(engine.fetch(sql, [engine.ids(newest.series), plan.end, plan.start], [np.int64])[0].tolist())


def keys_of(name: str, readings: Columns) -> list[int | None]:
    """The id of the datastream or the feature of each reading."""
    series: list[int] = readings.series.tolist()
    if name == "Datastream":
        return list(series)
    distinct = sorted(set(series))
    marks = ", ".join(["%s"] * len(distinct))
    settled = (
        dict(fetch(f"SELECT id, feature_id FROM sta_datastream WHERE id IN ({marks})", distinct)) if series else {}
    )
    keys: list[int | None] = [settled.get(one) for one in series]
    for position, one in particulars_of(readings).items():
        keys[position] = one.feature if one.feature is not None else keys[position]
    return keys


def _by_id(target: Entity, ids: Sequence[int], query: Query, session: Session) -> dict[int, dict[str, Any]]:
    check_select(target, query)
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    columns = ", ".join(columns_of(target, ALIAS, query))
    sql = f"SELECT {columns} FROM {target.table} AS {ALIAS} WHERE {ALIAS}.id IN ({marks})"
    session.budget.spend(len(ids))
    rows = read_rows(target, fetch(sql, ids), query)
    expand(target, rows, query, session)
    return {int(row.identity): show(target, row, query, session) for row in rows}
