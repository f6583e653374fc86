"""``riverchief forecast`` as a shell sees it."""

import csv
import datetime as dt
import io
import json
import math
import sys

import pytest

from riverchief_server.cli import main
from tests.domain.forecast.toy import oxygen

HEADER = "time,lead_h,q05,q25,q50,q75,q95,base,skill"
EVALUATED = (
    "place,parameter,lead_h,n,used,mae,mae_persistence,mae_climatology,mae_damped,mae_best_base,crps,coverage_90"
)


def a_wide_file(days: int = 480, places: int = 2) -> str:
    panel = oxygen(days=days, places=places)
    lines = ["site_id,datetime,oxygen,temperature,gizmo"]
    for place, name in enumerate(panel.places):
        for day in range(days):
            date = dt.date(2021, 1, 1) + dt.timedelta(days=day)
            value = "NA" if day % 17 == 3 else f"{panel.values[place, day]:.3f}"
            lines.append(f"{name},{date},{value},{20 - panel.values[place, day]:.2f},x")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def wide() -> str:
    return a_wide_file()


def forecast(monkeypatch, capsys, text: str, *options: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code = main(["forecast", "-", *options])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_one_place_gives_exactly_the_promised_columns(monkeypatch, capsys):
    code, out, _ = forecast(
        monkeypatch, capsys, a_wide_file(places=1), "--parameter", "DO", "--horizon", "3d", "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, out.splitlines()[0]) == (0, HEADER)
    assert [row["lead_h"] for row in rows] == ["24", "48", "72"]
    # day 480 of the file is NA, so the newest value is of 24 April; without a zone, as in the file
    assert rows[0]["time"] == "2022-04-25T00:00:00"
    for row in rows:
        quantiles = [float(row[name]) for name in HEADER.split(",")[2:7]]
        assert quantiles == sorted(quantiles)
        assert math.isfinite(float(row["base"])) and float(row["skill"]) < 1


def test_several_places_are_told_apart(monkeypatch, capsys, wide):
    code, out, _ = forecast(monkeypatch, capsys, wide, "--parameter", "oxygen", "--lead", "1d", "--format", "csv")
    assert code == 0
    assert [line.split(",")[0] for line in out.splitlines()] == ["place", "S0", "S1"]


def test_the_past_forecast_again_has_a_row_a_place_and_lead(monkeypatch, capsys, wide):
    options = ["--parameter", "oxygen", "--evaluate", "--since", "2022-01-01", "--leads", "1d,3d", "--format", "csv"]
    code, out, _ = forecast(monkeypatch, capsys, wide, *options)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, out.splitlines()[0]) == (0, EVALUATED)
    assert [(row["place"], row["parameter"], row["lead_h"]) for row in rows] == [
        ("S0", "DO", "24"),
        ("S0", "DO", "72"),
        ("S1", "DO", "24"),
        ("S1", "DO", "72"),
    ]
    # 115 days from 1 January, 7 of them without a value at the origin and 7 at the target
    assert 95 <= int(rows[0]["n"]) <= 105
    for row in rows:
        bases = [float(row[name]) for name in ("mae_persistence", "mae_climatology", "mae_damped")]
        assert float(row["mae_best_base"]) == min(bases)
        assert 0 <= float(row["used"]) <= 1 and 0.7 < float(row["coverage_90"]) <= 1


def test_too_little_record_is_said_and_the_base_given(monkeypatch, capsys):
    code, out, said = forecast(
        monkeypatch, capsys, a_wide_file(days=20, places=1), "--parameter", "DO", "--lead", "24h", "--format", "json"
    )
    [row] = json.loads(out)
    assert code == 1 and "not enough data" in said
    assert row["q50"] == row["base"] and row["q05"] is None and row["base_name"] == "persistence"


def test_everything_wrong_is_named(monkeypatch, capsys, wide):
    code, _, said = forecast(monkeypatch, capsys, wide, "--parameter", "DO", "--lead", "soon,-3,5h")
    assert code == 2 and "soon" in said and "-3" in said
    code, _, said = forecast(monkeypatch, capsys, wide, "--parameter", "DO", "--lead", "5h")
    assert code == 2 and "24" in said  # a day is the step of this file
    code, _, said = forecast(monkeypatch, capsys, wide, "--parameter", "TP")
    assert code == 2 and "DO" in said
    code, _, said = forecast(monkeypatch, capsys, wide, "--parameter", "DO", "--upstream", "S0>S9=20", "--lead", "1d")
    assert code == 2 and "S9" in said
    code, _, said = forecast(monkeypatch, capsys, wide, "--parameter", "DO", "--place", "S7", "--lead", "1d")
    assert code == 2 and "S7" in said


def test_the_figure_is_a_picture_with_the_unit(monkeypatch, capsys, wide):
    code, out, _ = forecast(
        monkeypatch, capsys, wide, "--parameter", "DO", "--place", "S1", "--lead", "1d,2d", "--format", "figure"
    )
    assert code == 0 and out.startswith("<svg") and "mg/L" in out and "polygon" in out and "nan" not in out


def test_weather_as_known_is_called_an_upper_bound(monkeypatch, capsys, tmp_path, wide):
    weather = tmp_path / "weather.csv"
    weather.write_text(
        "time,rain\n" + "".join(f"{dt.date(2021, 1, 1) + dt.timedelta(days=n)},{n % 9}\n" for n in range(490))
    )
    options = ["--parameter", "DO", "--lead", "1d", "--covariates", str(weather), "--format", "csv"]
    code, plain, said = forecast(monkeypatch, capsys, wide, *options)
    assert code == 0 and "upper bound" not in said
    code, perfect, said = forecast(monkeypatch, capsys, wide, *options, "--perfect-weather")
    assert code == 0 and "upper bound" in said and perfect != plain
