"""三率 of a works, a township or a year: collection, treatment and compliance, with the influent concentration beside.

A collection rate by BOD falls when rain and river water dilute the sewage, and a treatment rate by volume rises: so
every rate is shown with its formula, its inputs and what entered the works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from riverchief.standard.verification import caveat
from riverchief.table import read_table

GRAMS_PER_KILOGRAM = 1000.0


@dataclass(frozen=True)
class WorksPeriod:
    """One works in one period. ``None`` where a figure is not known.

    ``treated_m3`` volume treated; ``discharged_m3`` sewage that arose in its area; ``bod_in_mg_l`` and ``cod_in_mg_l``
    influent means weighted by volume; ``population`` served or to be served; ``days`` in the period; ``verdicts`` the
    verdict of each monitored day (``None`` not known) with its volume [m3] where known.
    """

    works: str
    treated_m3: float | None = None
    discharged_m3: float | None = None
    bod_in_mg_l: float | None = None
    cod_in_mg_l: float | None = None
    population: float | None = None
    days: int = 365
    verdicts: tuple[tuple[bool | None, float | None], ...] = ()


@dataclass(frozen=True)
class Rate:
    """``percent`` is ``None`` where an input is missing (named in ``missing``); ``numerator`` / ``denominator`` in
    ``unit``.

    Above 100 the inputs contradict each other, and ``remark`` says so.
    """

    kind: str
    name_zh: str
    name_en: str
    percent: float | None
    numerator: float | None
    denominator: float | None
    unit: str
    formula_zh: str
    formula_en: str
    missing: tuple[str, ...]
    verification: str
    remark: str = ""

    def explain(self, language: str = "zh") -> str:
        """The rate with its formula and figures."""
        chinese = language.startswith("zh")
        name, formula = (self.name_zh, self.formula_zh) if chinese else (self.name_en, self.formula_en)
        if self.percent is None:
            lacking = ("、" if chinese else ", ").join(self.missing)
            said = f"{name}：无法计算，缺{lacking}" if chinese else f"{name}: cannot be computed without {lacking}"
        else:
            said = f"{name}{'：' if chinese else ': '}{self.percent:.1f}%"
            said += f"（{formula}" if chinese else f" ({formula}"
            said += f" = {self.numerator:g} / {self.denominator:g} {self.unit}{'）' if chinese else ')'}"
        said += f"；{self.remark}" if self.remark and chinese else f"; {self.remark}" if self.remark else ""
        return said + caveat(self.verification, language)


@dataclass(frozen=True)
class ThreeRates:
    """三率 of one or several works; ``bod_in_mg_l`` and ``cod_in_mg_l`` are the influent means weighted by volume.

    ``compliance`` counts volume where every judged day's is known, else days: its ``unit`` says which.
    """

    works: tuple[str, ...]
    collection: Rate
    treatment: Rate
    compliance: Rate
    bod_in_mg_l: float | None
    cod_in_mg_l: float | None

    def explain(self, language: str = "zh") -> str:
        """The three rates and the influent concentration."""
        chinese = language.startswith("zh")
        known = [
            f"{n} {v:.0f} mg/L" for n, v in (("BOD5", self.bod_in_mg_l), ("COD", self.cod_in_mg_l)) if v is not None
        ]
        influent = ("、" if chinese else ", ").join(known) or ("未知" if chinese else "not known")
        parts = [rate.explain(language) for rate in (self.collection, self.treatment, self.compliance)]
        parts.append(f"进水浓度 {influent}" if chinese else f"influent {influent}")
        return ("；" if chinese else "; ").join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Plain values that ``json.dumps`` takes."""
        return asdict(self)


def three_rates(periods: Sequence[WorksPeriod]) -> ThreeRates:
    """三率 over ``periods``: one works, all works of a township, or all of a county in one period.

    * collection = Σ Q · BOD_in / Σ (population · 45 g · days) x 100 [%]
    * treatment = Σ treated / Σ discharged x 100 [%]
    * compliance = volume (or days) meeting the limits / all judged x 100 [%]; days without a verdict are in neither and
      are named in the remark
    """
    # m³ · g/m³ / 1000 -> kg
    entering = [_times(p.treated_m3, p.bod_in_mg_l, 1.0 / GRAMS_PER_KILOGRAM) for p in periods]
    per_person = float(_row("collection")["constant"]) / GRAMS_PER_KILOGRAM  # kg per person and day
    produced = [_times(p.population, float(p.days), per_person) for p in periods]
    collection = _rate("collection", entering, produced, "kg BOD5", ("Q", "BOD_in", "population"))
    treated, discharged = [p.treated_m3 for p in periods], [p.discharged_m3 for p in periods]
    treatment = _rate("treatment", treated, discharged, "m3", ("treated", "discharged"))
    return ThreeRates(
        tuple(p.works for p in periods),
        collection,
        treatment,
        _compliance([verdict for p in periods for verdict in p.verdicts]),
        _influent([(p.treated_m3, p.bod_in_mg_l) for p in periods]),
        _influent([(p.treated_m3, p.cod_in_mg_l) for p in periods]),
    )


def _rate(
    kind: str,
    above: Sequence[float | None],
    below: Sequence[float | None],
    unit: str,
    inputs: tuple[str, ...],
    remark: str = "",
) -> Rate:
    row = _row(kind)
    known = bool(above) and None not in above and None not in below
    numerator = sum(value or 0.0 for value in above) if known else None
    denominator = sum(value or 0.0 for value in below) if known else None
    percent = 100.0 * numerator / denominator if numerator is not None and denominator else None
    if percent is not None and percent > 100.0:
        remark = "大于100%，请核对输入 / above 100 %: check the inputs"
    return Rate(
        kind,
        row["zh"],
        row["en"],
        percent,
        numerator,
        denominator,
        unit,
        row["formula_zh"],
        row["formula_en"],
        () if percent is not None else inputs,
        row["verification"],
        remark,
    )


def _compliance(verdicts: Sequence[tuple[bool | None, float | None]]) -> Rate:
    judged = [(complies, volume) for complies, volume in verdicts if complies is not None]
    unknown = len(verdicts) - len(judged)
    remark = f"另有 {unknown} 天无法判定 / {unknown} days could not be judged" if unknown else ""
    by_volume = bool(judged) and all(volume is not None for _, volume in judged)
    weights = [volume if by_volume else 1.0 for _, volume in judged]
    above = [weight if complies else 0.0 for (complies, _), weight in zip(judged, weights, strict=True)]
    return _rate("compliance", above, weights, "m3" if by_volume else "d", ("verdicts",), remark)


def _influent(pairs: Sequence[tuple[float | None, float | None]]) -> float | None:
    """The mean concentration weighted by volume [mg/L]; ``None`` if any works lacks one of the two."""
    if not pairs or any(volume is None or concentration is None for volume, concentration in pairs):
        return None
    total = sum(volume or 0.0 for volume, _ in pairs)
    return sum((volume or 0.0) * (c or 0.0) for volume, c in pairs) / total if total else None


def _times(one: float | None, other: float | None, factor: float) -> float | None:
    return None if one is None or other is None else one * other * factor


@cache
def _row(kind: str) -> dict[str, str]:
    return next(row for row in read_table("riverchief.standard.sewage", "rates.csv") if row["rate"] == kind)
