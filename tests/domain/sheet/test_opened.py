"""Every door that takes a file reads it the same way: encodings, separators, workbooks, archives, and their limits."""

import gzip
import io
import zipfile
from contextlib import suppress
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.place.reading import read_network
from riverchief.sheet import page, pages_of, read_bytes, rows_of, workbook
from riverchief.sheet.opened import decode
from riverchief.standard.sheet import read_grid
from riverchief.telemetry.csv import read_readings

ROWS = [(1, ["断面", "氨氮"]), (3, ["土堡寨", "0.12"])]
FOUR = datetime(2021, 4, 1, 4)  # noqa: DTZ001 -- a workbook knows no zone
DOORS = [
    lambda raw: read_readings(raw, timezone="UTC"),
    lambda raw: read_grid(raw, "values"),
    lambda raw: read_network(raw, "rivers"),
]


def why(read) -> list[str]:
    with pytest.raises(BadInput) as refused:
        read()
    return [fault.kind for fault in refused.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "，"])
def test_any_usual_encoding_and_separator_gives_the_same_rows(encoding, separator):
    text = f"断面{separator}氨氮\n\n土堡寨{separator}0.12\n"
    assert list(rows_of(read_bytes(gzip.compress(text.encode(encoding))))) == ROWS


def test_a_cell_of_many_lines_counts_for_the_row_it_begins():
    assert [line for line, _ in rows_of(b'a,b\n"one\ntwo",1\nc,2\n')] == [1, 2, 4]


def test_a_workbook_keeps_its_numbers_and_times():
    book = openpyxl.Workbook()
    book.active.append(["time", "value"])
    book.active.append([FOUR, 0.5])
    stream = io.BytesIO()
    book.save(stream)
    assert list(rows_of(stream.getvalue()))[1] == (2, [FOUR, 0.5])
    assert read_grid(stream.getvalue(), "x.xlsx").pages[0].rows[1] == (2, [FOUR, 0.5])


def test_a_sheet_that_is_not_there_is_named_with_those_that_are():
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    assert why(lambda: list(rows_of(stream.getvalue(), sheet="四月"))) == ["not_one_of"]


@pytest.mark.parametrize("door", DOORS)
def test_gigabytes_in_a_small_archive_are_refused_before_they_unfold(door, monkeypatch):
    monkeypatch.setattr(read_bytes, "__kwdefaults__", {"largest_bytes": 1_000_000})
    assert why(lambda: door(gzip.compress(bytes(2_000_000)))) == ["unreadable"]


@pytest.mark.parametrize("door", DOORS[:2])
def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_does(door, monkeypatch):
    monkeypatch.setattr(workbook, "LARGEST_BYTES", 1_000_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(2_000_000))
    assert len(stream.getvalue()) < 100_000
    assert why(lambda: door(stream.getvalue())) == ["unreadable"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\x1f\x8bbroken", b"\xd0\xcf\x11\xe0old", b"a\x00b,c\n1,2"])
def test_what_is_no_sheet_is_refused_at_every_door(door, raw):
    assert why(lambda: door(raw)) == ["unreadable"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b", b"\xff\xfe"]))
def test_no_bytes_are_too_strange(raw, lead):
    with suppress(BadInput):
        rows = list(rows_of(read_bytes(lead + raw)))
        assert all(any(str(cell).strip() for cell in row) for _, row in rows)


def test_the_text_of_a_spreadsheet_of_ten_years_ago_is_read():
    assert decode("任河".encode("gbk")) == "任河"


def book_of(*sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows, merged, state in sheets:
        made = book.create_sheet(title)
        for row in rows:
            made.append(row)
        for cells in merged:
            made.merge_cells(cells)
        made.sheet_state = state
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_merged_cells_all_say_what_the_first_says():
    raw = book_of(("四月", [["断面", "氨氮"], ["土堡寨", 0.1], [None, 0.2], ["合计", 0.3]], ["A2:A3"], "visible"))
    assert pages_of(raw)[0].rows == [
        (1, ["断面", "氨氮"]),
        (2, ["土堡寨", 0.1]),
        (3, ["土堡寨", 0.2]),
        (4, ["合计", 0.3]),
    ]


def test_every_sheet_that_is_seen_is_read_and_a_hidden_one_only_by_name():
    raw = book_of(
        ("一月", [["a"]], [], "visible"), ("二月", [["b"]], [], "visible"), ("旧", [["c"]], [], "hidden"),
        ("空", [], [], "visible"),
    )  # fmt: skip
    assert [one.name for one in pages_of(raw)] == ["一月", "二月"]
    assert [one.rows for one in pages_of(raw, sheet="旧")] == [[(1, ["c"])]]


def test_an_archive_that_unfolds_a_thousandfold_is_refused_long_before_its_end(monkeypatch):
    monkeypatch.setattr(page, "ALWAYS_UNPACKED", 1_000_000)
    assert why(lambda: read_bytes(gzip.compress(bytes(50_000_000)))) == ["unreadable"]
    usual = "\n".join(f"2021-04-{day:02},{day * 7919 % 1000}" for day in range(1, 90_000)).encode()
    assert read_bytes(gzip.compress(usual)) == usual


def test_a_title_with_a_wide_comma_does_not_change_the_separator():
    text = "城口县水质月报，二〇二四年\n断面,氨氮\n土堡寨,0.12\n"
    assert rows_of(text.encode())[1:] == [(2, ["断面", "氨氮"]), (3, ["土堡寨", "0.12"])]
