"""What real clients broke on at other servers (18-088): each line of that list that is not tested at its own place."""

import re
from typing import Any

import pytest

from riverchief_server.sensorthings.read.session import LONGEST_PAGE
from riverchief_server.sensorthings.vocabulary import all_entities
from tests.server.sensorthings.conftest import ROOT, Face, made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stations")]
PROPERTIES = [
    (entity.name, name, known.kind) for entity in all_entities().values() for name, known in entity.properties.items()
]
SIMPLE = [row for row in PROPERTIES if row[2] not in ("geometry", "quality", "object", "any")]


@pytest.fixture
def everything(admin: Face, buoy: dict[str, str]) -> Face:
    """Somebody who sees stations of the register and a buoy with one observation that has everything."""
    body = {
        "phenomenonTime": "2026-11-24T01:00:00Z/2026-11-24T02:00:00Z",
        "resultTime": "2026-11-24T03:00:00Z",
        "validTime": "2026-11-24T01:00:00Z/2026-11-25T01:00:00Z",
        "result": "cloudy",
        "parameters": {"depth_m": 1},
    }
    made(admin, f"{buoy['stream']}/Observations", body)
    return admin


class TestEveryProperty:
    """``$orderby=phenomenonTime`` was a 500 in one of them, which sorted by fewer names than it filtered by."""

    @pytest.mark.parametrize(("entity", "name", "kind"), PROPERTIES)
    def test_can_be_asked_for(self, everything: Face, entity: str, name: str, kind: str):
        path = all_entities()[entity].set
        if kind != "geometry":
            assert everything.values(path, filter=f"{name} ne null or {name} eq null")
        rows = everything.values(path, select=name)
        assert rows and all(set(row) <= {name} for row in rows)

    @pytest.mark.parametrize(("entity", "name", "kind"), SIMPLE)
    @pytest.mark.parametrize("way", ["asc", "DESC"])
    def test_can_be_ordered_by(self, everything: Face, entity: str, name: str, kind: str, way: str):
        path = all_entities()[entity].set
        ids = [row["@iot.id"] for row in everything.all_values(path)]
        ordered = everything.all_values(path, orderby=f"{name} {way}", top="7")
        assert sorted(map(str, ids)) == sorted(str(row["@iot.id"]) for row in ordered)

    def test_nothing_is_null_but_a_result(self, everything: Face):
        """``properties: null`` brought down two clients: what has no value is left out."""

        def nulls(said: Any, place: str = "") -> list[str]:
            if isinstance(said, dict):
                return [found for name, value in said.items() for found in nulls(value, f"{place}/{name}")]
            if isinstance(said, list):
                return [found for value in said for found in nulls(value, place)]
            return [place] if said is None else []

        for entity in all_entities().values():
            rows = everything.all_values(entity.set)
            assert rows
            assert [place for row in rows for place in nulls({k: v for k, v in row.items() if k != "properties"})] == []
            assert not any("properties" in row and row["properties"] is None for row in rows)


class TestShapesAndTypes:
    def test_coordinates_are_numbers(self, everything: Face):
        for path, name in (
            ("Locations", "location"),
            ("FeaturesOfInterest", "feature"),
            ("Datastreams", "observedArea"),
        ):
            for row in everything.all_values(path):
                if name in row:
                    assert all(isinstance(one, int | float) for one in row[name]["coordinates"])


class TestWaysOfAsking:
    def test_a_relation_expanded_twice_has_what_both_say(self, everything: Face):
        """As pygeoapi asks: ``Observations(…),Observations/FeatureOfInterest(…)``."""
        expand = (
            "Thing/Locations,Observations($select=@iot.id;$orderby=phenomenonTime desc),"
            "Observations/FeatureOfInterest($select=feature)"
        )
        for row in everything.values("Datastreams", expand=expand, top="5"):
            assert row["Thing"]["Locations"][0]["location"]["type"] == "Point"
            for one in row["Observations"]:
                assert set(one) == {"@iot.id", "FeatureOfInterest"}
                assert set(one["FeatureOfInterest"]) == {"feature"}

    def test_a_page_longer_than_the_longest_is_made_the_longest(self, everything: Face):
        page = everything.get("Observations", top=str(LONGEST_PAGE * 100))
        assert len(page["value"]) == len(everything.all_values("Observations"))
        assert everything.get("Datastreams", top="0")["value"] == []

    def test_the_longest_page_leads_on(self, everything: Face, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("riverchief_server.sensorthings.read.page.LONGEST_PAGE", 5)
        page = everything.get("Observations", top="1000")
        assert len(page["value"]) == 5 and "@iot.nextLink" in page

    def test_links_to_next_pages_are_written_as_addresses_are(self, everything: Face):
        text = "name ne 'a b+c&d' and description ne '水 位'"
        page = everything.get("Datastreams", filter=text, orderby="name asc", top="2", expand="Thing($select=name)")
        link = page["@iot.nextLink"]
        assert re.fullmatch(r"[!-~]+", link) and " " not in link
        rest = everything.get(link)["value"]
        assert rest and rest != page["value"]
        assert all(set(row["Thing"]) == {"name"} for row in rest)

    def test_a_plus_sign_is_a_blank(self, everything: Face):
        answer = everything.send("GET", "Datastreams?$orderby=name+desc&$filter=name+ne+'x'&$top=2")
        assert answer.status == 200
        names = [row["name"] for row in answer.body["value"]]
        assert names == sorted(names, reverse=True)

    @pytest.mark.parametrize("path", ["", "/"])
    def test_the_root_with_and_without_a_slash(self, everything: Face, path: str):
        assert everything.get(f"{ROOT}{path}")["value"][0]["url"] == f"{ROOT}/Things"
