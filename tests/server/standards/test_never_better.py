"""Nothing that is done to a sample makes its verdict better: no worse value, no value left out, no sign before it.

Nor does silence about the kind of water. One family of samples through three doors: library, command, server.
"""

import csv
import json
import random
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from riverchief.errors import BadInput
from riverchief.observation.reading import Censored, Reading
from riverchief.parameter import find_parameter
from riverchief.standard import grade_sample, rank_of
from riverchief.standard.censored import with_operator
from riverchief.standard.surface_water.limits import limits_for
from riverchief_server.cli import main
from riverchief_server.observations.actions import keep_readings
from riverchief_server.places.models import Place
from riverchief_server.standards.actions import judge_section
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import verdict_of
from tests.server.conftest import NOW

ITEMS = ("PH", "DO", "CODMN", "COD", "NH3N", "TP", "HG", "F")
CLEAN = {"PH": 7.5, "DO": 9.0, "CODMN": 1.0, "COD": 10.0, "NH3N": 0.1, "TP": 0.01, "HG": 0.00002, "F": 0.5}
TARGET = "II"


class Cell(NamedTuple):
    """A value as it is reported: a number with a sign, or (``value`` None) nothing where something was due."""

    value: float | None
    sign: str = ""


class Variant(NamedTuple):
    """A sample, and the one (by its number) that it must not be better than."""

    cells: dict[str, Cell]
    origin: int
    what: str


def family() -> list[Variant]:
    """Samples at and beside the limits, each followed by all that can be done to it."""
    chance = random.Random(11)
    found: list[Variant] = []
    for _ in range(16):
        cells = {code: Cell(value) for code, value in CLEAN.items()}
        for code in chance.sample(ITEMS, chance.choice((0, 1, 1, 2))):
            item = limits_for("river")[code]
            ends = item.low if item.direction == "min" else item.high
            cells[code] = Cell(chance.choice(ends) * chance.choice((0.5, 0.99, 1.0, 1.01, 1.6)))
        origin = len(found)
        found.append(Variant(cells, origin, "itself"))
        for code in ITEMS:
            value = cells[code].value or 0.0
            worse = {"PH": 9.5, "DO": value * 0.6}.get(code, value * 1.7)
            for cell, what in (
                (Cell(worse), "worse"),
                (Cell(None), "left out"),
                (Cell(value, "<"), "<"),
                (Cell(value, ">"), ">"),
            ):
                found.append(Variant({**cells, code: cell}, origin, f"{code} {what}"))
    return found


Answer = tuple[int, int]
"""The rank of the class (0: none) and of what is known at best."""


def by_the_library(variants: list[Variant]) -> list[Answer]:
    answers = []
    for variant in variants:
        values = {
            code: with_operator(cell.sign, cell.value) if cell.sign and cell.value is not None else cell.value
            for code, cell in variant.cells.items()
        }
        judged = grade_sample(values, target=TARGET)
        answers.append((rank_of(judged.water_class), rank_of(judged.at_best)))
    return answers


def by_the_command(variants: list[Variant], folder, capsys) -> list[Answer]:
    sheet = folder / "sheet.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["断面", *(f"{code}(mg/L)" if code == "HG" else code for code in ITEMS)])
        for variant in variants:
            shown = {code: "" if c.value is None else f"{c.sign}{c.value!r}" for code, c in variant.cells.items()}
            out.writerow(["水寨子", *(shown[code] for code in ITEMS)])
    assert main(["grade", str(sheet), "--target", TARGET, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    return [(rank_of(row["class"]), rank_of(row["at_best"])) for row in rows]


def by_the_server(variants: list[Variant]) -> list[Answer]:
    begin = NOW - timedelta(hours=len(variants))
    times = [begin + timedelta(hours=n) for n in range(len(variants))]
    for at, variant in zip(times, variants, strict=True):
        keep_readings([reading(code, at, cell) for code, cell in variant.cells.items()], NOW)
    section = Place.objects.get(code="S1")
    assert section.class_target == TARGET
    judge_section(section, NOW)
    rows = Judgement.objects.filter(period="sample", is_current=True).order_by("at")
    verdicts = [verdict_of(row) for row in rows]
    assert [row.at for row in rows] == times
    return [(rank_of(one.water_class), rank_of(one.at_best)) for one in verdicts]


def reading(code: str, at: datetime, cell: Cell) -> Reading:
    bound = Censored(cell.sign, cell.value) if cell.sign else None
    value = None if cell.sign else cell.value
    return Reading("M1", code, at, value, find_parameter(code).unit, censored=bound, source="测试")


def meets_target(answer: Answer) -> bool:
    return 0 < answer[0] <= rank_of(TARGET)


@pytest.mark.usefixtures("county")
def test_nothing_done_to_a_sample_makes_it_better_and_three_doors_give_one_answer(tmp_path, capsys):
    variants = family()
    library = by_the_library(variants)
    assert by_the_command(variants, tmp_path, capsys) == library
    assert by_the_server(variants) == library
    for variant, answer in zip(variants, library, strict=True):
        before = library[variant.origin]
        better = 0 < answer[0] < before[0]
        passes = meets_target(answer) and not meets_target(before)
        assert not better and not passes, (variant.what, variants[variant.origin].cells, before, answer)


def test_the_family_has_verdicts_of_every_kind():
    classes = {answer[0] for answer in by_the_library(family())}
    assert classes >= {0, 1, 2, 3, 4, 6}


LAKES = [
    ("三合水库", ""),
    ("湖心", ""),
    ("坝前", ""),
    ("取水口", ""),
    ("THL01", "透明度(m)"),
    ("THL01", "叶绿素a(mg/L)"),
]


@pytest.mark.parametrize(("name", "column"), LAKES)
def test_silence_about_the_kind_of_water_never_makes_a_lake_better(name: str, column: str, tmp_path, capsys):
    # total phosphorus 0.06: class IV in a lake (0.05 < 0.06 <= 0.1), class II in a river
    head = ["断面", "水体类型", "pH", "溶解氧", "氨氮", "总磷", *filter(None, [column])]
    declared, hidden = tmp_path / "declared.csv", tmp_path / "hidden.csv"
    for path, kind in ((declared, "湖库"), (hidden, "")):
        cells = [name, kind, "8", "9", "0.1", "0.06", *(["0.5"] if column else [])]
        path.write_text(f"{','.join(head)}\n{','.join(cells)}\n", encoding="utf-8")
    assert main(["grade", str(declared), "--format", "csv"]) == 0
    assert ",IV,TP," in capsys.readouterr().out
    assert main(["grade", str(hidden), "--format", "csv"]) == 2
    assert capsys.readouterr().out == ""
    if column:
        with pytest.raises(BadInput):
            grade_sample({"PH": 8, "DO": 9, "NH3N": 0.1, "TP": 0.06, column.partition("(")[0]: 0.5})
