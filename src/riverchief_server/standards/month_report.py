"""The monthly report of the county's own records: its sections, with verdicts that are kept and those worked out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from riverchief.standard import Judgement as Verdict
from riverchief.standard.month_report import MonthReport, Section, month_report
from riverchief.standard.month_report.months import month_before, months_so_far, parts, quarter_of, year_before
from riverchief_server.places.models import Place
from riverchief_server.standards.earlier import judged_before
from riverchief_server.standards.queries import judged_sections, kept_period, verdict_of
from riverchief_server.standards.spans import Span, span_of


def report_of(month: str) -> MonthReport:
    """The report of ``month`` (``2026-10``) over every section of the county, in the order of the rivers.

    The months are the verdicts in force, the same that the pages show; a quarter and the year so far are worked out
    from the same samples by the same rule.
    """
    own = [place for place in judged_sections() if place.kind == "section"]
    own.sort(key=lambda place: (place.reach.river, place.reach.order, place.chainage_m or 0.0))
    return month_report([_section(place, month) for place in own], month)


def _section(place: Place, month: str) -> Section:
    quarter = quarter_of(month)
    wanted = dict.fromkeys((month, month_before(month), year_before(month)))
    so_far = {label: _between(place, months_so_far(label), "to_date") for label in (month, year_before(month))}
    return Section(
        name=place.name,
        river=place.reach.river,
        control=tuple(filter(None, place.control.split("、"))),
        zone=place.zone,
        target=place.class_target or "III",
        water=place.reach.water,
        months=_present({label: _month(place, label) for label in wanted}),
        so_far=_present(so_far),
        quarters=_present({month: _between(place, quarter, "quarter")} if quarter else {}),
    )


def _month(place: Place, label: str) -> Verdict | None:
    row = kept_period(place, span_of("month", _begin(label)))
    verdict = verdict_of(row) if row else None
    return verdict if verdict is not None and verdict.evidence else None


def _between(place: Place, months: list[str], period: str) -> Verdict | None:
    begin, end = _begin(months[0]), span_of("month", _begin(months[-1])).end
    verdict = judged_before(place, Span(begin, end, "quarter" if period == "quarter" else "to_date"))
    return verdict if verdict is not None and verdict.evidence else None


def _begin(month: str) -> datetime:
    year, number = parts(month)
    return datetime(year, number, 1, tzinfo=ZoneInfo(settings.TIME_ZONE))


def _present(found: dict[str, Verdict | None]) -> dict[str, Verdict]:
    return {label: verdict for label, verdict in found.items() if verdict is not None}
