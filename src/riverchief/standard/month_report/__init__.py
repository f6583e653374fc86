"""The monthly report of surface water (水质月报): sections, rivers, lists of the levels of control, one month."""

from riverchief.standard.month_report.lines import Section, SectionLine, section_line
from riverchief.standard.month_report.report import Group, MonthReport, month_report
from riverchief.standard.month_report.sections import sections_of
from riverchief.standard.month_report.tables import ReportText, Table, tables_of

__all__ = [
    "Group",
    "MonthReport",
    "ReportText",
    "Section",
    "SectionLine",
    "Table",
    "month_report",
    "section_line",
    "sections_of",
    "tables_of",
]
