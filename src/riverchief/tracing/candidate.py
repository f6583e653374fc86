"""Whom a trace suspects: outfalls with the odds they bring along, or every reach where none is known.

The odds are rows of ``candidate_odds.csv`` and, for what was measured, of ``substance_odds.csv``: engineers' judgement
in round numbers, to be replaced by a county's own record where there is one. They multiply, and only their ratios
count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place import Location, Network, ReachKind
from riverchief.table import read_table


@dataclass(frozen=True)
class Candidate:
    """One possible source. ``prior`` is its odds against the others before anything was measured [-], greater than 0;
    :meth:`of` takes it from the table. ``kind`` is a code of ``candidate_odds.csv``."""

    id: str
    location: Location
    prior: float = 1.0
    kind: str = ""
    name: str = ""

    @classmethod
    def of(
        cls,
        id: str,
        location: Location,
        *,
        kind: str = "",
        permit: str = "",
        past_cases: int = 0,
        name: str = "",
        parameter: str = "",
    ) -> Candidate:
        """A candidate with the odds of its kind, its permit (``valid``, ``expired``, ``none`` or ``""``), its cases of
        the last two years, and of such a kind having released ``parameter`` (a code; ``""``: not said).

        Raises ``BadInput`` (``unknown_kind``, ``not_one_of``, ``out_of_range``), all that apply.
        """
        faults = []
        odds = candidate_odds()
        if ("kind", kind) not in odds:
            faults.append(unknown_name("unknown_kind", kind, [code for factor, code in odds if factor == "kind"]))
        if ("permit", permit) not in odds:
            allowed = ", ".join(code for factor, code in odds if factor == "permit" and code)
            faults.append(Fault("not_one_of", column="permit", details={"given": permit, "allowed": allowed}))
        if past_cases < 0:
            details = {"given": str(past_cases), "allowed": ">= 0"}
            faults.append(Fault("out_of_range", column="past_cases", details=details))
        if faults:
            raise BadInput(faults)
        prior = odds["kind", kind] * odds["permit", permit] * odds["history", str(min(past_cases, 2))]
        return cls(id, location, prior * substance_odds(parameter, kind), kind, name)


@cache
def candidate_odds() -> dict[tuple[str, str], float]:
    """Odds [-] by (factor, code), as in ``candidate_odds.csv``."""
    return {(row["factor"], row["code"]): float(row["odds"]) for row in read_table(__package__, "candidate_odds.csv")}


def kind_name(code: str, language: str = "en") -> str:
    """What a kind of ``candidate_odds.csv`` is called in ``language`` (``"zh"`` or ``"en"``)."""
    for row in read_table(__package__, "candidate_odds.csv"):
        if (row["factor"], row["code"]) == ("kind", code):
            return row["zh" if language.startswith("zh") else "en"]
    return code


@cache
def substance_odds(parameter: str, kind: str) -> float:
    """Odds [-] of an outfall of ``kind`` holding ``parameter``, as in ``substance_odds.csv``; 1 where it says
    nothing."""
    for row in read_table(__package__, "substance_odds.csv"):
        if parameter in row["substances"].split("|") and kind in row["kinds"].split("|"):
            return float(row["odds"])
    return 1.0


def every_reach(network: Network, reaches: Sequence[int] | None = None) -> list[Candidate]:
    """The middle of every river reach (or of some, by position) as candidates; the odds go with the length."""
    positions = range(network.n) if reaches is None else reaches
    found = []
    for i in positions:
        if network.kind[i] == ReachKind.RIVER:
            name = network.ids[[i]].tolist()[0]
            length = float(network.length_m[i])
            found.append(Candidate(f"reach:{name}", Location(name, 0.5 * length), length, "reach"))
    return found


def is_unlisted(candidate: Candidate) -> bool:
    """Whether a candidate is a reach of :func:`every_reach`, standing for whatever source is on no list."""
    return candidate.kind == "reach" and candidate.id.startswith("reach:")


def candidate_faults(candidates: Sequence[Candidate]) -> list[Fault]:
    """What is wrong with a list of candidates besides their places: ids given twice, odds that are none."""
    faults = []
    seen: dict[str, int] = {}
    for number, candidate in enumerate(candidates, start=1):
        if candidate.id in seen:
            details = {"given": candidate.id, "allowed": f"#{seen[candidate.id]}"}
            faults.append(Fault("duplicate", column="candidate", details=details))
        seen.setdefault(candidate.id, number)
        if not (math.isfinite(candidate.prior) and candidate.prior > 0):
            details = {"given": f"{candidate.id}: {candidate.prior:g}", "allowed": "> 0"}
            faults.append(Fault("out_of_range", column="prior", details=details))
    return faults
