"""What one cell says: a number, a number with its unit, below or above a bound, nothing due, or nothing obtained."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from riverchief.standard.sheet.words import kinds_of_words, plain

Kind = Literal["value", "below", "above", "undetected", "absent", "missing", "bad"]

_NUMBER = r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_BELOW = re.compile(rf"^(?:<=?|≤|小于|低于|nd\s*\(?)\s*(?P<number>{_NUMBER})\s*l?\)?\s*(?P<unit>[^\d\s,.].*)?$")
_BELOW_L = re.compile(rf"^(?P<number>{_NUMBER})\s*(?:\(?l\)?|nd|\(nd\))$")
_ABOVE = re.compile(rf"^(?:>=?|≥|大于|高于)\s*(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s,.].*)?$")
_WITH_UNIT = re.compile(rf"^(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s,.].*)$")
_THOUSANDS = re.compile(r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$")

_EMPTY: tuple[Kind, ...] = ("missing", "absent", "undetected")
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("below", _BELOW_L),
    ("below", _BELOW),
    ("above", _ABOVE),
    ("value", _WITH_UNIT),
)


@dataclass(frozen=True)
class Cell:
    """``value`` is the number, or the bound of ``below`` and ``above``; ``unit`` is there if the cell names one."""

    kind: Kind
    value: float = float("nan")
    unit: str = ""
    decimals: int = 0


def read_cell(text: str) -> Cell:
    """The meaning of ``text``: ``0.25``, ``<0.01``, ``0.01L``, ``ND``, ``*``, ``--``, ``500 µg/L`` ..."""
    try:
        value = float(text)
        if value - value == 0.0:  # neither NaN nor infinite
            return Cell("value", value, "", _decimals(text))
    except ValueError:
        pass
    said = plain(text).replace("−", "-")
    words = kinds_of_words()
    for kind in _EMPTY:
        if said in words[kind]:
            return Cell(kind)
    for kind, pattern in _PATTERNS:
        found = pattern.match(said)
        if found:
            value = _number(found["number"])
            unit = _unit_as_written(text, found.groupdict().get("unit"))
            return Cell(kind, value, unit, _decimals(found["number"]))
    if _THOUSANDS.match(said) or re.fullmatch(_NUMBER.replace(",", ""), said):
        return Cell("value", _number(said), "", _decimals(said))
    return Cell("bad")


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _decimals(text: str) -> int:
    return len(text.strip().partition(".")[2]) if "e" not in text.lower() else 0


def _unit_as_written(text: str, unit: str | None) -> str:
    """The unit with its own capitals, which ``plain`` has lowered."""
    if not unit:
        return ""
    return text.strip()[-len(unit.strip()) :]
