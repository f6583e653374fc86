"""River and lake health after 《河湖健康评价指南（试行）》 (2020): 盆, 水, 生物, 社会服务功能.

Score = Σ layer weight · layer score; a layer's score is the mean of its indicators, an optional one that is not used
leaves its share to the others. The weights are **unverified** (own knowledge): they are shipped as a table so that a
person can check and change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from riverchief.errors import BadInput, unknown_name
from riverchief.standard.ecology.bands import band_of
from riverchief.standard.verification import caveat, weakest
from riverchief.table import read_table


@dataclass(frozen=True)
class HealthScore:
    """``score`` 0 to 100 and its grade, ``None`` and empty where a required indicator is missing; ``layers`` the
    score of each layer."""

    kind: str
    score: float | None
    grade_zh: str
    grade_en: str
    layers: Mapping[str, float]
    missing: tuple[str, ...]
    edition: str
    verification: str

    def explain(self, language: str = "zh") -> str:
        """One sentence with every layer and the caveat."""
        chinese = language.startswith("zh")
        joint = "、" if chinese else ", "
        layers = joint.join(f"{layer} {score:.1f}" for layer, score in self.layers.items())
        if self.score is None:
            lacking = joint.join(self.missing)
            said = f"健康评价无法赋分，缺必选指标：{lacking}" if chinese else f"no health score without {lacking}"
        elif chinese:
            said = f"健康评价 {self.score:.1f} 分，{self.grade_zh}（{layers}；{self.edition}）"
        else:
            said = f"health score {self.score:.1f}, {self.grade_en} ({layers}; {self.edition})"
        return said + caveat(self.verification, language)


def score_health(
    kind: Literal["river", "lake"],
    scores: Mapping[str, float | None],
    *,
    weights: Mapping[str, float] | None = None,
) -> HealthScore:
    """The health of a river or lake.

    Parameters
    ----------
    kind
        ``river`` or ``lake``.
    scores
        The score of each indicator (0 to 100) by its Chinese name in ``river_health.csv``.
    weights
        Weights of indicators inside their layer; equal where not given.

    Raises :class:`~riverchief.errors.BadInput`: unknown indicators.
    """
    rows = [row for row in _rows() if row["kind"] == kind]
    known = [row["indicator"] for row in rows]
    faults = [unknown_name("unknown_rule", name, known) for name in (*scores, *(weights or {})) if name not in known]
    if faults or not rows:
        raise BadInput(faults or [unknown_name("unknown_rule", kind, ["river", "lake"])])
    given = {name: value for name, value in scores.items() if value is not None and value == value}
    missing = tuple(row["indicator"] for row in rows if row["required"] == "1" and row["indicator"] not in given)
    layers: dict[str, float] = {}
    total = 0.0
    for layer in dict.fromkeys(row["layer"] for row in rows):
        used = [row["indicator"] for row in rows if row["layer"] == layer and row["indicator"] in given]
        shares = {name: (weights or {}).get(name, 1.0) for name in used}
        if used:
            layers[layer] = sum(shares[name] * given[name] for name in used) / sum(shares.values())
        weight = next(float(row["layer_weight"]) for row in rows if row["layer"] == layer)
        total += weight * layers.get(layer, 0.0)
    # Every layer of both kinds has a required indicator, so nothing missing means that no layer is empty.
    score = None if missing else total
    band = band_of("river_health", "grade", float("nan") if score is None else score)
    words = (band.zh, band.en) if band else ("", "")
    level = weakest(row["verification"] for row in rows)
    return HealthScore(kind, score, *words, layers, missing, rows[0]["edition"], level)


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.ecology", "river_health.csv"))
