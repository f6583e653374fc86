"""Whatever anybody ever wrote into a sheet, the library reads it the same way for samples and for readings."""

import csv

import pytest

from riverchief.errors import BadInput
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.telemetry.csv import read_readings
from tests.family.spellings import HERE, NOW, Door, EveryDoor, File, Key, Told, moment, text


def through_readings(file: File) -> Told:
    try:
        read = read_readings(file.content, timezone="Asia/Shanghai", now=NOW)
    except BadInput as refused:
        return Told({}, [text(fault) for fault in refused.faults])
    values = {
        (one.time, one.parameter): (one.censored.operator, one.censored.limit) if one.censored else ("", one.value)
        for one in read.readings
    }
    return Told(values, [text(refusal.fault) for refusal in read.refusals])


def through_samples(file: File) -> Told:
    try:
        samples = read_samples(read_grid(file.content, file.name), now=NOW)
    except BadInput as refused:
        return Told({}, [text(fault) for fault in refused.faults])
    values: dict[Key, tuple[str, float | None]] = {}
    for code, column in samples.columns.items():
        for n, time in enumerate(samples.times):
            number = float(column.values[n])
            operator = ("", "<", ">")[int(column.censor[n])]
            if column.state[n] != 1:  # something was said, if only that there is no value
                values[moment(time), code] = (operator, None if number != number else number)
    return Told(values, [])


@pytest.fixture(params=["readings", "samples"])
def door_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def door(door_name: str) -> Door:
    return {"readings": through_readings, "samples": through_samples}[door_name]


class TestLibrary(EveryDoor):
    pass


def test_every_spelling_stands_once_and_says_one_thing():
    with (HERE / "spellings.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["what"], row["spelling"]) for row in csv.DictReader(file)]
    assert len(rows) == len(set(rows)) >= 280
