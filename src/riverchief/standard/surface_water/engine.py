"""Millions of samples at once: the same limits and rules as ``sample.py``, over whole columns of numbers.

Item by item, a class is one plus the number of class limits that the value breaks, so a column of a million values
takes five comparisons. Evidence is built only for the sample that somebody asks about (:meth:`Grades.judgement`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.parameter import by_code
from riverchief.standard.censored import (
    ABOVE,
    BELOW,
    DEFAULT_RULE,
    PLAIN,
    Censored,
    CensoredRule,
    above,
    below,
    censored_rule,
)
from riverchief.standard.classes import CODES, rank_of, read_class
from riverchief.standard.evidence import Judgement, Origin
from riverchief.standard.minimum_items import item_groups
from riverchief.standard.surface_water.item import TOLERANCE, Water, largest_possible
from riverchief.standard.surface_water.limits import LIMIT_CLASSES, ItemLimits, limits_for
from riverchief.standard.surface_water.oxygen import CLASS_I_SATURATION, usable_share
from riverchief.standard.surface_water.sample import grade_sample

Floats = NDArray[np.float64]
Ranks = NDArray[np.uint8]

# What became of one value; a row of reasons.csv but for the first two.
STATUS = (
    "judged",
    "absent",
    "missing",
    "negative",
    "impossible",
    "detection_limit",
    "no_limit_given",
    "flagged",
    "above_range",
    "below_range",
)
JUDGED, ABSENT, MISSING, NEGATIVE, IMPOSSIBLE, DETECTION_LIMIT, NO_LIMIT_GIVEN, FLAGGED, ABOVE_RANGE, BELOW_RANGE = (
    range(10)
)
CLASS_TEXT = np.array(["", *CODES])


@dataclass(frozen=True, eq=False)
class Grades:
    """What :func:`grade_samples` found for n samples and k items that decide the class.

    ``rank`` [n] 1 (class I) to 6 (worse than V), 0 where no class can be given; ``at_best`` [n] the rank by the values
    that are there; ``item_rank`` [k, n], 0 where the item was not judged, and where a bound proves only that it is at
    least so bad (``status`` says that it was not judged) that rank; ``limiting`` [n] has bit j set where item j
    decides the class; ``multiples`` [k, n] over-limit multiple, NaN where there is none; ``status`` [k, n] an index
    into :data:`STATUS`.
    """

    items: tuple[str, ...]
    water: Water
    rank: Ranks
    at_best: Ranks
    item_rank: Ranks
    limiting: NDArray[np.uint32]
    multiples: Floats
    status: Ranks
    target: NDArray[np.uint8]
    values: Mapping[str, Floats]
    bounds: Mapping[str, Ranks]
    other_status: Mapping[str, Ranks]
    maintenance: NDArray[np.bool_]
    missing: Literal["withhold", "ignore"]
    oxygen: Literal["either", "concentration"]
    censored: str

    @property
    def classes(self) -> NDArray[np.str_]:
        """The class code of each sample, ``""`` where it can't be given."""
        return CLASS_TEXT[self.rank]

    def limiting_items(self, sample: int) -> tuple[str, ...]:
        """The items that decide the class of one sample, in the order of the law."""
        bits = int(self.limiting[sample])
        return tuple(item for j, item in enumerate(self.items) if bits >> j & 1)

    def judgement(self, sample: int, origins: Mapping[str, Origin] | None = None) -> Judgement:
        """The judgement of one sample with all its evidence; ``origins`` says how its values came about."""
        values: dict[str, float | Censored | None] = {}
        left_out: dict[str, str] = {}
        states = {item: self.status[j] for j, item in enumerate(self.items)} | dict(self.other_status)
        for code, column in self.values.items():
            state = STATUS[states[code][sample]] if code in states else "judged"
            if state == "absent":
                continue
            values[code] = self._reported(code, float(column[sample]), sample, state)
            if state == "flagged":
                left_out[code] = state
        return grade_sample(
            values,
            water=self.water,
            target=CODES[int(self.target[sample]) - 1],
            state="maintenance" if self.maintenance[sample] else None,
            missing=self.missing,
            oxygen=self.oxygen,
            origins=origins,
            left_out=left_out,
            censored=self.censored,
        )

    def _reported(self, code: str, value: float, sample: int, state: str) -> float | Censored | None:
        """One value as it was reported, with its sign."""
        if state == "no_limit_given":
            return below(np.nan)
        if np.isnan(value):
            return None
        bound = self.bounds[code][sample] if code in self.bounds else PLAIN
        return value if bound == PLAIN else below(value) if bound == BELOW else above(value)


