"""The 56 published rows of April 2021, in the project's own form, judged as they were published."""

import csv
from collections import Counter
from datetime import UTC, datetime

import pytest

from riverchief.example import chengkou
from riverchief.observation.reading import Reading
from riverchief.parameter import all_parameters
from riverchief.standard.surface_water import grade_sample
from riverchief.standard.surface_water.published import reconcile
from riverchief.telemetry.csv import read_readings
from tests.shared_data import shared

READ = read_readings(chengkou.path_of("readings_2021.csv"))
ROMAN = {"Ⅱ": "II", "Ⅲ": "III", "*": ""}


def sample(station: str, hour: datetime) -> list[Reading]:
    return [reading for reading in READ.readings if reading.station == station and reading.time == hour]


def test_fifty_distinct_samples_of_nine_parameters():
    """56 published rows, of which six are printed twice: 50 samples of 9 measured parameters."""
    assert READ.refusals == () and READ.repeats == 0
    assert len({(reading.station, reading.time) for reading in READ.readings}) == 50
    assert len(READ.readings) == 450
    assert Counter(reading.station for reading in READ.readings) == {"土堡寨": 225, "水寨子": 225}


def test_a_row_by_hand():
    """土堡寨, 04-04 20:00 in China: TP 0.135, turbidity 688.4."""
    values = {reading.parameter: reading.value for reading in sample("土堡寨", datetime(2021, 4, 4, 12, tzinfo=UTC))}
    assert values == {
        "WT": 14.0,
        "PH": 8.42,
        "DO": 10.14,
        "EC": 283.5,
        "TURB": 688.4,
        "CODMN": 2.17,
        "NH3N": 0.025,
        "TP": 0.135,
        "TN": 1.18,
    }


def test_maintenance_keeps_its_values_and_its_flag():
    found = sample("水寨子", datetime(2021, 4, 3, 20, tzinfo=UTC))
    assert {reading.flag for reading in found} == {"maintenance", "missing"}
    [lost] = [reading for reading in found if reading.flag == "missing"]
    assert lost.parameter == "CODMN" and lost.value is None


def test_every_reading_names_the_centre():
    assert {reading.source for reading in READ.readings} == {"中国环境监测总站"}


def test_they_are_the_published_facts():
    published = read_readings(shared("data/chengkou_stations/rows.csv"), year=2021, source_name="中国环境监测总站")
    assert READ.readings == published.readings


def test_each_sample_is_judged_as_it_was_published():
    """Two samples print TP exactly at the limit; the publisher graded the unrounded value (see ``published``)."""
    rows = chengkou.rows_of("classes_2021.csv")
    assert Counter(row["class"] for row in rows) == {"II": 39, "III": 2, "": 9}
    decimals = {known.code: known.decimals for known in all_parameters()}
    for row in rows:
        found = sample(row["station"], datetime.fromisoformat(row["time"]))
        state = "maintenance" if "maintenance" in {reading.flag for reading in found} else None
        judged = grade_sample({reading.parameter: reading.value for reading in found}, state=state)
        assert (reconcile(judged, row["class"] or None, decimals).water_class or "") == row["class"], row


def test_the_published_classes_are_the_published_ones():
    with shared("data/chengkou_stations/rows.csv").open(encoding="utf-8") as file:
        printed = {(row["断面名称"], row["监测时间"]): ROMAN[row["水质类别"]] for row in csv.DictReader(file)}
    ours = {
        (row["station"], datetime.fromisoformat(row["time"]).strftime("%m-%d %H:%M")): row["class"]
        for row in chengkou.rows_of("classes_2021.csv")
    }
    assert ours == printed


@pytest.mark.parametrize("name", ["水寨子", "土堡寨"])
def test_they_belong_to_a_known_section(name: str):
    assert name in {row["name"] for row in chengkou.rows_of("places.csv") if row["kind"] == "section"}
