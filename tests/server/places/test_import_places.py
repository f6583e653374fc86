"""A county comes in by files, whole or not at all, and every fault is named."""

import json

import pytest

from riverchief.errors import BadInput
from riverchief_server.cli.importing import import_files
from riverchief_server.places.models import Place, Reach, Region, SecondaryEdge
from riverchief_server.places.queries import (
    county as the_county,
)
from riverchief_server.places.queries import (
    downstream_of,
    places_downstream,
    places_upstream,
    upstream_of,
)
from tests.server import toy_county
from tests.server.conftest import NOW


def refusal(kind: str, name: str, text: str) -> BadInput:
    with pytest.raises(BadInput) as refused:
        import_files(kind, [(name, text.encode())], NOW)
    return refused.value


def kinds(refused: BadInput) -> list[str]:
    return [fault.kind for fault in refused.faults]


@pytest.mark.usefixtures("county")
class TestTheToyCounty:
    def test_it_is_there(self):
        assert (Region.objects.count(), Reach.objects.count(), Place.objects.count()) == (4, 4, 6)
        assert the_county().name == "玩具县"

    def test_upstream_is_one_interval_of_order_numbers(self):
        c = Reach.objects.get(code="C")
        assert {reach.code for reach in upstream_of(c)} == {"A", "B", "C"}
        assert c.order - c.first == 2

    def test_upstream_within_a_distance(self):
        # A and B end where C begins, 4 km above C's end: within 3 km there is only C itself
        c = Reach.objects.get(code="C")
        assert [reach.code for reach in upstream_of(c, within_m=3000)] == ["C"]
        assert {reach.code for reach in upstream_of(c, within_m=4000)} == {"A", "B", "C"}

    def test_downstream_follows_the_water(self):
        assert [reach.code for reach in downstream_of(Reach.objects.get(code="B"))] == ["B", "C", "D"]

    def test_places_up_and_downstream_with_distances(self):
        s1, s2 = Place.objects.get(code="S1"), Place.objects.get(code="S2")
        # S2 at 1 km of A (2 km long), S1 at 3 km of C: 1 + 3 = 4 km of water between them
        assert [(place.code, place.distance_m) for place in places_upstream(s1, ["section"])] == [("S2", 4000.0)]
        assert [(place.code, place.distance_m) for place in places_downstream(s2, ["section"])] == [("S1", 4000.0)]

    def test_a_place_takes_point_and_region_from_reach_and_bank(self):
        w1 = Place.objects.get(code="W1")
        assert (w1.lon, w1.lat) == pytest.approx((108.05, 32.0))  # 3 of 4 km along the line
        assert w1.region_id == toy_county.TOWN
        assert Place.objects.get(code="M1").region_id == toy_county.RURAL

    def test_importing_again_changes_nothing(self):
        before = list(Reach.objects.values_list("pk", "order", "first"))
        for kind, name, text in toy_county.FILES:
            import_files(kind, [(name, text.encode())], NOW)
        assert list(Reach.objects.values_list("pk", "order", "first")) == before
        assert Place.objects.count() == 6

    def test_a_line_in_excel_form_with_a_bom_comes_in_too(self):
        text = "\ufeff" + toy_county.PLACES.replace("出口断面", "出口断面二")
        import_files("places", [("places.csv", text.encode())], NOW)
        assert Place.objects.get(code="S1").name == "出口断面二"

    def test_every_fault_of_a_file_is_named_and_nothing_is_written(self):
        text = """id,kind,name,reach,chainage_m,bank,lon,colour
N1,section,新断面,C,4001,,,
N2,sektion,新断面,E,x,middle,200,red
N1,section,又一个,C,10,,,
"""
        refused = refusal("places", "places.csv", text)
        told = {(fault.kind, fault.line, fault.column) for fault in refused.faults}
        assert told == {
            ("unknown_column", 1, None),
            ("chainage_beyond", 2, "chainage_m"),
            ("not_one_of", 3, "kind"),
            ("bad_number", 3, "chainage_m"),
            ("not_one_of", 3, "bank"),
            ("out_of_range", 3, "lon"),
            ("duplicate", 4, "id"),
        }
        assert not Place.objects.filter(code="N1").exists()

    def test_an_unknown_reach_is_named_with_its_neighbours(self):
        refused = refusal("places", "p.csv", "id,kind,name,reach,chainage_m\nN1,section,x,CC,1\n")
        assert "C" in refused.faults[0].details["nearest"]
        assert "p.csv:2:reach" in refused.text("zh")


