"""Writes places.csv: what stands on the rivers, from the list beside this file and the drawn network.

The list says where on its reach a thing stands as a share of the length; here that becomes a chainage, a position
beside the line on its bank, and the township of that bank.

    python -m tools.chengkou.place
"""

import csv
import json
from pathlib import Path

import numpy as np
from tools.chengkou.curves import to_km, to_lonlat

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "src/riverchief/example/chengkou"
ASIDE_KM = {"section": 0.0, "station": 0.07, "outfall": 0.10, "intake": 0.10, "source": 0.14}
COLUMNS = [
    "id",
    "kind",
    "name",
    "reach",
    "chainage_m",
    "bank",
    "lon",
    "lat",
    "region",
    "subkind",
    "class_target",
    "control",
    "zone",
    "border",
    "part_of",
    "operator",
    "people",
    "permit",
    "permit_flow_m3_s",
    "note",
]


def reaches():
    network = json.loads((PACKAGE / "network.geojson").read_text(encoding="utf-8"))
    return {feature["properties"]["id"]: feature for feature in network["features"]}


def position(line_lonlat, share, bank, aside_km):
    """Longitude and latitude at ``share`` of the drawn line, ``aside_km`` to the ``bank`` looking downstream."""
    line = to_km(line_lonlat)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    here = share * along[-1]
    point = np.array([np.interp(here, along, line[:, axis]) for axis in (0, 1)])
    # The direction over 300 m, so that a bend of the drawing does not throw a place across the river.
    ahead, behind = (
        np.array([np.interp(np.clip(here + step, 0, along[-1]), along, line[:, axis]) for axis in (0, 1)])
        for step in (0.15, -0.15)
    )
    direction = (ahead - behind) / np.linalg.norm(ahead - behind)
    left = np.array([-direction[1], direction[0]])
    side = {"left": 1.0, "right": -1.0, "": 0.0}[bank]
    return to_lonlat(point + side * aside_km * left).round(5)


def rows():
    network = reaches()
    with (HERE / "places.csv").open(encoding="utf-8") as file:
        for place in csv.DictReader(file):
            reach = network[place["reach"]]
            facts = reach["properties"]
            lon, lat = position(
                reach["geometry"]["coordinates"], float(place["share"]), place["bank"], ASIDE_KM[place["kind"]]
            )
            place["chainage_m"] = int(round(float(place.pop("share")) * facts["length_m"], -1))
            place["lon"], place["lat"] = lon, lat
            place["region"] = facts.get(f"{place['bank']}_region") or facts["region"]
            place["permit"] = f"示意-入河-{place['id'][2:]}" if place["kind"] == "outfall" else ""
            yield place


def main():
    with (PACKAGE / "places.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    main()
