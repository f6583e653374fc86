"""Writes patrols.csv: an invented past of patrols, so that freshness differs from river to river.

County rivers are walked every week, tributaries less often, some brooks not for a month, and a few never. Who walks is
the patroller or the village chief of the reach. Two patrols do not count, and the file says why.

    python -m tools.chengkou.patrols
"""

import csv
import json
import random
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src/riverchief/example/chengkou"
#: Days since the last patrol, and days between patrols, by level of the reach.
RHYTHM = {"county": ((1, 9), 7), "township": ((2, 19), 12), "village": ((5, 34), 25)}
NEVER = {"TB-01", "LH-01", "CX-01"}
LONGEST_AGO = 45
FOUND = (
    ("水质清澈，未发现问题", 14),
    ("岸边有少量枯枝和塑料袋，已随手清理", 4),
    ("公示牌被树枝遮挡，已修剪", 2),
    ("有村民在岸边洗衣，已劝导", 2),
)
#: reach, days ago: a patrol that is kept but does not count, and why.
NOT_COUNTED = {
    ("QH-05", 1): "不计入：途中车速超过 8 m/s，未在河边行走",
    ("LT-01", 3): "不计入：只走了河段的 12 %，低于一半",
}


def holders():
    """Who walks each reach: its patroller where it has one, else its village chief."""
    found = {}
    with (PACKAGE / "responsibilities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["level"] == "village" and (row["post"] == "patroller" or row["reach_from"] not in found):
                found[row["reach_from"]] = (row["holder"], row["bank"])
    return found


def rows():
    rng = random.Random(2026)
    walkers = holders()
    network = json.loads((PACKAGE / "network.geojson").read_text(encoding="utf-8"))
    for feature in network["features"]:
        reach = feature["properties"]
        if reach["id"] in NEVER:
            continue
        (least, most), between = RHYTHM[reach["level"]]
        ago = rng.randint(least, most)
        while ago <= LONGEST_AGO:
            yield _row(reach, ago, walkers[reach["id"]], rng)
            ago += between + rng.randint(-2, 3)
    for (name, ago), why in NOT_COUNTED.items():
        reach = next(f["properties"] for f in network["features"] if f["properties"]["id"] == name)
        yield {**_row(reach, ago, walkers[name], rng), "found": "", "counts": "false", "why_not": why}


def _row(reach, ago, walker, rng):
    words, weights = zip(*FOUND, strict=True)
    # About 3 km/h along the bank, with stops.
    minutes = min(round(reach["length_m"] / 1000 * rng.uniform(17, 26), -1), 240)
    return {
        "reach": reach["id"],
        "bank": walker[1],
        "holder": walker[0],
        "days_ago": ago,
        "at": f"{rng.randint(7, 13):02d}:{rng.choice((5, 10, 20, 35, 40, 50)):02d}",
        "minutes": int(minutes),
        "found": rng.choices(words, weights)[0],
        "counts": "true",
        "why_not": "",
    }


def main():
    with (PACKAGE / "patrols.csv").open("w", encoding="utf-8", newline="") as file:
        found = list(rows())
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(found, key=lambda row: (-row["days_ago"], row["reach"])))


if __name__ == "__main__":
    main()
