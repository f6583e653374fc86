"""The files of the demonstration county, read once for the tests."""

from shapely.geometry import LineString, shape

from riverchief.example import chengkou

OUTLINE = shape(chengkou.features_of("county.geojson")[0]["geometry"])
REACHES = {feature["properties"]["id"]: feature["properties"] for feature in chengkou.features_of("network.geojson")}
LINES = {
    feature["properties"]["id"]: LineString(feature["geometry"]["coordinates"])
    for feature in chengkou.features_of("network.geojson")
}
REGIONS = {row["code"]: row for row in chengkou.rows_of("regions.csv")}
PLACES = {row["id"]: row for row in chengkou.rows_of("places.csv")}
PARTIES = {row["id"]: row for row in chengkou.rows_of("parties.csv")}
RESPONSIBILITIES = chengkou.rows_of("responsibilities.csv")
TOWNSHIPS = {code for code, row in REGIONS.items() if row["level"] == "township"}


def region_of(reach: str, bank: str) -> str:
    """The township of a bank: its own where the river is a boundary, else that of the reach."""
    facts = REACHES[reach]
    return facts.get(f"{bank}_region") or facts["region"]


def path_down(reach: str) -> list[str]:
    """The reach and all reaches that its water passes, to the border."""
    path = [reach]
    while REACHES[path[-1]]["down"]:
        path.append(REACHES[path[-1]]["down"])
        assert len(path) <= len(REACHES), f"{reach} flows in a circle"
    return path


def covered(row: dict[str, str]) -> list[str]:
    """The reaches of a responsibility: from its first downstream to its last."""
    path = path_down(row["reach_from"])
    return path[: path.index(row["reach_to"] or row["reach_from"]) + 1]
