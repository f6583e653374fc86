"""``riverchief aqi`` as a shell sees it."""

import io
import json
import sys

import pytest

from riverchief_server.cli import main

SHEET = (
    "城市,日期,PM2.5,PM10,SO2,NO2,CO,O3\n城口,2026-02-28,62,118,12,38,0.9,148\n"
    "城口,2026-03-01,62,118,12,38,0.9,148\n城口,2026-03-02,30,60,,38,0.9,48\n"
)


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def answer(monkeypatch, capsys, text: str, *options: str) -> list[str]:
    feed(monkeypatch, text)
    assert main(["aqi", "-", "--format", "csv", *options]) == 0
    return capsys.readouterr().out.splitlines()


def test_csv_by_the_edition_of_each_day(monkeypatch, capsys):
    assert answer(monkeypatch, capsys, SHEET) == [
        "place,time,aqi,level,primary,edition",
        "城口,2026-02-28,90,2,O3,HJ 633-2012",
        "城口,2026-03-01,102,3,PM25,HJ 633-2026",
        "城口,2026-03-02,,,,HJ 633-2026",
    ]


def test_the_same_days_under_one_edition(monkeypatch, capsys):
    lines = answer(monkeypatch, capsys, SHEET, "--edition", "2012")
    assert [line.split(",")[2] for line in lines[1:]] == ["90", "90", ""]


def test_json_with_every_index(monkeypatch, capsys):
    feed(monkeypatch, SHEET)
    assert main(["aqi", "-", "--format", "json", "--explain"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {e["pollutant"]: e["index"] for e in rows[1]["judgement"]["evidence"]}["PM25"] == 102
    assert rows[2]["aqi"] is None


def test_a_long_sheet_of_hours(monkeypatch, capsys):
    values = {"pm2_5": 41, "pm10": 54, "o3": 59, "no2": 13, "so2": 9, "co": 0.6}
    rows = "".join(f"1416A,2026-02-26 20:00,{name},{value}\n" for name, value in values.items())
    lines = answer(monkeypatch, capsys, f"station,time,parameter,value\n{rows}")
    assert lines[1] == "1416A,2026-02-26 20:00,58,2,PM25,HJ 633-2012"  # as the platform printed it


def test_a_time_in_utc_is_judged_by_the_beijing_date(monkeypatch, capsys):
    # 2026-02-28T16:30Z is half past midnight of 1 March in Beijing
    sheet = "site,time,PM2.5,PM10,SO2,NO2,CO,O3\nA,2026-02-28T16:30Z,62,118,12,38,0.9,148\n"
    assert answer(monkeypatch, capsys, sheet)[1].endswith("HJ 633-2026")


def test_the_hour_labelled_midnight_belongs_to_the_day_it_ends(monkeypatch, capsys):
    # the platform printed the hour labelled 2026-03-01 00:00 by the old edition; a whole 1 March is under the new
    values = ",62,118,12,38,0.9,148\n"
    heading = "site,time,PM2.5,PM10,SO2,NO2,CO,O3\n"
    hours = f"{heading}A,2026-03-01 00:00{values}A,2026-03-01 01:00{values}"
    lines = answer(monkeypatch, capsys, hours)
    assert [line.split(",")[-1] for line in lines[1:]] == ["HJ 633-2012", "HJ 633-2026"]
    day = answer(monkeypatch, capsys, f"{heading}A,2026-03-01{values}")
    assert day[1].endswith("HJ 633-2026")


def test_a_time_without_a_year_is_refused_with_the_remedy(monkeypatch, capsys):
    feed(monkeypatch, "site,time,PM2.5\nA,03-01,62\n")
    assert main(["aqi", "-"]) == 2
    assert "--year" in capsys.readouterr().err


def test_carbon_monoxide_in_micrograms_is_found_out(monkeypatch, capsys):
    sheet = "site,time,PM2.5,PM10,SO2,NO2,CO,O3\nA,2026-03-01,62,118,12,38,900,148\n"
    feed(monkeypatch, sheet)
    assert main(["aqi", "-"]) == 2
    assert "--unit CO=ug/m3" in capsys.readouterr().err
    assert answer(monkeypatch, capsys, sheet, "--unit", "CO=ug/m3")[1].split(",")[2] == "102"


def test_pollutants_that_are_not_there_at_all_are_named_with_the_remedy(monkeypatch, capsys):
    sheet = "city,date,PM2.5,PM10\nA,2026-03-05,62,118\nA,2026-03-06,32,40\n"
    feed(monkeypatch, sheet)
    assert main(["aqi", "-", "--format", "csv"]) == 0
    said = capsys.readouterr()
    assert [line.split(",")[2] for line in said.out.splitlines()[1:]] == ["102", ""]
    assert "SO2、NO2、CO、O3" in said.err and "--missing ignore" in said.err
    assert [line.split(",")[2] for line in answer(monkeypatch, capsys, sheet, "--missing", "ignore")[1:]] == [
        "102",
        "46",
    ]


def test_a_sheet_of_water_has_no_aqi(monkeypatch, capsys):
    feed(monkeypatch, "断面,时间,总磷\nA,2026-03-01,0.1\n")
    assert main(["aqi", "-"]) == 2
    assert "PM2.5" in capsys.readouterr().err
