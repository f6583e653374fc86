"""What anybody ever wrote into a sheet, as a table, and what every door must make of it.

``spellings.csv`` holds cells, headings, times, states and rows as they were met (``seen`` names the data set), each
with what it says: a value in the canonical unit with its sign, a kind of nothing (``not_measured``, ``missing``,
``empty``), or the fault that refuses it. A new spelling is a new row. :class:`EveryDoor` is run over the library beside
this file, and over ``grade``, ``aqi``, ``check``, ``import readings``, the drop folder and the browser's import in
``tests/server/test_spellings.py``.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from riverchief.errors import Fault
from riverchief.sheet.times import find_zone, read_moment
from riverchief.telemetry.csv import read_readings

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
FIRST = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
CHINA = find_zone("Asia/Shanghai")
Key = tuple[datetime, str]


class Spelling(NamedTuple):
    """One row of the table."""

    what: str
    spelling: str
    value: str
    operator: str
    says: str
    seen: str


def spelled(what: str) -> list[Spelling]:
    with (HERE / "spellings.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in (Spelling(**row) for row in csv.DictReader(file)) if row.what == what]


class Told(NamedTuple):
    """What a door said of a file: values by time and item as (operator, number), and its faults as text."""

    values: dict[Key, tuple[str, float | None]]
    faults: list[str]


class File(NamedTuple):
    """A file and how it is called."""

    name: str
    content: bytes


def table(*rows: list[object]) -> File:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return File("化验.csv", out.getvalue().encode())


def workbook(sheets: list[list[list[object]]]) -> File:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        made = book.create_sheet(f"表{number}")
        for row in rows:
            made.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return File("化验.xlsx", stream.getvalue())


def at(number: int) -> datetime:
    return FIRST - timedelta(hours=number)


def local(number: int) -> str:
    return at(number).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def moment(text: str) -> datetime:
    return read_moment(text, zone=CHINA).astimezone(UTC)


def text(fault: Fault) -> str:
    return replace(fault, source=None).text("zh")


Door = Callable[[File], Told]


def is_shown(name: str, value: tuple[str, float | None]) -> bool:
    """Whether a door shows such a value at all: ``grade`` only what it judges, ``check`` no bound that nobody named."""
    operator, number = value
    return not (name == "grade" and (operator or number is None or number < 0)) and not (
        name == "check" and number is None
    )


def same(found: tuple[str, float | None], wanted: tuple[str, float | None]) -> bool:
    return found[0] == wanted[0] and (found[1] == wanted[1] or found[1] == pytest.approx(wanted[1], rel=1e-11))


def check_values(told: Told, wanted: dict[Key, tuple[str, float | None]], name: str) -> None:
    """Every value that the door shows is the one of the table, and nothing else is there."""
    assert set(told.values) <= set(wanted)
    for key, value in wanted.items():
        if is_shown(name, value):
            assert key in told.values, f"{key} is not there; faults: {told.faults[:3]}"
            assert same(told.values[key], value), (key, told.values[key], value)
        elif name == "grade" and key in told.values:
            assert told.values[key][1] == value[1], (key, told.values[key], value)  # judged at the bound itself


def sheet_of(rows: list[Spelling], heading: str = "氨氮(mg/L)", more: dict[str, object] | None = None) -> File:
    """A sheet with a row for each spelling, an hour earlier each."""
    head = ["断面", "时间", heading, *(more or {})]
    return table(head, *([["W1", local(n), row.spelling, *(more or {}).values()] for n, row in enumerate(rows)]))


class EveryDoor:
    """What holds at every door; a subclass gives the fixtures ``door`` and ``door_name``."""

    def test_cells_say_the_same_at_every_door(self, door: Door, door_name: str):
        rows = [row for row in spelled("cell") if not row.says]
        wanted = {
            (at(n), "NH3N"): (row.operator, float(row.value) if row.value else None) for n, row in enumerate(rows)
        }
        check_values(door(sheet_of(rows)), wanted, door_name)

    def test_nothing_is_nothing_at_every_door(self, door: Door):
        rows = [row for row in spelled("cell") if row.says in ("not_measured", "missing", "empty")]
        told = door(sheet_of(rows, more={"总磷": 0.1}))
        assert {value for (_, code), value in told.values.items() if code == "NH3N"} <= {("", None)}
        assert len([code for _, code in told.values if code == "TP"]) == len(rows)

    def test_bad_cells_are_refused_in_the_same_words_at_every_door(self, door: Door):
        rows = [row for row in spelled("cell") if row.says in ("bad_number", "unit_mismatch", "mixed_units")]
        file = sheet_of(rows)
        wanted = read_readings(file.content, timezone="Asia/Shanghai").refusals
        assert [(one.line, one.kind) for one in wanted] == [(n, row.says) for n, row in enumerate(rows, start=2)]
        told = door(file)
        for refusal in wanted:
            assert any(said.endswith(text(refusal.fault)) for said in told.faults), (
                text(refusal.fault),
                told.faults[:3],
            )

    def test_headings_mean_the_same_at_every_door(self, door: Door, door_name: str):
        rows = [row for row in spelled("heading") if not row.says]
        file = workbook([[["断面", "时间", row.spelling], ["W1", local(n), 1.5]] for n, row in enumerate(rows)])
        wanted = {(at(n), row.value.split()[1]): ("", float(row.value.split()[0])) for n, row in enumerate(rows)}
        told = door(file)
        if door_name == "grade":
            wanted = {key: value for key, value in wanted.items() if key in told.values}
            assert len(wanted) >= 40
        check_values(told, wanted, door_name)

    def test_headings_that_are_refused_stop_every_door_with_the_same_words(self, door: Door):
        rows = [row for row in spelled("heading") if row.says and row.says != "left_out"]
        file = workbook(
            [[["断面", "时间", row.spelling, "pH"], ["W1", local(n), 1.5, 7]] for n, row in enumerate(rows)]
        )
        wanted = read_readings(file.content, timezone="Asia/Shanghai").refusals
        assert [(one.fault.sheet, one.kind) for one in wanted] == [
            (f"表{n}", row.says) for n, row in enumerate(rows, 1)
        ]
        told = door(file)
        for refusal in wanted:
            assert any(said.endswith(text(refusal.fault)) for said in told.faults), (
                text(refusal.fault),
                told.faults[:3],
            )

    def test_what_nobody_knows_is_left_out_and_stops_no_door(self, door: Door):
        rows = [row for row in spelled("heading") if row.says == "left_out"]
        told = door(
            table(
                ["断面", "时间", "氨氮(mg/L)", *(row.spelling for row in rows)],
                ["W1", local(0), 0.5, *[1.5] * len(rows)],
            )
        )
        assert told.values == {(at(0), "NH3N"): ("", 0.5)}

    @pytest.mark.parametrize("what", ["station", "time heading"])
    def test_columns_are_found_by_any_of_their_names_at_every_door(self, door: Door, what: str):
        rows = spelled(what)
        place, time = ("断面", "{}") if what != "station" else ("{}", "时间")
        heads = [[place.format(row.spelling), time.format(row.spelling), "氨氮(mg/L)"] for row in rows]
        file = workbook([[head, ["W1", local(n), 0.5]] for n, head in enumerate(heads)])
        assert set(door(file).values) == {(at(n), "NH3N") for n in range(len(rows))}

    def test_one_moment_in_every_spelling_is_one_moment_at_every_door(self, door: Door):
        rows = [row for row in spelled("time") if not row.says]
        file = table(["断面", "时间", "氨氮(mg/L)"], *([["W1", row.spelling, 0.5] for row in rows]))
        assert set(door(file).values) == {(datetime.fromisoformat(rows[0].value), "NH3N")}

    def test_what_is_no_time_and_what_lies_ahead_is_refused_in_the_same_words_at_every_door(self, door: Door):
        rows = [row for row in spelled("time") if row.says]
        file = table(["断面", "时间", "氨氮(mg/L)"], *([["W1", row.spelling, 0.5] for row in rows]))
        wanted = read_readings(file.content, timezone="Asia/Shanghai", now=NOW).refusals
        assert [(one.line, one.kind) for one in wanted] == [(n, row.says) for n, row in enumerate(rows, start=2)]
        told = door(file)
        for refusal in wanted:
            assert any(said.endswith(text(refusal.fault)) for said in told.faults), (
                text(refusal.fault),
                told.faults[:3],
            )

    def test_states_are_known_at_every_door(self, door: Door):
        rows = spelled("state")
        head = ["断面", "时间", "状态", "氨氮(mg/L)"]
        told = door(table(head, *([["W1", local(n), row.spelling, 0.5] for n, row in enumerate(rows)])))
        assert len([said for said in told.faults if "不认识的标记或状态" in said]) == 1
        assert any("不认识的标记或状态“睡觉”" in said for said in told.faults)

    def test_means_totals_limits_and_notes_are_no_sections_at_any_door(self, door: Door):
        labels = [[row.spelling, "", "" if "：" in row.spelling else 9.9] for row in spelled("row")]
        told = door(table(["断面", "时间", "氨氮(mg/L)"], ["W1", local(0), 0.5], *labels, ["W1", local(1), 0.6]))
        assert told.values == {(at(0), "NH3N"): ("", 0.5), (at(1), "NH3N"): ("", 0.6)}
        assert not [said for said in told.faults if "不是时间" in said]
