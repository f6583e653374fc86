"""``riverchief grade`` as a shell sees it."""

import csv
import io
import json
import sys

import pytest

from riverchief_server.cli import main
from tests.shared_data import shared

SHEET = "断面,时间,NH3-N,总磷(mg/L),总氮\n水寨子,2024-01-01 08:00,1.21,0.26,2\n土堡寨,2024-01-01 08:00,0.1,--,2\n"


def feed(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_csv_has_the_promised_columns(monkeypatch, capsys):
    feed(monkeypatch, SHEET)
    assert main(["grade", "-", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "place,time,class,limiting,over_limit,excluded,edition",
        "水寨子,2024-01-01 08:00,IV,NH3N+TP,TP:0.3+NH3N:0.2,TN,GB 3838-2002",
        "土堡寨,2024-01-01 08:00,,,,TP+TN,GB 3838-2002",
    ]


def test_json_with_evidence(monkeypatch, capsys):
    feed(monkeypatch, SHEET)
    assert main(["grade", "-", "--format", "json", "--explain"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["class"] == "IV"
    assert {e["item"]: e["limit"] for e in rows[0]["judgement"]["evidence"]} == {"NH3N": 1.5, "TP": 0.3}
    assert rows[1]["excluded"][0] == {"item": "TP", "reason": "missing"}


def test_a_table_explains_itself_in_chinese(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    feed(monkeypatch, SHEET)
    assert main(["grade", "-", "--explain"]) == 0
    assert "氨氮 1.21 mg/L，超过Ⅲ类限值 1 mg/L" in capsys.readouterr().out


def test_every_fault_goes_to_standard_error_with_exit_code_2(monkeypatch, capsys):
    feed(monkeypatch, "断面,时间,NH3-N\nA,2024-01-01,x\nB,2024-01-01,y\n")
    assert main(["grade", "-", "--format", "csv"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 2 and "<stdin>:2:NH3-N" in said.err


def test_output_to_a_file(monkeypatch, capsys, tmp_path):
    feed(monkeypatch, SHEET)
    assert main(["grade", "-", "--format", "csv", "-o", str(tmp_path / "out.csv")]) == 0
    assert capsys.readouterr().out == ""
    assert len(list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))) == 2


def test_times_without_a_year_pass_as_written_or_are_completed(monkeypatch, capsys):
    feed(monkeypatch, "断面,监测时间,总磷\nA,04-01 04:00,0.1\n")
    main(["grade", "-", "--format", "csv"])
    said = capsys.readouterr()
    assert "A,04-01 04:00,II" in said.out and "--year" in said.err
    feed(monkeypatch, "断面,监测时间,总磷\nA,04-01 04:00,0.1\n")
    main(["grade", "-", "--format", "csv", "--year", "2021", "--timezone", "+08:00"])
    assert "A,2021-04-01 04:00+08:00,II" in capsys.readouterr().out


def test_a_missing_file_is_named(capsys):
    assert main(["grade", "/no/such/file.csv"]) == 2
    assert "/no/such/file.csv" in capsys.readouterr().err


def test_the_printed_rows_of_chengkou_class_for_class(capsys):
    path = shared("data/chengkou_stations/rows.csv")
    assert main(["grade", str(path), "--format", "csv"]) == 0
    answered = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    numerals = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "*": ""}
    with path.open(encoding="utf-8") as file:
        printed = [numerals[row["水质类别"]] for row in csv.DictReader(file)]
    assert [row["class"] for row in answered] == printed
