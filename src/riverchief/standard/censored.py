"""Values that are known by a bound only (``<0.01``, ``0.01L``, 未检出, ``>24000``): what is judged in their place.

The rules are ``censored_rules.csv``: ``half`` judges half the detection limit, ``limit`` the detection limit itself,
``refuse`` only what is class I for certain. Whatever the rule puts there, a verdict is never better than the bound
proves: a class must hold at the detection limit too, and where the detection limit is above the limit of the class in
``refuse_above`` nobody knows whether the target is met.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table

DEFAULT_RULE = "half"
PLAIN, BELOW, ABOVE = 0, 1, 2  # in columns: a value is itself, an upper bound, a lower bound


@dataclass(frozen=True)
class CensoredRule:
    """A row of ``censored_rules.csv``.

    ``factor`` times the detection limit is what takes part; ``refuse_above`` names the class whose limit the detection
    limit must not exceed (``target`` for the class that the place must meet; empty: never refused).
    """

    name: str
    factor: float
    refuse_above: str
    zh: str
    en: str
    verification: str

    def words(self, language: str) -> str:
        """What the rule does, in ``language`` (``"zh"`` or ``"en"``)."""
        return self.zh if language.startswith("zh") else self.en

    def class_not_to_exceed(self, target: str) -> str:
        """The class whose limit a detection limit must not exceed; empty where the rule never refuses."""
        return target if self.refuse_above == "target" else self.refuse_above


@dataclass(frozen=True)
class Censored:
    """A value of which only bounds are known, ``least`` <= value <= ``most`` [the item's unit].

    ``taken`` is what a rule put in its place where it is a mean (``None``: the rule decides). A single value below its
    detection limit has ``least`` 0, one above its measuring range ``most`` infinite; "not detected" without a detection
    limit has ``most`` NaN.
    """

    least: float
    most: float
    taken: float | None = None

    @property
    def operator(self) -> str:
        """``<`` where something is known from above only, else ``>``."""
        return ">" if math.isinf(self.most) else "<"

    @property
    def bound(self) -> float:
        """The number that was reported with the sign."""
        return self.least if math.isinf(self.most) else self.most

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known but that it was not detected."""
        return math.isnan(self.most)


Reported = float | Censored | None


def below(bound: float) -> Censored:
    """``<bound``, a value below its detection limit; NaN for 未检出 without one."""
    return Censored(0.0, bound)


def above(bound: float) -> Censored:
    """``>bound``, a value above the measuring range."""
    return Censored(bound, math.inf)


def with_operator(operator: str, bound: float) -> Censored:
    """The value that was reported as ``operator`` (``<`` or ``>``) ``bound``."""
    return above(bound) if operator == ">" else below(bound)


def bound_of(value: Reported) -> int:
    """Whether ``value`` is itself (:data:`PLAIN`), an upper bound (:data:`BELOW`) or a lower bound (:data:`ABOVE`)."""
    if not isinstance(value, Censored):
        return PLAIN
    return ABOVE if value.operator == ">" else BELOW


@cache
def censored_rules() -> dict[str, CensoredRule]:
    """Every rule by its name."""
    return {
        row["rule"]: CensoredRule(
            row["rule"],
            float(row["factor"]),
            row["refuse_above"],
            row["zh"],
            row["en"],
            row["verification"],
        )
        for row in read_table("riverchief.standard", "censored_rules.csv")
    }


def censored_rule(name: str) -> CensoredRule:
    """The rule ``name``. Raises :class:`~riverchief.errors.BadInput` (``not_one_of``)."""
    rules = censored_rules()
    if name not in rules:
        raise BadInput([unknown_name("unknown_rule", name, list(rules))])
    return rules[name]
