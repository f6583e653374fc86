"""Writes parties.csv and responsibilities.csv: the units of the real tree, and invented posts (role names only).

Every reach gets chiefs on both banks at each level that applies: a county river has county, township and village
chiefs, a township river township and village chiefs, a brook village chiefs. One post has changed hands.

    python -m tools.chengkou.answer
"""

import csv
import json
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "src/riverchief/example/chengkou"
COUNTY = "500229000000"
SINCE = "2019-01-01"
#: The post that changed hands: unit, last day of the first holder, first day of the second.
HANDED_OVER = ("500229107000", "2024-06-30", "2024-07-01")
DEPARTMENTS = (
    ("dept-ecology", "县生态环境局"),
    ("dept-water", "县水利局"),
    ("dept-housing", "县住房城乡建委"),
    ("dept-agriculture", "县农业农村委"),
    ("dept-planning", "县规划自然资源局"),
    ("dept-urban", "县城市管理局"),
    ("dept-transport", "县交通运输委"),
    ("dept-police", "县公安局"),
)
COUNTY_RANGES = (
    ("任河上段", "RH-01", "RH-12"),
    ("任河下段", "RH-13", "RH-23"),
    ("前河", "QH-01", "QH-12"),
    ("中河", "ZH-01", "ZH-06"),
    ("三合水库", "SH-02", ""),
)


def phone(number):
    """An invented telephone of an office: no exchange begins with 0."""
    return f"023-0000{number:04d}"


def regions():
    with (PACKAGE / "regions.csv").open(encoding="utf-8") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def reaches():
    network = json.loads((PACKAGE / "network.geojson").read_text(encoding="utf-8"))
    return [feature["properties"] for feature in network["features"]]


def township_phone(code):
    return phone(int(code[6:9]) * 10)


def parties(tree):
    yield COUNTY, "城口县人民政府", "government", "county", COUNTY, "", phone(0)
    yield "office", "城口县河长办公室", "office", "county", COUNTY, COUNTY, phone(1)
    for number, (name, title) in enumerate(DEPARTMENTS, start=2):
        yield name, f"城口{title}", "department", "county", COUNTY, COUNTY, phone(number)
    for code, row in tree.items():
        if row["level"] == "township":
            seat = "办事处" if row["kind"] == "街道" else "人民政府"
            yield code, row["name"] + seat, "township", "township", code, COUNTY, township_phone(code)
    for code, row in tree.items():
        if row["level"] == "village":
            body = "居民委员会" if row["kind"] == "社区" else "村民委员会"
            yield code, row["name"] + body, "village", "village", code, row["parent"], township_phone(row["parent"])


def bank_regions(reach):
    return {bank: reach[f"{bank}_region"] or reach["region"] for bank in ("left", "right")}


def township_rows(network, tree):
    """One row for each unbroken run of reaches of a river on which a township has the same banks."""
    run = []
    for reach in [*network, None]:
        key = None
        if reach is not None and reach["level"] != "village":
            sides = bank_regions(reach)
            key = (reach["river"], reach["level"], sides["left"], sides["right"])
        if run and key != run[0][0]:
            first, last = run[0][1], run[-1][1]
            _, _, left, right = run[0][0]
            pairs = [(left, "both")] if left == right else [(left, "left"), (right, "right")]
            for code, bank in pairs:
                yield from dated(code, f"河长 · {tree[code]['name']}", first, last, bank)
            run = []
        if key is not None:
            run.append((key, reach["id"]))


def dated(code, holder, first, last, bank):
    level, last = "township", "" if last == first else last
    if code == HANDED_OVER[0]:
        yield code, "chief", f"{holder}（前任）", level, first, last, bank, SINCE, HANDED_OVER[1], township_phone(code)
        yield code, "chief", holder, level, first, last, bank, HANDED_OVER[2], "", township_phone(code)
    else:
        yield code, "chief", holder, level, first, last, bank, SINCE, "", township_phone(code)


def village_rows(network, tree):
    """A village for each bank of each reach: the one the reach is named after, else the township's in turn."""
    turn = {}
    for reach in network:
        sides = bank_regions(reach)
        chosen = {bank: pick(reach, code, tree, turn) for bank, code in sides.items()}
        pairs = (
            [(chosen["left"], "both")]
            if chosen["left"] == chosen["right"]
            else list(zip(chosen.values(), chosen, strict=True))
        )
        for code, bank in pairs:
            name, number = tree[code]["name"], township_phone(tree[code]["parent"])
            yield code, "chief", f"河长 · {name}", "village", reach["id"], "", bank, SINCE, "", number
            if reach["level"] == "county":
                yield code, "patroller", f"巡河员 · {name}", "village", reach["id"], "", bank, SINCE, "", number


def pick(reach, township, tree, turn):
    villages = [code for code, row in tree.items() if row["parent"] == township]
    label = reach["name"]
    for row in tree.values():
        if row["level"] == "township":
            label = label.replace(row["name"].rstrip("街道镇乡"), "")
    for code in villages:
        if tree[code]["name"].removesuffix("社区").removesuffix("村") in label:
            return code
    turn[township] = turn.get(township, -1) + 1
    return villages[turn[township] % len(villages)]


def county_rows():
    for name, first, last in COUNTY_RANGES:
        yield COUNTY, "chief", f"县级河长 · {name}", "county", first, last, "both", SINCE, "", phone(1)


def write(name, columns, rows):
    with (PACKAGE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.split(","))
        writer.writerows(rows)


def main():
    tree, network = regions(), reaches()
    write("parties.csv", "id,name,kind,level,region,parent,phone", parties(tree))
    write(
        "responsibilities.csv",
        "unit,post,holder,level,reach_from,reach_to,bank,from,to,phone",
        [*county_rows(), *township_rows(network, tree), *village_rows(network, tree)],
    )


if __name__ == "__main__":
    main()
