"""Figures of many observations: one statement that seeks each series in the store and adds up inside the database.

What the keys say of a datastream (its id, its thing, its parameter) is asked of the few rows of datastreams and joined
to the readings by their series, so that no relation is followed once a reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.observations.store import EVER
from riverchief_server.sensorthings.odata.apply import Apply, Key, Made
from riverchief_server.sensorthings.odata.expression import Expression, Member
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.odata.times import write_time
from riverchief_server.sensorthings.read.page import next_link
from riverchief_server.sensorthings.read.plan import ALIAS, Plan, make_plan
from riverchief_server.sensorthings.read.session import LONGEST_PAGE, Session, fetch
from riverchief_server.sensorthings.read.walk import Target
from riverchief_server.sensorthings.sql.convert import as_kind, mismatch
from riverchief_server.sensorthings.sql.sentence import Sql
from riverchief_server.sensorthings.sql.translate import Scope, translate
from riverchief_server.sensorthings.vocabulary import IDENTITY, Entity, entity_of

STREAM = "s"
DATASTREAM = "d"
# What $apply leaves to be asked of its groups.
BESIDE = ("$apply", "$orderby", "$top", "$skip", "$count")


def aggregated(target: Target, query: Query, session: Session) -> dict[str, Any]:
    """The groups that ``query.apply`` makes of the observations of ``target``, in the order of their keys.

    Observations without a number (below detection, missing, text) count in ``$count`` and in nothing else. Raises
    ``sta_not_built`` for an option or an ending that cannot stand beside ``$apply``.
    """
    apply = query.apply
    assert apply is not None
    beside = next((name for name, _ in query.options if name not in BESIDE), target.ending)
    if beside:
        details = {"given": f"{beside} + $apply", "allowed": ", ".join(("filter(…)", *BESIDE[1:]))}
        raise BadInput([Fault("sta_not_built", details=details)])
    plan = make_plan(target.series, target.scope, Query(filter=apply.filter), session)
    statement, kinds = _statement(apply, plan, session)
    order = _order(apply, query)
    size = LONGEST_PAGE if query.top is None else min(query.top, LONGEST_PAGE)
    many = ", count(*) OVER () AS many" if query.count else ""
    sql = f"SELECT *{many} FROM ({statement.text}) AS made ORDER BY {order} LIMIT %s OFFSET %s"
    rows = fetch(sql, [*statement.parameters, size + 1, query.skip])
    said: dict[str, Any] = {}
    if query.count:
        said["@iot.count"] = int(rows[0][-1]) if rows else _all(statement)
    if len(rows) > size and size:
        address = f"{session.root}/{target.address}"
        options = tuple(pair for pair in query.options if pair[0] != "$skip")
        link = next_link(address, Query(options=options), "")
        said["@iot.nextLink"] = link.replace("$skiptoken=", f"$skip={query.skip + size}")
    said["value"] = [_show(apply, row, kinds) for row in rows[:size]]
    return said


def _statement(apply: Apply, plan: Plan, session: Session) -> tuple[Sql, list[str]]:
    """``SELECT k0, …, m0, … FROM readings GROUP BY the keys``, and of which kind each column is."""
    columns: list[str] = []
    given: list[Any] = []
    of_streams: list[Sql] = []
    kinds = []
    for position, key in enumerate(apply.keys):
        value = _key(key, session)
        kinds.append(value.kind)
        if _is_of_datastream(key.of):
            of_streams.append(Sql(f"{value.text} AS k{position}", value.parameters))
            columns.append(f"{STREAM}.k{position} AS k{position}")
        else:
            columns.append(f"{value.text} AS k{position}")
            given += value.parameters
    for position, made in enumerate(apply.made):
        value = _figure(made, session)
        kinds.append(value.kind)
        columns.append(f"{value.text} AS m{position}")
        given += value.parameters
    streams = _streams(plan, of_streams, session)
    conditions = [f"{ALIAS}.series = {STREAM}.series"]
    where: list[Any] = []
    for sign, bound, none in ((">=", plan.start, -EVER), ("<", plan.end, EVER)):
        if bound != none:
            conditions.append(f"{ALIAS}.t {sign} %s")
            where.append(bound)
    for condition in plan.rest:
        conditions.append(condition.text)
        where += condition.parameters
    groups = ", ".join(str(position + 1) for position in range(len(apply.keys)))
    sql = (
        f"SELECT {', '.join(columns)} FROM {streams.text} CROSS JOIN reading AS {ALIAS} "
        f"WHERE {' AND '.join(conditions)}" + (f" GROUP BY {groups}" if groups else "")
    )
    return Sql(sql, (*given, *streams.parameters, *where)), kinds


def _streams(plan: Plan, columns: Sequence[Sql], session: Session) -> Sql:
    """The series of ``plan`` with what the keys say of their datastreams."""
    names = "".join(f", {column.text}" for column in columns)
    given = [p for column in columns for p in column.parameters]
    where = ""
    if plan.series is not None:
        dialect = session.context.dialect
        where = f" WHERE {dialect.listed(f'{DATASTREAM}.id', 'number')}"
        given.append(dialect.list_parameter(plan.series))
    sql = f"(SELECT {DATASTREAM}.id AS series{names} FROM sta_datastream AS {DATASTREAM}{where}) AS {STREAM}"
    return Sql(sql, tuple(given))


def _key(key: Key, session: Session) -> Sql:
    entity, alias, of = _rooted(key.of)
    value = translate(of, Scope.of(entity, alias), session.context)
    if value.kind == "any":
        return as_kind(value, "number" if value.number is not None else "text", session.context)
    if value.kind == "period":
        return as_kind(value, "time", session.context)
    if value.kind not in _SHOWN:
        raise mismatch(value.kind, "groupby")
    return value


def _figure(made: Made, session: Session) -> Sql:
    """The SQL of one figure, with the kind of what it gives."""
    if made.of is None:
        return Sql("count(*)", (), "number")
    value = translate(made.of, Scope.of(entity_of("Observation"), ALIAS), session.context)
    kind = {"any": "number", "period": "time"}.get(value.kind, value.kind)
    if made.method in ("average", "sum") or value.number is not None:
        kind = "number"
    value = as_kind(value, kind, session.context)
    if made.method == "countdistinct":
        return Sql(f"count(DISTINCT {value.text})", value.parameters, "number")
    if kind not in _SHOWN or kind == "truth":
        raise mismatch(kind, made.method)
    function = {"average": "avg"}.get(made.method, made.method)
    return Sql(f"{function}({value.text})", value.parameters, kind)


def _rooted(of: Expression) -> tuple[Entity, str, Expression]:
    """Of which row ``of`` speaks: of a datastream as seen from itself, or of a reading."""
    if isinstance(of, Member) and _is_of_datastream(of):
        return entity_of("Datastream"), DATASTREAM, Member(of.path[1:])
    return entity_of("Observation"), ALIAS, of


def _is_of_datastream(of: Expression) -> bool:
    return isinstance(of, Member) and of.path[0] == "Datastream" and len(of.path) > 1


def _order(apply: Apply, query: Query) -> str:
    names = {"/".join(key.path): f"k{position}" for position, key in enumerate(apply.keys)}
    names |= {made.name: f"m{position}" for position, made in enumerate(apply.made)}
    terms = []
    for order in query.orderby:
        name = "/".join(order.expression.path) if isinstance(order.expression, Member) else ""
        if name not in names:
            raise BadInput([unknown_name("sta_unknown_member", name or "…", list(names), column="$orderby")])
        terms.append(f"{names[name]} IS NULL, {names[name]}{' DESC' if order.descending else ''}")
    terms += [f"k{position} IS NULL, k{position}" for position in range(len(apply.keys))]
    return ", ".join(terms) or "1"


def _all(statement: Sql) -> int:
    return int(fetch(f"SELECT count(*) FROM ({statement.text}) AS made", statement.parameters)[0][0])


def _show(apply: Apply, row: Sequence[Any], kinds: Sequence[str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value, kind in zip(apply.keys, row, kinds, strict=False):
        inside = said
        for name in key.path[:-1]:
            inside = inside.setdefault(name, {})
        last = "@iot.id" if key.path[-1] in IDENTITY else key.path[-1]
        inside[last] = _value(value, kind)
    begin = len(apply.keys)
    for position, made in enumerate(apply.made):
        said[made.name] = _value(row[begin + position], kinds[begin + position])
    return said


def _value(value: Any, kind: str) -> Any:
    return None if value is None else _SHOWN[kind](value)


def _clock(ms: int) -> str:
    seconds = int(ms) // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


_SHOWN: dict[str, Any] = {
    # PostgreSQL adds whole numbers up to decimal ones
    "number": lambda value: value if isinstance(value, int | float) else float(value),
    "text": str,
    "truth": bool,
    "time": lambda value: write_time(int(value)),
    "date": lambda value: (date(1970, 1, 1) + timedelta(days=int(value))).isoformat(),
    "clock": _clock,
    "duration": lambda value: float(value) / 1000,
}
