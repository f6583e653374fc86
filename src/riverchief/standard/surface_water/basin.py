"""The state of a river or basin from its sections (环办〔2011〕22号).

Fewer than five sections: the concentrations are averaged over the sections and the mean is judged by its worst item.
Five or more: the shares of sections in class I-III and worse than V decide, by ``basin_status.csv``, from the top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from riverchief.standard.classes import CLASSES, CODES, WORST, rank_of
from riverchief.standard.evidence import Judgement
from riverchief.standard.surface_water.mean import evaluated_mean
from riverchief.standard.surface_water.pollutants import Pollutant, main_pollutants, pollutants_of_sections
from riverchief.standard.surface_water.sample import Water, grade_sample
from riverchief.standard.verification import weakest
from riverchief.table import read_table

SHARES_FROM = 5  # sections; "exactly five" is read as five or more, one city's page leaves it open


@dataclass(frozen=True)
class Shares:
    """How many sections are in each class; ``unjudged`` have none and count in no share."""

    counts: Mapping[str, int]
    unjudged: int

    @property
    def judged(self) -> int:
        """Sections with a class."""
        return sum(self.counts.values())

    def share(self, *classes: str) -> float | None:
        """The share of judged sections in ``classes`` [%]; ``None`` if no section is judged."""
        return 100.0 * sum(self.counts[c] for c in classes) / self.judged if self.judged else None

    @property
    def good(self) -> float | None:
        """优良比例: sections in class I, II or III [%]."""
        return self.share("I", "II", "III")

    @property
    def inferior(self) -> float | None:
        """劣Ⅴ比例: sections worse than class V [%]."""
        return self.share(WORST)


@dataclass(frozen=True)
class BasinJudgement:
    """The state of a river or basin, by ``method`` ``shares`` or ``mean``; then ``mean`` is the judgement of the mean.

    ``status_zh`` is empty where nothing could be judged.
    """

    status_zh: str
    status_en: str
    method: Literal["shares", "mean"]
    shares: Shares
    pollutants: tuple[Pollutant, ...]
    mean: Judgement | None
    edition: str
    verification: str
    remark: str = ""


def count_classes(judgements: Sequence[Judgement]) -> Shares:
    """The sections in each class."""
    classes = [judgement.water_class for judgement in judgements]
    return Shares({code: classes.count(code) for code in CODES}, classes.count(None))


def judge_basin(judgements: Sequence[Judgement], *, water: Water = "river", target: str = "III") -> BasinJudgement:
    """The state of a river or basin from the judgements of its sections for one period."""
    shares = count_classes(judgements)
    if len(judgements) < SHARES_FROM:
        return _by_mean(judgements, shares, water, target)
    found = status_by_shares(shares.good, shares.inferior)
    level = weakest(("multi_source", *(j.verification for j in judgements)))
    pollutants = () if found[0] in ("优", "良好", "") else pollutants_of_sections(judgements)
    return BasinJudgement(found[0], found[1], "shares", shares, pollutants, None, _edition(), level, found[2])


def status_by_shares(good: float | None, inferior: float | None) -> tuple[str, str, str]:
    """Status in Chinese and English and a remark, from the shares of class I-III and worse than V [%].

    Empty where nothing was judged. At exactly 60 % and 40 % the two printed versions of the table differ; the worse is
    taken.
    """
    if good is None or inferior is None:
        return "", "", ""
    for row in _table():
        if _meets(good, row["good_min_pct"], row["good_below_pct"]) and _meets(
            inferior, row["inferior_min_pct"], row["inferior_below_pct"]
        ):
            return row["status_zh"], row["status_en"], ""
    last = _table()[-1]
    return last["status_zh"], last["status_en"], last["note"]


def _by_mean(judgements: Sequence[Judgement], shares: Shares, water: Water, target: str) -> BasinJudgement:
    """The mean over the judged sections, item by item, judged by its worst item."""
    judged = [judgement for judgement in judgements if judgement.water_class is not None]
    columns: dict[str, list[float]] = {}
    for judgement in judged:
        for e in judgement.evidence:
            columns.setdefault(e.item, []).append(e.value if e.measured is None else e.measured)
    means = {code: evaluated_mean(code, np.array(values)) for code, values in columns.items()}
    mean = grade_sample(
        {code: m.value for code, m in means.items() if m},
        water=water,
        target=target,
        origins={code: m.origin for code, m in means.items() if m},
    )
    row = CLASSES.get(mean.water_class or "")
    level = weakest(("multi_source", mean.verification, *(j.verification for j in judged)))
    status = (row.status_zh, row.status_en) if row else ("", "")
    return BasinJudgement(*status, "mean", shares, main_pollutants(mean), mean, _edition(), level)


def _meets(value: float, lowest: str, below: str) -> bool:
    return (not lowest or value >= float(lowest)) and (not below or value < float(below))


def _edition() -> str:
    return _table()[0]["edition"]


@cache
def _table() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.surface_water", "basin_status.csv"))


def is_good(judgement: Judgement) -> bool | None:
    """Whether a section is 优良 (class I-III); ``None`` where it is not judged."""
    return None if judgement.water_class is None else rank_of(judgement.water_class) <= rank_of("III")
