"""The monthly report of surface water: on a page, as Word, as Excel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router

from riverchief.errors import BadInput, Fault
from riverchief.standard.month_report import ReportText, tables_of
from riverchief.standard.month_report.months import month_after, month_before, read_month
from riverchief_server.api.desk.waters.schema_report import MonthReport, ReportTable
from riverchief_server.api.words import local
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.documents.month_report import as_docx, as_xlsx
from riverchief_server.places.queries import county
from riverchief_server.standards.month_report import report_of

router = Router()
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/waters/report", response=MonthReport)
def get_report(request: HttpRequest, month: str = "") -> MonthReport:
    """The report of ``month`` (``2026-10``); the last whole month unless given."""
    require(request, "see")
    label = _month(month)
    text = _text(label, language_of(request))
    later = month_after(label)
    return MonthReport(
        month=label,
        earlier=month_before(label),
        later=later if later <= _this_month() else None,
        title=text.title,
        sentence=text.sentence,
        tables=[
            ReportTable(heading=table.heading, columns=list(table.columns), rows=[list(row) for row in table.rows])
            for table in text.tables
        ],
        notes=list(text.notes),
    )


@router.get("/waters/report/file", response={200: str})
def get_report_file(request: HttpRequest, month: str, form: Literal["docx", "xlsx"] = "docx") -> HttpResponse:
    """The report as a Word document or as a workbook."""
    require(request, "see")
    label, language = _month(month), language_of(request)
    content = (as_docx if form == "docx" else as_xlsx)(_text(label, language), language)
    response = HttpResponse(content, content_type=WORD if form == "docx" else EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="month-report-{label}.{form}"'
    return response


def _month(given: str) -> str:
    """``given``, or the last whole month; refused where it has not begun."""
    label = read_month(given) if given else month_before(_this_month())
    if label > _this_month():
        details = {"given": label, "allowed": f"≤ {_this_month()}"}
        raise BadInput([Fault("out_of_range", column="month", details=details)])
    return label


def _this_month() -> str:
    return f"{local(datetime.now(UTC)):%Y-%m}"


def _text(month: str, language: str) -> ReportText:
    home = county()
    return tables_of(report_of(month), home.name if home else "", language)
