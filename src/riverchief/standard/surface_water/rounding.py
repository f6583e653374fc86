"""How many decimals a value is judged with: ``rounding.csv`` (环办监测函〔2020〕82号, from programs that cite it)."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.standard.rounding import round_half_even
from riverchief.table import read_table

Stage = Literal["none", "hour", "evaluation"]
VERIFICATION = "secondary_sources"


@cache
def _table() -> dict[str, dict[str, str]]:
    return {row["parameter"]: row for row in read_table(__package__ or "", "rounding.csv")}


def decimals_of(parameter: str, stage: Stage) -> int | None:
    """Decimals of ``parameter`` (its code) for an hourly value or an evaluated mean; ``None`` if no rule is known."""
    row = _table().get(parameter)
    cell = row[f"{stage}_decimals"] if row and stage != "none" else ""
    return int(cell) if cell else None


def rounded(parameter: str, values: NDArray[np.float64], stage: Stage) -> NDArray[np.float64]:
    """``values`` [canonical unit] as they are judged at ``stage``; where no rule is known they stay as they are."""
    decimals = decimals_of(parameter, stage)
    return values if decimals is None else round_half_even(values, decimals, keep_a_digit=True)
