"""One page of a collection of entities, and what a page says besides its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.read.order import Term, behind, read_token, terms_of, write_token
from riverchief_server.sensorthings.read.rows import Row, check_select, columns_of, read_rows
from riverchief_server.sensorthings.read.session import LONGEST_PAGE, PAGE, Session, fetch
from riverchief_server.sensorthings.sql.sentence import Sql
from riverchief_server.sensorthings.sql.translate import truth
from riverchief_server.sensorthings.vocabulary import Entity

ALIAS = "e"


@dataclass
class Page:
    """Rows, how many there are in all (where asked), and the place behind the last (where there are more)."""

    rows: list[Row]
    count: int | None = None
    token: str | None = None


def page_size(query: Query, standard: int = PAGE) -> int:
    """How many rows a page has: as asked, but never more than the longest page."""
    return min(standard if query.top is None else query.top, LONGEST_PAGE)


def read_page(entity: Entity, scope: Sequence[Sql], query: Query, session: Session) -> Page:
    """The page of ``entity`` that ``query`` asks for, within the conditions ``scope`` on the row ``e``."""
    check_select(entity, query)
    context = session.context
    conditions = list(scope)
    if query.filter is not None:
        conditions.append(truth(query.filter, entity, ALIAS, context))
    count = _count(entity, conditions) if query.count else None
    size = page_size(query)
    if not size:
        return Page([], count)
    terms = [*terms_of(query.orderby, entity, ALIAS, context), Term(Sql(f"{ALIAS}.id", (), "number"))]
    if query.skiptoken:
        conditions.append(behind(terms, read_token(query.skiptoken)))
    where, given = _all(conditions)
    columns = columns_of(entity, ALIAS, query)
    keys = ", ".join(term.value.text for term in terms)
    parameters = [p for term in terms for p in term.value.parameters] + given
    order = ", ".join(term.sql for term in terms)
    parameters += [p for term in terms for p in term.parameters]
    sql = (
        f"SELECT {', '.join(columns)}, {keys} FROM {entity.table} AS {ALIAS} "
        f"WHERE {where} ORDER BY {order} LIMIT %s OFFSET %s"
    )
    found = fetch(sql, [*parameters, size + 1, query.skip])
    token = write_token(found[size - 1][len(columns) :]) if len(found) > size else None
    return Page(read_rows(entity, found[:size], query), count, token)


def next_link(address: str, query: Query, token: str) -> str:
    """The address of the page behind ``token``: the same question, without what was only for the first page."""
    return f"{address}?{_written(query.options)}$skiptoken={token}"


@lru_cache(maxsize=64)
def _written(options: tuple[tuple[str, str], ...]) -> str:
    kept = [(name, value) for name, value in options if name not in ("$skip", "$skiptoken", "$count")]
    return "".join(f"{name}={quote(value, safe='/:,;()$@*')}&" for name, value in kept)


def notes_of(name: str, page: Page, address: str, query: Query) -> dict[str, Any]:
    """Count and next link as they stand beside the rows; ``name`` is empty for the page of the answer itself."""
    said: dict[str, Any] = {}
    if page.count is not None:
        said[f"{name}@iot.count"] = page.count
    if page.token is not None:
        said[f"{name}@iot.nextLink"] = next_link(address, query, page.token)
    return said


def _count(entity: Entity, conditions: Sequence[Sql]) -> int:
    where, given = _all(conditions)
    return int(fetch(f"SELECT count(*) FROM {entity.table} AS {ALIAS} WHERE {where}", given)[0][0])


def _all(conditions: Sequence[Sql]) -> tuple[str, list[Any]]:
    text = " AND ".join(condition.text for condition in conditions) or "1 = 1"
    return text, [p for condition in conditions for p in condition.parameters]
