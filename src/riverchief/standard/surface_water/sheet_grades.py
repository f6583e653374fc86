"""A whole sheet graded: each sample with its class, limiting items, multiples and what was left out.

Here meet the sheet (what cells say), the rule for values below detection limits, the kinds of water, and the engine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.standard.censored import DEFAULT_RULE, censored_rule
from riverchief.standard.classes import class_of_rank, rank_of, read_class
from riverchief.standard.evidence import Judgement
from riverchief.standard.sheet.samples import ABSENT, MISSING, PRESENT, UNDETECTED, Column, Samples
from riverchief.standard.surface_water import engine
from riverchief.standard.surface_water.engine import Grades, grade_samples
from riverchief.standard.surface_water.item import Water
from riverchief.standard.surface_water.kind_of_water import lake_items, read_water, water_by_name
from riverchief.standard.surface_water.limits import STANDARD, limits_for
from riverchief.standard.surface_water.published import reconcile

_MOST_FAULTS = 200
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class GradedSample:
    """One line of the answer; ``excluded`` pairs an item with the reason (a row of ``reasons.csv``)."""

    place: str
    time: str
    water_class: str | None
    limiting: tuple[str, ...]
    over_limit: Mapping[str, float]
    excluded: tuple[tuple[str, str], ...]
    edition: str


@dataclass(frozen=True, eq=False)
class GradedSheet:
    """The answers in the order of the sheet: iterate for lines, ask :meth:`judgement` for the evidence of one."""

    samples: Samples
    grades: Mapping[Water, Grades]
    which: tuple[tuple[Water, int], ...]
    notes: tuple[Fault, ...]

    def __len__(self) -> int:
        return len(self.which)

    def __iter__(self) -> Iterator[GradedSample]:
        patterns: dict[tuple[Water, bytes], tuple[tuple[str, str], ...]] = {}
        keys = {water: _patterns(grades) for water, grades in self.grades.items()}
        over: dict[Water, list[bool]] = {
            water: np.any(~np.isnan(g.multiples), axis=0, keepdims=True)[0].tolist() for water, g in self.grades.items()
        }
        for n in range(len(self)):
            water, sample = self.which[n]
            yield self._line(n, keys[water][sample], over[water][sample], patterns)

    def judgement(self, n: int) -> Judgement:
        """The judgement of sample ``n`` with all its evidence, as the line shows it."""
        water, sample = self.which[n]
        judged = self.grades[water].judgement(sample)
        decimals = {code: int(column.decimals[n]) for code, column in self.samples.columns.items()}
        return reconcile(judged, self._published(n), decimals)

    def _line(
        self, n: int, pattern: bytes, is_over: bool, patterns: dict[tuple[Water, bytes], tuple[tuple[str, str], ...]]
    ) -> GradedSample:
        water, sample = self.which[n]
        grades, samples = self.grades[water], self.samples
        rank = int(grades.rank[sample])
        key = (water, pattern)
        if key not in patterns:
            patterns[key] = self._excluded(grades, sample)
        water_class, limiting = class_of_rank(rank), grades.limiting_items(sample)
        if 0 < rank < rank_of(self._published(n)):
            judged = self.judgement(n)
            water_class, limiting = judged.water_class, judged.limiting
        over = grades.multiples[:, sample].tolist() if is_over else []
        multiples = [(item, value) for item, value in zip(grades.items, over, strict=False) if value == value]
        largest_first = dict(sorted(multiples, key=lambda pair: -pair[1]))
        place, time = samples.places[n], samples.times[n]
        return GradedSample(place, time, water_class, limiting, largest_first, patterns[key], STANDARD)

    def _published(self, n: int) -> str | None:
        text = self.samples.published[n]
        return _class_or_none(text) if text else None

    def _excluded(self, grades: Grades, sample: int) -> tuple[tuple[str, str], ...]:
        left = [(x.item, x.kind) for x in grades.judgement(sample).excluded]
        return tuple(left + [(name, "not_in_standard") for name in self.samples.unknown])


def _patterns(grades: Grades) -> list[bytes]:
    """For each sample what became of its values: samples with the same have the same left out, for the same reasons."""
    rows = (*grades.status, *grades.other_status.values(), grades.maintenance)
    table = np.ascontiguousarray(np.stack([np.asarray(row, np.uint8) for row in rows], axis=1))
    together, width = table.tobytes(), table.shape[1]
    return [together[n * width : (n + 1) * width] for n in range(table.shape[0])]


@lru_cache(maxsize=1024)
def _class_or_none(text: str) -> str | None:
    try:
        return read_class(text)
    except BadInput:
        return None


def grade_sheet(
    samples: Samples,
    *,
    water: Water | None = None,
    target: str = "III",
    missing: Literal["withhold", "ignore"] = "withhold",
    oxygen: Literal["either", "concentration"] = "either",
    censored: str = DEFAULT_RULE,
) -> GradedSheet:
    """Every sample of a sheet, graded.

    Parameters
    ----------
    samples
        What :func:`riverchief.standard.sheet.read_samples` read.
    water
        ``"river"`` or ``"lake"`` for all samples; ``None`` takes the sheet's own column, else river.
    target, missing, oxygen
        As for :func:`~riverchief.standard.surface_water.sample.grade_sample`.
    censored
        A rule of ``censored_rules.csv`` for values below their detection limit.

    Raises :class:`~riverchief.errors.BadInput`: rows that look like a lake (water_signs.csv) while nothing says what
    they are, once for each place; a row that says it is a lake under ``water="river"``; unknown words.
    """
    censored_rule(censored)
    target = read_class(target)
    waters = waters_of(samples, water)
    grades: dict[Water, Grades] = {}
    which: list[tuple[Water, int]] = [("river", 0)] * len(samples)
    due = _due(samples)
    for kind in sorted(set(waters)):
        rows = np.array([n for n, found in enumerate(waters) if found == kind], dtype=np.intp)
        for at, n in enumerate(rows):
            which[n] = (kind, at)
        values: dict[str, NDArray[np.float64]] = {}
        status: dict[str, NDArray[np.uint8]] = {}
        bounds: dict[str, NDArray[np.uint8]] = {}
        for code, column in samples.columns.items():
            values[code], bounds[code] = column.values[rows], column.censor[rows]
            status[code] = _states(column, rows, due.get(code))
        grades[kind] = grade_samples(
            values,
            water=kind,
            target=target,
            status=status,
            maintenance=samples.maintenance[rows],
            missing=missing,
            oxygen=oxygen,
            bounds=bounds,
            censored=censored,
        )
    return GradedSheet(samples, grades, tuple(which), tuple(samples.notes))


def waters_of(samples: Samples, wanted: Water | None) -> list[Water]:
    """The kind of water of each sample: wanted, or declared in the sheet; else river, unless it looks like a lake.

    Raises :class:`~riverchief.errors.BadInput` as :func:`grade_sheet`.
    """
    faults: list[Fault] = []
    asked: set[str] = set()
    waters: list[Water] = []
    by_item = _measured_as_in_lakes(samples)
    for n, said in enumerate(samples.waters):
        at = (samples.source, samples.lines[n], None)
        try:
            kind = read_water(said)
        except BadInput as refused:
            faults.append(Fault(refused.faults[0].kind, *at, refused.faults[0].details))
            continue
        if kind == "lake" and wanted == "river":
            faults.append(Fault("lake_as_river", *at, {"given": said}))
        place = samples.places[n]
        if not kind and not wanted and place not in asked:
            sign = place if water_by_name(place) == "lake" else by_item.get(n, "")
            if sign:
                asked.add(place)
                faults.append(Fault("kind_of_water_needed", *at, {"given": sign}))
        waters.append(wanted or kind or "river")
    if faults:
        raise BadInput(faults[:_MOST_FAULTS])
    return waters


def _measured_as_in_lakes(samples: Samples) -> dict[int, str]:
    """The samples that have a value of an item that is a sign of a lake, with its name.

    Rivers have transparency and chlorophyll measured too: a place with a river's name is none of them, and where the
    names of nearly all places of a sheet say river, the others are not asked for either.
    """
    signs = {code: samples.columns[code] for code in lake_items(samples.columns)}
    signs |= {name: samples.columns[code] for code, name in samples.written.items() if _says_lake(name)}
    if not signs:
        return {}
    kinds = Counter(water_by_name(place) for place in set(samples.places))
    if kinds["river"] >= _NEARLY_ALL * sum(kinds.values()):
        return {}
    found: dict[int, str] = {}
    for name, column in signs.items():
        shown = column.parameter.name_zh if name == column.parameter.code else name
        for n in np.flatnonzero(column.state == PRESENT):
            if water_by_name(samples.places[int(n)]) != "river":
                found.setdefault(int(n), shown)
    return found


def _says_lake(heading: str) -> bool:
    """Whether the spelling of a heading says lake (``TP_LAKE``, perhaps with its unit)."""
    return bool(lake_items(re.split(r"[(（\[【,，\s]", heading.strip(), maxsplit=1)[:1]))


def _due(samples: Samples) -> dict[str, NDArray[np.bool_]]:
    """For each core item, in which samples a value was due though the sheet has no cell for it.

    Only a long sheet leaves cells out. There a core item that its place measures at some time is due at every time,
    just as an empty cell of a wide sheet would say; else leaving a row out would make a class better.
    """
    if not samples.long:
        return {}
    places = np.array([hash(place) for place in samples.places])
    due = {}
    for code, column in samples.columns.items():
        item = limits_for("river").get(code)
        if item is not None and item.core:
            due[code] = np.isin(places, places[column.state != ABSENT]) & (column.state == ABSENT)
    return due


def _states(column: Column, rows: NDArray[np.intp], due: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """What is known beforehand of the values of one item, as indices into ``engine.STATUS``."""
    state = column.state[rows]
    status = np.zeros(rows.size, np.uint8)
    status[state == ABSENT] = engine.ABSENT
    status[state == MISSING] = engine.MISSING
    status[state == UNDETECTED] = engine.NO_LIMIT_GIVEN
    if due is not None:
        status[due[rows]] = engine.MISSING
    return status