def grade_samples(
    values: Mapping[str, Floats],
    *,
    water: Water = "river",
    target: str | NDArray[np.uint8] = "III",
    status: Mapping[str, Ranks] | None = None,
    maintenance: NDArray[np.bool_] | None = None,
    missing: Literal["withhold", "ignore"] = "withhold",
    oxygen: Literal["either", "concentration"] = "either",
    bounds: Mapping[str, Ranks] | None = None,
    censored: str = DEFAULT_RULE,
) -> Grades:
    """The class, limiting items and over-limit multiples of n samples.

    Parameters
    ----------
    values
        For each item (any spelling of the parameter) its n values in its canonical unit; NaN is a value that was due
        and not obtained. Columns that decide no class (temperature, turbidity) may be among them.
    water, missing, oxygen, censored
        As for :func:`grade_sample`; the water must be said.
    bounds
        For an item, which of its values are bounds: 0 is the value itself, 1 an upper bound (``<``), 2 a lower (``>``).
    target
        One class, or the rank (1 to 5) for each sample.
    status
        For an item, what is known about its values beforehand, as indices into :data:`STATUS` (``absent``: not measured
        at that place, so nothing was due). What is 0 (``judged``) is checked here.
    maintenance
        True for samples whose station is under maintenance; they get no class.

    Raises :class:`~riverchief.errors.BadInput`: unknown parameter, water or class; columns of different lengths.
    """
    columns = {code: np.asarray(column, dtype=np.float64) for code, column in by_code(values).items()}
    known, signs, rule = by_code(status or {}), by_code(bounds or {}), censored_rule(censored)
    size = _size(columns)
    limits = limits_for(water)
    items = tuple(code for code, item in limits.items() if item.use == "class" and code in columns)
    targets = np.full(size, rank_of(read_class(target)), np.uint8) if isinstance(target, str) else target
    closed = np.zeros(size, np.bool_) if maintenance is None else maintenance

    item_rank = np.zeros((len(items), size), np.uint8)
    statuses = np.zeros((len(items), size), np.uint8)
    multiples = np.full((len(items), size), np.nan)
    withheld = closed.copy()
    for j, code in enumerate(items):
        item, column, sign = limits[code], columns[code], signs.get(code)
        statuses[j] = _status(item, column, known.get(code))
        item_rank[j] = _ranks(item, column, statuses[j])
        judged = column
        if sign is not None and sign.any():
            judged = _bounded(item, column, sign, targets, rule, item_rank[j], statuses[j])
        if code == "DO" and oxygen == "either":
            share = usable_share(column, _shares(columns, signs), _unsigned(columns, signs, "WT"))
            saturated = (item_rank[j] > 1) & (share >= CLASS_I_SATURATION * (1.0 - TOLERANCE))
            item_rank[j][saturated] = np.where(statuses[j][saturated] == JUDGED, 1, 0)
        item_rank[j][closed] = 0
        _multiples(item, judged, item_rank[j], targets, multiples[j])
        at_least = (item_rank[j] > 0) & (statuses[j] > ABSENT)
        withheld |= at_least if missing == "ignore" else statuses[j] > ABSENT
    withheld |= ~_enough(items, statuses)
    at_best = item_rank.max(axis=0, initial=0)
    rank = np.where(closed | (withheld & (at_best < len(CODES))), 0, at_best).astype(np.uint8)
    limiting = np.zeros(size, np.uint32)
    decided = rank > 1
    for j in range(len(items)):
        limiting |= ((item_rank[j] == rank) & decided).astype(np.uint32) << np.uint32(j)
    others = {code: column for code, column in known.items() if code not in items}
    for code in columns.keys() - set(items):
        if code in limits and limits[code].use == "apart":
            others[code] = _status(limits[code], columns[code], known.get(code))
            if code in signs:
                of_item = _ranks(limits[code], columns[code], others[code])
                _bounded(limits[code], columns[code], signs[code], targets, rule, of_item, others[code])
    return Grades(
        items,
        water,
        rank,
        at_best,
        item_rank,
        limiting,
        multiples,
        statuses,
        targets,
        columns,
        signs,
        others,
        closed,
        missing,
        oxygen,
        censored,
    )


