"""The tree and the outline of the demonstration county tell the truth."""

import csv
import json
import math

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from riverchief.errors import BadInput
from riverchief.example import chengkou
from tests.shared_data import shared

REGIONS = {row["code"]: row for row in chengkou.rows_of("regions.csv")}


def level(name: str) -> list[dict[str, str]]:
    return [row for row in REGIONS.values() if row["level"] == name]


def area_km2(polygon: shapely.Polygon) -> float:
    """Area on the WGS-84 ellipsoid by the authalic cylinder (Snyder 1987, eq. 3-12), where areas are true."""
    e2, axis = 0.00669437999014, 6378137.0
    e = math.sqrt(e2)

    def flatten(corners: np.ndarray) -> np.ndarray:
        lon, sine = np.radians(corners[:, 0]), np.sin(np.radians(corners[:, 1]))
        q = (1 - e2) * (sine / (1 - e2 * sine**2) - np.log((1 - e * sine) / (1 + e * sine)) / (2 * e))
        return np.column_stack([axis * lon, axis * q / 2])

    return shapely.transform(polygon, flatten).area / 1e6


def test_one_county_25_townships_204_villages():
    assert [len(level(name)) for name in ("county", "township", "village")] == [1, 25, 204]
    assert len(REGIONS) == 230, "codes are unique"


def test_every_code_lies_in_its_parent():
    for row in level("township"):
        assert row["parent"] == chengkou.COUNTY and row["code"][:6] == row["parent"][:6] and row["code"][9:] == "000"
    for row in level("village"):
        assert REGIONS[row["parent"]]["level"] == "township" and row["code"][:9] == row["parent"][:9]
    assert all(len(code) == 12 and code.isdigit() for code in REGIONS)


def test_kinds_and_short_names():
    assert {row["kind"] for row in level("township")} == {"街道", "镇", "乡"}
    assert REGIONS["500229001001"]["name"] == "土城社区" and REGIONS["500229001001"]["kind"] == "社区"
    assert REGIONS["500229205205"]["name"] == "左岸村" and REGIONS["500229205205"]["kind"] == "村"
    assert not any("委员会" in row["name"] for row in REGIONS.values())


def test_codes_are_those_of_the_statistics_bureau():
    with shared("data/chengkou_admin/villages.csv").open(encoding="utf-8") as file:
        published = {row["code"]: row["name"] for row in csv.DictReader(file)}
    ours = {row["code"]: row["name"] for row in level("village")}
    assert ours.keys() == published.keys()
    assert all(published[code].startswith(name) for code, name in ours.items())


def test_the_outline_has_the_official_area_and_lies_where_the_county_lies():
    [feature] = chengkou.features_of("county.geojson")
    outline = shape(feature["geometry"])
    west, south, east, north = outline.bounds
    assert outline.is_valid and 300 <= len(outline.exterior.coords) <= 500
    assert west > 108.2 and south > 31.6 and east < 109.3 and north < 32.25
    assert area_km2(outline) == pytest.approx(3292, rel=0.02)


def test_the_outline_was_moved_from_gcj02_to_wgs84():
    """GCJ-02 lies about 0.0044° east and 0.0023° south of WGS-84 here; the outline must have moved back by that."""
    given = json.loads(shared("data/chengkou_admin/chengkou_county.geojson").read_text(encoding="utf-8"))
    gcj = shape(given["features"][0]["geometry"]).centroid
    wgs = shape(chengkou.features_of("county.geojson")[0]["geometry"]).centroid
    assert gcj.x - wgs.x == pytest.approx(0.0044, abs=0.0008)
    assert gcj.y - wgs.y == pytest.approx(-0.0023, abs=0.0008)


def test_an_unknown_file_is_named_with_its_neighbours():
    with pytest.raises(BadInput) as refused:
        chengkou.path_of("region.csv")
    assert "regions.csv" in refused.value.text("zh")
