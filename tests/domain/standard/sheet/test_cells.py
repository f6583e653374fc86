"""A cell says more than a number."""

import pytest

from riverchief.standard.sheet.cells import read_cell


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0.25", "value", 0.25),
        (" 1.2e-3 ", "value", 0.0012),
        ("1,234.5", "value", 1234.5),
        ("−0.5", "value", -0.5),
        ("<0.01", "below", 0.01),
        ("＜0.01", "below", 0.01),
        ("0.01L", "below", 0.01),
        ("0.0004 l", "below", 0.0004),
        ("0.01ND", "below", 0.01),
        ("ND(0.01)", "below", 0.01),
        ("小于0.01", "below", 0.01),
        (">24000", "above", 24000.0),
    ],
)
def test_numbers_and_bounds(text: str, kind: str, value: float):
    cell = read_cell(text)
    assert (cell.kind, cell.value) == (kind, value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("*", "absent"),
        ("/", "absent"),
        ("", "missing"),
        ("--", "missing"),
        ("NA", "missing"),
        ("缺测", "missing"),
        ("nan", "missing"),
        ("ND", "undetected"),
        ("未检出", "undetected"),
        ("inf", "bad"),
        ("abc", "bad"),
        ("1,23", "bad"),
        ("0.0.1", "bad"),
        ("0.5?", "value"),  # with a unit nobody knows, which the column refuses
    ],
)
def test_words(text: str, kind: str):
    assert read_cell(text).kind == kind


def test_a_unit_in_the_cell_keeps_its_capitals():
    cell = read_cell("500 µg/L")
    assert (cell.value, cell.unit) == (500.0, "µg/L")


def test_printed_decimals_are_kept():
    assert [read_cell(text).decimals for text in ("0.020", "8", "<0.01")] == [3, 0, 2]
