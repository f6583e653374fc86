"""The trophic level of lakes and reservoirs, TLI (环办〔2011〕22号; 总站生字〔2001〕090号).

``TLI_j = 10 (a + b ln x)`` for chlorophyll-a, TP, TN, transparency and CODMn; ``TLI = Σ W_j TLI_j`` with
``W_j = r_j² / Σ r²``. Where one is missing the weights are recomputed over those present: that is our reading.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.parameter import by_code, find_parameter
from riverchief.standard.band import in_band
from riverchief.standard.rounding import round_half_even
from riverchief.table import read_table
from riverchief.units import convert


@dataclass(frozen=True)
class TrophicLevel:
    """``tli`` and its grade; ``parts`` the TLI of each parameter, ``weights`` what each counted, ``missing``
    what was not there. ``tli`` is NaN and the grade empty where nothing was measured."""

    tli: float
    grade_zh: str
    grade_en: str
    parts: Mapping[str, float]
    weights: Mapping[str, float]
    missing: tuple[str, ...]
    edition: str
    verification: str

    def explain(self, language: str = "zh") -> str:
        """One sentence with every part."""
        chinese = language.startswith("zh")
        parts = [f"{find_parameter(item).name(language)} {value:.1f}" for item, value in self.parts.items()]
        if not parts:
            return "无法计算综合营养状态指数" if chinese else "the trophic level cannot be computed"
        if chinese:
            short = f"；缺{'、'.join(find_parameter(i).name('zh') for i in self.missing)}" if self.missing else ""
            return f"综合营养状态指数 {self.tli:.1f}，{self.grade_zh}（{'、'.join(parts)}{short}；{self.edition}）"
        short = f"; without {', '.join(find_parameter(i).name('en') for i in self.missing)}" if self.missing else ""
        return f"trophic level index {self.tli:.1f}, {self.grade_en} ({', '.join(parts)}{short}; {self.edition})"


def trophic_level(values: Mapping[str, float | None]) -> TrophicLevel:
    """The trophic level from ``values`` [canonical units: CHLA, TP, TN, CODMN mg/L, SD m].

    Values that are missing, zero or negative have no logarithm and count as missing. The grade is by the TLI rounded to
    one decimal, as it is printed.
    """
    given = {code: float("nan") if v is None else float(v) for code, v in by_code(values).items()}
    parts, weights = {}, {}
    missing = []
    for row in _coefficients():
        code = row["parameter"]
        part = float(part_of(code, np.array([given.get(code, np.nan)]))[0])
        if math.isnan(part):
            missing.append(code)
        else:
            parts[code], weights[code] = part, float(row["r_with_chla"]) ** 2
    total = sum(weights.values())
    weights = {code: weight / total for code, weight in weights.items()}
    tli = sum(weights[code] * parts[code] for code in parts) if parts else float("nan")
    zh, en = grade_of(tli)
    first = _coefficients()[0]
    return TrophicLevel(tli, zh, en, parts, weights, tuple(missing), first["edition"], first["verification"])


def part_of(parameter: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """``10 (a + b ln x)`` of one parameter for ``values`` [its canonical unit]; NaN where x is not positive."""
    row = next(row for row in _coefficients() if row["parameter"] == parameter)
    x = np.where(values > 0.0, values, np.nan)
    in_unit = convert(x, find_parameter(parameter).unit, row["unit"])
    return 10.0 * (float(row["a"]) + float(row["b"]) * np.log(in_unit))


def grade_of(tli: float) -> tuple[str, str]:
    """The grade of a TLI in Chinese and English; empty for NaN."""
    printed = tli if math.isnan(tli) else round_half_even(tli, 1)
    for row in read_table("riverchief.standard.surface_water", "tli_grades.csv"):
        if in_band(printed, row):
            return row["grade_zh"], row["grade_en"]
    return "", ""


@cache
def _coefficients() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.surface_water", "tli_coefficients.csv"))
