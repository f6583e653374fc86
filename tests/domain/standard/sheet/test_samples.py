"""One content, many sheets: long or wide, any encoding, the same samples; and every fault of a file at once."""

import gzip
import io

import numpy as np
import openpyxl
import pytest

from riverchief.errors import BadInput
from riverchief.standard.sheet import read_grid, read_samples

WIDE = "断面,时间,氨氮(mg/L),总磷(μg/L),pH\nA,2024-01-01,0.5,35,7.5\nA,2024-01-02,<0.025,--,*\n"
LONG = (
    "site,date,parameter,value,unit\nA,2024-01-01,NH3-N,500,ug/L\nA,2024-01-01,TP,0.035,mg/L\n"
    "A,2024-01-01,pH,7.5,-\nA,2024-01-02,NH3-N,<25,ug/L\nA,2024-01-02,TP,--,mg/L\n"
)


def samples(text: str | bytes):
    return read_samples(read_grid(text if isinstance(text, bytes) else text.encode(), "x.csv"))


def xlsx(text: str) -> bytes:
    book = openpyxl.Workbook()
    for row in text.splitlines():
        cells = row.split(",")
        book.active.append([float(c) if c.replace(".", "").isdigit() else c for c in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        WIDE.encode(),
        WIDE.encode("gb18030"),
        WIDE.encode("utf-8-sig"),
        WIDE.encode("utf-16"),
        WIDE.replace(",", "\t").encode(),
        WIDE.replace(",", ";").encode(),
        WIDE.replace(",", "，").encode(),
        gzip.compress(WIDE.encode()),
        ("城口县水质月报\n" + WIDE).encode(),
        xlsx(WIDE),
        LONG.encode(),
    ],
    ids=["utf-8", "gb18030", "bom", "utf-16", "tab", "semicolon", "wide comma", "gzip", "with a title", "xlsx", "long"],
)
def test_the_same_samples_from_every_kind_of_sheet(content: bytes):
    found = samples(content)
    assert found.places == ["A", "A"]
    assert [time[:10] for time in found.times] == ["2024-01-01", "2024-01-02"]
    assert found.columns["NH3N"].values == pytest.approx([0.5, 0.025])
    assert found.columns["NH3N"].censor.tolist() == [0, 1]
    assert found.columns["TP"].values[0] == pytest.approx(0.035)
    assert np.isnan(found.columns["TP"].values[1])


def test_units_in_a_row_of_their_own():
    found = samples("断面,时间,氨氮,总磷\n,,mg/L,μg/L\nA,2024-01-01,0.5,35\n")
    assert found.columns["TP"].values == pytest.approx([0.035])


def test_year_and_month_columns_make_a_time():
    assert samples("年份,月份,观测站代码,总磷\n2007,1,THL00,0.1\n").times == ["2007-01"]


def test_a_day_and_a_clock_make_a_time():
    assert samples("断面,采样日期,采样时间,总磷\nA,2024-05-01,08:00,0.1\n").times == ["2024-05-01 08:00"]
    assert samples("断面,日期,时间,总磷\nA,2024-05-01,2024-05-01 08:00,0.1\n").times == ["2024-05-01 08:00"]


@pytest.mark.parametrize("heading", ["断面", "河流", "city", "Station"])
def test_the_place_by_whatever_tells_rows_apart(heading: str):
    assert samples(f"{heading},总磷\nA,0.1\n").places == ["A"]


def test_every_fault_of_a_file_is_told_at_once_with_its_line():
    with pytest.raises(BadInput) as refused:
        samples("断面,时间,氨氮(mg/L),总磷\nA,2024-01-01,abc,0.1\nA,2024-01-02,0.2,1..2\n")
    assert [(f.kind, f.line, f.column) for f in refused.value.faults] == [
        ("bad_number", 2, "氨氮(mg/L)"),
        ("bad_number", 3, "总磷"),
    ]


def test_an_unknown_unit_is_refused_by_name():
    with pytest.raises(BadInput) as refused:
        samples("断面,时间,氨氮(mg/X)\nA,2024-01-01,0.1\n")
    assert refused.value.faults[0].kind == "unknown_unit"


def test_mixed_units_in_one_column_are_refused():
    with pytest.raises(BadInput) as refused:
        samples("断面,时间,氨氮\nA,2024-01-01,0.5 mg/L\nA,2024-01-02,500 ug/L\n")
    assert (refused.value.faults[0].kind, refused.value.faults[0].line) == ("mixed_units", 3)


def test_a_slip_of_the_pen_is_refused_and_a_stranger_is_noted():
    with pytest.raises(BadInput) as refused:
        samples("site,date,amonia nitrogen,TP\nA,2024-01-01,9,0.1\n")
    assert "ammonia nitrogen" in refused.value.faults[0].details["nearest"]
    found = samples("site,date,unobtainium(mg/L),TP,remark\nA,2024-01-01,9,0.1,fine\n")
    assert found.unknown == ["unobtainium"]
    assert [note.kind for note in found.notes] == ["left_out"]


def test_two_columns_for_one_item_are_refused():
    with pytest.raises(BadInput) as refused:
        samples("site,date,氨氮,NH3-N\nA,2024-01-01,9,0.1\n")
    assert refused.value.faults[0].kind == "duplicate"


def test_two_values_for_one_place_time_and_item_are_refused():
    long = "site,date,parameter,value\nA,2024-01-01,TP,0.1\nA,2024-01-01,TP,0.2\n"
    with pytest.raises(BadInput) as refused:
        samples(long)
    assert refused.value.faults[0].kind == "contradicts"
    assert len(samples(long.replace("0.2", "0.1"))) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xd0\xcf\x11\xe0 old", b"PK\x03\x04 broken", b"\x1f\x8b broken", b"site,TP\n"]
)
def test_what_is_no_sheet_is_refused(content: bytes):
    with pytest.raises(BadInput):
        samples(content)


def test_a_sheet_without_any_parameter_is_refused():
    with pytest.raises(BadInput) as refused:
        samples("a,b,c\n1,2,3\n")
    assert refused.value.faults[0].kind == "unknown_header"
