"""The published rows of April 2021 come in as they were published, through the command's own door."""

import csv
from datetime import UTC, datetime

import pytest

from riverchief.example import chengkou
from riverchief.standard import read_class
from riverchief_server.cli.importing import import_files
from riverchief_server.observations import store
from riverchief_server.observations.actions import FileOptions
from riverchief_server.standards.models import Judgement
from tests.server.conftest import NOW
from tests.shared_data import shared

ROWS = "data/chengkou_stations/rows.csv"
PLACES = (
    ("places", "regions.csv"),
    ("network", "network.geojson"),
    ("places", "places.csv"),
)


@pytest.fixture
def _chengkou(db: None) -> None:
    for kind, name in PLACES:
        import_files(kind, [(name, chengkou.path_of(name).read_bytes())], NOW)


@pytest.mark.usefixtures("_chengkou")
class TestTheRealRows:
    def test_they_give_the_right_number_of_distinct_readings(self):
        # 56 rows, 6 of them repeats; 11 columns of values, 2 of them never measured (*), and 12 cells of -- (no value)
        raw = shared(ROWS).read_bytes()
        lines = import_files("readings", [("rows.csv", raw)], NOW, options=FileOptions(year=2021))
        distinct = {tuple(row.items()) for row in csv.DictReader(raw.decode().splitlines())}
        values = sum(cell not in {"*", "--", ""} for row in distinct for name, cell in row if "(" in name)
        assert len(distinct) == 50
        assert (values, store.count()) == (438, 450)
        assert lines[0].startswith("rows.csv: 56 rows, 438 distinct readings and 12 sent without a value")

    def test_each_graded_row_has_its_published_class(self):
        raw = shared(ROWS).read_bytes()
        import_files("readings", [("rows.csv", raw)], NOW, options=FileOptions(year=2021))
        judged = {(row.place.name, row.at): row.water_class for row in Judgement.objects.select_related("place")}
        rows = list(csv.DictReader(raw.decode().splitlines()))
        for row in rows:
            local = datetime.strptime(f"2021-{row['监测时间']}+0800", "%Y-%m-%d %H:%M%z")
            published = "" if row["水质类别"] == "*" else read_class(row["水质类别"])
            assert judged[(row["断面名称"], local.astimezone(UTC))] == published, row