@pytest.mark.django_db
class TestNetworksThatAreRefused:
    def load_regions(self) -> None:
        import_files("places", [("regions.csv", toy_county.REGIONS.encode())], NOW)

    def test_a_cycle(self):
        self.load_regions()
        assert "network_cycle" in kinds(refusal("network", "n.geojson", toy_county.network(D={"down": "C"})))
        assert Reach.objects.count() == 0

    def test_several_faults_at_once(self):
        self.load_regions()
        text = toy_county.network(
            A={"length_m": 0}, B={"down": "X"}, C={"region": "999999000000"}, D={"kind": "brook", "name": None}
        )
        found = kinds(refusal("network", "n.geojson", text))
        assert {"out_of_range", "not_one_of", "missing_value", "unknown_region"} <= set(found)

    @pytest.mark.parametrize("text", ["{", "[]", "{}", '{"type": "FeatureCollection", "features": 3}', "\xff"])
    def test_what_is_no_geojson(self, text: str):
        assert kinds(refusal("network", "n.geojson", text)) == ["unreadable"]

    def test_a_reach_without_a_line(self):
        self.load_regions()
        text = toy_county.network().replace("[[108.06, 32.0], [108.07, 32.0]]", "[[108.06, 32.0]]")
        assert kinds(refusal("network", "n.geojson", text)) == ["bad_line"]

    def test_a_line_drawn_against_the_flow(self):
        self.load_regions()
        drawn = json.loads(toy_county.network())
        drawn["features"][2]["geometry"]["coordinates"].reverse()
        refused = refusal("network", "n.geojson", json.dumps(drawn))
        (fault,) = refused.faults
        assert (fault.kind, fault.line, fault.details["given"]) == ("drawn_against_flow", 3, "C")
        for feature in drawn["features"]:
            feature["geometry"]["coordinates"].reverse()
        drawn["features"][2]["geometry"]["coordinates"].reverse()
        assert set(kinds(refusal("network", "n.geojson", json.dumps(drawn)))) == {"drawn_against_flow"}
        assert Reach.objects.count() == 0

    def test_an_id_that_a_float_has_worn(self):
        self.load_regions()
        refused = refusal("network", "n.geojson", toy_county.network(A={"id": 2.0**53 + 4}, B={"down": 1e17}))
        assert [(fault.line, fault.column) for fault in refused.faults if fault.kind == "inexact_id"] == [
            (1, "id"),
            (2, "down"),
        ]

    def test_a_sheet_of_something_else(self):
        assert set(kinds(refusal("places", "x.csv", "a,b\n1,2\n"))) == {"missing_column"}


def divided(**shares: str) -> str:
    """The toy network in which A divides: the greater part flows into C as before, the rest into D."""
    return toy_county.network(A={"branches": shares.get("a", "D:0.25")})


@pytest.mark.usefixtures("county")
class TestWhereARiverDivides:
    def test_side_branches_come_in_and_count_as_upstream(self):
        import_files("network", [("network.geojson", divided().encode())], NOW)
        edge = SecondaryEdge.objects.get()
        assert (edge.source.code, edge.target.code, edge.fraction) == ("A", "D", 0.25)
        d = Reach.objects.get(code="D")
        assert {reach.code for reach in upstream_of(d)} == {"A", "B", "C", "D"}
        # D is 1 km long; A's water takes the branch past C (4 km): A ends 1 km above D's end, B 5 km
        assert {reach.code for reach in upstream_of(d, within_m=1000)} == {"A", "C", "D"}
        assert {reach.code for reach in upstream_of(d, within_m=4999)} == {"A", "C", "D"}
        assert {reach.code for reach in upstream_of(Reach.objects.get(code="C"))} == {"A", "B", "C"}

    def test_water_goes_down_by_every_branch(self):
        import_files("network", [("network.geojson", divided().encode())], NOW)
        assert {reach.code for reach in downstream_of(Reach.objects.get(code="A"))} == {"A", "C", "D"}
        assert {reach.code for reach in downstream_of(Reach.objects.get(code="B"))} == {"B", "C", "D"}
        s2, s1 = Place.objects.get(code="S2"), Place.objects.get(code="S1")
        place = Place.objects.get(code="S1")
        place.pk, place.code, place.reach, place.chainage_m = None, "S9", Reach.objects.get(code="D"), 600.0
        place.save()
        # 1 km is left of A; S1 lies at 3 km of C, S9 at 0.6 km of D, which the branch reaches without C
        found = [(one.code, one.distance_m) for one in places_downstream(s2, ["section"])]
        assert found == [("S9", 1600.0), ("S1", 4000.0)]
        assert [one.code for one in places_downstream(s1, ["section"])] == ["S9"]

    def test_a_place_is_as_far_as_the_shortest_way(self):
        import_files("network", [("network.geojson", divided().encode())], NOW)
        place = Place.objects.get(code="S1")
        place.pk, place.code, place.reach, place.chainage_m = None, "S9", Reach.objects.get(code="D"), 600.0
        place.save()
        # S2 at 1 of A's 2 km, then 0.6 km of D; by C it would be 4 km more
        assert [(one.code, one.distance_m) for one in places_upstream(place, ["section"]) if one.code == "S2"] == [
            ("S2", 1600.0)
        ]

    def test_importing_the_network_without_it_takes_it_away(self):
        import_files("network", [("network.geojson", divided().encode())], NOW)
        import_files("network", [("network.geojson", toy_county.network().encode())], NOW)
        assert SecondaryEdge.objects.count() == 0 and Reach.objects.get(code="D").also_upstream == []

    @pytest.mark.parametrize(
        ("branches", "kind"),
        [("D:much", "bad_number"), ("D", "bad_number"), ("D:1.2", "bad_fraction"), ("E:0.2", "dangling_down")],
    )
    def test_branches_that_make_no_sense_are_refused(self, branches: str, kind: str):
        assert kind in kinds(refusal("network", "network.geojson", divided(a=branches)))
        assert SecondaryEdge.objects.count() == 0
