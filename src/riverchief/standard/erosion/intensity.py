"""Grades of water erosion (SL 190-2007): by modulus, or by slope and cover where no modulus is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table

SLOPES = ((5.0, 8.0, "slope_5_8"), (8.0, 15.0, "slope_8_15"), (15.0, 25.0, "slope_15_25"), (25.0, 35.0, "slope_25_35"))


@dataclass(frozen=True)
class ErosionGrade:
    """A grade with its place in the order (1 微度 to 6 剧烈), and how well its table was checked."""

    order: int
    zh: str
    en: str
    edition: str
    verification: str


def grade_of_modulus(modulus_t_km2_a: float, region: str = "southwest_rocky") -> ErosionGrade | None:
    """The grade of an erosion modulus [t/(km2·a)]; up to the region's soil loss tolerance it is 微度. ``None`` for NaN.

    ``region`` is a row of ``tolerance.csv``; Chongqing lies in ``southwest_rocky`` (500 t/(km2·a)).
    """
    tolerance = _tolerance(region)
    for row in reversed(_intensity()):
        lower = tolerance if row["lower_t_km2_a"] == "tolerance" else float(row["lower_t_km2_a"])
        if modulus_t_km2_a >= lower:
            return _grade(row)
    return None


def grade_by_cover(slope_deg: float, cover_pct: float | None) -> ErosionGrade | None:
    """The grade by slope and vegetation cover; ``cover_pct`` ``None`` is sloping cropland. **Unverified** table.

    Below 5° or above 75 % cover it is 微度. ``None`` for NaN.
    """
    if slope_deg != slope_deg or (cover_pct is not None and cover_pct != cover_pct):
        return None
    rows = read_table("riverchief.standard.erosion", "slope_cover.csv")
    if slope_deg < 5.0 or (cover_pct is not None and cover_pct >= 75.0):
        word = _intensity()[0]["grade_zh"]
    else:
        column = next((name for low, high, name in SLOPES if low <= slope_deg < high), "slope_over_35")
        word = next(row[column] for row in rows if _matches(row, cover_pct))
    row = next(row for row in _intensity() if row["grade_zh"] == word)
    return ErosionGrade(int(row["order"]), word, row["grade_en"], rows[0]["edition"], rows[0]["verification"])


def _matches(row: dict[str, str], cover_pct: float | None) -> bool:
    if cover_pct is None or row["land"] == "cropland":
        return cover_pct is None and row["land"] == "cropland"
    return cover_pct >= float(row["cover_from_pct"] or 0.0) and cover_pct < float(row["cover_below_pct"])


def _tolerance(region: str) -> float:
    rows = {row["region"]: row for row in read_table("riverchief.standard.erosion", "tolerance.csv")}
    if region not in rows:
        raise BadInput([unknown_name("unknown_rule", region, list(rows))])
    return float(rows[region]["tolerance_t_km2_a"])


def _grade(row: dict[str, str]) -> ErosionGrade:
    return ErosionGrade(int(row["order"]), row["grade_zh"], row["grade_en"], row["edition"], row["verification"])


@cache
def _intensity() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.erosion", "intensity.csv"))
