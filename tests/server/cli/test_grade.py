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


def test_json_names_coverage_and_the_main_pollutants_with_their_multiples(monkeypatch, capsys):
    # (0.26 - 0.2) / 0.2 = 0.3, (1.21 - 1) / 1 = 0.2: of class III, whatever the target is
    feed(monkeypatch, SHEET)
    assert main(["grade", "-", "--format", "json", "--target", "II"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["judged"], first["of"]) == (2, 21) and (second["judged"], second["of"]) == (1, 21)
    assert [(found["item"], found["multiple"]) for found in first["main_pollutants"]] == [("TP", 0.3), ("NH3N", 0.2)]
    assert first["over_limit"] == {"TP": 1.6, "NH3N": 1.4}


def test_a_table_explains_itself_in_chinese(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    feed(monkeypatch, SHEET + "黄金口,2024-01-01 08:00,9,0.1,2\n")
    assert main(["grade", "-", "--explain"]) == 0
    heading, _, first, why, second, _, third, _ = capsys.readouterr().out.splitlines()
    assert heading.split() == [
        "断面", "时间", "水质类别", "参评项目数", "定类项目", "主要污染指标(超Ⅲ类倍数)", "超目标倍数", "未参评项目",
    ]  # fmt: skip
    assert "氨氮 1.21 mg/L，超过Ⅲ类限值 1 mg/L" in why
    assert "总磷(0.3)、氨氮(0.2)" in first and "不优于Ⅰ" in second and "劣Ⅴ" in third
    assert not any(code in line for code in (">V", "NH3N", "TP") for line in (first, second, third))


def test_the_same_table_in_english(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "en")
    feed(monkeypatch, SHEET)
    assert main(["grade", "-"]) == 0
    said = capsys.readouterr().out
    assert (
        "items judged" in said and "total phosphorus(0.3), ammonia nitrogen(0.2)" in said and "no better than Ⅰ" in said
    )


LAKE = "断面,时间,pH,溶解氧,氨氮,总磷\n三合水库,2024-01-01,8,9,0.1,0.05\n"


def test_what_looks_like_a_lake_ends_with_2_and_says_what_to_add(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    feed(monkeypatch, LAKE)
    assert main(["grade", "-", "--format", "csv"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "三合水库" in said.err and "水体类型" in said.err and "--water lake" in said.err
    feed(monkeypatch, LAKE)
    assert main(["grade", "-", "--format", "csv", "--water", "lake"]) == 0
    assert "三合水库,2024-01-01,III,TP,,,GB 3838-2002" in capsys.readouterr().out


def test_a_code_of_the_lake_row_is_a_sign_too(monkeypatch, capsys):
    feed(monkeypatch, "place,time,DO,NH3N,TP_LAKE\nA,2024-01-01,9,0.1,0.05\n")
    assert main(["grade", "-", "--format", "csv"]) == 2
    assert "--water lake" in capsys.readouterr().err


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
    feed(monkeypatch, "断面,监测时间,氨氮,总磷\nA,04-01 04:00,0.1,0.1\n")
    main(["grade", "-", "--format", "csv"])
    said = capsys.readouterr()
    assert "A,04-01 04:00,II" in said.out and "--year" in said.err
    feed(monkeypatch, "断面,监测时间,氨氮,总磷\nA,04-01 04:00,0.1,0.1\n")
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
