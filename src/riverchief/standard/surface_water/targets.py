"""Sections against their own targets: 断面达标率, 优良比例, 劣Ⅴ比例. Missing never passes and never hides.

The target class of a section is administrative data (功能区类别): it comes with the section, not from a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riverchief.standard.evidence import Judgement
from riverchief.standard.surface_water.basin import count_classes


@dataclass(frozen=True)
class TargetRate:
    """``meeting`` and ``failing`` sections of those ``assessed``; ``unknown`` ones could not be judged.

    ``rate`` = meeting / assessed x 100 [%], ``None`` if none was assessed. ``lowest`` counts the unknown as failing and
    ``highest`` as meeting: the truth lies between.
    """

    meeting: int
    failing: int
    unknown: int

    @property
    def assessed(self) -> int:
        """Sections whose verdict is known."""
        return self.meeting + self.failing

    @property
    def rate(self) -> float | None:
        """断面达标率 [%]."""
        return 100.0 * self.meeting / self.assessed if self.assessed else None

    @property
    def lowest(self) -> float | None:
        """The rate if every unknown section fails [%]."""
        total = self.assessed + self.unknown
        return 100.0 * self.meeting / total if total else None

    @property
    def highest(self) -> float | None:
        """The rate if every unknown section meets its target [%]."""
        total = self.assessed + self.unknown
        return 100.0 * (self.meeting + self.unknown) / total if total else None


def target_rate(judgements: Sequence[Judgement]) -> TargetRate:
    """断面达标率 of sections, each judged with its own ``target``."""
    verdicts = [judgement.meets_target for judgement in judgements]
    return TargetRate(verdicts.count(True), verdicts.count(False), verdicts.count(None))


def good_share(judgements: Sequence[Judgement]) -> float | None:
    """优良断面比例: judged sections in class I-III [%]; ``None`` if none is judged."""
    return count_classes(judgements).good
