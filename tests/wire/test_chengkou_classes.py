"""The two national stations of Chengkou, 1-5 April 2021, as the national centre printed them: class for class."""

import csv

from riverchief.standard import CLASSES, grade_sample
from riverchief.standard.surface_water.published import reconcile
from tests.shared_data import shared

COLUMNS = {
    "水温(℃)": "WT",
    "pH(无量纲)": "PH",
    "溶解氧(mg/L)": "DO",
    "电导率(μS/cm)": "EC",
    "浊度(NTU)": "TURB",
    "高锰酸盐指数(mg/L)": "CODMN",
    "氨氮(mg/L)": "NH3N",
    "总磷(mg/L)": "TP",
    "总氮(mg/L)": "TN",
}


def judged_rows():
    with shared("data/chengkou_stations/rows.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cells = {code: row[name] for name, code in COLUMNS.items() if row[name] != "*"}
            values = {code: None if cell == "--" else float(cell) for code, cell in cells.items()}
            decimals = {code: len(cell.partition(".")[2]) for code, cell in cells.items()}
            state = "maintenance" if row["站点情况"] == "维护" else None
            printed = next((c.code for c in CLASSES.values() if c.numeral == row["水质类别"]), None)
            yield printed, grade_sample(values, state=state), decimals


def test_56_rows_class_for_class():
    rows = list(judged_rows())
    assert len(rows) == 56
    assert [reconcile(judged, printed, decimals).water_class for printed, judged, decimals in rows] == [
        printed for printed, _, _ in rows
    ]


def test_only_two_rows_need_the_printed_class_and_both_print_phosphorus_at_the_limit():
    # TP printed 0.020 on 1 April 12:00 and 16:00 (one measurement, repeated): class I as printed, class II unrounded.
    differing = [judged for printed, judged, _ in judged_rows() if printed != judged.water_class]
    assert [e.value for judged in differing for e in judged.evidence if e.item == "TP"] == [0.02, 0.02]


def test_turbidity_of_616_leaves_the_class_at_II():
    muddy = [judged for _, judged, _ in judged_rows() if any((x.value or 0) > 616 for x in judged.excluded)]
    assert muddy and all("TURB" in {x.item for x in judged.excluded} for judged in muddy)
