"""Sheets of places and parties: columns declared in a table, found by any of their names, cells read as elsewhere."""

import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.sheet.declared import ColumnRule, Sheet, read_sheet

PLACES = {
    "id": ColumnRule("id", True, "text", "", ("编号",)),
    "kind": ColumnRule("kind", True, "choice", "section|source", ("类型",)),
    "name": ColumnRule("name", True, "text", "", ("名称", "水源地名称")),
    "chainage_m": ColumnRule("chainage_m", True, "number", "0..", ("里程(m)",)),
    "region": ColumnRule("region", False, "code", "", ()),
    "since": ColumnRule("since", False, "date", "", ("启用日期",)),
    "border": ColumnRule("border", False, "flag", "", ("出境",)),
    "people": ColumnRule("people", False, "whole", "0..", ("人口",)),
}
UNITS = {"unit": ColumnRule("unit", True, "text", "", ()), "post": ColumnRule("post", True, "text", "", ())}
SHEETS = {"places": PLACES, "units": UNITS}


def read(text: str | bytes) -> Sheet:
    return read_sheet("x.csv", text if isinstance(text, bytes) else text.encode(), SHEETS)


def workbook(**pages: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in pages.items():
        made = book.create_sheet(title)
        for row in rows:
            made.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_chinese_headings_below_a_title_and_cells_as_people_write_them():
    found = read(
        "城口县水源地名录\n编号,类型,水源地名称,里程（m）,启用日期,出境,人口\n"
        'Q1,source,三合水库（县城水源地）,"1,250 m",2026年1月5日,否,１２００\n'
    )
    assert found.faults == []
    (row,) = found.records
    assert row.values == {
        "id": "Q1", "kind": "source", "name": "三合水库（县城水源地）", "chainage_m": 1250.0, "region": None,
        "since": row.day("since"), "border": False, "people": 1200,
    }  # fmt: skip
    assert str(row.day("since")) == "2026-01-05"


def test_every_fault_says_sheet_line_and_column():
    head = ["id", "kind", "name", "chainage_m", "since"]
    raw = workbook(名录=[head, ["A", "section", "甲", 1, None], ["B", "lake", "", "<5", "soon"]], 说明=[["填表人"]])
    found = read(raw)
    assert [(fault.kind, fault.place) for fault in found.faults] == [
        ("not_one_of", "x.csv[名录]:3:kind"),
        ("missing_value", "x.csv[名录]:3:name"),
        ("bad_number", "x.csv[名录]:3:chainage_m"),
        ("bad_time", "x.csv[名录]:3:since"),
    ]
    assert [row.text("id") for row in found.records] == ["A"]


def test_two_sheets_of_a_kind_are_one_and_two_kinds_are_refused():
    head = ["id", "kind", "name", "chainage_m"]
    both = workbook(一=[head, ["A", "section", "甲", 1]], 二=[head, ["B", "section", "乙", 2]])
    assert [row.text("id") for row in read(both).records] == ["A", "B"]
    with pytest.raises(BadInput) as refused:
        read(workbook(一=[head, ["A", "section", "甲", 1]], 二=[["unit", "post"], ["office", "chief"]]))
    assert refused.value.faults[0].kind == "not_one_of"


def test_a_code_that_a_workbook_keeps_as_a_number_is_its_digits():
    head = ["id", "kind", "name", "chainage_m", "region"]
    found = read(workbook(一=[head, ["A", "section", "甲", 1, 500229000000.0], ["B", "section", "乙", 1, 5002.5]]))
    assert found.records[0].text("region") == "500229000000"
    assert [(fault.kind, fault.line) for fault in found.faults] == [("bad_code", 3)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.text(max_size=6), max_size=9), max_size=5))
def test_no_rows_are_too_strange(rows):
    text = "编号,类型,名称,里程(m),region,启用日期,出境,人口\n"
    text += "\n".join(",".join(cell.replace("\n", " ") for cell in row) for row in rows)
    try:
        found = read(text.encode("utf-8", "surrogatepass"))
    except BadInput:
        return  # such as a zero byte, which no sheet has
    assert all(fault.text("zh") and fault.line for fault in found.faults if fault.kind != "empty_file")
