"""CWQI, the index by which cities are ranked (城市地表水环境质量排名技术规定, 2017): lower is better.

Each item counts ``C / S_III``; oxygen ``S / C``; pH ``(7 − pH) / (7 − 6)`` up to 7 and ``(pH − 7) / (9 − 7)`` above.
The index of a section is the sum over its items; of a city the mean over river sections and lake points by their
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from riverchief.parameter import by_code
from riverchief.standard.surface_water.limits import class_items, limits_for

EDITION = "城市地表水环境质量排名技术规定（2017）"
VERIFICATION = "multi_source"  # the item formulas; CITY_VERIFICATION for the mean over a city
CITY_VERIFICATION = "own_knowledge"
REFERENCE = "III"
NEUTRAL_PH = 7.0


@dataclass(frozen=True)
class Cwqi:
    """``index`` the sum of ``parts``; ``missing`` the items of the 21 that were not there (they make it too small)."""

    index: float
    parts: Mapping[str, float]
    missing: tuple[str, ...]
    edition: str = EDITION
    verification: str = VERIFICATION


def section_index(values: Mapping[str, float | None], water: str = "river") -> Cwqi:
    """The index of a section or lake point from period means [canonical units].

    Two indices may only be compared if they have the same items: look at ``missing``.
    """
    given = by_code(values)
    parts: dict[str, float] = {}
    missing = []
    for code in class_items(water):
        value = given.get(code)
        if value is None or value != value or value < 0.0 or (code == "DO" and value == 0.0):
            missing.append(code)
        else:
            parts[code] = _part(code, value, water)
    return Cwqi(sum(parts.values()), parts, tuple(missing))


def city_index(river: float, sections: int, lake: float, points: int) -> float:
    """The index of a city, ``(river · M + lake · N) / (M + N)``; M, N the numbers of sections and lake points.

    Verification ``own_knowledge``. NaN where there is neither a section nor a point.
    """
    total = sections + points
    if not total:
        return float("nan")
    return ((river * sections if sections else 0.0) + (lake * points if points else 0.0)) / total


def change_of_index(now: float, before: float) -> float:
    """By how much an index changed [%]; negative is better. NaN where ``before`` is 0."""
    return (now - before) / before * 100.0 if before else float("nan")


def _part(code: str, value: float, water: str) -> float:
    item = limits_for(water)[code]
    if code == "PH":
        low, high = item.low[0], item.high[0]
        return (NEUTRAL_PH - value) / (NEUTRAL_PH - low) if value <= NEUTRAL_PH else (value - NEUTRAL_PH) / (high - 7.0)
    return item[REFERENCE] / value if item.direction == "min" else value / item[REFERENCE]
