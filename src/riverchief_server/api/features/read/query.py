"""What a request for features asks, from its query string. Every fault of it is named at once."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.api.features.cql2.expression import Expression, Literal, Operation, Property
from riverchief_server.api.features.cql2.geometry import bad_box, read_box
from riverchief_server.api.features.cql2.parser import parse_filter
from riverchief_server.api.features.cql2.times import bad_time, read_span
from riverchief_server.api.features.vocabulary import Collection

PAGE = 100
LONGEST_PAGE = 10_000
MOST_SORTED = 3
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# GDAL knows the language only by the name of its draft
FILTER_LANGUAGES = ("cql2-text", "cql-text")
EVERYWHERE = ("f", "lang")
OF_ITEMS = ("limit", "bbox", "datetime", "filter", "filter-lang", "filter-crs", "crs", "bbox-crs", "sortby", "after")
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 and 9999


@dataclass
class Query:
    """Which features: all conditions must hold. ``after`` is where the page before ended: values of ``sort``, a key."""

    limit: int = PAGE
    box: Any = None
    time: tuple[int, int] | None = None
    conditions: list[Expression] = field(default_factory=list)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    after: list[Any] | None = None


def read_query(given: Mapping[str, str], collection: Collection) -> Query:
    """The query in the parameters ``given``. Raises :class:`~riverchief.errors.BadInput` with all that is wrong."""
    query = Query()
    faults: list[Fault] = []

    def attempt(name: str, read: Callable[[str], None]) -> None:
        if name in given:
            try:
                read(given[name])
            except BadInput as refused:
                faults.extend(refused.faults)

    attempt("limit", lambda text: setattr(query, "limit", read_limit(text)))
    attempt("bbox", lambda text: setattr(query, "box", read_bbox(text)))
    attempt("datetime", lambda text: setattr(query, "time", read_datetime(text)))
    attempt("filter", lambda text: query.conditions.append(parse_filter(text)))
    attempt("filter-lang", lambda text: one_of("filter-lang", text, FILTER_LANGUAGES))
    for name in ("filter-crs", "crs", "bbox-crs"):
        attempt(name, lambda text, name=name: one_of(name, text, (CRS84,)))  # type: ignore[misc]
    attempt("sortby", lambda text: setattr(query, "sort", read_sort(text, collection)))
    for name in collection.queryables():
        attempt(name, lambda text, name=name: query.conditions.append(equals(name, text, collection)))  # type: ignore[misc]
    attempt("after", lambda text: setattr(query, "after", read_token(text, len(query.sort))))
    if faults:
        raise BadInput(faults)
    return query


def check_names(pairs: list[tuple[str, str]], allowed: list[str]) -> dict[str, str]:
    """The parameters by name. Raises for each one that is not known, or that is given twice."""
    faults, found = [], {}
    for name, value in pairs:
        if name not in allowed:
            details = {"given": name, "allowed": ", ".join(allowed)}
            faults.append(Fault("features_unknown_parameter", details=details))
        elif name in found:
            faults.append(Fault("features_twice", details={"given": name}))
        else:
            found[name] = value
    if faults:
        raise BadInput(faults)
    return found


def read_limit(text: str) -> int:
    """How many features a page has; more than the most possible is the most possible (Part 1, 7.15.2)."""
    if not text.isascii() or not text.isdigit() or int(text[:20]) < 1:
        details = {"given": f"limit={text[:40]}", "allowed": f"1 … {LONGEST_PAGE}"}
        raise BadInput([Fault("out_of_range", details=details)])
    return min(int(text[:20]), LONGEST_PAGE)


def read_bbox(text: str) -> Any:
    """The shape of ``bbox``."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise bad_box(text) from None
    return read_box(numbers, text)


def read_datetime(text: str) -> tuple[int, int]:
    """The first and last ms of ``datetime``: a time, a day, or an interval with ``..`` or nothing where it is open."""
    begin, slash, end = text.partition("/")
    if not slash:
        return read_span(text)
    first = FIRST_MS if begin in ("", "..") else read_span(begin)[0]
    last = LAST_MS if end in ("", "..") else read_span(end)[1]
    if first > last or (begin in ("", "..") and end in ("", "..")):
        raise bad_time(text)
    return first, last


def read_sort(text: str, collection: Collection) -> list[tuple[str, bool]]:
    """Properties and whether each goes down: ``river,-length_m``. Part 8 writes ``+`` for up, which arrives blank."""
    found: list[tuple[str, bool]] = []
    for part in text.split(","):
        name = part.strip().lstrip("+-").strip()
        if name not in collection.queryables():
            raise BadInput([unknown_name("features_unknown_property", name, collection.queryables())])
        found.append((name, part.strip().startswith("-")))
    if len(found) > MOST_SORTED:
        details = {"given": f"sortby={text[:60]}", "allowed": f"1 … {MOST_SORTED}"}
        raise BadInput([Fault("out_of_range", details=details)])
    return found


def equals(name: str, text: str, collection: Collection) -> Expression:
    """``name=text`` of a query string as a condition; the kind of the property says how ``text`` is read."""
    kind = collection.properties[name].kind
    if kind in ("number", "whole"):
        try:
            return Operation("=", (Property(name), Literal(float(text), "number")))
        except ValueError:
            details = {"given": f"{name}={text[:60]}", "allowed": "12, 3.5"}
            raise BadInput([Fault("bad_number", details=details)]) from None
    if kind == "truth":
        one_of(name, text, ("true", "false"))
        return Operation("=", (Property(name), Literal(text == "true", "truth")))
    if kind in ("time", "time_ms"):
        begin, end = (Literal(ms, "time") for ms in read_span(text))
        return Operation("between", (Property(name), begin, end))
    return Operation("=", (Property(name), Literal(text, "text")))


def one_of(name: str, text: str, allowed: tuple[str, ...]) -> None:
    """Raises ``not_one_of``."""
    if text not in allowed:
        details = {"given": f"{name}={text[:80]}", "allowed": ", ".join(allowed)}
        raise BadInput([Fault("not_one_of", details=details)])


def write_token(values: list[Any]) -> str:
    """Where a page ended, for the address of the next."""
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def read_token(text: str, sorted_by: int) -> list[Any]:
    """What :func:`write_token` wrote. Raises ``features_bad_token``."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        plain = isinstance(values, list) and all(isinstance(one, str | int | float | None) for one in values)
        if plain and len(values) == sorted_by + 1 and type(values[-1]) is int and abs(values[-1]) < 2**63:
            return values  # type: ignore[no-any-return]
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise BadInput([Fault("features_bad_token", details={"given": text[:40]})])
