"""The monthly report on the desk: the same tables on the page, in Word and in Excel."""

from io import BytesIO

import pytest
from django.test import Client
from docx import Document
from openpyxl import load_workbook

from riverchief_server.jobs.clock import look
from tests.server.conftest import NOW, feed

MONTH = "2026-11"


@pytest.fixture
def office(as_) -> Client:
    feed("M1", [1.2, 1.2], until=NOW)
    look(NOW, everything=True)
    return as_("office")


def test_the_page_the_word_document_and_the_workbook_hold_the_same_rows(office: Client):
    page = office.get(f"/api/waters/report?month={MONTH}").json()
    sections = page["tables"][-1]
    assert "主要污染指标（超标倍数）" in sections["columns"] and any("氨氮(0.2)" in row for row in sections["rows"])
    word = Document(BytesIO(office.get(f"/api/waters/report/file?month={MONTH}&form=docx").content))
    assert [[cell.text for cell in row.cells] for row in word.tables[-1].rows][1:] == sections["rows"]
    excel = load_workbook(BytesIO(office.get(f"/api/waters/report/file?month={MONTH}&form=xlsx").content))
    last = excel.worksheets[-1]
    assert [[cell.value or "" for cell in row] for row in last.iter_rows(min_row=2)] == sections["rows"]


def test_without_a_month_it_is_the_last_whole_one(office: Client):
    page = office.get("/api/waters/report").json()
    assert page["later"] is not None and page["earlier"] < page["month"] < page["later"]


@pytest.mark.parametrize(("month", "said"), [("2999-01", "≤"), ("november", "2026-10")])
def test_a_month_that_has_not_begun_or_is_none_is_refused(office: Client, month: str, said: str):
    answer = office.get(f"/api/waters/report?month={month}")
    assert answer.status_code == 400 and said in answer.json()["text"]


def test_nobody_reads_it_without_signing_in():
    assert Client().get(f"/api/waters/report?month={MONTH}").status_code == 401
    assert Client().get(f"/api/waters/report/file?month={MONTH}").status_code == 401
