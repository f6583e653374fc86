"""Sheets as laboratories hand them over: methods, detection limits, units and means in rows, sheets for each month."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.observation.reading import Censored
from riverchief.parameter.measured import read_measured
from riverchief.sheet.times import find_zone
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.telemetry.csv import read_readings

NEW_YORK = "America/New_York"
REPORT = """城口县地表水监测报告（2026年10月）
断面名称,采样时间,样品编号,审核状态,pH,氨氮,总磷,汞
单位,,,,无量纲,mg/L,mg/L,μg/L
检测方法,,,,HJ 1147-2020,HJ 535-2009,GB 11893-89,HJ 694-2014
检出限,,,,/,0.025,0.01,0.04
土堡寨,2026-10-09 09:20,D1009-1,已审核,7.9,0.21,0.05,0.04L
三合水库（县城水源地）,2026-10-09 10:40,D1009-2,待审核,8.0,未检出,ND,ND
水寨子,2026-10-09 11:30,D1009-3,退回,8.1,0.30,0.06,0.05
平均值,,,,8.0,0.25,0.05,0.04
标准限值（Ⅲ类）,,,,6~9,1.0,0.2,0.1
注：L表示低于检出限
"""


def readings(text: str | bytes, **options):
    raw = text if isinstance(text, bytes) else text.encode()
    return read_readings(raw, timezone="Asia/Shanghai", **options)


def samples(text: str | bytes, **options):
    return read_samples(read_grid(text if isinstance(text, bytes) else text.encode(), "x.csv"), **options)


def kinds(read) -> list[str]:
    with pytest.raises(BadInput) as refused:
        read()
    return [fault.kind for fault in refused.value.faults]


def book(sheets: dict[str, list[list[object]]], merged: dict[str, list[str]] | None = None) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        page = made.create_sheet(title)
        for row in rows:
            page.append(row)
        for cells in (merged or {}).get(title, []):
            page.merge_cells(cells)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


class TestReport:
    def test_units_methods_and_limits_in_rows_belong_to_their_items(self):
        read = readings(REPORT)
        assert read.refusals == ()
        assert read.about["NH3N"] == ("HJ 535-2009", 0.025)
        assert read.about["HG"].limit == pytest.approx(0.04e-3)
        at_the_source = {one.parameter: one for one in read.readings if one.station == "三合水库（县城水源地）"}
        assert at_the_source["NH3N"].censored == Censored("<", 0.025)
        assert at_the_source["TP"].censored == Censored("<", 0.01)
        assert at_the_source["HG"].censored == Censored("<", 4e-05)

    def test_grade_reads_the_same_report(self):
        found = samples(REPORT)
        assert found.places == ["土堡寨", "三合水库（县城水源地）", "水寨子"]
        assert found.columns["NH3N"].values.tolist() == [0.21, 0.025, 0.30]
        assert found.columns["NH3N"].censor.tolist() == [0, 1, 0]
        assert found.columns["HG"].values == pytest.approx([4e-05, 4e-05, 5e-05])

    def test_means_and_limits_of_the_law_are_no_sections_and_that_is_said(self):
        said = [note.text("zh") for note in readings(REPORT).notes]
        assert any("平均值" in one for one in said) and any("标准限值" in one for one in said)

    def test_a_rejected_sample_is_kept_and_not_judged(self):
        assert {one.flag for one in readings(REPORT).readings if one.station == "水寨子"} == {"bad"}
        assert samples(REPORT).maintenance.tolist() == [False, False, True]

    def test_a_long_sheet_has_method_and_limit_in_columns(self):
        text = (
            "断面,采样时间,样品编号,项目,检测方法,结果,单位,检出限\n"
            "甲,2026-10-09 09:00,1,氨氮,HJ 535-2009,未检出,mg/L,0.025\n"
            "甲,2026-10-09 09:00,1,汞,HJ 694-2014,0.06,μg/L,0.04\n"
        )
        read = readings(text)
        assert [(one.value, one.censored) for one in read.readings] == [(None, Censored("<", 0.025)), (6e-05, None)]
        assert read.about["HG"].method == "HJ 694-2014"
        assert samples(text).columns["NH3N"].values.tolist() == [0.025]

    def test_the_limit_of_a_column_is_for_cells_that_name_none(self):
        text = "断面,时间,氨氮(mg/L)\n检出限,,0.025\nA,2026-10-01,ND\nA,2026-10-02,<0.05\n"
        assert [one.censored.limit for one in readings(text).readings] == [0.025, 0.05]


class TestWorkbook:
    def test_every_month_of_a_workbook_is_read(self):
        head = ["断面", "日期", "氨氮(mg/L)"]
        raw = book(
            {"1月": [head, ["甲", "2026-01-05", 0.1]], "2月": [head, ["甲", "2026-02-05", 0.2]], "说明": [["编制"]]}
        )
        read = readings(raw)
        assert [one.value for one in read.readings] == [0.1, 0.2]
        assert [(note.kind, note.sheet) for note in read.notes] == [("sheet_left_out", "说明")]
        assert samples(raw).columns["NH3N"].values.tolist() == [0.1, 0.2]
        assert len(readings(raw, sheet="2月").readings) == 1

    def test_a_fault_names_the_sheet(self):
        head = ["断面", "日期", "氨氮(mg/L)"]
        raw = book({"1月": [head, ["甲", "2026-01-05", 0.1]], "2月": [head, ["甲", "2026-02-05", "o.2"]]})
        (refusal,) = readings(raw).refusals
        assert refusal.fault.place == "[2月]:2:氨氮(mg/L)"
        with pytest.raises(BadInput) as refused:
            samples(raw)
        assert refused.value.faults[0].place == "x.csv[2月]:2:氨氮(mg/L)"

    def test_a_section_merged_over_its_days_is_the_section_of_each(self):
        rows = [
            ["断面", "日期", "氨氮(mg/L)"],
            ["甲", "2026-01-05", 0.1],
            [None, "2026-01-06", 0.2],
            ["乙", "2026-01-05", 0.3],
        ]
        raw = book({"1月": rows}, {"1月": ["A2:A3"]})
        assert [(one.station, one.value) for one in readings(raw).readings] == [("甲", 0.1), ("甲", 0.2), ("乙", 0.3)]
        assert samples(raw).places == ["甲", "甲", "乙"]

    def test_a_header_of_two_rows_that_are_merged(self):
        rows = [
            ["断面", "日期", "营养盐", None],
            [None, None, "氨氮(mg/L)", "总磷(mg/L)"],
            ["甲", "2026-01-05", 0.1, 0.02],
        ]
        raw = book({"1月": rows}, {"1月": ["A1:A2", "B1:B2", "C1:D1"]})
        assert {one.parameter: one.value for one in readings(raw).readings} == {"NH3N": 0.1, "TP": 0.02}


class TestRefused:
    def test_one_section_and_time_twice_with_other_values(self):
        text = "断面,时间,氨氮(mg/L),总磷\nA,2026-10-01,0.1,0.05\nA,2026-10-01,0.2,0.05\n"
        (refusal,) = readings(text).refusals
        assert (refusal.line, refusal.kind, refusal.value) == (3, "contradicts", "0.2")
        assert kinds(lambda: samples(text)) == ["contradicts"]
        assert len(samples(text.replace("0.2", "0.1"))) == 2

    def test_mercury_and_arsenic_without_a_unit_are_asked_for(self):
        text = "断面,时间,汞,砷(μg/L)\nA,2026-10-01,0.04,2\n"
        assert [one.kind for one in readings(text).refusals] == ["unit_needed"]
        assert kinds(lambda: samples(text)) == ["unit_needed"]
        assert samples(text, units={"HG": "ug/L"}).columns["HG"].values == pytest.approx([4e-05])
        assert readings(text, units={"HG": "mg/L"}).readings[0].value == 0.04
        assert not readings(text.replace("0.04", "0.04 μg/L")).refusals

    def test_numbers_without_a_unit_beside_cells_that_name_another(self):
        text = "断面,时间,总磷\nA,2026-10-01,50 μg/L\nA,2026-10-02,0.06\n"
        assert [(one.line, one.kind) for one in readings(text).refusals] == [(3, "mixed_units")]
        assert kinds(lambda: samples(text)) == ["mixed_units"]

    def test_a_slip_may_be_left_out_by_name(self):
        text = "断面,时间,总鳞,氨氮(mg/L)\nA,2026-10-01,9,0.1\n"
        assert kinds(lambda: samples(text)) == ["looks_like_a_slip"]
        assert list(samples(text, leave_out=["总鳞"]).columns) == ["NH3N"]
        assert not readings(text, leave_out=["总鳞"]).refusals

    def test_a_time_ahead_of_now(self):
        text = "断面,时间,总磷\nA,2026-10-01 08:00,0.1\nA,2026-10-02 08:00,0.1\n"
        now = datetime(2026, 10, 1, 12, tzinfo=UTC)
        assert [(one.line, one.kind) for one in readings(text, now=now).refusals] == [(3, "from_the_future")]
        assert kinds(lambda: samples(text, now=now)) == ["from_the_future"]


class TestRepeatedHour:
    """New York put its clocks back from 02:00 to 01:00 on 1 November 2026: 01:00–01:59 came twice, first at UTC−4."""

    CLOCKS = ("00:30", "01:00", "01:30", "01:00", "01:30", "02:00")

    def moments(self, clocks: tuple[str, ...], place: str = "A") -> list[float]:
        rows = "".join(f"{place},2026-11-01 {clock},0.{n + 1}\n" for n, clock in enumerate(clocks))
        read = read_readings(f"station,time,NH3-N\n{rows}".encode(), timezone=NEW_YORK)
        assert not read.refusals
        first = datetime(2026, 11, 1, 4, tzinfo=UTC)  # midnight in New York
        return [(one.time - first) / timedelta(hours=1) for one in read.readings]

    def test_upwards_it_stays_two_hours(self):
        assert self.moments(self.CLOCKS) == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]

    def test_downwards_too(self):
        assert self.moments(self.CLOCKS[::-1]) == [3.0, 2.5, 2.0, 1.5, 1.0, 0.5]

    def test_hourly_values(self):
        assert self.moments(("00:00", "01:00", "01:00", "02:00")) == [0.0, 1.0, 2.0, 3.0]

    def test_once_is_the_first(self):
        assert self.moments(("00:00", "01:00", "02:00")) == [0.0, 1.0, 3.0]

    def test_an_hour_that_clocks_skip_is_refused(self):
        text = "station,time,NH3-N\nA,2026-03-08 02:30,0.1\n"
        assert [one.kind for one in read_readings(text.encode(), timezone=NEW_YORK).refusals] == ["no_such_local_time"]
        assert find_zone(NEW_YORK)


WORDS_OF_CELLS = """
    A 甲 平均值 单位 检出限 mg/L 0.2 <0.01 0.01L 未检出(0.01) ND -- * 1,234 2.4×10^-2 500µg/L -9999
    2026-10-01 2026-10-01T08:00 10月1日 氨氮 总鳞 维护 注：无
