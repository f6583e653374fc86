"""``riverchief report month`` as a person runs it: a sheet in, the report out in every form."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

SHEET = """断面,河流,水质目标,时间,pH(无量纲),溶解氧(mg/L),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)
甲,任河,Ⅱ,2025-10-05,8.0,7.0,2.0,0.1,0.05
甲,任河,Ⅱ,2026-10-05,8.0,7.0,2.0,1.2,0.26
=乙+1,前河,Ⅲ,2026-10-06,8.0,7.0,2.0,0.1,0.05
"""


def run(*words: str, sheet: str = SHEET, language: str = "zh") -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
    settings["RIVERCHIEF_LANGUAGE"] = language
    command = [sys.executable, "-m", "riverchief_server.cli", "report", "month", *words]
    return subprocess.run(command, input=sheet, env=settings, capture_output=True, text=True)


def test_csv_has_a_row_a_section_for_programs():
    done = run("-", "--month", "2026-10", "--format", "csv")
    head, first, second = done.stdout.splitlines()
    assert head == (
        "month,section,river,target,class,status,pollutants,over_target,meets_target,class_last_year,change_year,"
        "class_last_month,change_month,class_so_far,judged,of"
    )
    # against II: phosphorus (0.26 − 0.1) / 0.1 = 1.6, ammonia (1.2 − 0.5) / 0.5 = 1.4
    assert first == "2026-10,甲,任河,II,IV,轻度污染,TP:0.3+NH3N:0.2,TP:1.6+NH3N:1.4,no,II,-1,,,IV,5,21"
    assert second.startswith("2026-10,=乙+1,前河,III,II,优,,,yes")


def test_json_holds_the_counts_and_the_sentence():
    told = json.loads(run("-", "--month", "2026-10", "--format", "json").stdout)
    assert told["whole"]["counts"]["IV"] == 1 and told["whole"]["good_share"] == 50.0
    assert told["whole"]["failing"] == ["甲"] and told["whole"]["target_rate"] == 50.0
    assert "2个断面中评价2个" in told["sentence"]


@pytest.mark.parametrize(("language", "said"), [("zh", "主要污染指标（超标倍数）"), ("en", "main pollutants")])
def test_word_and_excel_hold_every_row_and_no_formula(tmp_path: Path, language: str, said: str):
    for form in ("docx", "xlsx"):
        out = tmp_path / f"r.{form}"
        done = run("-", "--month", "2026-10", "--format", form, "-o", str(out), "--county", "城口县", language=language)
        assert done.returncode == 0, done.stderr
    tables = Document(tmp_path / "r.docx").tables
    sections = tables[-1]
    headings = [cell.text for cell in sections.rows[0].cells]
    assert any(said in heading for heading in headings)
    assert [row.cells[0].text for row in sections.rows][1:] == ["甲", "=乙+1"]
    book = load_workbook(tmp_path / "r.xlsx")
    last = book.worksheets[-1]
    assert [row[0].value for row in last.iter_rows(min_row=2)] == ["甲", "'=乙+1"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-", "--month", "2026-13"), "2026-10"),
        (("--month", "2026-10"), "--from-server"),
        (("-", "--from-server", "--month", "2026-10"), "--from-server"),
        (("-", "--month", "2026-10", "--format", "docx"), "-o"),
    ],
)
def test_bad_words_are_refused_with_what_to_do(words: tuple[str, ...], said: str):
    done = run(*words)
    assert done.returncode == 2 and said in done.stderr and not done.stdout


def test_a_sheet_that_looks_like_a_lake_and_says_nothing_is_refused():
    sheet = SHEET.replace("甲,任河", "三合水库坝前,任河")
    done = run("-", "--month", "2026-10", sheet=sheet)
    assert done.returncode == 2 and "三合水库坝前" in done.stderr and not done.stdout
