"""Writes network.geojson, the schematic rivers of Chengkou, from rivers.csv and reaches.csv beside this file.

What public pages say is held exactly: the lengths of 任河, 前河 and 中河 in the county, 63.4 m³/s at 水寨子, the mean
fall of 9.7 ‰, the nine tributaries in their order. All else is 示意: way-points by hand, bends by rule, flows by area,
velocities by the formula for steep streams of Jarrett (1984, J. Hydraul. Eng. 110(11): n = 0.39 S^0.38 R^-0.16, R
in feet, which is 0.32 S^0.38 R^-0.16 with R in metres).

    python -m tools.chengkou.draw
"""

import csv
import json
from pathlib import Path

import numpy as np
from tools.chengkou.curves import meander, smooth, thin, to_km, to_lonlat

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "src/riverchief/example/chengkou"
#: Area drained inside the county [km²] of each of the three rivers; 任河 is published, all three fill the county.
BASIN_KM2 = {"500229901": 2360.74, "500229902": 600.26, "500229903": 331.0}
#: Mean flow [m³/s] that the area of 任河 yields at 水寨子 is published; its yield is taken for the others, too.
REN_FLOW_M3_S = 63.4
TRIBUTARY_WINDING = 1.25
THIN_KM = 0.018


def read(name):
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def points_of(via):
    return [tuple(map(float, pair.split())) for pair in via.split(";")]


