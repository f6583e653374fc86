"""What one cell says: a number with its unit, a bound, or nothing of a certain kind."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.sheet.cells import NOT_UNDERSTOOD, Said, read_cell


@pytest.mark.parametrize(
    ("cell", "value", "unit", "decimals"),
    [
        ("0.025", 0.025, "", 3),
        (" 1.2e-3 ", 0.0012, "", 0),
        (".5", 0.5, "", 1),
        ("-0.3", -0.3, "", 1),
        ("−0.5", -0.5, "", 1),
        ("１２．５", 12.5, "", 1),
        ("1,234", 1234.0, "", 0),
        ("1,234.5", 1234.5, "", 1),
        ("2.4×10^-2", 0.024, "", 0),
        ("2.4×10⁻²", 0.024, "", 0),
        ("2.4x10-2", 0.024, "", 0),
        ("1.2×10⁴", 12000.0, "", 0),
        ("500 µg/L", 500.0, "μg/L", 0),
        ("5mg/L", 5.0, "mg/L", 0),
        ("85%", 85.0, "%", 0),
    ],
)
def test_a_number_with_its_unit_and_its_printed_decimals(cell, value, unit, decimals):
    assert read_cell(cell) == Said(value, "", unit, decimals)


@pytest.mark.parametrize(
    ("cell", "operator", "limit", "unit"),
    [
        ("<0.01", "<", 0.01, ""),
        ("＜0.01", "<", 0.01, ""),
        ("≤ 0.01", "<", 0.01, ""),
        ("0.01L", "<", 0.01, ""),
        ("0.0004 l", "<", 0.0004, ""),
        ("0.01(L)", "<", 0.01, ""),
        ("0.01L mg/L", "<", 0.01, "mg/L"),
        ("<0.01L", "<", 0.01, ""),
        ("<0.01 mg/L", "<", 0.01, "mg/L"),
        ("小于0.01", "<", 0.01, ""),
        ("0.01ND", "<", 0.01, ""),
        ("ND(0.01)", "<", 0.01, ""),
        ("ND<0.01", "<", 0.01, ""),
        ("未检出(0.01)", "<", 0.01, ""),
        ("未检出（0.01）", "<", 0.01, ""),
        ("未检出 0.01", "<", 0.01, ""),
        ("0.01（未检出）", "<", 0.01, ""),
        (">24000", ">", 24000.0, ""),
        ("≥2.4×10^4", ">", 24000.0, ""),
        ("大于24,000", ">", 24000.0, ""),
        ("ND", "<", None, ""),
        ("未检出", "<", None, ""),
        ("<LOD", "<", None, ""),
    ],
)
def test_a_bound_and_its_side(cell, operator, limit, unit):
    said = read_cell(cell)
    assert (said.operator, said.value, said.unit) == (operator, limit, unit)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        *[(cell, "empty") for cell in ("", "  ", None)],
        *[(cell, "not_measured") for cell in ("*", "/", "／", "未测", "不监测")],
        *[(cell, "missing") for cell in ("--", "—", "NULL", "无数据", "断流", "#N/A", "-9999", "-9999.0", -999.0)],
        (float("nan"), "missing"),
    ],
)
def test_nothing_of_a_certain_kind(cell, kind):
    assert read_cell(cell) == Said(absent=kind)


def test_a_number_of_a_workbook_is_itself():
    assert read_cell(7) == Said(7.0)
    assert read_cell(0.25) == Said(0.25, decimals=2)


@pytest.mark.parametrize(
    "cell",
    ["1,23", "0,234", "1..2", "<", "L", "about 3", "inf", "1e999", "<abc", True, datetime(2021, 4, 1, tzinfo=UTC)],
)
def test_what_nobody_can_tell(cell):
    assert read_cell(cell) == NOT_UNDERSTOOD


@given(st.text(max_size=30) | st.text("0123456789.,<>=()LlNnDd未检出×^-+e mg/", max_size=16))
def test_no_cell_is_too_strange(text):
    said = read_cell(text)
    assert said.understood or said == NOT_UNDERSTOOD
    assert said.value is None or said.value - said.value == 0.0  # finite
