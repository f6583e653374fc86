"""The monthly report as a Word document and as a workbook."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table as WordTable
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from riverchief.standard.month_report.tables import ReportText, Table
from riverchief_server.documents.cells import harmless

LATIN, CHINESE = "Arial", "Noto Sans CJK SC"
WIDEST = 44  # characters of a column of the workbook


def as_docx(text: ReportText, language: str) -> bytes:
    """The report as a Word document, A4 across, its table headings repeated on every page."""
    document = Document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Cm(29.7), Cm(21.0)
    page.left_margin = page.right_margin = Cm(1.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), CHINESE)
    for name in ("Title", "Heading 1"):
        heading = document.styles[name]
        heading.font.name = LATIN
        heading.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
    document.core_properties.title = text.title
    document.core_properties.language = "zh-CN" if language.startswith("zh") else "en"
    document.add_heading(text.title, 0)
    document.add_paragraph(text.sentence)
    for table in text.tables:
        document.add_heading(table.heading, 1)
        _fill(document.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Table Grid"), table)
    document.add_paragraph()
    for note in text.notes:
        document.add_paragraph(note).runs[0].font.size = Pt(8)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def as_xlsx(text: ReportText, language: str) -> bytes:
    """The report as a workbook: the sentence and the notes on the first sheet, then a sheet for each table."""
    book = Workbook()
    first = book.active
    first.title = "说明" if language.startswith("zh") else "About"
    first.column_dimensions["A"].width = 100
    for line in (text.title, text.sentence, *text.notes):
        first.append([harmless(line)])
        first.cell(first.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    first["A1"].font = Font(bold=True, size=14)
    for table in text.tables:
        sheet = book.create_sheet(table.heading[:31])
        sheet.append(list(table.columns))
        for row in table.rows:
            sheet.append([harmless(cell) for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "B2"
        for n, column in enumerate(zip(table.columns, *table.rows, strict=True), start=1):
            sheet.column_dimensions[get_column_letter(n)].width = min(WIDEST, 3 + max(map(_width, column)))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(target: WordTable, table: Table) -> None:
    for cell, heading in zip(target.rows[0].cells, table.columns, strict=True):
        cell.paragraphs[0].add_run(heading).bold = True
    repeated = target.rows[0]._tr.get_or_add_trPr()
    repeated.append(repeated.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
    for n, row in enumerate(table.rows, start=1):
        for cell, said in zip(target.rows[n].cells, row, strict=True):
            cell.text = said


def _width(text: str) -> int:
    """Columns of a sheet that ``text`` takes: a Chinese character takes two."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
