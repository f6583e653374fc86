"""Our stations and readings as SensorThings: every entity, every relation, every option (OGC 18-088 §8 and §9)."""

import pytest

from riverchief_server.sensorthings.vocabulary import all_entities
from tests.server.sensorthings.conftest import ROOT, Face

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stations")]


def by_name(rows: list, name: str) -> dict:
    return next(row for row in rows if row["name"] == name)


class TestOurWordsInTheirs:
    def test_the_root_names_the_eight_collections(self, engineer: Face):
        root = engineer.get("")
        assert [one["name"] for one in root["value"]] == [entity.set for entity in all_entities().values()]
        assert root["value"][0]["url"] == f"{ROOT}/Things"

    def test_stations_and_sections_are_things(self, engineer: Face):
        things = engineer.values("Things")
        assert {one["name"] for one in things} == {"出口断面", "上游断面", "出口自动站", "出口模拟站"}
        station = by_name(things, "出口自动站")
        assert station["properties"]["code"] == "W1"
        assert station["properties"]["chainage_m"] == 3000
        assert station["properties"]["section"] == "S1"

    def test_a_series_is_a_datastream_with_its_unit_and_its_times(self, engineer: Face):
        stream = by_name(engineer.values("Datastreams"), "出口自动站 氨氮")
        assert stream["unitOfMeasurement"]["symbol"] == "mg/L"
        assert stream["phenomenonTime"] == "2026-11-23T20:00:00Z/2026-11-24T04:00:00Z"
        assert stream["observedArea"] == {"type": "Point", "coordinates": [108.05, 32.0]}
        assert stream["properties"]["parameter"] == "NH3N"

    def test_an_observation_carries_flag_and_qartod_code(self, engineer: Face):
        found = engineer.values("Observations", filter="Datastream/properties/parameter eq 'NH3N'", orderby="result")
        assert [one["result"] for one in found] == [0.1, 0.2, 0.3, 1.1, 1.2, 1.3]
        assert found[0]["resultQuality"] == {"flag": "good", "qartod": 1, "usable": True}
        assert found[0]["resultTime"] == found[0]["phenomenonTime"] == "2026-11-23T20:00:00Z"

    def test_the_feature_of_interest_is_the_place_on_the_river(self, engineer: Face):
        features = engineer.values("FeaturesOfInterest")
        assert by_name(features, "玩具河·C段 3000 m 左岸")["properties"]["reach"] == "C"

    def test_a_change_of_the_register_shows(self, engineer: Face):
        from riverchief_server.places.models import Place

        engineer.get("Things")
        place = Place.objects.get(code="W1")
        place.name, place.lon = "出口新站", 108.055
        place.save()
        engineer.application.handler.mirror.follow(now=True)
        thing = by_name(engineer.values("Things", expand="Locations,HistoricalLocations"), "出口新站")
        assert thing["Locations"][0]["location"]["coordinates"] == [108.055, 32.0]
        assert len(thing["HistoricalLocations"]) == 2


class TestEveryRelation:
    @pytest.mark.parametrize(
        ("entity", "relation"),
        [(entity.name, relation) for entity in all_entities().values() for relation in entity.relations],
    )
    def test_leads_there_and_back(self, engineer: Face, entity: str, relation: str):
        known = all_entities()[entity]
        to = known.relations[relation]
        met = 0
        for start in engineer.values(known.set, top="5"):
            reached = engineer.get(start[f"{relation}@iot.navigationLink"])
            ends = reached["value"] if to.many else [reached]
            met += len(ends)
            for end in ends[:3]:
                back = engineer.get(end[f"{to.inverse}@iot.navigationLink"])
                found = back.get("value", [back])
                assert start["@iot.id"] in [one["@iot.id"] for one in found]
        assert met

    @pytest.mark.parametrize(
        ("entity", "relation"),
        [(entity.name, relation) for entity in all_entities().values() for relation in entity.relations],
    )
    def test_shown_inside_is_what_its_link_leads_to(self, engineer: Face, entity: str, relation: str):
        """django-ogc-sensorthings 1.2.0 shows the first related entity in every row: several rows are compared."""
        known = all_entities()[entity]
        rows = engineer.values(known.set, expand=relation, top="30")
        assert rows
        for row in rows:
            linked = engineer.get(f"{row['@iot.selfLink']}/{relation}")
            assert row[relation] == linked.get("value", linked)


class TestOptions:
    def test_select_shows_only_what_is_asked(self, engineer: Face):
        rows = engineer.values("Things", select="name,Datastreams")
        assert {tuple(row) for row in rows} == {("name", "Datastreams@iot.navigationLink")}

    def test_pages_hold_every_row_once(self, engineer: Face):
        whole = [one["@iot.id"] for one in engineer.values("Datastreams", top="1000")]
        paged = [one["@iot.id"] for one in engineer.all_values("Datastreams", top="3")]
        assert len(whole) == 14
        assert paged == whole

    @pytest.mark.parametrize(
        "order", ["", "phenomenonTime desc", "phenomenonTime asc", "resultTime desc", "result", "id desc"]
    )
    def test_pages_of_observations_hold_every_row_once_in_every_order(self, engineer: Face, order: str):
        options = {"orderby": order} if order else {}
        whole = [one["@iot.id"] for one in engineer.values("Observations", top="1000", **options)]
        paged = [one["@iot.id"] for one in engineer.all_values("Observations", top="4", **options)]
        assert len(whole) == 42
        assert paged == whole

    def test_the_newest_of_each_inside_and_the_way_to_the_others(self, engineer: Face):
        rows = engineer.values("Datastreams", expand="Observations($orderby=phenomenonTime desc;$top=1)")
        assert {row["Observations"][0]["phenomenonTime"] for row in rows} == {"2026-11-24T04:00:00Z"}
        rest = engineer.values(rows[0]["Observations@iot.nextLink"])
        assert [one["phenomenonTime"] for one in rest] == ["2026-11-24T00:00:00Z"]

    def test_counts_do_not_mind_pages(self, engineer: Face):
        assert engineer.get("Observations", count="true", top="1")["@iot.count"] == 42
        assert engineer.get("Observations", count="true", filter="result gt 8.5")["@iot.count"] == 6
        assert engineer.get("Things/$count") == "4"

    def test_nested_options_inside_options(self, engineer: Face):
        expand = (
            "Datastreams($filter=ObservedProperty/name eq '氨氮';$expand=Observations($select=result;$orderby=result))"
        )
        thing = by_name(engineer.values("Things", expand=expand), "出口模拟站")
        assert [o["result"] for o in thing["Datastreams"][0]["Observations"]] == [1.1, 1.2, 1.3]

    def test_data_arrays(self, engineer: Face):
        groups = engineer.values(
            "Observations",
            filter="Datastream/ObservedProperty/name eq '氨氮'",
            select="phenomenonTime,result",
            resultFormat="dataArray",
        )
        assert [group["components"] for group in groups] == [["phenomenonTime", "result"]] * 2
        assert groups[0]["dataArray"][0] == ["2026-11-23T20:00:00Z", 0.1]

    def test_property_and_value(self, engineer: Face):
        thing = by_name(engineer.values("Things"), "出口自动站")
        assert engineer.get(f"{thing['@iot.selfLink']}/properties/river") == {"river": "玩具河"}
        assert engineer.get(f"{thing['@iot.selfLink']}/name/$value") == "出口自动站"
