"""The monthly report as a page shows it: the same tables of text that the documents hold."""

from __future__ import annotations

from ninja import Schema


class ReportTable(Schema):
    """One table: its heading, the headings of its columns, its rows."""

    heading: str
    columns: list[str]
    rows: list[list[str]]


class MonthReport(Schema):
    """The report of ``month``; ``earlier`` and ``later`` are the months beside it (``later`` none after this one)."""

    month: str
    earlier: str
    later: str | None
    title: str
    sentence: str
    tables: list[ReportTable]
    notes: list[str]
