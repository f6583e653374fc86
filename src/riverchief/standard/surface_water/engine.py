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
from riverchief.standard.classes import CODES, rank_of, read_class
from riverchief.standard.evidence import Judgement, Origin
from riverchief.standard.surface_water.limits import LIMIT_CLASSES, ItemLimits, limits_for
from riverchief.standard.surface_water.oxygen import CLASS_I_SATURATION, usable_share
from riverchief.standard.surface_water.sample import TOLERANCE, Water, grade_sample, largest_possible

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
)
JUDGED, ABSENT, MISSING, NEGATIVE, IMPOSSIBLE, DETECTION_LIMIT, NO_LIMIT_GIVEN, FLAGGED, ABOVE_RANGE = range(9)
CLASS_TEXT = np.array(["", *CODES])


@dataclass(frozen=True, eq=False)
class Grades:
    """What :func:`grade_samples` found for n samples and k items that decide the class.

    ``rank`` [n] 1 (class I) to 6 (worse than V), 0 where no class can be given; ``at_best`` [n] the rank by the values
    that are there; ``item_rank`` [k, n], 0 where the item was not judged; ``limiting`` [n] has bit j set where item j
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
    other_status: Mapping[str, Ranks]
    maintenance: NDArray[np.bool_]
    missing: Literal["withhold", "ignore"]
    oxygen: Literal["either", "concentration"]

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
        values: dict[str, float | None] = {}
        left_out: dict[str, str] = {}
        states = {item: self.status[j] for j, item in enumerate(self.items)} | dict(self.other_status)
        for code, column in self.values.items():
            state = STATUS[states[code][sample]] if code in states else "judged"
            if state == "absent":
                continue
            values[code] = None if np.isnan(column[sample]) else float(column[sample])
            if state not in ("judged", "missing", "negative", "impossible"):
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
        )


def grade_samples(
    values: Mapping[str, Floats],
    *,
    water: Water = "river",
    target: str | NDArray[np.uint8] = "III",
    status: Mapping[str, Ranks] | None = None,
    maintenance: NDArray[np.bool_] | None = None,
    missing: Literal["withhold", "ignore"] = "withhold",
    oxygen: Literal["either", "concentration"] = "either",
) -> Grades:
    """The class, limiting items and over-limit multiples of n samples.

    Parameters
    ----------
    values
        For each item (any spelling of the parameter) its n values in its canonical unit; NaN is a value that was due
        and not obtained. Columns that decide no class (temperature, turbidity) may be among them.
    water, missing, oxygen
        As for :func:`grade_sample`.
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
    known = by_code(status or {})
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
        item, column = limits[code], columns[code]
        statuses[j] = _status(item, column, known.get(code))
        item_rank[j] = _ranks(item, column, statuses[j])
        if code == "DO" and oxygen == "either":
            share = usable_share(column, columns.get("DO_SAT"), columns.get("WT"))
            item_rank[j][(item_rank[j] > 1) & (share >= CLASS_I_SATURATION * (1.0 - TOLERANCE))] = 1
        item_rank[j][closed] = 0
        _multiples(item, column, item_rank[j], targets, multiples[j])
        if item.core and missing == "withhold":
            withheld |= statuses[j] > ABSENT
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
        others,
        closed,
        missing,
        oxygen,
    )


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
