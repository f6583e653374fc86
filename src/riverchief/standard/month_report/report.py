"""The report of a month out of its sections: rivers, the whole, and the lists of each level of control and zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from riverchief.standard.evidence import Judgement
from riverchief.standard.month_report.lines import Section, SectionLine, section_line
from riverchief.standard.month_report.months import read_month
from riverchief.standard.surface_water.basin import BasinJudgement, judge_basin
from riverchief.standard.surface_water.change import Change, change_of_basin
from riverchief.standard.surface_water.item import Water
from riverchief.standard.surface_water.targets import TargetRate, target_rate
from riverchief.standard.verification import weakest


@dataclass(frozen=True)
class Group:
    """Sections that are counted together: a river, a level of control, a functional zone, or all (``name`` empty).

    ``now`` is the state of the month over the sections that have a judgement, ``rate`` how many meet their own target.
    Changes compare only the sections judged on both sides (``compared_*``), as the rule wants.
    """

    name: str
    lines: tuple[SectionLine, ...]
    now: BasinJudgement
    rate: TargetRate
    so_far: BasinJudgement
    change_month: Change | None
    change_year: Change | None
    compared_month: int
    compared_year: int

    @property
    def without(self) -> tuple[SectionLine, ...]:
        """The sections without a class."""
        return tuple(line for line in self.lines if line.water_class is None)

    @property
    def failing(self) -> tuple[SectionLine, ...]:
        """The sections that do not meet their target."""
        return tuple(line for line in self.lines if line.meets_target is False)


@dataclass(frozen=True)
class MonthReport:
    """The report of ``month``: ``lines`` in the order of the sections, groups by river, level and zone, and all."""

    month: str
    lines: tuple[SectionLine, ...]
    whole: Group
    rivers: tuple[Group, ...]
    controls: tuple[Group, ...]
    zones: tuple[Group, ...]
    verification: str


def month_report(sections: Sequence[Section], month: str) -> MonthReport:
    """The report of ``month`` (``2026-10``) over ``sections``; raises for a month that is none.

    A section without a judgement stays in the report, is counted as not judged, and is never left out of a number.
    """
    month = read_month(month)
    lines = tuple(section_line(section, month) for section in sections)
    used = [line.judgement.verification for line in lines if line.judgement]
    return MonthReport(
        month,
        lines,
        _group("", lines),
        _groups(lines, lambda line: (line.section.river,)),
        _groups(lines, lambda line: line.section.control),
        _groups(lines, lambda line: (line.section.zone,)),
        weakest(used) if used else "",
    )


def _groups(lines: Sequence[SectionLine], names_of: Callable[[SectionLine], Iterable[str]]) -> tuple[Group, ...]:
    found: dict[str, list[SectionLine]] = {}
    for line in lines:
        for name in filter(None, names_of(line)):
            found.setdefault(name, []).append(line)
    return tuple(_group(name, tuple(own)) for name, own in found.items())


def _group(name: str, lines: tuple[SectionLine, ...]) -> Group:
    total = len(lines)
    month = [(line.last_month, line.judgement) for line in lines]
    year = [(line.last_year, line.judgement) for line in lines]
    counted = target_rate([line.judgement for line in lines if line.judgement])
    unknown = counted.unknown + sum(line.judgement is None for line in lines)
    water = _water(lines)
    return Group(
        name,
        lines,
        judge_basin([line.judgement for line in lines if line.judgement], water=water, sections=total),
        TargetRate(counted.meeting, counted.failing, unknown),
        judge_basin([line.so_far for line in lines if line.so_far], water=water, sections=total),
        _compared(month, water, total),
        _compared(year, water, total),
        len(_both(month)),
        len(_both(year)),
    )


def _water(lines: Sequence[SectionLine]) -> Water:
    """Lake where all of a group's sections are lakes; a mean over lakes and rivers together is judged as a river's."""
    return "lake" if lines and all(line.section.water == "lake" for line in lines) else "river"


def _both(pairs: Sequence[tuple[Judgement | None, Judgement | None]]) -> list[tuple[Judgement, Judgement]]:
    return [(a, b) for a, b in pairs if a and b and a.water_class and b.water_class]


def _compared(pairs: Sequence[tuple[Judgement | None, Judgement | None]], water: Water, total: int) -> Change | None:
    both = _both(pairs)
    if not both:
        return None
    before, after = (judge_basin(list(side), water=water, sections=total) for side in zip(*both, strict=True))
    return change_of_basin(before, after)