"""
WORDS_OF_HEADS = """
    断面 时间 日期 年 月 项目 结果 单位 检出限 检测方法 样品编号 审核状态
    状态 氨氮(mg/L) 总磷 汞 pH 总鳞 水体类型 水质类别 ?
"""
CELLS = st.sampled_from(["", *WORDS_OF_CELLS.split()]) | st.text(max_size=8)
HEADS = st.sampled_from(["", *WORDS_OF_HEADS.split()])
WORKBOOK_CELLS = CELLS | st.floats() | st.integers() | st.booleans() | st.dates() | st.none()


def outcome(read: Callable[[], object]) -> object:
    """What was read, or why it was refused."""
    try:
        return read()
    except BadInput as refused:
        return refused


@settings(max_examples=300, deadline=None)
@given(st.lists(HEADS, min_size=1, max_size=7), st.lists(st.lists(CELLS, max_size=8), max_size=6))
def test_no_sheet_is_too_strange_for_any_reading(header, rows):
    text = "\n".join(",".join(cell.replace("\n", " ").replace(",", "，") for cell in row) for row in [header, *rows])
    raw = text.encode("utf-8", "surrogatepass")
    for read in (
        lambda: read_samples(read_grid(raw, "x.csv")),
        lambda: read_readings(raw, timezone="Asia/Shanghai", year=2026),
        lambda: read_measured(raw),
    ):
        found = outcome(read)
        if isinstance(found, BadInput):
            assert all(fault.text("zh") and fault.text("en") for fault in found.faults)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(WORKBOOK_CELLS, max_size=6), max_size=6))
def test_whatever_a_workbook_holds_both_readings_take_the_same_numbers(rows):
    raw = book({"表": [["断面", "时间", "氨氮(mg/L)", "总磷"], *([_allowed(cell) for cell in row] for row in rows)]})
    found = outcome(lambda: read_samples(read_grid(raw, "x.xlsx")))
    if isinstance(found, BadInput):
        return
    read = outcome(lambda: read_readings(raw, timezone="Asia/Shanghai", year=2026, day_first=True))
    if isinstance(read, BadInput):
        assert {fault.kind for fault in read.faults} <= {"bad_time", "empty_file"}
        return
    assert not [one for one in read.refusals if one.kind == "bad_number"]
    numbers = {one.value for one in read.readings if one.value is not None}
    numbers |= {one.censored.limit for one in read.readings if one.censored}
    judged = {float(value) for column in found.columns.values() for value in column.values if np.isfinite(value)}
    assert {number for number in numbers if number is not None} <= judged


def _allowed(cell: object) -> object:
    """What a workbook can hold: no control characters, no infinite numbers, no integer beyond its floats."""
    if isinstance(cell, str):
        return "".join(sign for sign in cell if sign.isprintable() and not "\ud800" <= sign <= "\udfff").lstrip("=")
    if isinstance(cell, float) and not np.isfinite(cell):
        return "nan"
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell
