"""The main pollutants of a section or a river (环办〔2011〕22号).

Of a section: none if it is class III or better; else the items worse than class III, the worst class first, within a
class the largest over-limit multiple first, at most three; cyanide and heavy metals over the limit go before all. Of a
river with five or more sections: the items by the share of sections in which they are worse than class III.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riverchief.parameter import find_parameter
from riverchief.standard.classes import rank_of
from riverchief.standard.evidence import Evidence, Judgement
from riverchief.standard.rounding import show_multiple
from riverchief.standard.surface_water.limits import limits_for

REFERENCE = "III"  # main pollutants refer to class III whatever the target of the place is
AT_MOST = 3


@dataclass(frozen=True)
class Pollutant:
    """``multiple`` is (C − S) / S with S the class III limit, ``None`` for pH and oxygen; ``share`` is the share of
    sections over the limit [%] where the pollutant is a river's."""

    item: str
    water_class: str
    multiple: float | None = None
    share: float | None = None

    def name(self, language: str) -> str:
        """The name of the item."""
        return find_parameter(self.item).name(language)

    def text(self, language: str = "zh") -> str:
        """``总磷(0.3)``; of a river ``总磷(25.0%)``."""
        name = self.name(language)
        if self.share is not None:
            return f"{name}({self.share:.1f}%)"
        return name if self.multiple is None else f"{name}({show_multiple(self.multiple)})"


def main_pollutants(judgement: Judgement, at_most: int = AT_MOST) -> tuple[Pollutant, ...]:
    """The main pollutants of a section, the first first; empty for class III and better.

    Where no class could be given they are those that are known to be worse than class III.
    """
    if rank_of(judgement.at_best) <= rank_of(REFERENCE):
        return ()
    found = [_pollutant(e, judgement.water) for e in judgement.evidence if _is_over(e)]
    return tuple(sorted(found, key=lambda p: _order(p, judgement.water))[:at_most])


def pollutants_of_sections(judgements: Sequence[Judgement], at_most: int = AT_MOST) -> tuple[Pollutant, ...]:
    """The main pollutants of a river with five or more sections, by the share of judged sections over the limit."""
    judged = [judgement for judgement in judgements if judgement.water_class is not None]
    counts: dict[str, list[Evidence]] = {}
    for judgement in judged:
        for e in filter(_is_over, judgement.evidence):
            counts.setdefault(e.item, []).append(e)
    shares = [
        Pollutant(item, max((e.water_class for e in over), key=rank_of), share=100.0 * len(over) / len(judged))
        for item, over in counts.items()
    ]
    return tuple(sorted(shares, key=lambda p: (-(p.share or 0.0), -rank_of(p.water_class)))[:at_most])


def pollutants_text(pollutants: Sequence[Pollutant], language: str = "zh") -> str:
    """``总磷(0.3)、氨氮(0.2)``."""
    return ("、" if language.startswith("zh") else ", ").join(p.text(language) for p in pollutants)


def _is_over(e: Evidence) -> bool:
    return rank_of(e.water_class) > rank_of(REFERENCE)


def _pollutant(e: Evidence, water: str) -> Pollutant:
    item = limits_for(water)[e.item]
    limit = item[REFERENCE]
    return Pollutant(e.item, e.water_class, (e.value - limit) / limit if item.direction == "max" else None)


def _order(pollutant: Pollutant, water: str) -> tuple[bool, int, float]:
    first = limits_for(water)[pollutant.item].first_when_over
    return (not first, -rank_of(pollutant.water_class), -(pollutant.multiple or 0.0))
