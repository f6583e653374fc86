"""Health, export, inbox and upload as the desk and an uploader meet them."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Instrument, RawMessage, Series, Upkeep
from riverchief_server.places.models import Place

As = Callable[[str], Client]
HOUR = 3_600_000


@pytest.fixture
def instrument(people: object) -> Instrument:
    """An hourly instrument of W1 that measured ammonia up to five hours ago, one reading in ten flagged."""
    row = register(Place.objects.get(code="W1"), "hj212", "M1", "123456", silent_after_s=3 * 3600)
    series = Series.objects.create(place=row.place, parameter="NH3N", source="hj212")
    last = store.to_ms(datetime.now(UTC) - timedelta(hours=5)) // HOUR * HOUR
    t = last - HOUR * np.arange(1000)
    flag = np.where(np.arange(1000) % 10 == 0, store.flag_numbers()["suspect"], 1)
    v = np.where(np.arange(1000) == 777, 9.0, 0.1)
    store.put_columns(store.columns(series.pk, t, v, arrived=t, flag=flag))
    return row


def basic(identity: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{identity}:{password}".encode()).decode()}


def csv_file() -> SimpleUploadedFile:
    rows = ("TP,0.05", "NH3N,x")
    text = "station,time,parameter,value,source\n" + "".join(f"W1,2026-11-20T08:00:00+08:00,{row},甲\n" for row in rows)
    return SimpleUploadedFile("lab.csv", text.encode())


class TestHealth:
    def test_a_station_that_says_nothing_is_an_alarm(self, instrument: Instrument, as_: As):
        (said,) = as_("engineer").get("/api/health").json()
        assert (said["station"], said["state"], said["is_alarm"]) == ("W1", "silent", True)
        # five of the last 168 hours are missing (the present one is not over)
        assert said["completeness"] == pytest.approx(1 - 5 / 168, abs=0.015)
        assert said["share_flagged"] == pytest.approx(0.1, abs=0.02)

    def test_one_that_speaks_is_well_unless_its_clock_is_off(self, instrument: Instrument, as_: As):
        Instrument.objects.update(silent_after_s=24 * 3600, clock_offset_s=-400.0)
        assert as_("engineer").get("/api/health").json()[0]["state"] == "clock"
        Instrument.objects.update(clock_offset_s=3.0)
        assert as_("engineer").get("/api/health").json()[0]["state"] == "ok"

    def test_its_page_has_days_and_what_was_done(self, instrument: Instrument, as_: As):
        Upkeep.objects.create(place=instrument.place, kind="calibration", began_at=datetime.now(UTC), done_by="甲")
        said = as_("engineer").get("/api/stations/W1/health").json()
        assert [one["kind"] for one in said["upkeep"]] == ["calibration"]
        assert len(said["days"]) == 30
        assert said["days"][10]["completeness"] == 1.0


class TestSeries:
    def test_a_long_series_comes_thinned_with_its_peak(self, instrument: Instrument, as_: As):
        path = "/api/stations/W1/series/NH3N?start=2020-01-01"
        whole = as_("office").get(path).json()
        thinned = as_("office").get(path + "&points=100").json()
        assert len(whole["times"]) == 1000
        assert len(thinned["times"]) == len(thinned["flags"]) <= 102
        assert max(thinned["values"]) == 9.0

    @pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "waterml2"])
    def test_it_can_be_taken_away(self, instrument: Instrument, as_: As, form: str):
        answer = as_("office").get(f"/api/stations/W1/export?form={form}&parameter=NH3N")
        assert answer.status_code == 200 and len(answer.content) > 1000
        assert "attachment" in answer["Content-Disposition"]

    def test_an_unknown_format_is_named(self, instrument: Instrument, as_: As):
        answer = as_("office").get("/api/stations/W1/export?form=doc")
        assert answer.status_code == 400 and "waterml2" in answer.json()["text"]


class TestUpload:
    def test_good_rows_are_taken_and_the_others_listed_and_replayable(self, instrument: Instrument, as_: As):
        register(Place.objects.get(code="W1"), "http", "lab", "a secret")
        client = Client()
        answer = client.post("/api/upload", {"file": csv_file()}, headers=basic("lab", "a secret"))
        assert answer.json() == {"messages": 1, "new": 1, "same": 0, "changed": 0, "refused": 1}
        again = client.post("/api/upload", {"file": csv_file()}, headers=basic("lab", "a secret"))
        assert (again.json()["new"], again.json()["same"]) == (0, 1)
        assert RawMessage.objects.count() == 2

    @pytest.mark.parametrize(
        "headers", [{}, basic("lab", "wrong"), basic("nobody", "a secret"), {"authorization": "Basic ?"}]
    )
    def test_a_stranger_leaves_nothing(self, instrument: Instrument, headers: dict[str, str]):
        register(Place.objects.get(code="W1"), "http", "lab", "a secret")
        assert Client().post("/api/upload", {"file": csv_file()}, headers=headers).status_code == 401
        assert RawMessage.objects.count() == 0

    def test_the_inbox_says_why(self, instrument: Instrument, as_: As):
        row = RawMessage.objects.create(
            kind="hj212",
            name="M1",
            sender="x",
            received_at=datetime.now(UTC),
            content=b"rubbish",
            sha256="",
            instrument=instrument,
        )
        answer = as_("engineer").post(f"/api/messages/{row.pk}/replay")
        assert answer.json()["refused"] == 1
        listing = as_("engineer").get("/api/messages")
        assert listing.status_code == 200, listing.content.decode()
        (listed,) = listing.json()["messages"]
        assert (listed["station"], listed["beginning"], len(listed["reasons"])) == ("W1", "rubbish", 1)
        assert as_("patroller").get("/api/messages").status_code == 403
