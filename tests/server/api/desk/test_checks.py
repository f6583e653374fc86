"""A station's rules of quality control and flagged periods over the API: who may, what is said, what happens then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from riverchief.observation.reading import Reading
from riverchief_server.jobs.clock import look
from riverchief_server.observations import store
from riverchief_server.observations.actions import keep_readings
from riverchief_server.observations.models import Series

As = Callable[[str], Client]
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def turbid(people: object) -> Series:
    """Two turbidities of W1, an hour apart."""
    hours = [NOW - timedelta(hours=2), NOW - timedelta(hours=1)]
    keep_readings(
        [Reading("W1", "TURB", at, value, "NTU") for at, value in zip(hours, (900.0, 100.0), strict=True)], NOW
    )
    return Series.objects.get(place__code="W1", parameter="TURB")


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/stations/W1/{path}", body, content_type="application/json")


def flags(series: Series) -> list[tuple[str, str]]:
    return [(row.flag, row.flag_by) for row in store.between(series.pk, -store.EVER, store.EVER)]


def test_the_shipped_rules_are_shown_and_changed_ones_beside_them_and_in_force_at_the_next_look(
    turbid: Series, as_: As
):
    before = as_("engineer").get("/api/stations/W1/checks").json()
    (shown,) = [one for one in before["parameters"] if one["parameter"] == "TURB"]
    high = {one["name"]: one for one in shown["thresholds"]}["hard_high"]
    assert (high["value"], high["shipped"], high["is_own"], high["unit"]) == (4000.0, 4000.0, False, "NTU")
    body = {"parameter": "TURB", "sets": {"hard_high": 500, "rate_suspect_per_h": "none"}, "because": "量程只到500"}
    after = post(as_("engineer"), "checks", body).json()
    (shown,) = [one for one in after["parameters"] if one["parameter"] == "TURB"]
    found = {one["name"]: (one["value"], one["is_own"]) for one in shown["thresholds"]}
    assert found["hard_high"] == (500.0, True) and found["rate_suspect_per_h"] == (None, True)
    assert (shown["set_by"], shown["because"]) == ("engineer", "量程只到500")
    look(NOW)
    assert flags(turbid) == [("bad", "range"), ("good", "")]


def test_a_period_is_flagged_with_a_reason_and_shown_with_who_said_so(turbid: Series, as_: As):
    begin, end = NOW - timedelta(hours=3), NOW - timedelta(minutes=90)
    body = {
        "parameter": "",
        "begin": begin.isoformat(),
        "end": end.isoformat(),
        "flag": "maintenance",
        "because": "清洗",
    }
    (said,) = post(as_("office"), "flagged-periods", body).json()["periods"]
    assert (said["flag_name"], said["flagged_by"], said["because"]) == ("维护", "office", "清洗")
    look(NOW)
    assert flags(turbid) == [("maintenance", "person:office"), ("good", "")]


def test_every_fault_is_said_with_its_field(turbid: Series, as_: As):
    answer = post(as_("engineer"), "checks", {"parameter": "TURB", "sets": {"hard_high": "much"}, "because": ""})
    assert answer.status_code == 400
    places = " ".join(fault["place"] for fault in answer.json()["faults"])
    assert "hard_high" in places and "because" in places
    assert post(as_("engineer"), "check-kind", {"kind": "guess", "because": "x"}).status_code == 400


@pytest.mark.parametrize(("who", "status"), [("engineer", 200), ("office", 200), ("patroller", 403), ("town", 403)])
def test_only_who_may_bring_data_in_may_say_what_of_it_is_to_be_trusted(turbid: Series, as_: As, who: str, status: int):
    assert post(as_(who), "check-kind", {"kind": "grab", "because": "x"}).status_code == status
    assert as_(who).get("/api/stations/W1/checks").json()["may_change"] is (status == 200)
