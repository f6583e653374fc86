"""What a question about observations comes down to: which series, from when to when, and what is left to be tested.

The store answers series and times by seeking. So everything that a filter says of the datastream is asked of the few
rows of datastreams first, everything it says of the time becomes a range, and only the rest is tested row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from riverchief_server.observations.store import EVER
from riverchief_server.sensorthings.odata.expression import (
    Expression,
    Literal,
    Member,
    Operation,
    conjuncts_of,
    members_of,
)
from riverchief_server.sensorthings.odata.query import Order, Query
from riverchief_server.sensorthings.odata.times import DAY_MS
from riverchief_server.sensorthings.read.order import Term, terms_of
from riverchief_server.sensorthings.read.session import Session, fetch
from riverchief_server.sensorthings.sql.sentence import Sql
from riverchief_server.sensorthings.sql.translate import truth
from riverchief_server.sensorthings.vocabulary import IDENTITY, entity_of

ALIAS = "e"
MIRRORED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}


class Settled(NamedTuple):
    """What the series in question have in common: the lag of results, where it is one, and whether any observation of
    them is particular."""

    lag_ms: int | None
    is_one_lag: bool
    has_particulars: bool


@dataclass(frozen=True)
class Plan:
    """Readings with ``start <= t < end`` of ``series`` (``None``: of all) of which ``rest`` holds, in an order.

    ``order`` is ``id`` (series, then time), ``time``, or ``other``: then ``terms`` say it.
    """

    series: tuple[int, ...] | None
    start: int
    end: int
    rest: tuple[Sql, ...]
    order: str
    descending: bool
    terms: tuple[Term, ...]


def make_plan(series: Sequence[int] | None, scope: Sequence[Sql], query: Query, session: Session) -> Plan:
    """The plan for ``query`` within ``series`` and the conditions ``scope`` on the reading ``e``."""
    plan = Plan(None if series is None else tuple(series), -EVER, EVER, tuple(scope), "id", False, ())
    settled = settled_of(plan.series)
    rest: list[Expression] = []
    about_datastream: list[Expression] = []
    for part in conjuncts_of(query.filter):
        if _is_about_datastream(part):
            about_datastream.append(part)
            continue
        narrowed = _narrowed(plan, part, settled)
        plan = narrowed or plan
        # a particular observation may be a period, or have a result time of its own
        if narrowed is None or (settled.has_particulars and not _is_identity(part)):
            rest.append(part)
    if about_datastream:
        plan = _within(plan, _datastreams(about_datastream, session))
    entity, context = entity_of("Observation"), session.context
    conditions = (*plan.rest, *(truth(part, entity, ALIAS, context) for part in rest))
    plan = replace(plan, rest=conditions)
    return _ordered(plan, query.orderby, settled, session)


def settled_of(series: tuple[int, ...] | None) -> Settled:
    """What ``series`` have in common."""
    where = "1 = 1" if series is None else "id = %s" if len(series) == 1 else "1 = 1"
    given = series if series is not None and len(series) == 1 else ()
    lags = fetch(f"SELECT DISTINCT lag_ms FROM sta_datastream WHERE {where} LIMIT 2", given)
    inside = "series = %s" if given else "1 = 1"
    some = fetch(f"SELECT 1 FROM sta_particular WHERE {inside} LIMIT 1", given)
    return Settled(lags[0][0] if lags else None, len(lags) <= 1, bool(some))


def _ordered(plan: Plan, orders: Sequence[Order], settled: Settled, session: Session) -> Plan:
    if not orders:
        return plan
    first = orders[0]
    path = first.expression.path if isinstance(first.expression, Member) else ()
    if path == ("phenomenonTime",):
        # nothing behind the time but the series can decide
        if len(orders) == 1:
            return replace(plan, order="time", descending=first.descending)
    elif path == ("resultTime",) and len(orders) == 1:
        if settled.is_one_lag and settled.lag_ms is not None and not settled.has_particulars:
            return replace(plan, order="time", descending=first.descending)
    elif len(path) == 1 and path[0] in IDENTITY:
        return replace(plan, order="id", descending=first.descending)
    terms = terms_of(orders, entity_of("Observation"), ALIAS, session.context)
    ends = [Term(Sql(f"{ALIAS}.series", (), "number")), Term(Sql(f"{ALIAS}.t", (), "time"))]
    return replace(plan, order="other", descending=False, terms=(*terms, *ends))


def _narrowed(plan: Plan, part: Expression, settled: Settled) -> Plan | None:
    """``plan`` with what ``part`` says as a range; ``None`` where it says no range."""
    if not isinstance(part, Operation) or part.operator not in MIRRORED or len(part.operands) != 2:
        return None
    left, right = part.operands
    operator = part.operator
    if isinstance(left, Literal) and isinstance(right, Member):
        left, right, operator = right, left, MIRRORED[operator]
    if not isinstance(left, Member) or not isinstance(right, Literal):
        return None
    if len(left.path) == 1 and left.path[0] in IDENTITY and right.kind == "text" and operator == "eq":
        return _one(plan, right.value)
    if right.kind not in ("time", "date"):
        return None
    t = right.value * DAY_MS if right.kind == "date" else right.value
    if left.path == ("resultTime",):
        if not settled.is_one_lag or settled.lag_ms is None:
            return None
        # where there are particulars the range would lose those whose result came late
        if settled.has_particulars:
            return None
        t -= settled.lag_ms
    elif left.path != ("phenomenonTime",):
        return None
    start = {"gt": t + 1, "ge": t, "eq": t}.get(operator, -EVER)
    end = {"lt": t, "le": t + 1, "eq": t + 1}.get(operator, EVER)
    return replace(plan, start=max(plan.start, start), end=min(plan.end, end))


def _one(plan: Plan, identity: str) -> Plan:
    key = read_identity(identity)
    if key is None:
        return replace(plan, series=())
    series, t = key
    return replace(_within(plan, (series,)), start=max(plan.start, t), end=min(plan.end, t + 1))


def read_identity(text: object) -> tuple[int, int] | None:
    """Series and time of the observation called ``text``; ``None`` where nothing can be called so."""
    if not isinstance(text, str):
        return None
    series, dash, t = text.partition("-")
    if not dash or not series.isdecimal() or not t.removeprefix("-").isdecimal() or len(t) > 15 or len(series) > 10:
        return None
    return int(series), int(t)


def _is_identity(part: Expression) -> bool:
    return any(len(member.path) == 1 and member.path[0] in IDENTITY for member in members_of(part))


def _is_about_datastream(part: Expression) -> bool:
    members = members_of(part)
    return bool(members) and all(member.path[0] == "Datastream" and len(member.path) > 1 for member in members)


def _datastreams(parts: Sequence[Expression], session: Session) -> tuple[int, ...]:
    entity, context = entity_of("Datastream"), session.context
    conditions = [truth(_rebased(part), entity, ALIAS, context) for part in parts]
    where = " AND ".join(condition.text for condition in conditions)
    given = [p for condition in conditions for p in condition.parameters]
    sql = f"SELECT {ALIAS}.id FROM sta_datastream AS {ALIAS} WHERE {where} ORDER BY {ALIAS}.id"
    return tuple(row[0] for row in fetch(sql, given))


def _rebased(part: Expression) -> Expression:
    if isinstance(part, Member):
        return Member(part.path[1:])
    if isinstance(part, Literal):
        return part
    if isinstance(part, Operation):
        return replace(part, operands=tuple(_rebased(one) for one in part.operands))
    return replace(part, arguments=tuple(_rebased(one) for one in part.arguments))


def _within(plan: Plan, series: Sequence[int]) -> Plan:
    if plan.series is None:
        return replace(plan, series=tuple(series))
    return replace(plan, series=tuple(sorted(set(plan.series) & set(series))))
