"""Orders and places in them: a page begins behind a row and not at a number, so rows that arrive do not shift it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from riverchief.errors import BadInput, Fault
from riverchief_server.sensorthings.odata.query import Order
from riverchief_server.sensorthings.sql.convert import as_kind, mismatch
from riverchief_server.sensorthings.sql.operations import ORDERED
from riverchief_server.sensorthings.sql.sentence import Context, Sql
from riverchief_server.sensorthings.sql.translate import Scope, translate
from riverchief_server.sensorthings.vocabulary import Entity


@dataclass(frozen=True)
class Term:
    """One term of an order: its value and its direction. What has no value comes last."""

    value: Sql
    descending: bool = False

    @property
    def sql(self) -> str:
        """As it stands behind ORDER BY; the value is written twice."""
        way = " DESC" if self.descending else ""
        return f"({self.value.text}) IS NULL, {self.value.text}{way}"

    @property
    def parameters(self) -> tuple[Any, ...]:
        """Of :attr:`sql`."""
        return self.value.parameters + self.value.parameters


def terms_of(orders: Sequence[Order], entity: Entity, alias: str, context: Context) -> list[Term]:
    """The terms that ``orders`` mean, without the identity at the end that makes an order complete."""
    terms = []
    for order in orders:
        value = translate(order.expression, Scope.of(entity, alias), context)
        if value.kind == "period":
            value = as_kind(value, "time", context)
        if value.kind == "any":
            # numbers among themselves, then texts
            kinds = ("number",) if value.number else ("number", "text")
            terms += [Term(as_kind(value, kind, context), order.descending) for kind in kinds]
            continue
        if value.kind not in ORDERED:
            raise mismatch(value.kind, "$orderby")
        terms.append(Term(value, order.descending))
    return terms


def behind(terms: Sequence[Term], values: Sequence[Any]) -> Sql:
    """The condition that a row comes behind the one whose terms have ``values``."""
    if len(values) != len(terms):
        raise bad_token()
    choices: list[str] = []
    parameters: list[Any] = []
    for position, (term, value) in enumerate(zip(terms, values, strict=True)):
        if value is None:
            continue
        parts = []
        for earlier, held in zip(terms[:position], values[:position], strict=True):
            parts.append(f"{earlier.value.text} IS NULL" if held is None else f"{earlier.value.text} = %s")
            parameters += earlier.value.parameters
            parameters += [] if held is None else [held]
        sign = "<" if term.descending else ">"
        parts.append(f"({term.value.text} {sign} %s OR {term.value.text} IS NULL)")
        parameters += [*term.value.parameters, value, *term.value.parameters]
        choices.append("(" + " AND ".join(parts) + ")")
    return Sql("(" + (" OR ".join(choices) or "1 = 0") + ")", tuple(parameters), "truth")


def write_token(values: Sequence[Any]) -> str:
    """A place in an order as text for an address."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def read_token(text: str) -> list[Any]:
    """The place that ``text`` says. Raises ``sta_bad_token``."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        raise bad_token() from None
    if not isinstance(values, list) or not all(isinstance(one, str | int | float | None) for one in values):
        raise bad_token()
    return values


def bad_token() -> BadInput:
    """The refusal of a place that we did not write."""
    return BadInput([Fault("sta_bad_token")])
