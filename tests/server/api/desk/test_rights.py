"""Every endpoint, by every role and by a stranger; then own and other region: what is hidden is not there."""

import json
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from riverchief.party.role import all_roles
from riverchief_server.api.desk.rights import all_rights
from riverchief_server.parties.models import Account, Unit
from riverchief_server.places.models import Region
from tests.server import toy_county
from tests.server.api.desk.test_cases import JSON, report, step

As = Callable[[str], Client]
NOBODY = "00000000-0000-4000-8000-000000000000"
# What stands in an address for something that is not there: reading it must not say whether it could be.
NOT_THERE = {"code": "nowhere", "number": "999999", "uuid": NOBODY, "parameter": "NH3N"}
ASKED = sorted(all_rights().values(), key=lambda row: row.path)
ENDING = {"post_logout"}  # would end the session of the one client that walks


def call(client: Client, row, **body: object):
    path = "/api" + re.sub(r"\{(\w+)\}", lambda name: NOT_THERE[name[1]], row.path)
    if row.method == "GET":
        return client.get(path)
    return client.generic(row.method, path, json.dumps(body), content_type=JSON)


@pytest.fixture
def client_of(people: dict[str, Account]) -> Callable[[str], Client]:
    """A client of each role, all in the county's region."""

    def made(role: str) -> Client:
        account = Account.objects.create(username=f"walk-{role}", role=role, unit=Unit.objects.get(code="office"))
        account.region = Region.objects.get(code=toy_county.COUNTY)
        account.save()
        client = Client(headers={"accept-language": "zh"})
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return made


@pytest.mark.parametrize("role", list(all_roles()))
def test_a_role_reaches_what_the_table_gives_it_and_nothing_else(client_of, role: str):
    client, wrong = client_of(role), []
    for row in ASKED:
        if row.operation in ENDING or row.right == "open":
            continue
        may = row.right == "any" or row.right in all_roles()[role].may
        status = call(client, row).status_code
        if (status in {401, 403}) == may or status >= 500:
            wrong.append((row.operation, status, may))
    assert wrong == []


@pytest.mark.usefixtures("people")
def test_a_stranger_reaches_nothing_but_the_door():
    client = Client()
    reached = {row.operation for row in ASKED if call(client, row).status_code not in {401, 403}}
    assert reached <= {row.operation for row in ASKED if row.right == "open"}


def test_an_operation_without_a_row_is_refused_to_everybody(as_: As, monkeypatch: pytest.MonkeyPatch):
    without = {key: row for key, row in all_rights().items() if row.operation != "get_map"}
    monkeypatch.setattr("riverchief_server.api.desk.rights.all_rights", lambda: without)
    assert as_("office").get("/api/map").status_code == 403


class TestOwnAndOtherRegion:
    """A case on the right bank is 乙乡's: for 甲镇, and for a department without part in it, it is not there."""

    @pytest.fixture
    def number(self, as_: As) -> str:
        return report(as_("patroller"), bank="right", title="右岸堆渣", lon=108.03, lat=32.0)["brief"]["number"]

    @pytest.mark.parametrize(
        ("username", "sees"), [("rural", True), ("town", False), ("ecology", False), ("chief", True)]
    )
    def test_every_list_and_count(self, as_: As, number: str, username: str, sees: bool):
        client = as_(username)
        text = "右岸堆渣"
        assert (client.get(f"/api/cases/{number}").status_code == 200) is sees
        listed = client.get("/api/cases").json()
        assert (listed["total"] == 1 and listed["cases"][0]["number"] == number) is sees
        assert ("共1件" in listed["sentence"]) is sees
        assert any(found["id"] == number for found in client.get(f"/api/search?q={text}").json()) is sees
        figures = {figure["key"]: figure["value"] for figure in client.get("/api/summary").json()["figures"]}
        assert (figures["open"] == "1") is sees
        assert (client.get("/api/lenses").json()["work"]["C"]["open_cases"] == 1) is sees
        assert (client.get("/api/reaches/C").json()["work"]["open_cases"] == 1) is sees
        assert (sum(river["open_cases"] for river in client.get("/api/rivers").json()) == 1) is sees
        assert (client.get("/api/overdue").json()["open"] == 1) is sees
        similar = client.get("/api/cases/similar?reach=C&lon=108.03&lat=32.0&categories=litter").json()
        assert (len(similar) == 1) is sees

    def test_a_hidden_case_is_answered_as_one_that_is_not_there(self, as_: As, number: str):
        for path, body in (
            (f"/api/cases/{number}/steps", {"uuid": str(uuid4()), "to": "rectifying", "version": 1}),
            (f"/api/cases/{number}/acts", {"uuid": str(uuid4()), "act": "progress", "reason": "看看"}),
        ):
            hidden = as_("town").post(path, body, JSON)
            absent = as_("town").post(path.replace(number, "999901-2026-9999"), body, JSON)
            assert (hidden.status_code, absent.status_code) == (404, 404)

    def test_a_case_cannot_be_merged_into_one_that_is_hidden(self, as_: As, number: str, people):
        other = Account.objects.create(username="office2", role="office", unit=people["town"].unit)
        other.region = Region.objects.get(code=toy_county.TOWN)
        other.save()
        mine = report(as_("patroller"), bank="left")
        client = Client()
        client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
        answer = step(client, mine, "merged", target=number, reason="同一")
        assert answer.status_code == 404

    def test_a_recurrence_of_a_hidden_case_names_no_number(self, as_: As, number: str):
        from riverchief_server.cases.models import Case

        Case.objects.filter(number=number).update(state="closed", closed_at="2026-11-24T00:00:00Z")
        again = report(as_("patroller"), bank="left", title="左岸堆渣", lon=108.03, lat=32.0)["brief"]["number"]
        Case.objects.filter(number=again).update(recurs=Case.objects.get(number=number))
        assert as_("office").get(f"/api/cases/{again}").json()["recurs"] == number
        assert as_("town").get(f"/api/cases/{again}").json()["recurs"] is None

    def test_notices_are_only_ones_own(self, as_: As, number: str):
        assert as_("office").get("/api/notices").json()["unread"] == 1
        assert as_("town").get("/api/notices").json()["notices"] == []
