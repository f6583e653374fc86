"""What stands on the rivers stands where it says, and is of a kind the law knows."""

import csv

import pytest
from shapely.geometry import LineString, Point

from riverchief.example import chengkou
from tests.domain.example.chengkou_files import LINES, OUTLINE, PLACES, REACHES, region_of

SUBKINDS = {"industrial", "mine", "tailings", "sewage_works", "farm", "other"}


def of_kind(kind: str) -> list[dict[str, str]]:
    return [row for row in PLACES.values() if row["kind"] == kind]


def test_ids_and_names_are_unique():
    rows = chengkou.rows_of("places.csv")
    assert len(PLACES) == len(rows) == len({row["name"] for row in rows})


def test_every_place_lies_on_a_known_reach_within_its_length():
    for place, row in PLACES.items():
        assert row["kind"] in {"section", "station", "outfall", "intake", "source"}, place
        assert 0 <= int(row["chainage_m"]) <= REACHES[row["reach"]]["length_m"], place


def test_every_place_is_drawn_beside_its_reach_on_its_bank():
    for place, row in PLACES.items():
        point, line = Point(float(row["lon"]), float(row["lat"])), LINES[row["reach"]]
        assert OUTLINE.contains(point), place
        assert point.distance(line) < 0.003, f"{place} lies off its reach"
        if not row["bank"]:
            continue
        # The sign of the cross product with the general direction of the river: left is positive.
        share = int(row["chainage_m"]) / REACHES[row["reach"]]["length_m"]
        before, after = (line.interpolate(max(0, min(1, share + step)), normalized=True) for step in (-0.015, 0.015))
        middle = line.interpolate(share, normalized=True)
        ahead = LineString([before, after]).coords
        cross = (ahead[1][0] - ahead[0][0]) * (point.y - middle.y) - (ahead[1][1] - ahead[0][1]) * (point.x - middle.x)
        assert (cross > 0) == (row["bank"] == "left"), f"{place} stands on the wrong bank"


def test_every_place_lies_in_the_township_of_its_bank():
    for row in PLACES.values():
        assert row["region"] == region_of(row["reach"], row["bank"] or "middle")


def test_about_25_outfalls_of_every_kind():
    outfalls = of_kind("outfall")
    assert 20 <= len(outfalls) <= 32
    assert {row["subkind"] for row in outfalls} == SUBKINDS
    assert all(row["permit"].startswith("示意") and "示意" in row["note"] for row in outfalls)


def test_the_three_border_sections_keep_class_ii():
    borders = {row["name"]: row for row in of_kind("section") if row["border"] == "true"}
    assert borders.keys() == {"水寨子", "土堡寨", "黄金口"}
    for row in borders.values():
        assert row["class_target"] == "II" and REACHES[row["reach"]]["down"] == ""


def test_the_two_national_stations_measure_for_border_sections():
    national = {PLACES[row["part_of"]]["name"] for row in of_kind("station") if row["operator"] == "national"}
    assert national == {"水寨子", "土堡寨"}


def test_a_simulated_station_says_so():
    for row in of_kind("station"):
        assert (row["operator"] == "simulated") == ("模拟" in row["name"]) == ("模拟" in row["note"])


def test_the_county_source_is_the_sanhe_reservoir_and_no_outfall_lies_above_it():
    county = next(row for row in of_kind("source") if row["operator"] == "county")
    assert "三合水库" in county["name"] and county["class_target"] == "III"
    above = {"SH-01", "SH-02"}
    assert REACHES[county["reach"]]["kind"] == "lake"
    assert not [row["id"] for row in of_kind("outfall") if row["reach"] in above]


def test_what_belongs_to_another_place_names_it():
    for row in PLACES.values():
        if row["part_of"]:
            wanted = "section" if row["kind"] == "station" else "source"
            assert PLACES[row["part_of"]]["kind"] == wanted


@pytest.mark.parametrize("kind", ["section", "source"])
def test_what_must_keep_a_class_says_which(kind: str):
    assert all(row["class_target"] in {"I", "II", "III", "IV", "V"} for row in of_kind(kind))


def test_the_places_are_what_the_placing_tool_writes():
    from tools.chengkou import place

    with chengkou.path_of("places.csv").open(encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert written == [{key: str(value) for key, value in row.items()} for row in _in_columns(place.rows())]


def _in_columns(rows):
    from tools.chengkou.place import COLUMNS

    return [{column: row[column] for column in COLUMNS} for row in rows]
