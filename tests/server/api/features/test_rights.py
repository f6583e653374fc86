"""Who may see what: nobody anything by default; of people nothing; of problems only those the boards tell of."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from django.test import Client

from riverchief.case.machine import all_states
from riverchief_server.api.features.vocabulary import all_collections
from riverchief_server.cases.actions import NewCase, open_case
from riverchief_server.cases.models import Case
from riverchief_server.parties.models import Account
from riverchief_server.parties.tokens import make_token
from riverchief_server.places.models import Place, Reach
from tests.server import toy_county
from tests.server.api.features.conftest import Face
from tests.server.conftest import NOW

SECRETS = ("王小明", "13800138000", "我家后院", "有人举报", "某某厂", "许可0815")
PATHS = ["", "conformance", "api", "collections"] + [
    f"collections/{name}{rest}" for name in all_collections() for rest in ("", "/queryables", "/schema", "/items")
]


def report(state: str, **more: object) -> Case:
    """A problem in ``state``, full of what nobody else may know."""
    case, _ = open_case(
        NewCase(
            uuid=uuid4(),
            title="有人举报：某某厂",
            description="我家后院，王小明，13800138000",
            source="public",
            categories=["direct_discharge"],
            reach=Reach.objects.get(code="C"),
            lon=108.04,
            lat=32.003,
            reporter_name="王小明",
            reporter_contact="13800138000",
        ),
        None,
        NOW - timedelta(days=9),
    )
    closed = NOW - timedelta(days=1) if state == "closed" else None
    Case.objects.filter(pk=case.pk).update(state=state, closed_at=closed, **more)
    case.refresh_from_db()
    return case


def everything(face: Face) -> str:
    """All that can be read, as one text."""
    found = ""
    for path in PATHS:
        for form in ("json", "html"):
            answer = face.send(f"{path}?f={form}")
            assert answer.status == 200, path
            found += answer.content.decode()
    for name in all_collections():
        for one in face.ids(name):
            found += face.send(f"collections/{name}/items/{one}").content.decode()
            found += face.send(f"collections/{name}/items/{one}?f=html").content.decode()
    return found


class TestDefaultDeny:
    @pytest.mark.parametrize("path", [*PATHS, "collections/reaches/items/A", "nowhere"])
    def test_nobody_sees_anything_until_it_is_open_data(self, county: None, nobody: Face, path: str):
        for form in ("json", "html"):
            answer = nobody.send(f"{path}?f={form}")
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert "任河" not in answer.content.decode() and "玩具" not in str(answer.document)

    def test_whoever_may_see_may_see_it_with_a_token(self, reader: Face):
        assert reader.ids("reaches", limit="1") == ["A"]

    def test_a_token_as_the_password_of_basic_is_as_good(self, people: dict[str, Account], nobody: Face):
        token = make_token(people["engineer"], "QGIS", NOW)
        said = base64.b64encode(f"qgis:{token}".encode()).decode()
        assert nobody.send("collections/reaches/items", authorization=f"Basic {said}").status == 200

    def test_whoever_is_logged_in_at_the_desk_may_see_the_pages(self, as_: Callable[[str], Client], nobody: Face):
        cookie = as_("office").cookies["sessionid"].value
        assert nobody.send("?f=html", cookie=f"sessionid={cookie}").status == 200

    def test_the_token_of_an_instrument_reads_nothing(self, people: dict[str, Account], nobody: Face):
        """It can bring the measurements of one station, and whoever steals it can do no more."""
        token = make_token(people["engineer"], "W1", NOW, place=Place.objects.get(code="W1"))
        assert Face(nobody.application, token).send("collections/reaches/items").status == 403

    def test_a_token_that_nobody_has_is_not_taken_for_nobody(self, face: Face):
        assert Face(face.application, "rc_wrong").send("").status == 401

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
    def test_nothing_can_be_changed(self, face: Face, method: str):
        answer = face.send("collections/reaches/items", method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")

    def test_options_say_what_is_possible(self, nobody: Face):
        answer = nobody.send("collections", "OPTIONS")
        assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")

    def test_a_host_that_we_are_not_is_refused(self, face: Face, settings: object):
        settings.ALLOWED_HOSTS = ["riverchief.example"]  # type: ignore[attr-defined]
        assert "evil.example" in face.send("", host="evil.example").content.decode()
        assert face.send("", host="evil.example").status == 400


class TestProblems:
    @pytest.mark.parametrize("state", [state for state in all_states() if state != "closed"])
    def test_a_problem_is_seen_only_once_it_is_signed_off(self, face: Face, state: str):
        case = report(state)
        assert face.ids("cases") == []
        assert face.send(f"collections/cases/items/{case.number}").status == 404
        assert face.ids("cases", filter=f"code = '{case.number}' OR true") == []
        assert face.ids("cases", bbox="-180,-90,180,90") == []
        assert face.get("collections/cases")["extent"] == {"temporal": {"interval": [[None, None]], "trs": GREGORIAN}}

    def test_a_problem_that_was_closed_without_a_date_is_not_told(self, face: Face):
        case = report("closed")
        Case.objects.filter(pk=case.pk).update(closed_at=None)
        assert face.ids("cases") == []

    def test_a_problem_that_is_opened_again_is_gone_at_once(self, face: Face):
        case = report("closed")
        assert face.ids("cases", bbox="108,31,109,33") == [case.number]
        Case.objects.filter(pk=case.pk).update(state="reopened", closed_at=None)
        assert face.ids("cases", bbox="108,31,109,33") == face.ids("cases") == []

    def test_what_is_told_of_a_problem(self, face: Face):
        case = report("closed")
        feature = face.get(f"collections/cases/items/{case.number}")
        assert feature["properties"] == {
            "code": case.number,
            "categories": ["direct_discharge"],
            "what": "direct discharge",
            "river": "玩具河",
            "reach": "C",
            "bank": "both",
            "opened_at": "2026-11-15T04:00:00Z",
            "closed_at": "2026-11-23T04:00:00Z",
        }
        # seen 300 m north of the reach: told as the point of the reach beside it
        assert feature["geometry"] == {"type": "Point", "coordinates": [108.04, 32.0]}

    def test_without_a_position_it_stands_half_way_along_the_reach(self, face: Face):
        case = report("closed", lon=None, lat=None)
        feature = face.get(f"collections/cases/items/{case.number}")
        assert feature["geometry"]["coordinates"] == [108.04, 32.0]

    def test_the_exact_position_can_not_be_found_by_asking_for_boxes_either(self, face: Face):
        case = report("closed")
        assert face.ids("cases", bbox="108.039,32.002,108.041,32.004") == []
        assert face.ids("cases", bbox="108.039,31.999,108.041,32.001") == [case.number]

    def test_what_is_told_is_in_the_readers_language(self, face: Face):
        case = report("closed")
        answer = face.send(f"collections/cases/items/{case.number}", accept_language="zh")
        assert orjson.loads(answer.content)["properties"]["what"] == "污水直排"

    def test_when_it_was(self, face: Face):
        case = report("closed")
        assert face.ids("cases", datetime="2026-11-20/2026-11-21") == [case.number]
        assert face.ids("cases", datetime="2026-11-23T04:00:01Z/..") == []
        assert face.ids("cases", filter="T_DURING(INTERVAL(opened_at, closed_at), INTERVAL('2026-11-14', '..'))") == [
            case.number
        ]
        assert face.ids("cases", filter="closed_at < DATE('2026-11-23')") == []


GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


class TestNothingOfPeople:
    def test_no_name_no_number_and_no_words_of_anybody_leave(self, face: Face):
        """All documents, as data and as pages, of a county that is full of names and numbers."""
        report("closed")
        report("rectifying")
        Place.objects.filter(code="P1").update(note="某某厂 王小明 13800138000", permit="许可0815", people=7)
        said = everything(face)
        assert "玩具河" in said and "出口自动站" in said
        assert [secret for secret in SECRETS if secret in said] == []
        holders = set(re.findall(r"河长 · \w+|县级河长", toy_county.RESPONSIBILITIES))
        phones = set(re.findall(r"000-\d", toy_county.PARTIES))
        assert holders and phones
        assert [one for one in holders | phones if one in said] == []

    def test_the_columns_that_leave_are_these_and_no_others(self):
        """Whoever adds a column to the table decides that the world may read it: the list is here twice on purpose."""
        columns = {
            found
            for one in all_collections().values()
            for known in one.properties.values()
            for found in re.findall(r"\b[prc]\.\"?(\w+)", known.sql)
        }
        allowed = (
            "code name river river_code kind level number categories chainage_m bank length_m order first strahler "
            "distance_to_outlet_m flow_m3_s velocity_m_s width_m slope region_id is_schematic class_target is_border "
            "operator subkind permit permit_flow_m3_s opened_at closed_at part_of_id id"
        )
        assert columns == set(allowed.split())

    def test_of_a_permit_only_that_there_is_one(self, face: Face):
        Place.objects.filter(code="P1").update(permit="许可0815")
        assert face.get("collections/outfalls/items/P1")["properties"]["permitted"] is True
        assert "许可" not in face.send("collections/outfalls/items/P1").content.decode()
