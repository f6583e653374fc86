"""The log of calibration and maintenance: entered once, withdrawn with a reason, by those who may."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from riverchief.observation.upkeep import all_upkeep_kinds
from riverchief_server.observations.models import Upkeep

As = Callable[[str], Client]
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def entry(**changed: Any) -> dict[str, Any]:
    """An entry that is right in everything but what is ``changed``."""
    return {
        "uuid": str(uuid4()),
        "kind": "calibration",
        "began_at": BEGAN.isoformat(),
        "ended_at": (BEGAN + timedelta(minutes=40)).isoformat(),
        "parameter": "氨氮",
        "note": "0.5 mg/L 与 2.0 mg/L 两点",
    } | changed


def post(client: Client, body: dict[str, Any], path: str = "/api/stations/W1/upkeep") -> Any:
    return client.post(path, body, content_type="application/json")


def test_what_was_done_stands_on_the_page_of_the_station(as_: As):
    answer = post(as_("engineer"), given := entry())
    assert answer.status_code == 201
    (shown,) = as_("office").get("/api/stations/W1/health").json()["upkeep"]
    assert shown == answer.json()
    assert (shown["uuid"], shown["kind"], shown["name"]) == (given["uuid"], "calibration", "校准")
    assert (shown["parameter"], shown["done_by"], shown["entered_by"]) == ("NH3N", "engineer", "engineer")
    assert datetime.fromisoformat(shown["began_at"]) == BEGAN


def test_sent_twice_it_is_one_entry(as_: As):
    given = entry()
    assert [post(as_("engineer"), given).status_code for _ in range(2)] == [201, 200]
    assert Upkeep.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("engineer", 201), ("office", 201), ("patroller", 403), ("town", 403)])
def test_only_who_answers_for_the_data_writes(as_: As, who: str, status: int):
    assert post(as_(who), entry()).status_code == status
    assert as_(who).get("/api/stations/W1/health").json()["may_enter_upkeep"] == (status == 201)


def test_nobody_writes_nothing(people: object):
    assert post(Client(), entry()).status_code == 401
    assert Upkeep.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"kind": "calibrate"}, "unknown_kind"),
        ({"parameter": "NH3NN"}, "unknown_parameter"),
        ({"began_at": "2026-11-24T08:00:00"}, "bad_time"),
        ({"ended_at": (BEGAN - timedelta(minutes=1)).isoformat()}, "out_of_range"),
        ({"began_at": (BEGAN + timedelta(days=1)).isoformat(), "ended_at": None}, "out_of_range"),
        ({"kind": "other", "note": " "}, "missing_value"),
        ({"note": "长" * 1001}, "out_of_range"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(as_: As, wrong: dict[str, Any], kind: str):
    answer = post(as_("engineer"), entry(**wrong))
    assert (answer.status_code, [fault["kind"] for fault in answer.json()["faults"]]) == (400, [kind])
    assert Upkeep.objects.count() == 0


def test_everything_that_is_wrong_is_named_at_once(as_: As):
    answer = post(as_("engineer"), entry(kind="x", parameter="y", began_at="2026-11-24T08:00:00"))
    kinds = [fault["kind"] for fault in answer.json()["faults"]]
    assert kinds == ["unknown_kind", "unknown_parameter", "bad_time"]


def test_a_wrong_entry_is_withdrawn_and_not_erased(as_: As):
    given = entry()
    post(as_("engineer"), given)
    path = f"/api/stations/W1/upkeep/{given['uuid']}/withdraw"
    assert post(as_("patroller"), {"because": "错了"}, path).status_code == 403
    assert post(as_("engineer"), {"because": "  "}, path).status_code == 400
    shown = post(as_("office"), {"because": "记错了站"}, path).json()
    assert (shown["withdrawn_by"], shown["withdrawn_because"]) == ("office", "记错了站")
    # the first word stands
    assert post(as_("engineer"), {"because": "又一次"}, path).json() == shown
    assert [row.note for row in Upkeep.objects.all()] == [given["note"]]


def test_an_entry_that_is_not_there_or_of_another_station_cannot_be_withdrawn(as_: As):
    given = entry()
    post(as_("engineer"), given)
    for path in (f"/api/stations/W1/upkeep/{uuid4()}/withdraw", f"/api/stations/W2/upkeep/{given['uuid']}/withdraw"):
        assert post(as_("engineer"), {"because": "?"}, path).status_code == 404
    assert Upkeep.objects.get().withdrawn_at is None


def test_the_kinds_are_the_tables(as_: As):
    listed = as_("engineer").get("/api/upkeep-kinds").json()
    assert [one["code"] for one in listed] == list(all_upkeep_kinds())
    assert all(one["name"] and one["what"] for one in listed)
