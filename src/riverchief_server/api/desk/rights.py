"""Who may call which operation: the table ``rights.csv`` is the rule; an operation that it lacks is refused to all.

``right`` is a word of ``roles.csv``, ``any`` for everybody who is logged in, ``open`` for strangers too. ``scope`` says
of what: ``all`` of the county, ``seen`` (only of the cases that the account may see), ``own`` (of the account itself).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest

from riverchief.errors import Fault, NotAllowed
from riverchief.table import read_table
from riverchief_server.asked.who import account_of, require

OPEN, ANY = "open", "any"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Right:
    """One row of ``rights.csv``."""

    operation: str
    method: str
    path: str
    right: str
    scope: str


@cache
def all_rights() -> dict[tuple[str, str], Right]:
    """Every row by method and path, such as ``("GET", "/cases/{number}")``."""
    rows = (Right(**row) for row in read_table("riverchief_server.api.desk", "rights.csv"))
    return {(row.method, row.path): row for row in rows}


def check_right(request: HttpRequest) -> None:
    """Raises where the asker may not do what they ask: ``NotLoggedIn``, or ``NotAllowed`` also for what has no row."""
    match = request.resolver_match
    route = PARAMETER.sub(r"{\1}", match.route if match else "").removeprefix("api")
    row = all_rights().get((request.method or "", route))
    if row is not None and row.right == OPEN:
        return
    account = account_of(request)
    if row is None:
        role = account.the_role
        raise NotAllowed(Fault("not_allowed", details={"given": role.name_zh, "given_en": role.name_en}))
    if row.right != ANY:
        require(request, row.right)
