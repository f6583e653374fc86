"""One page of features, or one feature: the statement, its rows, and GeoJSON of them.

Pages follow keys and not counted rows, so that a page is as quick at the end as at the beginning and no feature is
shown twice or left out while others arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import DataError, connection

from riverchief.errors import BadInput, Fault
from riverchief_server.api.features.read.query import Query, write_token
from riverchief_server.api.features.read.shapes import Drawer, drawn
from riverchief_server.api.features.sql.dialect import DIALECTS, Dialect
from riverchief_server.api.features.sql.spatial import MISSING
from riverchief_server.api.features.sql.translate import Context, Sql, between, in_ids, joined, member, truth
from riverchief_server.api.features.vocabulary import Collection
from riverchief_server.api.words import name_of
from riverchief_server.cases.queries import category_words


@dataclass(frozen=True)
class Page:
    """Features of a page, how many match in all, and where the next page begins (``None``: there is none)."""

    features: list[dict[str, Any]]
    matched: int
    next_token: str | None


def read_page(collection: Collection, query: Query, drawer: Drawer, language: str) -> Page:
    """The page that ``query`` asks for. Raises :class:`~riverchief.errors.BadInput` for a filter without meaning."""
    context = context_of(collection, drawer)
    where = _where(query, context, drawer)
    counted = _rows(f"SELECT count(*) FROM {collection.source} WHERE {where.text}", where.parameters)[0][0]
    sort = [member(name, context) for name, _ in query.sort]
    if query.after is not None:
        where = joined("and", [where, _behind(query, sort, context)])
    order = [
        f"({term.text}) IS NULL, ({term.text}){' DESC' if down else ''}"
        for term, (_, down) in zip(sort, query.sort, strict=True)
    ]
    columns = [collection.key, *(term.text for term in sort), *_columns(collection, context)]
    sql = (
        f"SELECT {', '.join(columns)} FROM {collection.source} WHERE {where.text} "
        f"ORDER BY {', '.join([*order, collection.key])} LIMIT {query.limit + 1}"
    )
    try:
        rows = _rows(sql, where.parameters)
    except DataError:
        # a value in a token that no page of ours ended with
        raise BadInput([Fault("features_bad_token", details={"given": str(query.after)[:40]})]) from None
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    ended = [context.dialect.kept(value) for value in (*rows[-1][1 : 1 + len(sort)], rows[-1][0])] if more else []
    features = [shown(collection, row[1 + len(sort) :], context.dialect, language) for row in rows]
    return Page(features, counted, write_token(ended) if more else None)


def read_feature(collection: Collection, identity: str, drawer: Drawer, language: str) -> dict[str, Any]:
    """The feature that others know as ``identity``. Raises ``not_found``."""
    context = context_of(collection, drawer)
    where = " AND ".join(filter(None, [collection.condition, f"{collection.identity} = %s"]))
    columns = ", ".join(_columns(collection, context))
    rows = _rows(f"SELECT {columns} FROM {collection.source} WHERE {where}", [identity])
    if not rows:
        raise BadInput([Fault("not_found", details={"given": identity[:80]})])
    return shown(collection, rows[0], context.dialect, language)


def extent_of(collection: Collection, drawer: Drawer) -> tuple[Any, tuple[str | None, str | None] | None]:
    """Where and when the features of ``collection`` lie: its box, and its first and last time if it has any."""
    bounds = drawer.shapes_of(collection).bounds
    if not collection.begins:
        return bounds, None
    context = context_of(collection, drawer)
    begin, end = member(collection.begins, context).text, member(collection.ends, context).text
    where = _own(collection).text
    first, last = _rows(f"SELECT min({begin}), max({end}) FROM {collection.source} WHERE {where}", [])[0]
    dialect = context.dialect
    return bounds, (dialect.shown(first) if first else None, dialect.shown(last) if last else None)


def context_of(collection: Collection, drawer: Drawer) -> Context:
    """What a translation needs."""
    dialect = DIALECTS[connection.vendor]
    dialect.ready(connection)
    return Context(
        collection,
        dialect,
        lambda question, other: drawer.shapes_of(collection).keys_where(question, other),
    )


def shown(collection: Collection, values: Sequence[Any], dialect: Dialect, language: str) -> dict[str, Any]:
    """A row of :func:`_columns` as GeoJSON."""
    shape_columns = len(collection.shape_columns.split(","))
    geometry = drawn(collection, values[1 : 1 + shape_columns])
    properties: dict[str, Any] = {}
    for known, value in zip(collection.properties.values(), values[1 + shape_columns :], strict=True):
        if value is not None:
            if known.kind in ("time", "time_ms"):
                value = dialect.shown(value)
            elif known.kind == "truth":
                value = bool(value)
            elif known.kind == "list":
                value = _listed(known.name, value, language)
        properties[known.name] = value
    return {"type": "Feature", "id": values[0], "geometry": geometry, "properties": properties}


def _columns(collection: Collection, context: Context) -> list[str]:
    found = [collection.identity, *(column.strip() for column in collection.shape_columns.split(","))]
    for known in collection.properties.values():
        found.append(context.dialect.from_ms(known.sql) if known.kind == "time_ms" else known.sql.replace("%", "%%"))
    return found


def _where(query: Query, context: Context, drawer: Drawer) -> Sql:
    collection = context.collection
    parts = [_own(collection), *(truth(one, context) for one in query.conditions)]
    if query.box is not None:
        shapes = drawer.shapes_of(collection)
        inside = in_ids(shapes.keys_where("s_intersects", query.box), context)
        missing = shapes.keys_where(MISSING, None)
        parts.append(joined("or", [inside, in_ids(missing, context)]) if missing else inside)
    if query.time is not None and collection.begins:
        ends = [member(name, context) for name in (collection.begins, collection.ends)]
        parts.append(between(ends[0], ends[1], query.time[0], query.time[1], context.dialect))
    return joined("and", parts)


def _own(collection: Collection) -> Sql:
    """What a row must be to be seen at all."""
    return Sql(f"({collection.condition or '1 = 1'})")


def _behind(query: Query, sort: Sequence[Sql], context: Context) -> Sql:
    """Whether a feature comes behind ``query.after``; a value that is missing comes behind all others."""
    assert query.after is not None
    choices: list[Sql] = []
    same: list[Sql] = []
    for term, (_, down), value in zip(sort, query.sort, query.after, strict=False):
        wanted = {"number": context.dialect.number, "time": context.dialect.moment, "text": context.dialect.words}
        if value is None:
            same.append(Sql(f"({term.text}) IS NULL"))
            continue
        sign, given = "<" if down else ">", wanted.get(term.kind, "%s")
        further = Sql(f"(({term.text}) {sign} {given} OR ({term.text}) IS NULL)", (value,))
        choices.append(joined("and", [*same, further]))
        same.append(Sql(f"({term.text}) = {given}", (value,)))
    choices.append(joined("and", [*same, Sql(f"{context.collection.key} > %s", (query.after[-1],))]))
    return joined("or", choices)


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def _listed(name: str, value: Any, language: str) -> Any:
    """Codes of a list, or the words for them."""
    codes = orjson.loads(value) if isinstance(value, str) else value
    if name == "categories":
        return codes
    words = category_words()
    return "、".join(name_of(words[code], language) for code in codes if code in words) or None
