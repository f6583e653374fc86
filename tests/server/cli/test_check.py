"""``riverchief check`` as a shell sees it."""

import csv
import io
import sys

import pytest

from riverchief_server.cli import main
from tests.shared_data import shared

SERIES = "station,time,parameter,value\n" + "".join(
    f"A,2021-04-01 {hour:02d}:00,NH3N,{value}\n"
    for hour, value in zip(range(0, 24, 4), [0.3, "<0.01", 9, 0.3, "--", 500], strict=True)
)


def check(monkeypatch, capsys, text: str, *options: str) -> tuple[int, list[dict[str, str]], str]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code = main(["check", "-", *options])
    said = capsys.readouterr()
    return code, list(csv.DictReader(io.StringIO(said.out))), said.err


def test_one_line_a_value_with_flag_and_test(monkeypatch, capsys):
    code, rows, said = check(monkeypatch, capsys, SERIES, "--timezone", "Asia/Shanghai")
    assert code == 0
    assert list(rows[0]) == ["time", "parameter", "value", "flag", "test", "station"]
    assert [(row["value"], row["flag"], row["test"]) for row in rows] == [
        ("0.3", "good", ""),
        ("<0.01", "good", ""),
        ("9", "bad", "spike"),
        ("0.3", "good", ""),
        ("", "missing", "sensor_state"),
        ("500", "bad", "range"),
    ]
    assert rows[1]["time"] == "2021-04-01T04:00:00+08:00"
    assert "A NH3N: 6 values, about every 240 min" in said


def test_only_objections_and_own_thresholds(monkeypatch, capsys, tmp_path):
    own = tmp_path / "own.csv"
    own.write_text(
        "parameter,station,hard_high,spike_suspect,spike_fail,spike_suspect_share,spike_fail_share\n"
        "NH3N,A,5,none,none,none,none\n",
        encoding="utf-8",
    )
    options = ["--timezone", "UTC", "--objections", "--thresholds", str(own)]
    _, rows, _ = check(monkeypatch, capsys, SERIES, *options)
    assert [(row["value"], row["test"]) for row in rows] == [("9", "range"), ("", "sensor_state"), ("500", "range")]


def test_a_file_without_zone_and_station_is_checked_in_its_own_time(capsys, tmp_path):
    path = tmp_path / "buoy.csv"
    path.write_text("datetime,temp,cond\n2021-04-01 00:15,12.5,300\n2021-04-01 00:30,12.6,301\n", encoding="utf-8")
    assert main(["check", str(path)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["time"], row["parameter"], row["station"]) for row in rows[:2]] == [
        ("2021-04-01T00:15:00", "WT", "buoy"),
        ("2021-04-01T00:30:00", "WT", "buoy"),
    ]
    assert len(rows) == 4


@pytest.mark.parametrize("text", ["", "station,time,parameter,value\nA,2021-04-01Z,WHAT,1\n", "a,b\n1,2\n"])
def test_what_cannot_be_checked_is_exit_2_with_the_reason(monkeypatch, capsys, text):
    code, rows, said = check(monkeypatch, capsys, text)
    assert (code, rows) == (2, [])
    assert said.strip()


def test_chengkou_in_chinese(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    assert main(["check", str(shared("data/chengkou_stations/rows.csv")), "--year", "2021"]) == 0
    said = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert len(rows) == 450 and sum(row["flag"] == "maintenance" for row in rows) == 69
    assert rows[0]["time"] == "2021-04-01T04:00:00+08:00"
    assert "土堡寨 TURB：共 25 个值" in said.err
