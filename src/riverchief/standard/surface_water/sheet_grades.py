"""A whole sheet graded: each sample with its class, limiting items, multiples and what was left out.

Here meet the sheet (what cells say), the rule for values below detection limits, the kinds of water, and the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.sheet.words import folded, words
from riverchief.standard.censored import CensoredRule, censored_rule, substitute
from riverchief.standard.classes import class_of_rank, rank_of, read_class
from riverchief.standard.evidence import Judgement, Origin
from riverchief.standard.sheet.samples import ABOVE, ABSENT, BELOW, MISSING, UNDETECTED, Column, Samples
from riverchief.standard.surface_water import engine
from riverchief.standard.surface_water.engine import Grades, grade_samples
from riverchief.standard.surface_water.limits import STANDARD, ItemLimits, limits_for
from riverchief.standard.surface_water.published import reconcile
from riverchief.standard.surface_water.sample import Water
from riverchief.standard.verification import weakest

_LAKE_NAME = re.compile(r"(?:湖|水库|库区|库心|湖心|湖区|lake|reservoir)$", re.IGNORECASE)


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
    rule: CensoredRule
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
        origins = self._origins(n)
        judged = self.grades[water].judgement(sample, origins)
        if set(origins) & set(judged.limiting):
            judged = replace(judged, verification=weakest((judged.verification, self.rule.verification)))
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

    def _origins(self, n: int) -> dict[str, Origin]:
        origins = {}
        for code, column in self.samples.columns.items():
            if column.censor[n] == BELOW:
                rule = f"{self.rule.name}: <{column.values[n]:g}"
                origins[code] = Origin("sample", 1, 1, rule)
        return origins


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
    censored: str = "half",
) -> GradedSheet:
    """Every sample of a sheet, graded.

    Parameters
    ----------
    samples
        What :func:`riverchief.standard.sheet.read_samples` read.
    water
        ``"river"`` or ``"lake"`` for all samples; ``None`` takes the sheet's own column, else the name of
        the place (水库, 湖), else river.
    target, missing, oxygen
        As for :func:`~riverchief.standard.surface_water.sample.grade_sample`.
    censored
        A rule of ``censored_rules.csv`` for values below their detection limit.

    Raises :class:`~riverchief.errors.BadInput`: a row that says it is a lake under ``water="river"``; unknown words.
    """
    rule = censored_rule(censored)
    target = read_class(target)
    waters, notes = _waters(samples, water)
    grades: dict[Water, Grades] = {}
    which: list[tuple[Water, int]] = [("river", 0)] * len(samples)
    due = _due(samples)
    for kind in sorted(set(waters)):
        rows = np.array([n for n, found in enumerate(waters) if found == kind], dtype=np.intp)
        for at, n in enumerate(rows):
            which[n] = (kind, at)
        values: dict[str, NDArray[np.float64]] = {}
        status: dict[str, NDArray[np.uint8]] = {}
        for code, column in samples.columns.items():
            item = limits_for(kind).get(code)
            values[code], status[code] = _judgeable(column, rows, item, rule, target, due.get(code))
        grades[kind] = grade_samples(
            values,
            water=kind,
            target=target,
            status=status,
            maintenance=samples.maintenance[rows],
            missing=missing,
            oxygen=oxygen,
        )
    return GradedSheet(samples, rule, grades, tuple(which), (*samples.notes, *notes))


def _waters(samples: Samples, wanted: Water | None) -> tuple[list[Water], list[Fault]]:
    """The kind of water of each sample; a place that looks like a lake by its name is judged as one, and noted."""
    faults, notes, noted = [], [], set()
    waters: list[Water] = []
    for n, said in enumerate(samples.waters):
        known = words("water").get(folded(said))
        kind: Water | None = "lake" if known == "lake" else "river" if known == "river" else None
        if kind == "lake" and wanted == "river":
            faults.append(Fault("lake_as_river", samples.source, samples.lines[n], None, {"given": said}))
        place = samples.places[n]
        if not kind and not wanted and _LAKE_NAME.search(place):
            kind = "lake"  # the stricter limits: a guess must not make a class better
            if place not in noted:
                noted.add(place)
                notes.append(Fault("looks_like_lake", samples.source, samples.lines[n], None, {"given": place}))
        waters.append(wanted or kind or "river")
    if faults:
        raise BadInput(faults)
    return waters, notes


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


def _judgeable(
    column: Column,
    rows: NDArray[np.intp],
    item: ItemLimits | None,
    rule: CensoredRule,
    target: str,
    due: NDArray[np.bool_] | None,
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """The numbers of one item as they are judged, and the status of those that are not."""
    values, censor, state = column.values[rows].copy(), column.censor[rows], column.state[rows]
    status = np.zeros(rows.size, np.uint8)
    status[state == ABSENT] = engine.ABSENT
    status[state == MISSING] = engine.MISSING
    status[state == UNDETECTED] = engine.NO_LIMIT_GIVEN
    if due is not None:
        status[due[rows]] = engine.MISSING
    below, above = np.flatnonzero(censor == BELOW), np.flatnonzero(censor == ABOVE)
    if item is None or item.use == "none" or item.direction == "range":
        return values, status
    if item.direction == "max":
        highest = item["I" if rule.refuse_above == "I" else target] if target != ">V" else np.inf
        values[below], refused = substitute(values[below], rule, highest)
        status[below[refused]] = engine.DETECTION_LIMIT
        beyond = values[above] > item.high[-1]
        status[above[~beyond]] = engine.ABOVE_RANGE
    else:  # oxygen: "<0.5" is at most that, ">20" at least
        beyond = values[below] < item.low[-1]
        status[below[~beyond]] = engine.DETECTION_LIMIT
    return values, status
