"""One section in the report: the month's class and why, beside last month, the year before, and the year so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from riverchief.standard.evidence import Judgement
from riverchief.standard.month_report.months import month_before, quarter_of, year_before
from riverchief.standard.surface_water.change import Change, change_of_class
from riverchief.standard.surface_water.pollutants import Pollutant, main_pollutants

NO_SAMPLE = "no_sample"


@dataclass(frozen=True)
class Section:
    """What is known of a section: its judgements by month (``2026-10``), by year so far and by quarter (both by the
    month they end with).

    ``control`` are the levels that count it (国考, 市考, 县考 ...), ``zone`` its functional zone, ``target`` its class.
    ``absent`` says for a month without a judgement why there is none, as it was written (断流, 未采样).
    """

    name: str
    river: str = ""
    control: tuple[str, ...] = ()
    zone: str = ""
    target: str = "III"
    water: str = "river"
    months: Mapping[str, Judgement] = field(default_factory=dict)
    so_far: Mapping[str, Judgement] = field(default_factory=dict)
    quarters: Mapping[str, Judgement] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SectionLine:
    """A section in the report of one month. ``judgement`` is ``None`` without a sample; ``absent`` then says why.

    ``change_month`` (环比) and ``change_year`` (同比) are ``None`` where either side has no class. ``pollutants`` are
    against the limit of class III, ``over_target`` the multiples against the section's own target.
    """

    section: Section
    judgement: Judgement | None
    absent: str
    pollutants: tuple[Pollutant, ...]
    over_target: Mapping[str, float]
    last_month: Judgement | None
    last_year: Judgement | None
    change_month: Change | None
    change_year: Change | None
    so_far: Judgement | None
    so_far_last_year: Judgement | None
    change_so_far: Change | None
    quarter: Judgement | None
    source: str

    @property
    def water_class(self) -> str | None:
        """The class of the month; ``None`` where there is none."""
        return self.judgement.water_class if self.judgement else None

    @property
    def meets_target(self) -> bool | None:
        """Whether the month meets the section's target; ``None`` where that is not known."""
        return self.judgement.meets_target if self.judgement else None


def section_line(section: Section, month: str) -> SectionLine:
    """The line of ``section`` in the report of ``month`` (``2026-10``)."""
    now = section.months.get(month)
    earlier, year_ago = (section.months.get(label) for label in (month_before(month), year_before(month)))
    so_far, so_far_then = (section.so_far.get(label) for label in (month, year_before(month)))
    return SectionLine(
        section=section,
        judgement=now,
        absent="" if now else section.absent.get(month, NO_SAMPLE),
        pollutants=main_pollutants(now) if now else (),
        over_target=now.over_limit if now else {},
        last_month=earlier,
        last_year=year_ago,
        change_month=_change(earlier, now),
        change_year=_change(year_ago, now),
        so_far=so_far,
        so_far_last_year=so_far_then,
        change_so_far=_change(so_far_then, so_far),
        quarter=section.quarters.get(month) if quarter_of(month) else None,
        source=section.sources.get(month, ""),
    )


def _change(before: Judgement | None, after: Judgement | None) -> Change | None:
    return change_of_class(before.water_class if before else None, after.water_class if after else None)
