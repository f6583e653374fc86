"""Values that are only known to lie below or above a bound, as laboratories write them.

``<0.01``, ``0.01L`` (HJ 630-2011: the detection limit followed by L), ``<0.01L``, ``小于0.01``, ``未检出(0.01)``,
``0.01（未检出）``, ``ND<0.01``, ``≥24000``, ``大于24000``; and words for "not detected" that name no limit.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from riverchief.sheet.numbers import NUMBER, number_and_unit
from riverchief.sheet.words import words

# the mark L, and after it perhaps the unit: "0.01L", "0.01 (L)", "0.01L mg/L"
_LIMIT_L = re.compile(rf"(?P<number>{NUMBER})\s*(?:L|\(L\))(?:\s+(?P<unit>\S+)|\((?P<inside>[^()]+)\))?", re.IGNORECASE)


class Bound(NamedTuple):
    """``operator`` is ``<`` or ``>``; ``limit`` is None where none is named; ``unit`` as written in the cell."""

    operator: str
    limit: float | None
    unit: str = ""
    decimals: int = 0


def read_bound(text: str) -> Bound | None:
    """The bound that ``text`` (narrow, stripped) names; None where it names none."""
    lowered = text.casefold()
    undetected = words("undetected")
    if lowered in undetected:
        return Bound(undetected[lowered], None)
    if found := _LIMIT_L.fullmatch(text):
        return _bound("<", _without_mark(found))
    if found := _operator().match(lowered):
        operator = words("below").get(found[0]) or words("above")[found[0]]
        rest = text[found.end() :].strip()
        if operator == "<" and (stated := _LIMIT_L.fullmatch(rest)):
            rest = _without_mark(stated)
        return _bound(operator, rest)
    if found := _undetected().fullmatch(lowered):
        group = next(name for name in ("inside", "open", "after") if found[name] is not None)
        limit = text[found.start(group) : found.end(group)].removeprefix("<").strip()
        stated = _LIMIT_L.fullmatch(limit)
        return _bound("<", _without_mark(stated) if stated else limit)
    return None


def _without_mark(found: re.Match[str]) -> str:
    return f"{found['number']} {found['unit'] or found['inside'] or ''}".strip()


def _bound(operator: str, text: str) -> Bound | None:
    found = number_and_unit(text)
    return None if found is None else Bound(operator, found.value, found.unit, found.decimals)


@cache
def _operator() -> re.Pattern[str]:
    """The longest word for "below" or "above" at the beginning."""
    spelled = sorted([*words("below"), *words("above")], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, spelled)))


@cache
def _undetected() -> re.Pattern[str]:
    """``未检出(0.01)``, ``ND 0.01 mg/L``, ``0.01(ND)``, ``0.01ND``."""
    spelled = "|".join(map(re.escape, sorted((word for word in words("undetected")), key=len, reverse=True)))
    limit = rf"<?\s*{NUMBER}\s*(?:[^\d\s().,+-][^()]*?)?"
    before = rf"(?:{spelled})\s*(?:\(\s*(?P<inside>{limit})\s*\)|[:,]?\s*(?P<open>{limit}))"
    after = rf"(?P<after>{NUMBER})\s*\(?(?:{spelled})\)?"
    return re.compile(f"{before}|{after}")
