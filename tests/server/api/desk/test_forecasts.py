"""Forecasts and watches as the desk's API says them."""

from datetime import timedelta

from riverchief_server.forecasts import nights
from riverchief_server.forecasts.models import Forecast, Watch
from tests.server.conftest import NOW
from tests.server.forecasts.test_nights import DAY, feed_days, rising


def test_a_station_shows_lines_sentence_and_limit(as_):
    feed_days("M1", rising())
    nights.work_off(DAY, "one", NOW)
    [said] = as_("engineer").get("/api/stations/M1/forecasts").json()
    assert (said["parameter"], said["name"], said["unit"], said["limit"]) == ("NH3N", "氨氮", "mg/L", 0.5)
    assert said["sentence"].startswith("24小时后预计 0.")
    assert [line["lead_h"] for line in said["lines"]][:2] == [24, 48]
    assert len(said["lines"][0]["quantiles"]) == 5


def test_too_little_record_is_said_on_the_page(as_):
    feed_days("M1", [0.3, 0.31, 0.29])
    nights.work_off(DAY, "one", NOW)
    [said] = as_("chief").get("/api/stations/M1/forecasts").json()
    assert "数据不足" in said["sentence"] and said["lacks"] == ["record", "intervals"]
    assert said["lines"][0]["quantiles"] == [None, None, 0.29, None, None]


def test_watches_say_where_what_and_how_earlier_ones_came_out(as_):
    feed_days("M1", rising())
    nights.work_off(DAY, "one", NOW)
    forecast = Forecast.objects.get()
    for outcome in ("right", "right", "wrong", ""):
        Watch.objects.create(
            forecast=forecast,
            place=forecast.place,
            parameter="NH3N",
            opened_at=NOW,
            expected_at=NOW + timedelta(days=2),
            limit=0.5,
            chance=0.62,
            outcome=outcome,
        )
    said = as_("chief").get("/api/watches").json()
    assert said["record"] == {"right": 2, "wrong": 1, "unknown": 0, "open": 1}
    assert "报对2次" in said["sentence"] and "62%" in said["watches"][0]["sentence"]


def test_a_stranger_sees_none(client, county):
    assert client.get("/api/stations/M1/forecasts").status_code == 401
    assert client.get("/api/watches").status_code == 401
