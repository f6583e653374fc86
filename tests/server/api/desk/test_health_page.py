"""How stations do, as the desk tells it: one sentence, each station's page, and what may be asked of an instrument."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from django.test import Client

from riverchief_server.api.desk.instruments.show_health import clock_text, duration_text
from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Instrument, Order, Series
from riverchief_server.places.models import Place

As = Callable[[str], Client]
HOUR = 3_600_000


@pytest.fixture
def instrument(people: object) -> Instrument:
    """An hourly instrument of W1 that measured ammonia for ten days, the newest reading flagged by the check spike."""
    row = register(Place.objects.get(code="W1"), "hj212", "M1", "123456", silent_after_s=3 * 3600)
    series = Series.objects.create(place=row.place, parameter="NH3N", source="hj212")
    last = store.to_ms(datetime.now(UTC)) // HOUR * HOUR
    t = last - HOUR * np.arange(240)
    flag = np.where(np.arange(240) == 0, store.flag_numbers()["suspect"], 1)
    by = np.where(np.arange(240) == 0, store.source_numbers(["spike"])["spike"], 0)
    store.put_columns(store.columns(series.pk, t, np.full(240, 0.1), arrived=t, flag=flag, flag_by=by))
    return row


class TestBoard:
    def test_all_well_is_one_short_sentence(self, instrument: Instrument, as_: As):
        Place.objects.filter(kind="station").exclude(code="W1").delete()
        said = as_("patroller").get("/api/health-board").json()
        assert said["sentence"] == "1个站点全部按时上报。"
        assert said["needs_somebody"] is False
        assert (said["rows"][0]["completeness"], said["rows"][0]["state"]) == ("100%", "ok")

    def test_the_silent_one_is_named_with_since_when_and_stands_first(self, instrument: Instrument, as_: As):
        Instrument.objects.update(silent_after_s=0)
        said = as_("patroller").get("/api/health-board").json()
        name = instrument.place.name
        assert f"1个中断（{name}自" in said["sentence"] and said["needs_somebody"] is True
        assert said["rows"][0]["station"] == "W1" and said["rows"][0]["is_alarm"] is True

    def test_who_sends_files_is_no_silent_station(self, people: object, as_: As):
        register(Place.objects.get(code="W1"), "http", "lab", "a secret")
        rows = as_("patroller").get("/api/health-board").json()["rows"]
        assert {row["state"] for row in rows if row["station"] == "W1"} == {"none"}

    def test_it_speaks_english_too(self, instrument: Instrument, as_: As):
        said = as_("patroller").get("/api/health-board", headers={"accept-language": "en"}).json()["sentence"]
        assert "station" in said and not any("\u4e00" <= letter <= "\u9fff" for letter in said.split("(")[0])


class TestPage:
    def test_each_series_says_which_check_flagged_it(self, instrument: Instrument, as_: As):
        said = as_("patroller").get("/api/stations/W1/health-page").json()
        (series,) = said["series"]
        assert (series["flag_name"], series["flag_by"], series["value_text"]) == ("可疑", "突跳", "0.100")
        assert said["may_order"] is False and len(said["days"]) >= 29
        assert said["days"][-2]["completeness"] == 1.0

    def test_days_begin_at_midnight_of_the_county(self, instrument: Instrument, as_: As):
        days = as_("patroller").get("/api/stations/W1/health-page").json()["days"]
        assert {day["start"][11:] for day in days} == {"00:00:00+08:00"}

    def test_an_unknown_station_is_not_found(self, people: object, as_: As):
        assert as_("patroller").get("/api/stations/none/health-page").status_code == 404


class TestOrders:
    def path(self, row: Instrument) -> str:
        return f"/api/instruments/{row.pk}/orders"

    def send(self, client: Client, row: Instrument, **order: str):
        return client.post(self.path(row), order, content_type="application/json")

    def test_an_engineer_asks_once_however_often_the_button_is_pressed(self, instrument: Instrument, as_: As):
        engineer = as_("engineer")
        self.send(engineer, instrument, command="set-clock")
        answer = self.send(engineer, instrument, command="set-clock")
        assert [(one["what"], one["state"]) for one in answer.json()["orders"]] == [("校时", "waiting")]
        assert Order.objects.get().asked_by == "engineer"

    def test_a_period_is_asked_for_in_the_stations_own_time(self, instrument: Instrument, as_: As):
        begin, end = "2026-11-20T08:00", "2026-11-21T08:00"
        answer = self.send(as_("engineer"), instrument, command="history", begin=begin, end=end, of="hour")
        assert answer.json()["orders"][0]["what"] == "补发小时数据：2026-11-20 08:00 至 2026-11-21 08:00"

    @pytest.mark.parametrize(
        ("order", "kinds"),
        [
            ({"command": "dance"}, {"not_one_of"}),
            ({"command": "history", "begin": "yesterday", "end": "?", "of": "week"}, {"bad_time", "not_one_of"}),
            ({"command": "history", "begin": "2026-11-21T08:00", "end": "2026-11-20T08:00"}, {"out_of_range"}),
            ({"command": "history", "begin": "2020-01-01", "end": "2026-11-20"}, {"out_of_range"}),
        ],
    )
    def test_nonsense_is_refused_with_every_fault(
        self, instrument: Instrument, as_: As, order: dict[str, str], kinds: set[str]
    ):
        answer = self.send(as_("engineer"), instrument, **order)
        assert answer.status_code == 400
        assert {fault["kind"] for fault in answer.json()["faults"]} == kinds
        assert Order.objects.count() == 0

    def test_nobody_else_may_and_a_deaf_one_is_not_asked(self, instrument: Instrument, as_: As):
        assert self.send(as_("patroller"), instrument, command="set-clock").status_code == 403
        lab = register(Place.objects.get(code="W1"), "http", "lab", "a secret")
        assert self.send(as_("engineer"), lab, command="set-clock").status_code == 400
        Instrument.objects.update(is_enabled=False)
        assert self.send(as_("engineer"), instrument, command="set-clock").status_code == 404
        assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("seconds", "zh"),
    [(40, "40秒"), (300, "5分钟"), (3600, "1小时"), (14_400, "4小时"), (-7200, "2小时"), (259_200, "3天")],
)
def test_a_length_of_time_in_its_largest_whole_unit(seconds: float, zh: str):
    assert duration_text(seconds, "zh") == zh


@pytest.mark.parametrize(("off", "zh"), [(None, "—"), (3.0, "准确"), (-410.0, "慢7分钟"), (20.0, "快20秒")])
def test_a_clock_is_fast_slow_or_right(off: float | None, zh: str):
    assert clock_text(off, "zh") == zh
