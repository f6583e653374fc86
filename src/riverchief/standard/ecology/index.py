"""EI (HJ 192-2015) and EQI (环监测〔2021〕99号): weighted sums of indices from 0 to 100, stress and load inverted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from riverchief.errors import BadInput, unknown_name
from riverchief.standard.ecology.bands import Band, band_of
from riverchief.standard.verification import caveat, weakest
from riverchief.table import read_table

Scheme = Literal["ei", "eqi"]


@dataclass(frozen=True)
class IndexScore:
    """``score`` and its grade; ``parts`` what each index added. ``score`` is ``None`` where ``missing`` names one."""

    scheme: str
    score: float | None
    grade_zh: str
    grade_en: str
    parts: Mapping[str, float]
    missing: tuple[str, ...]
    edition: str
    verification: str

    def explain(self, language: str = "zh") -> str:
        """One sentence with every part and the caveat."""
        chinese = language.startswith("zh")
        parts = ("、" if chinese else ", ").join(f"{key} {value:.2f}" for key, value in self.parts.items())
        name = self.scheme.upper()
        if self.score is None:
            lacking = ("、" if chinese else ", ").join(self.missing)
            said = f"{name} 无法计算，缺{lacking}" if chinese else f"{name} cannot be computed without {lacking}"
        elif chinese:
            said = f"{name} = {self.score:.2f}，{self.grade_zh}（{parts}；{self.edition}）"
        else:
            said = f"{name} = {self.score:.2f}, {self.grade_en} ({parts}; {self.edition})"
        return said + caveat(self.verification, language)


def score_index(scheme: Scheme, values: Mapping[str, float | None], *, limit: float = 0.0) -> IndexScore:
    """The score from its first-level indices (each 0 to 100).

    ``ei``: 0.35 BIO + 0.25 VEG + 0.15 WAT + 0.15 (100 − STRESS) + 0.10 (100 − LOAD) + ``limit``; ``eqi``: 0.36
    PATTERN + 0.35 FUNCTION + 0.19 BIODIV + 0.10 (100 − STRESS). ``limit`` (环境限制指数, zero or negative) is for the
    user to set. Raises :class:`~riverchief.errors.BadInput` for an unknown scheme or index.
    """
    rows = [row for row in _indices() if row["scheme"] == scheme]
    known = [row["key"] for row in rows]
    if not rows:
        raise BadInput([unknown_name("unknown_rule", scheme, sorted({row["scheme"] for row in _indices()}))])
    faults = [unknown_name("unknown_rule", key, known) for key in values if key not in known]
    if faults:
        raise BadInput(faults)
    given = {key: value for key, value in values.items() if value is not None and value == value}
    parts = {
        row["key"]: float(row["weight"]) * (100.0 - given[row["key"]] if row["inverted"] == "1" else given[row["key"]])
        for row in rows
        if row["key"] in given
    }
    missing = tuple(key for key in known if key not in given)
    score = None if missing else sum(parts.values()) + limit
    band = band_of(scheme, "grade", float("nan") if score is None else score)
    level = weakest((*(row["verification"] for row in rows), *([band.verification] if band else [])))
    words = (band.zh, band.en) if band else ("", "")
    return IndexScore(scheme, score, *words, parts, missing, rows[0]["edition"], level)


def change_of(scheme: Scheme, before: float, after: float) -> Band | None:
    """The size of the change from ``before`` to ``after`` (its sign is better or worse)."""
    return band_of(scheme, "change", round(abs(after - before), 9))


def ei_part(index: str, terms: Mapping[str, float], *, area: float = float("nan"), rain: float = float("nan")) -> float:
    """A first-level index of EI from its terms: Σ weight · coefficient · term / divisor (``ei_terms.csv``).

    ``index`` is HQ (the habitat part of BIO), VEG, WAT, STRESS or LOAD; the divisor is ``area`` or ``rain`` in the
    units of HJ 192. Every coefficient is **unverified** (own knowledge). A missing term gives NaN. Raises
    :class:`~riverchief.errors.BadInput` for an unknown index.
    """
    rows = [row for row in read_table("riverchief.standard.ecology", "ei_terms.csv") if row["index"] == index]
    if not rows:
        known = sorted({row["index"] for row in read_table("riverchief.standard.ecology", "ei_terms.csv")})
        raise BadInput([unknown_name("unknown_rule", index, known)])
    divisors = {"area": area, "rain": rain, "": 1.0}
    return sum(
        float(row["weight"])
        * float(row["coefficient"])
        * terms.get(row["term"], float("nan"))
        / divisors[row["divisor"]]
        for row in rows
    )


@cache
def _indices() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.ecology", "indices.csv"))