def _bounded(
    item: ItemLimits,
    column: Floats,
    sign: Ranks,
    targets: NDArray[np.uint8],
    rule: CensoredRule,
    rank: Ranks,
    status: Ranks,
) -> Floats:
    """Bring ``rank`` and ``status`` of the values that are bounds to what they prove; return what is judged.

    ``rank`` is that of the bound itself when this begins. The readable form is ``item.judge_censored``.
    """
    here = status == JUDGED
    under, over = here & (sign == BELOW), here & (sign == ABOVE)
    judged = column.copy()
    if item.direction == "range":
        inside = rank == 1
        high = column > item.high[0] * (1.0 + TOLERANCE)
        status[under & (inside | high)] = BELOW_RANGE
        status[over & (inside | ~high)] = ABOVE_RANGE
        rank[(under | over) & (status > JUDGED)] = 0
        return judged
    if item.direction == "min":
        status[under & (rank < len(CODES))] = BELOW_RANGE
        rank[under & (rank == 1)] = 0
        return judged
    status[over & (rank < len(CODES))] = ABOVE_RANGE
    rank[over & (rank == 1)] = 0
    taken = column * rule.factor
    same = _ranks(item, taken, status) == rank
    judged[under & same] = taken[under & same]
    if rule.refuse_above:
        highest = targets if rule.refuse_above == "target" else np.full(rank.size, rank_of(rule.refuse_above), np.uint8)
        limit = np.array((np.nan, *item.high, np.inf))[highest]
        refused = under & (rank > 1) & (column > limit * (1.0 + TOLERANCE))
        status[refused], rank[refused] = DETECTION_LIMIT, 0
    return judged


def _shares(columns: Mapping[str, Floats], signs: Mapping[str, Ranks]) -> Floats | None:
    """The measured saturation; of ``>90`` the bound, ``<95`` says nothing."""
    share = columns.get("DO_SAT")
    if share is None or "DO_SAT" not in signs:
        return share
    return np.where(signs["DO_SAT"] == BELOW, np.nan, share)


def _unsigned(columns: Mapping[str, Floats], signs: Mapping[str, Ranks], code: str) -> Floats | None:
    """The values of a column that are no bounds."""
    column = columns.get(code)
    return column if column is None or code not in signs else np.where(signs[code] == PLAIN, column, np.nan)


def _enough(items: tuple[str, ...], statuses: Ranks) -> NDArray[np.bool_]:
    """Which samples have the items that a class needs."""
    judged = statuses == JUDGED
    enough = np.ones(statuses.shape[1], np.bool_)
    for group in item_groups():
        rows = [j for j, code in enumerate(items) if not group.items or code in group.items]
        enough &= judged[rows].sum(axis=0) >= group.minimum
    return enough


def _size(columns: Mapping[str, Floats]) -> int:
    sizes = {code: column.size for code, column in columns.items()}
    if len(set(sizes.values())) > 1:
        given = "、".join(f"{code} {size}" for code, size in sizes.items())
        raise BadInput([Fault("not_one_of", details={"given": given, "allowed": "one length for all columns"})])
    return next(iter(sizes.values()), 0)


def _status(item: ItemLimits, column: Floats, known: Ranks | None) -> Ranks:
    """What became of each value of one item."""
    status = np.zeros(column.size, np.uint8)
    status[column < 0.0] = NEGATIVE
    status[column > largest_possible(item)] = IMPOSSIBLE
    status[np.isnan(column)] = MISSING
    return status if known is None else np.where(known > JUDGED, known, status).astype(np.uint8)


def _ranks(item: ItemLimits, column: Floats, status: Ranks) -> Ranks:
    """One plus the number of class limits broken; 0 where the value is not judged."""
    rank = np.ones(column.size, np.uint8)
    if item.direction == "range":
        low, high = item.low[0] * (1.0 - TOLERANCE), item.high[0] * (1.0 + TOLERANCE)
        rank += np.uint8(len(LIMIT_CLASSES)) * ((column < low) | (column > high)).view(np.uint8)
    elif item.direction == "min":
        for low in item.low:
            rank += (column < low * (1.0 - TOLERANCE)).view(np.uint8)
    else:
        for high in item.high:
            rank += (column > high * (1.0 + TOLERANCE)).view(np.uint8)
    rank[status > JUDGED] = 0
    return rank


def _multiples(item: ItemLimits, column: Floats, rank: Ranks, targets: Ranks, out: Floats) -> None:
    """(value − S) / S where the item is worse than the target and the law defines a multiple."""
    if item.direction != "max":
        return
    over = np.flatnonzero((rank > targets) & (targets <= len(LIMIT_CLASSES)))
    limit = np.array(item.high)[targets[over] - 1]
    out[over] = (column[over] - limit) / limit
