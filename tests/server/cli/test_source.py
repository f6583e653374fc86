"""``riverchief source`` as a shell sees it."""

import io
import json
import sys

import pytest

from riverchief_server.cli import main

HEAD = (
    "水源地名称,采样时间,pH,溶解氧,高锰酸盐指数,五日生化需氧量,氨氮,总磷,铜,锌,氟化物,硒(mg/L),砷(mg/L),汞(mg/L),镉,六价铬,铅,氰化物,挥发酚,"
    "石油类,阴离子表面活性剂,硫化物,硫酸盐,氯化物,硝酸盐氮,铁,锰"
)
CLEAN = (
    "7.5,8,2,2,0.1,0.02,0.001,0.01,0.2,0.0005,0.001,0.00002,0.0005,0.004,0.002,0.002,0.0005,0.01,0.05,0.01,30,5,1,0.05"
)


def judged(monkeypatch, capsys, manganese: str, *arguments: str) -> tuple[int, str, str]:
    text = f"{HEAD}\n三合水库（县城水源地）,2026-10-12,{CLEAN},{manganese}\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code = main(["source", "-", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_manganese_of_a_quarter_milligram_fails_the_reservoir(monkeypatch, capsys):
    # (0.25 - 0.1) / 0.1 = 1.5
    code, out, _ = judged(monkeypatch, capsys, "0.25", "--kind", "lake", "--format", "csv")
    assert code == 0
    assert out.splitlines() == [
        "place,time,complies,over,multiples,judged,measured,of,missing,edition",
        "三合水库（县城水源地）,2026-10-12,no,MN,MN:1.5,25,25,61,,GB 3838-2002",
    ]


def test_json_says_how_much_of_the_programme_was_there(monkeypatch, capsys):
    _, out, _ = judged(monkeypatch, capsys, "0.05", "--kind", "lake", "--format", "json")
    (row,) = json.loads(out)
    assert (row["complies"], row["judged"], row["of"]) == (True, 25, 61)
    assert ("w24004" in row["absent"] and "应测61项，缺36项" in row["explanation"]) or "of 61 due" in row["explanation"]


@pytest.mark.parametrize(
    ("cell", "verdict"), [("0.05", "yes"), ("<0.05", "yes"), ("<0.2", "unknown"), (">0.2", "no"), ("", "unknown")]
)
def test_signs_and_gaps_never_pass(monkeypatch, capsys, cell: str, verdict: str):
    _, out, _ = judged(monkeypatch, capsys, cell, "--kind", "lake", "--format", "csv")
    assert out.splitlines()[1].split(",")[2] == verdict


def test_a_background_value_is_taken_off_and_said(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    _, out, _ = judged(
        monkeypatch, capsys, "0.25", "--kind", "lake", "--background", "锰=0.1", "--format", "csv", "--explain"
    )
    assert "不达标" in out and "实测 0.25，扣除本底值 0.1" in out  # 0.15 is still over 0.1
    _, out, _ = judged(monkeypatch, capsys, "0.25", "--kind", "lake", "--background", "锰=0.2", "--format", "csv")
    assert out.splitlines()[1].split(",")[2] == "yes"


def test_a_table_in_chinese(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    _, out, _ = judged(monkeypatch, capsys, "0.25", "--kind", "lake")
    assert "是否达标" in out and "不达标" in out and "锰(1.5)" in out and "MN" not in out


def test_groundwater_has_its_own_limits_and_says_that_nobody_compared_them(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    _, out, _ = judged(monkeypatch, capsys, "0.25", "--kind", "ground", "--format", "csv", "--explain")
    assert ",no," in out and "不得作为权威结论" in out


def test_the_kind_must_be_said(monkeypatch, capsys):
    with pytest.raises(SystemExit) as refused:
        judged(monkeypatch, capsys, "0.05")
    assert refused.value.code == 2
