"""Real records that ship with the project (``excerpts/README.md`` says whose): a clone by itself meets them."""

import csv
from pathlib import Path

import numpy as np
import pytest

from riverchief.standard.air import grade_air
from riverchief.telemetry.hj212 import frame as hj212
from riverchief.telemetry.hj212.message import Message, decode
from riverchief.telemetry.hj212.values import Reader, Setup
from riverchief.telemetry.sl651 import frame as sl651
from riverchief.telemetry.sl651.report import parse
from riverchief.transport.tracer import fit_tracer

EXCERPTS = Path(__file__).parent / "excerpts"
AIR = {"PM25": "pm2_5", "PM10": "pm10", "O3": "o3", "NO2": "no2", "SO2": "so2", "CO": "co"}
PRIMARY = {"PM25": "细颗粒物(PM2.5)", "PM10": "颗粒物(PM10)", "O3": "臭氧1小时(O3_1h)", "NO2": "二氧化氮(NO2)"}


def rows(name: str) -> list[dict[str, str]]:
    with (EXCERPTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows("hj212_frames.csv"), ids=lambda row: row["frame"][:60])
def test_a_frame_of_hj212_is_taken_or_refused_by_its_checksum(row: dict[str, str]):
    assert isinstance(hj212.check(row["frame"].encode()), hj212.Frame) == (row["crc_ok"] == "1")


def test_a_message_of_hj212_is_read_with_its_values():
    # the second frame: COD 231.0 mg/L (011), ammonia 1.803 mg/L (060), flow B01 36.91 L/s, at 00:38:17 in China
    message = decode(rows("hj212_frames.csv")[1]["frame"].encode())
    assert isinstance(message, Message) and (message.st, message.cn) == ("32", "2011")
    read = {one.parameter: one for one in Reader(Setup(assume_units=True)).readings(message).readings}
    assert (read["COD"].value, read["NH3N"].value) == (231.0, 1.803)
    assert read["COD"].time.isoformat() == "2016-08-23T16:38:17+00:00"


def test_the_worked_example_of_sl651_is_read_to_its_end_and_the_masked_ones_are_refused():
    pieces = [sl651.check(bytes.fromhex(row["frame_hex"])) for row in rows("sl651_frames.csv")]
    assert [isinstance(piece, sl651.Frame) for piece in pieces] == [
        row["crc_ok"] == "1" for row in rows("sl651_frames.csv")
    ]
    assert parse(pieces[1]).refusals == []


@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_an_hour_of_air_has_the_index_and_the_primary_pollutant_that_were_printed(edition: str):
    # the hour labelled 00:00 of 1 March ends 28 February: it was printed by the old edition
    hours = [row for row in rows("hours_of_air.csv") if (row["time"] > "2026-03-01 00:00") == (edition == "2026")]
    values = {code: np.array([float(row[name]) for row in hours]) for code, name in AIR.items()}
    grades = grade_air(values, edition=edition, report="hour")
    assert len(hours) >= 16
    assert grades.aqi.tolist() == [float(row["aqi"]) for row in hours]
    for n, row in enumerate(hours):
        if float(row["aqi"]) > 50:
            assert {PRIMARY[code] for code in grades.primary_pollutants(n)} == set(row["primary"].split(","))


def test_a_release_of_neon_is_explained_by_dead_zones():
    upper, lower = (
        np.array([float(row[name]) for row in rows("king_2016_07_06.csv")]) for name in ("upper_us_cm", "lower_us_cm")
    )
    found = fit_tracer(upper, lower, 10.0, 90.0, upper_background=float(np.median(upper[:20])))
    assert found.nse >= 0.99
    assert 0.01 < found.velocity_m_s < 0.6 and 0.001 < found.dispersion_m2_s < 2
