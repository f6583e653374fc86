"""Pages: every feature once, in a stable order, whatever arrives meanwhile."""

import json
from datetime import timedelta

import pytest

from riverchief_server.api.features.read.query import LONGEST_PAGE, PAGE
from riverchief_server.cli.importing import import_files
from riverchief_server.places.models import Place, Reach
from tests.server import toy_county
from tests.server.api.features.conftest import Face
from tests.server.conftest import NOW, feed


def many_reaches(count: int) -> None:
    """``count`` more reaches; every third has no width."""
    d = Reach.objects.get(code="D")
    Reach.objects.bulk_create(
        Reach(
            code=f"X{k:05d}",
            name=f"第{k}段",
            river=f"河{k % 7}",
            down=d,
            length_m=1000 + k % 5,
            width_m=None if k % 3 == 0 else float(k % 4),
            line=[[108 + k / 1000, 31], [108 + k / 1000, 31.01]],
        )
        for k in range(count)
    )


def test_a_page_says_how_many_there_are(face: Face):
    page = face.get("collections/reaches/items", limit="3")
    assert (page["numberMatched"], page["numberReturned"], len(page["features"])) == (4, 3, 3)
    assert page["type"] == "FeatureCollection"


def test_the_last_page_leads_nowhere(face: Face):
    page = face.get("collections/reaches/items", limit="4")
    assert "next" not in [one["rel"] for one in page["links"]]


def test_a_page_of_no_features_is_an_answer(face: Face):
    page = face.get("collections/reaches/items", river="无")
    assert (page["numberMatched"], page["features"]) == (0, [])


def test_without_a_limit_a_page_has_its_usual_length_and_never_more_than_the_most(face: Face):
    many_reaches(PAGE)
    assert len(face.ids("reaches")) == PAGE
    assert len(face.ids("reaches", limit=str(LONGEST_PAGE * 10))) == PAGE + 4


@pytest.mark.parametrize(
    "sortby", ["", "river", "-river", "width_m", "-width_m,river", "+schematic,-length_m", "river,-width_m,name"]
)
def test_pages_hold_every_feature_once_in_every_order(face: Face, sortby: str):
    many_reaches(60)
    sort = {"sortby": sortby} if sortby else {}
    whole = face.ids("reaches", limit="1000", **sort)
    assert len(set(whole)) == 64
    for limit in ("1", "7", "63"):
        assert face.all_ids("reaches", limit=limit, **sort) == whole


def test_sorting_goes_up_and_down_and_what_is_missing_comes_last(face: Face):
    Reach.objects.filter(code="A").update(width_m=5)
    Reach.objects.filter(code="B").update(width_m=7)
    assert face.ids("reaches", sortby="width_m,code") == ["A", "B", "C", "D"]
    assert face.ids("reaches", sortby="-width_m,-code") == ["B", "A", "D", "C"]
    assert face.ids("reaches", sortby="-length_m") == ["C", "B", "A", "D"]


def test_sorting_by_time_keeps_its_place(face: Face):
    """Times of the same second, and stations that never measured: the key parts them."""
    feed("M1", [0.1])
    feed("W1", [0.1], until=NOW - timedelta(hours=1))
    for k in range(5):
        Place.objects.create(
            code=f"Z{k}", kind="station", name="站", reach_id=Reach.objects.get(code="A").pk, chainage_m=1, lon=1, lat=1
        )
    for sortby in ("last_reading_at", "-last_reading_at"):
        whole = face.ids("stations", sortby=sortby)
        assert face.all_ids("stations", sortby=sortby, limit="1") == whole
        assert whole[2:] == ["Z0", "Z1", "Z2", "Z3", "Z4"]


def test_the_filter_stays_from_page_to_page(face: Face):
    many_reaches(30)
    parameters = {"filter": "width_m > 0", "bbox": "108,30,108.02,32", "river": "河1"}
    assert face.all_ids("reaches", limit="1", **parameters) == face.ids("reaches", **parameters) != []


def test_features_that_arrive_meanwhile_disturb_nothing(face: Face):
    many_reaches(20)
    before = face.ids("reaches", limit="100")

    def arrive() -> None:
        d = Reach.objects.get(code="D")
        for k in range(5):
            line = [[1.0, 1.0], [2.0, 2.0]]
            Reach.objects.create(code=f"0-NEW{k}", name="新", river="新", down=d, length_m=1, line=line)

    paged = face.all_ids("reaches", arrive, limit="5")
    assert paged[: len(before)] == before
    assert len(set(paged)) == len(paged) == len(before) + 5


def test_what_is_drawn_anew_is_found_where_it_is_now(face: Face):
    """The shapes are kept in memory: the next request after an import must not see the old ones."""
    assert face.ids("reaches", bbox="120,20,121,21") == []
    moved = json.loads(toy_county.network())
    moved["features"][3]["geometry"]["coordinates"] = [[120.1, 20.1], [120.2, 20.2]]
    import_files("network", [("network.geojson", json.dumps(moved).encode())], NOW)
    assert face.ids("reaches", bbox="120,20,121,21") == ["D"]
    assert face.get("collections/reaches")["extent"]["spatial"]["bbox"][0][2] == 120.2


def test_a_station_that_moves_is_found_where_it_is_now(face: Face):
    assert face.ids("stations", bbox="120,20,121,21") == []
    place = Place.objects.get(code="W1")
    place.lon, place.lat = 120.5, 20.5
    place.save()
    assert face.ids("stations", bbox="120,20,121,21") == ["W1"]
