"""Reads ``$apply``: filter, compute, then groups with figures of each (a part of OData Data Aggregation 4.0).

filter(phenomenonTime ge 2026-11-01)/compute(date(phenomenonTime) as day)
    /groupby((Datastream/id,day),aggregate(result with average as mean,$count as n))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from riverchief.errors import BadInput, Fault
from riverchief_server.asked.lexing import LONGEST
from riverchief_server.sensorthings.odata.expression import Call, Expression, Member, Operation
from riverchief_server.sensorthings.odata.parser import parse_filter, parse_value
from riverchief_server.sensorthings.odata.splitting import split_outside
from riverchief_server.sensorthings.odata.tokens import syntax

METHODS = ("average", "min", "max", "sum", "countdistinct")
STEP = re.compile(r"\s*([A-Za-z]+)\s*\((.*)\)\s*", re.DOTALL)
NAMED = re.compile(r"\s*(.+?)\s+as\s+([^\W\d]\w*)\s*", re.DOTALL | re.IGNORECASE)
WITH = re.compile(r"\s*(.+?)\s+with\s+(\S+)\s*", re.DOTALL | re.IGNORECASE)
MEMBER = re.compile(r"\s*@?[\w.]+(/@?[\w.]+)*\s*")
POSSIBLE = "filter(…)/compute(…)/groupby((…),aggregate(…)), aggregate(…)"
MOST = 20


@dataclass(frozen=True)
class Made:
    """One figure of each group: ``method`` of ``of`` under ``name``; the number of rows where there is no ``of``."""

    name: str
    method: str
    of: Expression | None = None


@dataclass(frozen=True)
class Key:
    """What groups are told apart by: ``path`` is where it stands in the answer."""

    path: tuple[str, ...]
    of: Expression


@dataclass(frozen=True)
class Apply:
    """What is to be made of observations that pass ``filter``: figures for each group; without keys one group of all.

    ``is_grouped`` tells the empty answer (no groups) from the one group of nothing.
    """

    filter: Expression | None = None
    keys: tuple[Key, ...] = ()
    made: tuple[Made, ...] = ()
    is_grouped: bool = False


def parse_apply(text: str) -> Apply:
    """What ``text`` says. Raises ``sta_not_built`` for what the standard knows and we do not, else ``sta_syntax``."""
    if len(text) > LONGEST:
        raise BadInput([Fault("sta_too_long", details={"given": str(len(text)), "allowed": str(LONGEST)})])
    found = Apply()
    computed: dict[str, Expression] = {}
    is_done = False
    for part in split_outside(text, "/"):
        match = STEP.fullmatch(part)
        if match is None:
            raise _not_built(part.strip()) if re.fullmatch(r"\s*\w+\s*", part) else syntax(text, text.find(part))
        name, inside = match[1].lower(), match[2]
        if is_done or name not in _STEPS:
            raise _not_built(part.strip())
        if name == "filter":
            condition = _with(parse_filter(inside), computed)
            both = condition if found.filter is None else Operation("and", (found.filter, condition))
            found = replace(found, filter=both)
        elif name == "compute":
            computed |= _computed(inside, computed)
        else:
            is_done = True
            keys = _keys(inside, computed) if name == "groupby" else ()
            rest = _behind_keys(inside) if name == "groupby" else inside
            made = () if rest is None else _made(rest, computed)
            found = replace(found, keys=keys, made=made, is_grouped=name == "groupby")
    if not is_done:
        raise _not_built(text.strip())
    names = [made.name for made in found.made] + list({key.path[0] for key in found.keys if len(key.path) > 1})
    names += [key.path[0] for key in found.keys if len(key.path) == 1]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput([Fault("duplicate", column="$apply", details={"given": twice, "allowed": twice})])
    if len(names) > MOST:
        raise BadInput([Fault("sta_too_deep", column="$apply", details={"allowed": str(MOST)})])
    return found


_STEPS = ("filter", "compute", "groupby", "aggregate")


def _computed(text: str, known: dict[str, Expression]) -> dict[str, Expression]:
    found = {}
    for part in split_outside(text, ","):
        match = NAMED.fullmatch(part)
        if match is None:
            raise syntax(part, 0)
        found[match[2]] = _with(parse_value(match[1]), known)
    return found


def _keys(text: str, computed: dict[str, Expression]) -> tuple[Key, ...]:
    first = split_outside(text, ",")[0].strip()
    if not (first.startswith("(") and first.endswith(")")):
        raise syntax(text, 0)
    keys = []
    for part in split_outside(first[1:-1], ","):
        of = parse_value(part) if MEMBER.fullmatch(part) else None
        if not isinstance(of, Member):
            # rollup(…) and expressions without a name
            raise _not_built(f"groupby(({part.strip()}))")
        keys.append(Key(of.path, _with(of, computed)))
    paths = [key.path for key in keys]
    if len(set(paths)) < len(paths):
        twice = next("/".join(path) for path in paths if paths.count(path) > 1)
        raise BadInput([Fault("duplicate", column="$apply", details={"given": twice, "allowed": twice})])
    return tuple(keys)


def _behind_keys(text: str) -> str | None:
    parts = split_outside(text, ",")
    if len(parts) == 1:
        return None
    match = STEP.fullmatch(",".join(parts[1:]))
    if match is None or match[1].lower() != "aggregate":
        raise _not_built(",".join(parts[1:]).strip())
    return match[2]


def _made(text: str, computed: dict[str, Expression]) -> tuple[Made, ...]:
    found = []
    for part in split_outside(text, ","):
        named = NAMED.fullmatch(part)
        if named is None:
            raise syntax(part, len(part))
        if named[1] == "$count":
            found.append(Made(named[2], "count"))
            continue
        of = WITH.fullmatch(named[1])
        if of is None:
            raise syntax(part, 0)
        if of[2].lower() not in METHODS:
            allowed = ", ".join((*METHODS, "$count"))
            raise BadInput([Fault("not_one_of", column="$apply", details={"given": of[2], "allowed": allowed})])
        found.append(Made(named[2], of[2].lower(), _with(parse_value(of[1]), computed)))
    return tuple(found)


def _with(expression: Expression, computed: dict[str, Expression]) -> Expression:
    """``expression`` with what stands behind the names that were computed."""
    if isinstance(expression, Member):
        return computed.get(expression.path[0], expression) if len(expression.path) == 1 else expression
    if isinstance(expression, Operation):
        return replace(expression, operands=_all_with(expression.operands, computed))
    if isinstance(expression, Call):
        return replace(expression, arguments=_all_with(expression.arguments, computed))
    return expression


def _all_with(parts: Sequence[Expression], computed: dict[str, Expression]) -> tuple[Expression, ...]:
    return tuple(_with(part, computed) for part in parts)


def _not_built(given: str) -> BadInput:
    return BadInput([Fault("sta_not_built", column="$apply", details={"given": given[:80], "allowed": POSSIBLE})])
