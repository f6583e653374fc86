"""Numbers as people write them: ``1,234``, ``１２．５``, ``2.4×10^-2``, ``500 µg/L``; the printed decimals are kept.

A comma divides thousands only where it stands as one does (``1,234.5``); ``1,23`` is no number, for nobody can tell
what it was meant to be.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

NUMBER = r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:e[+-]?\d+|\s*[x*×✕·]\s*10\s*\^?\s*[+-]?\d+)?"
_WHOLE = re.compile(rf"(?P<number>{NUMBER})\s*(?P<unit>[^\d\s,.+-].*)?", re.IGNORECASE)
_POWER = re.compile(r"\s*[x*×✕·]\s*10\s*\^?\s*", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED = re.compile(r"(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")


class Written(NamedTuple):
    """A number, the unit glued to it (empty: none) and the decimals that were printed."""

    value: float
    unit: str = ""
    decimals: int = 0


def number_and_unit(text: str) -> Written | None:
    """The finite number that ``text`` (narrow, stripped) is, with its unit; None where it is none."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        return None
    number = found["number"].replace(",", "")
    value = float(_POWER.sub("e", number))
    if not math.isfinite(value):
        return None
    return Written(value, (found["unit"] or "").strip(), printed_decimals(number))


def printed_decimals(number: str) -> int:
    """How many decimals ``number`` is printed with; 0 where it is written with a power of ten."""
    is_scaled = "e" in number.casefold() or _POWER.search(number)
    return 0 if is_scaled else len(number.partition(".")[2].strip())


def with_plain_signs(text: str) -> str:
    """``text`` with the raised figures of ``10⁻²`` written ``10^-2``, which narrowing would join to the ten, and with
    the signs ``−`` and ``–`` before a figure made a hyphen."""
    raised = _RAISED.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
    return re.sub(r"[−–](?=\s*[\d.])", "-", raised)
