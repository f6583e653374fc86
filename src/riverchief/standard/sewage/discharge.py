"""A day's discharge of a sewage works against its grade of GB 18918-2002 (tables 1 and 2; daily means).

Ammonia has one limit for water above 12 °C and one for colder water; phosphorus one for works built up to 2005 and one
for newer. The local standard of Chongqing, DB50/848, was not found: it is not in the tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, Fault
from riverchief.parameter import by_code
from riverchief.standard.evidence import Compliance, Evidence, Excluded, Origin, verdict
from riverchief.standard.surface_water.item import meets
from riverchief.standard.verification import weakest
from riverchief.table import read_table

STANDARD = "GB 18918-2002"
GRADES: Mapping[str, str] = {"1A": "一级A标准", "1B": "一级B标准", "2": "二级标准", "3": "三级标准"}
WARM_ABOVE = 12.0  # degC
_SPELLINGS = {
    "一级A": "1A", "一级A标准": "1A", "一级B": "1B", "一级B标准": "1B", "二级": "2", "二级标准": "2", "三级": "3",
    "三级标准": "3",
}  # fmt: skip


@dataclass(frozen=True)
class DischargeLimit:
    """``low`` to ``high`` [unit] of one item in one grade; ``not_detectable`` items must not be detected at all."""

    parameter: str
    unit: str
    low: float
    high: float
    not_detectable: bool
    clause: str
    edition: str
    verification: str


def read_grade(spelling: str) -> str:
    """``1A`` for ``1A``, ``一级A`` or ``一级A标准``. Raises :class:`~riverchief.errors.BadInput`."""
    grade = _SPELLINGS.get(spelling.strip(), spelling.strip().upper())
    if grade not in GRADES:
        allowed = "、".join(GRADES)
        raise BadInput([Fault("not_one_of", details={"given": spelling, "allowed": allowed})])
    return grade


@cache
def discharge_limits(grade: str, *, warm: bool = True, built_from_2006: bool = True) -> Mapping[str, DischargeLimit]:
    """The limits of a grade by parameter code, for warm (above 12 °C) or cold water, newer or older works."""
    conditions = {"", "warm" if warm else "cold", "built_from_2006" if built_from_2006 else "built_to_2005"}
    found = {}
    for row in read_table("riverchief.standard.sewage", "limits.csv"):
        cell = row[f"grade_{read_grade(grade)}"]
        if row["condition"] not in conditions or not cell:
            continue
        low, high = (float(end) for end in cell.split("-")) if "-" in cell else (-math.inf, _high(cell))
        found[row["parameter"]] = DischargeLimit(
            row["parameter"],
            row["unit"],
            low,
            high,
            cell == "nd",
            row["clause"],
            row["edition"],
            row["verification"],
        )
    return found


def judge_discharge(
    values: Mapping[str, float | None],
    grade: str = "1A",
    *,
    temperature: float | None = None,
    built_from_2006: bool = True,
    origins: Mapping[str, Origin] | None = None,
) -> Compliance:
    """Whether a day's discharge meets its grade.

    Parameters
    ----------
    values
        Daily means [canonical unit] by any spelling; ``None`` or NaN for what was due and not obtained. A day complies
        if every item monitored that day does. Alkyl mercury must be 0 (not detected).
    grade
        ``1A``, ``1B``, ``2`` or ``3``.
    temperature
        Water temperature [degC], also from ``values["WT"]``; without one the stricter ammonia limit (above 12 °C)
        holds.
    built_from_2006
        Whether the works were built from 2006-01-01 on (phosphorus).

    Raises :class:`~riverchief.errors.BadInput`: unknown parameter or grade.
    """
    grade = read_grade(grade)
    given = by_code(values)
    measured = temperature if temperature is not None else given.get("WT")
    # An unknown temperature takes the stricter limit: missing never passes.
    warm = measured is None or math.isnan(measured) or measured > WARM_ABOVE
    limits = discharge_limits(grade, warm=warm, built_from_2006=built_from_2006)
    evidence: list[Evidence] = []
    excluded: list[Excluded] = []
    for code, value in given.items():
        limit = limits.get(code)
        if limit is None:
            excluded.append(Excluded(code, "not_in_standard", value))
        elif value is None or math.isnan(value):
            excluded.append(Excluded(code, "missing"))
        elif value < 0.0:
            excluded.append(Excluded(code, "negative", value))
        else:
            evidence.append(_judge(limit, value, (origins or {}).get(code)))
    judged, left = tuple(evidence), tuple(excluded)
    level = weakest(e.verification for e in judged) if judged else "official_text"
    return Compliance(verdict(judged, left), judged, left, STANDARD, STANDARD, level, GRADES[grade], f"grade {grade}")


def _judge(limit: DischargeLimit, value: float, origin: Origin | None) -> Evidence:
    over = not meets(value, limit.low, limit.high)
    is_range = limit.low > -math.inf
    operator = ("not in" if over else "in") if is_range else (">" if over else "<=")
    multiple = (value - limit.high) / limit.high if over and not is_range and limit.high > 0.0 else None
    return Evidence(
        limit.parameter,
        value,
        limit.unit,
        operator,
        limit.high,
        "",
        limit.clause,
        limit.edition,
        lower=limit.low if is_range else None,
        over=over,
        over_limit=multiple,
        origin=origin or Origin(),
        verification=limit.verification,
    )


def _high(cell: str) -> float:
    return 0.0 if cell == "nd" else float(cell)
