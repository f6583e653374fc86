"""Names that are nearly those of a parameter: 总鳞 for 总磷, "amonia nitrogen".

Leaving such a column out would hide what it measures, so it is refused with the name that was probably meant. Names of
other things that are measured (``other_items.csv``: 总硬度, 气温) are no slips.
"""

from __future__ import annotations

import difflib
from functools import cache, lru_cache

from riverchief.parameter import all_parameters, spellings_of
from riverchief.sheet.words import folded
from riverchief.table import read_table

LONG_ENOUGH = 4  # letters; a shorter name in letters is like too many
NEAR = 0.9  # likeness of two names in letters, 0 to 1


@lru_cache(maxsize=4096)
def meant_instead(name: str) -> str | None:
    """The name of the parameter that ``name`` nearly is; None where it is like none, or is another thing's own name."""
    wanted = folded(name)
    if wanted in _other_items():
        return None
    known = _known()
    if not wanted.isascii():
        near = [spelling for spelling in known if not spelling.isascii() and is_one_slip(wanted, spelling)]
        return known[near[0]] if near else None
    if len(wanted) < LONG_ENOUGH:
        return None
    like = difflib.get_close_matches(wanted, [spelling for spelling in known if spelling.isascii()], 1, NEAR)
    return known[like[0]] if like else None


def is_one_slip(one: str, other: str) -> bool:
    """Whether one sign differs, is too many or is missing (of at least two, where one is missing of at least three)."""
    if one == other or min(len(one), len(other)) < 2:
        return False
    if len(one) == len(other):
        different = [k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        swapped = len(different) == 2 and different[1] == different[0] + 1
        return len(different) == 1 or (
            swapped and one[different[0]] == other[different[1]] and one[different[1]] == other[different[0]]
        )
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or len(long) < 4:
        return False
    return any(long[:k] + long[k + 1 :] == short for k in range(len(long)))


@cache
def _known() -> dict[str, str]:
    """From the folded names of all parameters to the name that a fault shows."""
    known: dict[str, str] = {}
    for parameter in all_parameters():
        for name in (parameter.name_zh, parameter.name_en, parameter.code, *spellings_of(parameter)):
            known.setdefault(folded(name), name)
    return known


@cache
def _other_items() -> frozenset[str]:
    return frozenset(folded(row["name"]) for row in read_table("riverchief.parameter", "other_items.csv"))
