"""Every table of the law is walked: clause, edition, dates, verification, units, and limits that never turn back."""

import csv
import datetime as dt
import itertools
from importlib import resources

import pytest

from riverchief.parameter import find_parameter
from riverchief.standard.verification import levels
from riverchief.units import find_unit

ROOT = resources.files("riverchief.standard")
# Words and bookkeeping of ours; everything else is the law and must say where it stands.
OURS = {
    "classes.csv", "reasons.csv", "remarks.csv", "verification.csv", "air/editions.csv", "air/reports.csv",
    "surface_water/water_signs.csv", "month_report/words.csv",
}  # fmt: skip


def walk(folder, prefix=""):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".csv"):
            yield f"{prefix}{entry.name}", entry


TABLES = dict(sorted(walk(ROOT)))
LAW = [name for name in TABLES if name not in OURS]


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(TABLES[name].read_text(encoding="utf-8").splitlines()))


def test_all_tables_of_the_law_are_there():
    assert len(LAW) >= 28
    assert set(TABLES) >= OURS


@pytest.mark.parametrize("name", LAW)
def test_every_row_says_where_it_stands_since_when_and_how_well_it_was_checked(name: str):
    for row in rows(name):
        assert row["clause"] and row["edition"], row
        assert row["verification"] in levels(), row
        start = dt.date.fromisoformat(row["valid_from"])
        assert not row["valid_to"] or dt.date.fromisoformat(row["valid_to"]) > start, row


@pytest.mark.parametrize("name", [name for name in LAW if "unit" in rows(name)[0]])
def test_every_unit_is_known(name: str):
    for row in rows(name):
        assert find_unit(row["unit"]).symbol == row["unit"], row


@pytest.mark.parametrize("name", [n for n in LAW if {"parameter", "pollutant"} & set(rows(n)[0])])
def test_every_item_is_a_known_parameter_in_its_own_unit(name: str):
    for row in rows(name):
        code = row.get("parameter") or row["pollutant"]
        parameter = find_parameter(code)
        assert parameter.code == code
        if row.get("unit"):
            assert find_unit(row["unit"]).dimension == find_unit(parameter.unit).dimension, row


@pytest.mark.parametrize("name", LAW)
def test_no_row_is_there_twice(name: str):
    seen = [tuple(row.values()) for row in rows(name)]
    assert len(seen) == len(set(seen))


def test_worse_classes_never_have_stricter_limits():
    for row in rows("surface_water/limits.csv"):
        if row["direction"] not in ("max", "min"):
            continue
        limits = [float(row[c]) for c in ("I", "II", "III", "IV", "V")]
        assert limits == sorted(limits, reverse=row["direction"] == "min"), row


def test_21_items_decide_the_class_of_rivers_and_of_lakes():
    for water in ("river", "lake"):
        deciding = [r for r in rows("surface_water/limits.csv") if r["use"] == "class" and r["water"] in ("any", water)]
        assert len(deciding) == 21
    assert len(rows("surface_water/limits.csv")) == 25
    drinking = rows("surface_water/drinking_limits.csv")
    assert [sum(row["table"] == table for row in drinking) for table in ("2", "3")] == [5, 80]


def test_breakpoints_rise():
    for row in rows("air/breakpoints.csv"):
        points = [float(row[f"iaqi_{n}"]) for n in (0, 50, 100, 150, 200, 300, 400, 500) if row[f"iaqi_{n}"]]
        assert points == sorted(set(points)), row


def test_the_first_class_of_air_is_never_laxer_than_the_second():
    for row in rows("air/limits.csv"):
        assert float(row["class1"]) <= float(row["class2"]), row


def test_better_grades_of_discharge_are_never_laxer():
    for row in rows("sewage/limits.csv"):
        cells = [row[f"grade_{grade}"] for grade in ("1A", "1B", "2", "3")]
        numbers = [float(cell) for cell in cells if cell and cell != "nd" and "-" not in cell]
        assert numbers == sorted(numbers), row


def test_weights_add_up():
    for scheme in ("ei", "eqi"):
        weights = [float(row["weight"]) for row in rows("ecology/indices.csv") if row["scheme"] == scheme]
        assert sum(weights) == pytest.approx(1.0)
    health = rows("ecology/river_health.csv")
    for kind in ("river", "lake"):
        layers = {row["layer"]: float(row["layer_weight"]) for row in health if row["kind"] == kind}
        assert sum(layers.values()) == pytest.approx(1.0)


def test_editions_of_one_family_follow_one_another():
    families: dict[str, list[dict[str, str]]] = {}
    for row in rows("air/editions.csv"):
        families.setdefault(row["family"], []).append(row)
    for family in families.values():
        for before, after in itertools.pairwise(family):
            ends, starts = dt.date.fromisoformat(before["valid_to"]), dt.date.fromisoformat(after["valid_from"])
            assert ends + dt.timedelta(days=1) == starts


def test_reasons_and_levels_speak_both_languages():
    for name in ("reasons.csv", "verification.csv"):
        assert all(row["zh"] and row["en"] for row in rows(name))
