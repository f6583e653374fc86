"""The state of a river or basin from its sections (环办〔2011〕22号).

Fewer than five sections: the concentrations are averaged over the sections and the mean is judged by its worst item.
Five or more: the shares of sections in class I-III and worse than V decide, by ``basin_status.csv``, from the top. How
many sections the *river has* decides which, not how many have spoken: a silent station changes no method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from riverchief.standard.censored import DEFAULT_RULE, censored_rule
from riverchief.standard.classes import CLASSES, CODES, WORST, rank_of
from riverchief.standard.evidence import Evidence, Judgement
from riverchief.standard.surface_water.item import Water
from riverchief.standard.surface_water.mean import Spread, evaluated_mean
from riverchief.standard.surface_water.pollutants import Pollutant, main_pollutants, pollutants_of_sections
from riverchief.standard.surface_water.sample import grade_sample
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

    ``status_zh`` is empty where nothing could be judged. ``pollutants`` are those of the river by the share of its
    sections (method ``shares``); under five sections there are only those ``by_section``, in the order of the
    judgements. ``at_worst`` is the status by shares if every section without a class were worse than V.
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
    by_section: tuple[tuple[Pollutant, ...], ...] = ()
    at_worst_zh: str = ""
    at_worst_en: str = ""

    def status(self, language: str) -> str:
        """``轻度污染`` or ``lightly polluted``; empty where nothing could be judged."""
        return self.status_zh if language.startswith("zh") else self.status_en

    def at_worst(self, language: str) -> str:
        """The status at worst, where sections without a class leave it open; else empty."""
        found = self.at_worst_zh if language.startswith("zh") else self.at_worst_en
        return found if self.status_zh and self.at_worst_zh != self.status_zh else ""  # a mean has none


def count_classes(judgements: Sequence[Judgement]) -> Shares:
    """The sections in each class."""
    classes = [judgement.water_class for judgement in judgements]
    return Shares({code: classes.count(code) for code in CODES}, classes.count(None))


def judge_basin(
    judgements: Sequence[Judgement], *, water: Water = "river", target: str = "III", sections: int | None = None
) -> BasinJudgement:
    """The state of a river or basin from the judgements of its sections for one period.

    ``sections`` is how many sections the river has, where not each has a judgement.
    """
    total = max(len(judgements), sections or 0)
    counted = count_classes(judgements)
    shares = Shares(counted.counts, total - counted.judged)
    if total < SHARES_FROM:
        return _by_mean(judgements, shares, water, target)
    found = status_by_shares(shares.good, shares.inferior)
    level = weakest(("multi_source", *(j.verification for j in judgements)))
    pollutants = () if found[0] in ("优", "良好", "") else pollutants_of_sections(judgements)
    worst = _at_worst(shares, total)
    return BasinJudgement(
        found[0],
        found[1],
        "shares",
        shares,
        pollutants,
        None,
        _edition(),
        level,
        found[2],
        at_worst_zh=worst[0],
        at_worst_en=worst[1],
    )


def _at_worst(shares: Shares, total: int) -> tuple[str, str, str]:
    good = sum(shares.counts[c] for c in ("I", "II", "III"))
    return status_by_shares(100.0 * good / total, 100.0 * (shares.counts[WORST] + shares.unjudged) / total)


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
    return last["status_zh"], last["status_en"], "share_edge"


def _by_mean(judgements: Sequence[Judgement], shares: Shares, water: Water, target: str) -> BasinJudgement:
    """The mean over the judged sections, item by item, judged by its worst item."""
    judged = [judgement for judgement in judgements if judgement.water_class is not None]
    rule = censored_rule(DEFAULT_RULE)
    columns: dict[str, list[Evidence]] = {}
    for judgement in judged:
        for e in judgement.evidence:
            columns.setdefault(e.item, []).append(e)
    means = {code: evaluated_mean(code, _over_sections(column), rule) for code, column in columns.items()}
    mean = grade_sample(
        {code: m.value for code, m in means.items() if m},
        water=water,
        target=target,
        origins={code: m.origin for code, m in means.items() if m},
    )
    row = CLASSES.get(mean.water_class or "")
    level = weakest(("multi_source", mean.verification, *(j.verification for j in judged)))
    status = (row.status_zh, row.status_en) if row else ("", "")
    return BasinJudgement(
        *status,
        "mean",
        shares,
        (),
        mean,
        _edition(),
        level,
        by_section=tuple(main_pollutants(judgement) for judgement in judgements),
    )


def _over_sections(column: Sequence[Evidence]) -> Spread:
    """The values of one item over the sections; what was below a detection limit is anything from 0 up to ``most``."""
    taken = np.array([e.value if e.measured is None else e.measured for e in column])
    if all(e.origin.most is None for e in column):
        return Spread(taken, taken, taken)
    most = np.array([max(v, e.origin.most or v) for v, e in zip(taken, column, strict=True)])
    return Spread(np.where(most > taken, 0.0, taken), most, taken)


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
