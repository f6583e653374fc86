"""Values below a detection limit (``<0.01``, ``0.01L``, 未检出): what is judged in their place, by a rule of a table.

``censored_rules.csv``: ``half`` judges half the detection limit, but not where the detection limit itself is above the
limit of the target class, for then nobody knows whether the target is met; ``limit`` judges the detection limit, which
is never too good; ``refuse`` judges only what is class I for certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table


@dataclass(frozen=True)
class CensoredRule:
    """``factor`` times the detection limit is judged; ``refuse_above`` names the class whose limit it must not exceed
    (``target`` for the class that the place must meet; empty: never refused)."""

    name: str
    factor: float
    refuse_above: str
    zh: str
    en: str
    verification: str


@cache
def censored_rules() -> dict[str, CensoredRule]:
    """Every rule by its name."""
    return {
        row["rule"]: CensoredRule(
            row["rule"], float(row["factor"]), row["refuse_above"], row["zh"], row["en"], row["verification"]
        )
        for row in read_table("riverchief.standard", "censored_rules.csv")
    }


def censored_rule(name: str) -> CensoredRule:
    """The rule ``name``. Raises :class:`~riverchief.errors.BadInput` (``not_one_of``)."""
    rules = censored_rules()
    if name not in rules:
        raise BadInput([unknown_name("unknown_rule", name, list(rules))])
    return rules[name]


def substitute(
    bounds: NDArray[np.float64], rule: CensoredRule, highest: NDArray[np.float64] | float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What is judged for detection limits ``bounds``, and which of them are refused.

    ``highest`` is the largest detection limit that may be judged (the limit of the class in ``refuse_above``), in the
    same unit.
    """
    refused = bounds > np.asarray(highest) * (1.0 + 1e-9) if rule.refuse_above else np.zeros(bounds.shape, np.bool_)
    return bounds * rule.factor, refused