class Rivers:
    """The skeleton, and what is worked out from it step by step."""

    def __init__(self):
        self.rivers = {row["prefix"]: row for row in read("rivers.csv")}
        self.reaches = {row["id"]: row for row in read("reaches.csv")}
        with (PACKAGE / "regions.csv").open(encoding="utf-8") as file:
            self.codes = {row["name"]: row["code"] for row in csv.DictReader(file) if row["level"] == "township"}
        self.line = {}
        self.down = {}

    def of(self, prefix):
        return [name for name in self.reaches if name.startswith(prefix + "-")]

    def draw(self):
        """Lines of all reaches [km]; a tributary ends where the reach it flows into begins, so mouths come first."""
        waiting = list(self.rivers)
        while waiting:
            prefix = waiting.pop(0)
            mouth = self.rivers[prefix]["mouth"]
            if mouth and mouth not in self.line:
                waiting.append(prefix)
                continue
            self.draw_river(prefix, self.line[mouth][0] if mouth else None)

    def draw_river(self, prefix, mouth_km):
        river, names = self.rivers[prefix], self.of(prefix)
        points, counts = [], []
        for name in names:
            points += points_of(self.reaches[name]["via"])
            counts.append(len(points) - 1)
        points = to_km(points)
        if mouth_km is not None:
            points = np.vstack([points, mouth_km])
            counts[-1] += 1
        curve, marks = smooth(points)
        curve = meander(curve, river["name"], float(river["meander_m"]) / 1000, float(river["wavelength_km"]))
        cuts = [0, *(marks[count] for count in counts)]
        for name, start, end in zip(names, cuts, cuts[1:], strict=False):
            self.line[name] = thin(curve[start : end + 1], THIN_KM)
        for name, below in zip(names, [*names[1:], river["mouth"]], strict=True):
            self.down[name] = below

    def drawn_m(self, name):
        return 1000 * float(np.linalg.norm(np.diff(self.line[name], axis=0), axis=1).sum())

    def measure(self):
        """True lengths [m]: those of the three rivers add up to what is published, the others wind more than drawn."""
        self.length_m = {}
        for prefix, river in self.rivers.items():
            names = self.of(prefix)
            drawn = np.array([self.drawn_m(name) for name in names])
            wanted = float(river["length_km"]) * 1000 if river["length_km"] else drawn.sum() * TRIBUTARY_WINDING
            lengths = np.round(drawn * wanted / drawn.sum(), -1)
            if river["length_km"]:
                lengths[np.argmax(lengths)] += wanted - lengths.sum()
            self.length_m.update(zip(names, lengths, strict=True))

    def fill(self):
        """Flows [m³/s]: each reach adds what its own slopes yield, a first reach twice its share, being fan-shaped."""
        area = {}
        for prefix, river in self.rivers.items():
            names = self.of(prefix)
            share = np.array([self.length_m[name] * (2.0 if place == 0 else 1.0) for place, name in enumerate(names)])
            area.update(zip(names, float(river["catchment_km2"]) * share / share.sum(), strict=True))
        total = {basin: sum(area[name] for name in area if self.basin(name) == basin) for basin in BASIN_KM2}
        yield_m3_s_km2 = REN_FLOW_M3_S / BASIN_KM2["500229901"]
        self.lateral = {
            name: round(km2 * BASIN_KM2[self.basin(name)] / total[self.basin(name)] * yield_m3_s_km2, 3)
            for name, km2 in area.items()
        }
        ren = sum(flow for name, flow in self.lateral.items() if self.basin(name) == "500229901")
        self.lateral["RH-23"] = round(self.lateral["RH-23"] + REN_FLOW_M3_S - ren, 3)
        self.flow = dict(self.lateral)
        for name in self.downstream_order():
            if self.down[name]:
                self.flow[self.down[name]] = round(self.flow[self.down[name]] + self.flow[name], 3)

    def basin(self, name):
        return self.rivers[name[:2]]["code"][:9]

    def downstream_order(self):
        """All reaches, each before the one it flows into."""
        left = dict.fromkeys(self.reaches, 0)
        for below in filter(None, self.down.values()):
            left[below] += 1
        ready = [name for name, count in left.items() if count == 0]
        for name in ready:
            below = self.down[name]
            if below:
                left[below] -= 1
                if left[below] == 0:
                    ready.append(below)
        return ready

    def tilt(self):
        """Slopes [-]: steep at the source, gentle at the mouth, with the river's mean."""
        self.slope = {}
        for prefix, river in self.rivers.items():
            names = self.of(prefix)
            lengths = np.array([self.length_m[name] for name in names])
            middle = (np.cumsum(lengths) - lengths / 2) / lengths.sum()
            shape = np.exp(-1.6 * middle)
            slopes = shape * float(river["slope"]) * lengths.sum() / (shape * lengths).sum()
            self.slope.update(zip(names, slopes, strict=True))

    def current(self, name):
        """Width [m] and velocity [m/s] at mean flow. Width: 7.2 Q^0.5 (regime form). Depth from Jarrett's formula:
        v = R^(2/3) S^(1/2) / n with n = 0.32 S^0.38 R^-0.16 gives q = 3.125 R^1.827 S^0.12."""
        flow, slope = self.flow[name], self.slope[name]
        if self.reaches[name]["kind"] == "lake":
            storage, length = float(self.reaches[name]["storage_m3"]), self.length_m[name]
            width = 130.0
            return width, flow * length / storage
        width = 7.2 * flow**0.5
        depth = (flow / width / (3.125 * slope**0.12)) ** (1 / 1.827)
        return width, flow / (width * depth)

    def features(self):
        for name, reach in self.reaches.items():
            river = self.rivers[name[:2]]
            width, velocity = self.current(name)
            lake = reach["kind"] == "lake"
            yield {
                "type": "Feature",
                "properties": {
                    "id": name,
                    "name": reach["label"]
                    if reach["label"].startswith(river["name"]) or lake
                    else f"{river['name']}·{reach['label']}",
                    "river": river["name"],
                    "river_code": river["code"],
                    "down": self.down[name],
                    "length_m": int(self.length_m[name]),
                    "order_hint": self.of(name[:2]).index(name) + 1,
                    "kind": reach["kind"],
                    "level": "county" if lake else river["level"],
                    "region": self.codes[reach["region"]],
                    "left_region": self.codes.get(reach["left"], ""),
                    "right_region": self.codes.get(reach["right"], ""),
                    "flow_m3_s": self.flow[name],
                    "lateral_m3_s": self.lateral[name],
                    "velocity_m_s": round(velocity, 5 if lake else 2),
                    "width_m": round(width, 1),
                    "slope": 0.0 if lake else round(self.slope[name], 4),
                    "storage_m3": int(reach["storage_m3"]) if lake else None,
                    "schematic": True,
                    "note": river["note"],
                },
                "geometry": {"type": "LineString", "coordinates": np.round(to_lonlat(self.line[name]), 5).tolist()},
            }


def network():
    """The whole skeleton drawn and worked out."""
    rivers = Rivers()
    rivers.draw()
    rivers.measure()
    rivers.fill()
    rivers.tilt()
    return rivers


def text(rivers):
    """network.geojson as text, one feature a line so that a change shows as a line."""
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in rivers.features())
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    (PACKAGE / "network.geojson").write_text(text(network()), encoding="utf-8")
