"""Drinking-water sources: which items a kind of source is judged on, whether it complies, and 水质达标率.

The kinds are ``drinking_kinds.csv``: a county source (三合水库: GB 3838 tables 1, 2 and chosen items of table 3), a
township source (tables 1 and 2), groundwater (GB/T 14848). A source complies when every judged item does; an item of
tables 1 and 2 (or of groundwater) that was due and is missing leaves the verdict open. How much of the month's or
year's programme (``drinking_programmes.csv``: 61, 109, 29 items) was there is said beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from riverchief.errors import BadInput, unknown_name
from riverchief.parameter import by_code, find_parameter
from riverchief.standard.censored import DEFAULT_RULE, Censored, CensoredRule, Reported, censored_rule
from riverchief.standard.evidence import Compliance, Evidence, Excluded, Origin, verdict
from riverchief.standard.surface_water.item import (
    Found,
    Water,
    judge_censored,
    judge_censored_limit,
    judge_item,
    judge_limit,
    why_not,
)
from riverchief.standard.surface_water.limits import GROUND, STANDARD, ground_limits, limits_for, source_limits
from riverchief.standard.verification import weakest
from riverchief.table import read_table


@dataclass(frozen=True)
class SourceKind:
    """A row of ``drinking_kinds.csv``; ``not_judged`` are measured and reported but never decide."""

    kind: str
    type: str
    level: str
    programmes: tuple[str, ...]
    zh: str
    en: str
    water: Water
    table1_class: str
    tables: frozenset[int]
    not_judged: frozenset[str]
    clause: str
    edition: str
    verification: str
    note: str

    def due(self) -> tuple[str, ...]:
        """The items that every source of this kind must have: tables 1 and 2 without those not judged.

        The chosen items of table 3 differ from county to county: name them to :func:`judge_source`.
        """
        if GROUND in self.tables:
            return tuple(ground_limits())
        first = [code for code in limits_for(self.water) if code not in self.not_judged]
        return (*first, *source_limits(2)) if 2 in self.tables else tuple(first)


@cache
def source_kinds() -> dict[str, SourceKind]:
    """Every kind of source by its name."""
    return {
        row["kind"]: SourceKind(
            row["kind"],
            row["type"],
            row["level"],
            tuple(row["programmes"].split("|")),
            row["zh"],
            row["en"],
            cast(Water, row["water"]),
            row["table1_class"],
            frozenset(map(int, row["tables"].split("|"))),
            frozenset(row["not_judged"].split("|")),
            row["clause"],
            row["edition"],
            row["verification"],
            row["note"],
        )
        for row in read_table("riverchief.standard.surface_water", "drinking_kinds.csv")
    }


def kind_of_source(type: str, level: str = "county") -> str:
    """The kind (a row of ``drinking_kinds.csv``) of a source on a ``river``, a ``lake`` or ``ground`` water.

    ``level`` is ``county`` or ``township``. Raises :class:`~riverchief.errors.BadInput`.
    """
    for kind in source_kinds().values():
        if (kind.type, kind.level) == (type, level):
            return kind.kind
    known = sorted({f"{kind.type} {kind.level}" for kind in source_kinds().values() if kind.type})
    raise BadInput([unknown_name("unknown_rule", f"{type} {level}", known)])


@dataclass(frozen=True)
class Programme:
    """A row of ``drinking_programmes.csv``: ``items`` in all, of which ``codes`` have a parameter here."""

    name: str
    items: int
    codes: tuple[str, ...]
    zh: str
    en: str


@cache
def programmes() -> dict[str, Programme]:
    """Every programme of monitoring by its name."""
    found = {}
    for row in read_table("riverchief.standard.surface_water", "drinking_programmes.csv"):
        tables = frozenset(map(int, row["tables"].split("|")))
        codes = [*(limits_for("lake") if 1 in tables else ()), *(ground_limits() if GROUND in tables else ())]
        codes += [code for code, limit in source_limits().items() if limit.table in tables]
        codes += filter(None, row["chosen"].split("|"))
        without = row["without"].split("|")
        kept = tuple(code for code in codes if code not in without)
        found[row["programme"]] = Programme(row["programme"], int(row["items"]), kept, row["zh"], row["en"])
    return found


def judge_source(
    values: Mapping[str, Reported],
    kind: str = "county",
    *,
    items: Iterable[str] | None = None,
    origins: Mapping[str, Origin] | None = None,
    censored: str = DEFAULT_RULE,
    backgrounds: Mapping[str, float] | None = None,
    programme: str | None = None,
) -> Compliance:
    """Whether a drinking-water source complies.

    Parameters
    ----------
    values
        Items [canonical unit] by any spelling; ``None`` or NaN for what was not obtained, a
        :class:`~riverchief.standard.censored.Censored` for what is known by a bound only.
    kind
        A row of ``drinking_kinds.csv``.
    items
        The items that are due, where they are not all of tables 1 and 2 (a reduced monthly programme; the chosen items
        of table 3). What is given in ``values`` is judged in any case if the kind has a limit for it.

    censored
        The rule of ``censored_rules.csv`` for values below their detection limit.
    backgrounds
        What a dated act of the county lets be taken off an item before it is judged [canonical unit] (本底值扣除).
    programme
        A row of ``drinking_programmes.csv``; the kind's monthly one if not given.

    Raises :class:`~riverchief.errors.BadInput`: unknown kind, rule, programme or parameter.
    """
    rule = censored_rule(censored)
    kinds = source_kinds()
    if kind not in kinds:
        raise BadInput([unknown_name("unknown_rule", kind, list(kinds))])
    row = kinds[kind]
    given = by_code(values)
    due = row.due() if items is None else tuple(find_parameter(name).code for name in items)
    evidence: list[Evidence] = []
    excluded: list[Excluded] = []
    natural = by_code(backgrounds or {})
    wanted = _programme(programme or row.programmes[0])
    for code in dict.fromkeys((*due, *given)):
        judged, reason = _judge(row, code, given.get(code), rule, (origins or {}).get(code), natural.get(code))
        evidence += [judged] if judged else []
        excluded += [_left_out(code, reason, given.get(code))] if reason else []
    found, left = tuple(evidence), tuple(excluded)
    level = weakest((row.verification, *(e.verification for e in found)))
    measured = sum(_is_measured(given.get(code)) for code in wanted.codes)
    absent = tuple(code for code in wanted.codes if not _is_measured(given.get(code)))
    return Compliance(
        verdict(found, left),
        found,
        left,
        row.edition,
        row.edition if GROUND in row.tables else STANDARD,
        level,
        row.zh,
        row.en,
        programme=wanted.name,
        expected=wanted.items,
        measured=measured,
        absent=absent,
    )


def _programme(name: str) -> Programme:
    if name not in programmes():
        raise BadInput([unknown_name("unknown_rule", name, list(programmes()))])
    return programmes()[name]


def _is_measured(value: Reported) -> bool:
    return isinstance(value, Censored) or (value is not None and value == value)


def _judge(
    row: SourceKind, code: str, value: Reported, rule: CensoredRule, origin: Origin | None, background: float | None
) -> Found:
    if code in row.not_judged:
        return None, "not_for_sources"
    is_ground = GROUND in row.tables
    item = None if is_ground else limits_for(row.water).get(code)
    limit = ground_limits().get(code) if is_ground else source_limits().get(code)
    if item is None and (limit is None or limit.table not in row.tables):
        return None, "not_in_standard"
    if not _is_measured(value):
        return None, "missing"
    number = value.bound if isinstance(value, Censored) else value
    if number is None or number < 0.0:
        return None, "negative"
    if item is not None and (reason := why_not(code, value, item, None)):
        return None, reason
    if isinstance(value, Censored):
        if item is not None:
            return judge_censored(item, value, row.table1_class, rule, origin)
        assert limit is not None
        return judge_censored_limit(limit, value, rule, origin)
    left = number if background is None else max(0.0, number - background)
    found = judge_item(item, left, row.table1_class, origin) if item else None
    if found is None:
        assert limit is not None
        found = judge_limit(limit, left, origin)
    return (found if background is None else replace(found, background=number - left)), None


def _left_out(code: str, reason: str, value: Reported) -> Excluded:
    if isinstance(value, Censored):
        return Excluded(code, reason, None if value.is_unknown else value.bound, sign=value.operator)
    return Excluded(code, reason, value if value == value else None)


@dataclass(frozen=True)
class SourceRate:
    """水质达标率 of sources: ``by_count`` = compliant / judged x 100, ``by_volume`` = compliant water / judged water
    x 100 [%]; ``None`` where nothing was judged or no volume is known. ``unknown`` verdicts are in neither."""

    compliant: int
    judged: int
    unknown: int
    by_count: float | None
    by_volume: float | None


def source_rate(verdicts: Sequence[tuple[bool | None, float | None]]) -> SourceRate:
    """The rates over (complies, volume drawn [m3]) of each source and period (HJ 774-2015; by count: own reading).

    The rate by volume is given only if the volume of every judged source is known.
    """
    judged = [(complies, volume) for complies, volume in verdicts if complies is not None]
    compliant = [volume for complies, volume in judged if complies]
    volumes = [volume for _, volume in judged]
    by_count = 100.0 * len(compliant) / len(judged) if judged else None
    by_volume = None
    known = [volume for volume in volumes if volume is not None]
    if known and len(known) == len(volumes) and sum(known) > 0.0:
        by_volume = 100.0 * sum(volume or 0.0 for volume in compliant) / sum(known)
    return SourceRate(len(compliant), len(judged), len(verdicts) - len(judged), by_count, by_volume)
