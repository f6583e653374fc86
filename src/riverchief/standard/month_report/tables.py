"""The report as tables of text in one language: what the page, the printed document and the workbook all show."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from riverchief.parameter import find_parameter
from riverchief.standard.classes import CLASSES
from riverchief.standard.evidence import Judgement
from riverchief.standard.month_report.lines import SectionLine
from riverchief.standard.month_report.months import parts, quarter_of
from riverchief.standard.month_report.report import Group, MonthReport
from riverchief.standard.rounding import round_half_even, show_multiple
from riverchief.standard.surface_water.change import Change
from riverchief.standard.surface_water.pollutants import pollutants_text
from riverchief.standard.verification import levels
from riverchief.table import read_table


@dataclass(frozen=True)
class Table:
    """One table: its heading, the headings of its columns, its rows of text."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ReportText:
    """The whole report in words: title, the sentence that says it, tables, and notes that stand once at its foot."""

    title: str
    sentence: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...]


def tables_of(report: MonthReport, county: str, language: str) -> ReportText:
    """``report`` in ``language`` (``"zh"`` or ``"en"``); ``county`` is named in the title."""
    words = _Words(language, report.month)
    title = words("title" if county else "title_plain", county=county, label=words.month)
    groups = [("rivers", report.rivers), ("controls", report.controls), ("zones", report.zones)]
    tables = [
        _classes(report.whole, words),
        *(_group_table(key, found, words) for key, found in groups if found),
        _section_table(report.lines, words),
    ]
    notes = [words("note_method"), words("note_so_far")]
    if report.verification and levels()[report.verification].standing != "verified":
        level = levels()[report.verification]
        notes.append(("注：" if words.is_zh else "Note: ") + (level.zh if words.is_zh else level.en))
    return ReportText(title, _sentence(report.whole, words), tuple(tables), tuple(notes))


class _Words:
    """The words of ``words.csv`` in one language, with the month's own numbers filled in."""

    def __init__(self, language: str, month: str):
        self.language = language
        self.is_zh = language.startswith("zh")
        self.label = month
        year, number = parts(month)
        self._given = {"year": year, "month": number, "month_en": calendar.month_name[number]}
        self.month = self("month")

    def __call__(self, key: str, **given: object) -> str:
        return _table()[key]["zh" if self.is_zh else "en"].format(**{**self._given, **given})

    def klass(self, judgement: Judgement | None) -> str:
        """``Ⅲ类``; ``不优于Ⅳ类`` where only so much is known; a dash without a judgement."""
        if judgement is None:
            return self("unknown")
        if judgement.water_class is not None:
            return CLASSES[judgement.water_class].name(self.language)
        if judgement.at_best is None:
            return self("not_judged")
        return self("at_best", **{"class": CLASSES[judgement.at_best].name(self.language)})

    def status(self, judgement: Judgement | None) -> str:
        """``良好``."""
        known = judgement.water_class if judgement else None
        return CLASSES[known].status(self.language) if known else self("not_judged")

    def change(self, change: Change | None) -> str:
        """``有所好转``."""
        return change.words(self.language) if change else self("no_comparison")

    def verdict(self, meets: bool | None) -> str:
        """``是``, ``否`` or a dash."""
        return self("unknown" if meets is None else "yes" if meets else "no")

    def percent(self, value: float | None) -> str:
        """A share with one decimal, half to even."""
        return self("unknown") if value is None else f"{round_half_even(value, 1):.1f}"


def _sentence(whole: Group, words: _Words) -> str:
    if not whole.now.shares.judged:
        return words("sentence_none", label=words.month, total=len(whole.lines))
    return words(
        "sentence",
        label=words.month,
        total=len(whole.lines),
        judged=whole.now.shares.judged,
        good=words.percent(whole.now.shares.good),
        inferior=words.percent(whole.now.shares.inferior),
        meeting=whole.rate.meeting,
        failing=whole.rate.failing,
        unknown=whole.rate.unknown,
        status=whole.now.status(words.language) or words("not_judged"),
        change_year=words.change(whole.change_year),
        change_month=words.change(whole.change_month),
    )


