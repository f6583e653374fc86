"""Reads the query of a request: ``$filter $orderby $top $skip $count $select $expand`` and what is nested in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.sensorthings.odata.apply import Apply, parse_apply
from riverchief_server.sensorthings.odata.expression import Expression, Operation
from riverchief_server.sensorthings.odata.parser import parse_filter, parse_value
from riverchief_server.sensorthings.odata.splitting import split_outside
from riverchief_server.sensorthings.odata.tokens import syntax

OPTIONS = (
    "$filter",
    "$orderby",
    "$top",
    "$skip",
    "$count",
    "$select",
    "$expand",
    "$resultFormat",
    "$skiptoken",
    "$apply",
)
DEEPEST = 8


@dataclass(frozen=True)
class Order:
    """One term of an order."""

    expression: Expression
    descending: bool = False


@dataclass(frozen=True)
class Query:
    """What a request asks of a collection or an entity; ``None`` and empty mean: not asked.

    ``options`` are the same as they were written, for the link to the next page.
    """

    filter: Expression | None = None
    orderby: tuple[Order, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    select: tuple[str, ...] = ()
    expand: dict[str, Query] = field(default_factory=dict)
    result_format: str = ""
    skiptoken: str = ""
    apply: Apply | None = None
    options: tuple[tuple[str, str], ...] = ()


def split_query(text: str) -> list[tuple[str, str]]:
    """The pairs of a query string, decoded; ``+`` is a blank."""
    pairs = (part.partition("=") for part in text.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def parse_query(text: str) -> Query:
    """What the query string of a request says. Raises :class:`~riverchief.errors.BadInput`."""
    return read_options(split_query(text), 0)


def read_options(pairs: Iterable[tuple[str, str]], depth: int) -> Query:
    """The query that options say.

    What does not begin with ``$`` is not ours and is passed over, unless it is one of ours without its ``$``: who wrote
    ``top=5`` must not take all rows for the first five.
    """
    query = Query()
    seen: set[str] = set()
    for name, value in pairs:
        if not name.startswith("$") and f"${name}".lower() not in _OPTION_OF:
            continue
        option = _OPTION_OF.get(name.lower())
        if option is None:
            raise BadInput([unknown_name("sta_unknown_option", name, list(OPTIONS))])
        if option in seen:
            raise BadInput([Fault("duplicate", details={"given": name, "allowed": name})])
        seen.add(option)
        query = replace(_read(query, option, value, depth), options=(*query.options, (option, value)))
    return query


def parse_expand(text: str, depth: int = 0) -> dict[str, Query]:
    """What is to be shown inside: relation to the query of it; a relation named twice is asked both ways at once."""
    if depth > DEEPEST:
        raise BadInput([Fault("sta_too_deep", details={"allowed": str(DEEPEST)})])
    found: dict[str, Query] = {}
    for part in split_outside(text, ","):
        name, asked = _expand_item(part.strip(), depth)
        found[name] = merge(found[name], asked) if name in found else asked
    return found


def merge(one: Query, other: Query) -> Query:
    """Both queries of one relation together: what the second says more precisely is taken from it."""
    expand = dict(one.expand)
    for name, inner in other.expand.items():
        expand[name] = merge(expand[name], inner) if name in expand else inner
    both = [part for part in (one.filter, other.filter) if part is not None]
    return replace(
        one,
        filter=Operation("and", (both[0], both[1])) if len(both) == 2 else (both[0] if both else None),
        orderby=other.orderby or one.orderby,
        top=one.top if other.top is None else other.top,
        skip=other.skip or one.skip,
        count=one.count or other.count,
        select=tuple(dict.fromkeys(one.select + other.select)) if one.select and other.select else one.select,
        expand=expand,
        options=tuple({**dict(one.options), **dict(other.options)}.items()),
    )


def _expand_item(text: str, depth: int) -> tuple[str, Query]:
    opening = text.find("(")
    path, inner = (text, "") if opening < 0 else (text[:opening], text[opening:])
    if inner and not inner.endswith(")"):
        raise syntax(text, opening)
    steps = [step.strip() for step in path.split("/")]
    if not all(steps):
        raise syntax(text, 0)
    if len(steps) > DEEPEST:
        raise BadInput([Fault("sta_too_deep", details={"allowed": str(DEEPEST)})])
    options = []
    for part in split_outside(inner[1:-1], ";") if inner else []:
        if part.strip():
            name, equals, value = part.partition("=")
            if not equals:
                raise syntax(text, text.find(part))
            options.append((name.strip(), value))
    query = read_options(options, depth + 1)
    if query.apply is not None:
        raise BadInput([Fault("sta_not_built", column="$apply", details={"given": text[:80], "allowed": "$apply=…"})])
    written = inner
    for step in reversed(steps[1:]):
        query = Query(expand={step: query}, options=(("$expand", step + written),))
        written = f"($expand={step}{written})"
    return steps[0], query


def _read(query: Query, option: str, value: str, depth: int) -> Query:
    if option == "$filter":
        return replace(query, filter=parse_filter(value))
    if option == "$orderby":
        return replace(query, orderby=tuple(_order(part) for part in split_outside(value, ",")))
    if option == "$select":
        return replace(query, select=tuple(part.strip() for part in value.split(",") if part.strip()))
    if option == "$expand":
        return replace(query, expand=parse_expand(value, depth))
    if option == "$count":
        return replace(query, count=_truth(value))
    if option == "$top":
        return replace(query, top=_whole(option, value))
    if option == "$skip":
        return replace(query, skip=_whole(option, value))
    if option == "$resultFormat":
        return replace(query, result_format=value.strip())
    if option == "$skiptoken":
        return replace(query, skiptoken=value.strip())
    return replace(query, apply=parse_apply(value))


def _order(text: str) -> Order:
    words = text.strip().rsplit(None, 1)
    if len(words) == 2 and words[1].lower() in ("asc", "desc"):
        return Order(parse_value(words[0]), words[1].lower() == "desc")
    return Order(parse_value(text))


def _truth(text: str) -> bool:
    if text.strip().lower() not in ("true", "false"):
        raise BadInput([Fault("not_one_of", details={"given": text, "allowed": "true, false"})])
    return text.strip().lower() == "true"


def _whole(option: str, text: str) -> int:
    text = text.strip()
    if not text.isdecimal() or len(text) > 12:
        raise BadInput([Fault("bad_number", column=option, details={"given": text, "allowed": "0, 1, 2 …"})])
    return int(text)


_OPTION_OF = {option.lower(): option for option in OPTIONS}
