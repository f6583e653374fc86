"""The guide to importing lists exactly the columns that the importers know and that the demonstration county has."""

import csv
import re
from pathlib import Path

import pytest

from riverchief.example import chengkou

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guide/import.md").read_text(encoding="utf-8")
SERVER = ROOT / "src/riverchief_server"
#: File of the demonstration, and the sheet of the importer that takes it.
SHEETS = {
    "regions.csv": ("places", "regions"),
    "network.geojson": ("places", "network"),
    "places.csv": ("places", "places"),
    "parties.csv": ("parties", "parties"),
    "responsibilities.csv": ("parties", "responsibilities"),
}


def guide_rows(name: str) -> dict[str, list[str]]:
    """The rows of the table under the heading ``name``: column to the cells after it."""
    table = GUIDE.split(f"## {name}\n")[1].split("\n## ")[0]
    rows = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("`"):
            for column in re.findall(r"`(\w+)`", cells[0]):
                rows[column] = cells[1:]
    return rows


def importer_rows(name: str) -> dict[str, dict[str, str]]:
    room, sheet = SHEETS[name]
    with (SERVER / room / "columns.csv").open(encoding="utf-8") as file:
        return {row["column"]: row for row in csv.DictReader(file) if row["sheet"] == sheet}


def demonstration_columns(name: str) -> list[str]:
    if name.endswith(".geojson"):
        return list(chengkou.features_of(name)[0]["properties"])
    return list(chengkou.rows_of(name)[0])


@pytest.mark.parametrize("name", SHEETS)
def test_the_demonstration_has_the_columns_of_the_guide(name: str):
    assert set(demonstration_columns(name)) <= set(guide_rows(name))


@pytest.mark.parametrize("name", SHEETS)
def test_the_importer_takes_the_columns_of_the_guide(name: str):
    ignored = {"note"} if name.endswith(".geojson") else set()
    assert set(guide_rows(name)) - ignored == set(importer_rows(name))


@pytest.mark.parametrize("name", SHEETS)
def test_what_must_be_there_is_said_to_be_needed(name: str):
    said = {column for column, cells in guide_rows(name).items() if cells[0] == "yes"}
    assert said == {column for column, row in importer_rows(name).items() if row["must"] == "yes"}


@pytest.mark.parametrize("name", SHEETS)
def test_every_choice_of_the_importer_stands_in_the_guide(name: str):
    for column, row in importer_rows(name).items():
        if row["kind"] == "choice":
            words = set(re.findall(r"`([^`]+)`", " ".join(guide_rows(name)[column])))
            assert set(row["allowed"].split("|")) <= words, column