def _section_table(lines: Sequence[SectionLine], words: _Words) -> Table:
    columns: list[tuple[str, Callable[[SectionLine], str]]] = [
        ("section", lambda line: line.section.name),
        ("river", lambda line: line.section.river),
        ("control", lambda line: "、".join(line.section.control)),
        ("target", lambda line: CLASSES[line.section.target].name(words.language)),
        ("class", lambda line: _class_of(line, words)),
        ("status", lambda line: words.status(line.judgement)),
        ("pollutants", lambda line: pollutants_text(line.pollutants, words.language)),
        ("over_target", lambda line: _over_target(line, words)),
        ("meets", lambda line: words.verdict(line.meets_target)),
        ("last_year_class", lambda line: words.klass(line.last_year)),
        ("change_year", lambda line: words.change(line.change_year)),
        ("last_month_class", lambda line: words.klass(line.last_month)),
        ("change_month", lambda line: words.change(line.change_month)),
        ("so_far_one" if parts(words.label)[1] == 1 else "so_far", lambda line: words.klass(line.so_far)),
        ("change_so_far", lambda line: words.change(line.change_so_far)),
        ("coverage", lambda line: _coverage(line, words)),
    ]
    if quarter_of(words.label):
        columns.insert(-1, ("quarter", lambda line: words.klass(line.quarter)))
    if any(line.source for line in lines):
        columns.append(("source", lambda line: _source(line, words)))
    shown = [(key, [cell(line) for line in lines]) for key, cell in columns]
    # a column in which nothing is said of any section (no rivers in the sheet, no levels) is not shown
    kept = [(key, cells) for key, cells in shown if key in ("section", "class") or any(cells)]
    rows = tuple(zip(*(cells for _, cells in kept), strict=True))
    return Table(words("sections"), tuple(words(key) for key, _ in kept), rows)


def _class_of(line: SectionLine, words: _Words) -> str:
    if line.judgement is not None:
        return words.klass(line.judgement)
    return words("no_sample") if line.absent == "no_sample" else line.absent


def _over_target(line: SectionLine, words: _Words) -> str:
    found = [
        f"{find_parameter(item).name(words.language)}({show_multiple(multiple)})"
        for item, multiple in line.over_target.items()
    ]
    return ("、" if words.is_zh else ", ").join(found)


def _coverage(line: SectionLine, words: _Words) -> str:
    return words("coverage_of", judged=line.judgement.judged, of=line.judgement.expected) if line.judgement else ""


def _source(line: SectionLine, words: _Words) -> str:
    automatic, slash, manual = line.source.partition("/")
    return words("source_both", automatic=automatic, manual=manual) if slash else ""


def _classes(whole: Group, words: _Words) -> Table:
    shares = whole.now.shares
    rows = [
        (row.name(words.language), str(shares.counts[code]), words.percent(shares.share(code)))
        for code, row in CLASSES.items()
    ]
    rows.append((words("not_judged"), str(shares.unjudged), words("unknown")))
    return Table(words("classes"), (words("class"), words("count"), words("share")), tuple(rows))


def _group_table(key: str, groups: Sequence[Group], words: _Words) -> Table:
    columns = ("count", "judged", "good", "inferior", "rate", "failing", "status", "pollutants")
    headings = ("river" if key == "rivers" else key, *columns, "change_year", "change_month")
    return Table(
        words(key), tuple(words(name) for name in headings), tuple(_group_row(group, words) for group in groups)
    )


def _group_row(group: Group, words: _Words) -> tuple[str, ...]:
    rate = words.percent(group.rate.rate)
    if group.rate.unknown:
        rate += words("rate_range", lowest=words.percent(group.rate.lowest), highest=words.percent(group.rate.highest))
    status = group.now.status(words.language) or words("not_judged")
    if group.now.method == "mean" and group.now.shares.judged > 1:
        status += f"（{words('by_mean')}）" if words.is_zh else f" ({words('by_mean')})"
    between = "；" if words.is_zh else "; "
    pollutants = pollutants_text(group.now.pollutants, words.language) or between.join(
        f"{line.section.name} {pollutants_text(line.pollutants, words.language)}"
        for line in group.lines
        if group.now.method == "mean" and line.pollutants
    )
    compared = [
        words.change(change) + (words("compared", n=n) if change and n < len(group.lines) else "")
        for change, n in ((group.change_year, group.compared_year), (group.change_month, group.compared_month))
    ]
    return (
        group.name or words("whole"),
        str(len(group.lines)),
        str(group.now.shares.judged),
        words.percent(group.now.shares.good),
        words.percent(group.now.shares.inferior),
        rate,
        ("、" if words.is_zh else ", ").join(line.section.name for line in group.failing),
        status,
        pollutants,
        *compared,
    )


@cache
def _table() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in read_table("riverchief.standard.month_report", "words.csv")}
