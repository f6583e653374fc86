"""The notice holds the forecast's numbers and no others; the figure holds every place."""

import datetime as dt
import xml.etree.ElementTree as ET

import pytest

from riverchief.example.rivers import toy_river
from riverchief.place import locate
from riverchief.spill import Spill, Watch, forecast_spill
from riverchief.spill.figure import draw_forecast
from riverchief.spill.notice import write_notice
from riverchief.table import read_table
from riverchief.transport import Physics


@pytest.fixture(scope="module")
def forecast():
    river = toy_river()
    physics = Physics.of(river.length_m, 0.5, 10.0, 4.0)
    places = [
        Watch("W", locate(river, 3, 1000.0), "intake", "<水厂>", 0.001),
        Watch("B", locate(river, 5, 5000.0), "border", "界", 900.0),
    ]
    return forecast_spill(river, Spill(locate(river, 1, 0.0), 12.5, duration_s=7200.0), places, physics, members=40)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_notice_says_when_how_high_and_how_sure(forecast, language):
    start = dt.datetime(2026, 5, 4, 8, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    place = forecast.places[0]
    text = write_notice(forecast, place, language, start=start, parameter="MN")
    arrival = start + dt.timedelta(seconds=round(place.arrival_s.median))
    assert f"{arrival:%Y-%m-%d %H:%M}" in text
    assert f"{place.peak_mg_l.median:.3g}" in text and f"{place.peak_mg_l.p95:.3g}" in text
    assert "12.5 kg" in text and "0.001 mg/L" in text and "40" in text
    assert ("锰" if language == "zh" else "manganese") in text
    assert "{" not in text and "None" not in text


def test_a_limit_that_holds_is_said_to_hold(forecast):
    text = write_notice(forecast, forecast.places[1], "en")
    assert "Not expected to exceed the limit of 900 mg/L (probability 0 %)" in text
    assert "h after the start" in text


def test_both_languages_have_every_word():
    for row in read_table("riverchief.spill", "notice_words.csv"):
        assert row["zh"] and row["en"], row["key"]
        fields = [sorted(part.split("}")[0] for part in row[language].split("{")[1:]) for language in ("zh", "en")]
        assert fields[0] == fields[1], row["key"]


def test_the_figure_is_sound_svg_with_a_strip_for_each_place(forecast):
    drawing = ET.fromstring(draw_forecast(forecast, "zh"))
    assert len(drawing.findall("{http://www.w3.org/2000/svg}path")) == 2
    assert "<水厂>" in "".join(drawing.itertext())
    dashed = [line for line in drawing.iter("{http://www.w3.org/2000/svg}line") if line.get("stroke-dasharray")]
    assert len(dashed) == 1  # only the limit that the curve crosses
