"""Every figure of the law once more, so that a limit that is changed by one stroke is seen.

``tests/family/law`` holds a second copy of each table: what decides, without words. Where another hand has typed the
standard beside the checkout, the copy is compared with that too, so it is a transcription and no echo. A figure is
changed in both places, by somebody who has the standard open.
"""

import csv
from importlib import resources
from pathlib import Path

import pytest

from tests.family.test_tables_of_the_law import LAW
from tests.shared_data import shared

COPIES = Path(__file__).parent / "law"
MORE = ("air/editions.csv", "air/reports.csv", "classes.csv")
Rows = list[tuple[str, ...]]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def copy(table: str) -> list[dict[str, str]]:
    return read((COPIES / table.replace("/", "_")).read_text(encoding="utf-8"))


@pytest.mark.parametrize("table", [*LAW, *MORE])
def test_every_figure_is_that_of_the_transcription(table: str):
    law = read((resources.files("riverchief.standard") / table).read_text(encoding="utf-8"))
    transcribed = copy(table)
    assert [{name: row[name] for name in transcribed[0]} for row in law] == transcribed


def columns(rows: list[dict[str, str]], *names: str) -> Rows:
    return [tuple(row[name] for name in names) for row in rows]


THEIR_WORDS = {
    "PM2.5": "PM25", "NOx": "NOX", "Pb": "PB_AIR", "BaP": "BAP_AIR", "inferior_V": ">V",
}  # fmt: skip
NO_ROWS_OF_OURS = {"grade"}  # bands have a table of their own


def other(file: str) -> list[dict[str, str]]:
    """The table ``file`` as another hand typed it, with our words for its keys."""
    rows = read(shared(f"standards/{file}").read_text(encoding="utf-8"))
    return [
        {name: THEIR_WORDS.get(value, value) for name, value in row.items()}
        for row in rows
        if row.get("kind") not in NO_ROWS_OF_OURS
    ]


# Our table and its columns, the other's and its columns, row for row in the order of the standard.
SAME = [
    (
        "surface_water/limits.csv", "unit direction I II III IV V",
        "gb3838_2002_basic.csv", "unit direction I II III IV V",
    ),
    ("surface_water/rounding.csv", "parameter hour_decimals evaluation_decimals",
     "water_rounding.csv", "code decimals_hour_value decimals_evaluation"),
    ("surface_water/basin_status.csv", "status_zh good_min_pct good_below_pct inferior_min_pct inferior_below_pct",
     "eval2011_river_basin.csv", "status_zh share_I_III_min_pct share_I_III_max_pct_excl share_inferior_V_min_pct"
     " share_inferior_V_max_pct_excl"),
    ("surface_water/change_rules.csv", "lower upper", "eval2011_change_rules.csv", "lower upper"),
    ("surface_water/spearman_critical.csv", "periods wp_0_05 wp_0_01", "spearman_critical.csv", "n wp_0_05 wp_0_01"),
    ("surface_water/tli_coefficients.csv", "parameter a b r_with_chla", "tli_coefficients.csv", "code a b r_with_chla"),
    ("surface_water/tli_grades.csv", "grade_zh lower upper", "tli_grades.csv", "grade_zh lower upper"),
    ("classes.csv", "class status_zh colour_en rank", "eval2011_section_class.csv", "class status_zh colour_en rank"),
    ("sewage/limits.csv", "unit grade_1A grade_1B grade_2 grade_3",
     "gb18918_2002.csv", "unit grade_1A grade_1B grade_2 grade_3"),
    ("air/levels.csv", "level aqi_min aqi_max category_zh", "aqi_levels.csv", "level aqi_min aqi_max category_zh"),
    ("air/annual_statistics.csv", "pollutant percentile composite_limit",
     "hj663_items.csv", "pollutant percentile limit_used_in_composite_index_2012"),
    ("erosion/tolerance.csv", "region_zh tolerance_t_km2_a", "sl190_2007_tolerance.csv", "region_zh tolerance_t_km2_a"),
    ("erosion/slope_cover.csv", "slope_5_8 slope_8_15 slope_15_25 slope_25_35 slope_over_35",
     "sl190_2007_slope_cover.csv", "slope_5_8_deg slope_8_15_deg slope_15_25_deg slope_25_35_deg slope_gt_35_deg"),
    ("ecology/river_health.csv", "kind layer layer_weight indicator",
     "river_health_2020.csv", "kind layer_zh layer_weight name_zh"),
    ("ecology/indicator_lists.csv", "list layer no", "river_indicator_lists.csv", "standard layer_zh no"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "ours", "file", "theirs"), SAME, ids=[row[0] for row in SAME])
def test_the_transcription_is_what_another_hand_typed(table: str, ours: str, file: str, theirs: str):
    rows = [row for row in copy(table) if row.get("class") != "none"]  # "not judged" is no class of the law
    assert columns(rows, *ours.split()) == columns(other(file), *theirs.split())


def test_drinking_water_is_what_another_hand_typed():
    typed = columns(other("gb3838_2002_drinking_supplement.csv"), "unit", "direction", "limit")
    typed += columns(other("gb3838_2002_drinking_specific.csv"), "unit", "direction", "limit")
    assert columns(copy("surface_water/drinking_limits.csv"), "unit", "direction", "limit") == typed


@pytest.mark.parametrize("year", ["2012", "2026"])
def test_breakpoints_are_what_another_hand_typed(year: str):
    names = ("pollutant", "period", "unit", *(f"iaqi_{n}" for n in (0, 50, 100, 150, 200, 300, 400, 500)))
    start = {"2012": "2012-02-29", "2026": "2026-03-01"}[year]
    ours = [row for row in copy("air/breakpoints.csv") if row["valid_from"] == start]
    assert columns(ours, *names) == columns(other(f"aqi_hj633_{year}.csv"), *names)


@pytest.mark.parametrize(
    ("phase", "file", "theirs"),
    [
        ("2012", "gb3095_2012.csv", ("class1", "class2")),
        ("2026", "gb3095_2026.csv", ("transition_class1", "transition_class2")),
        ("2031", "gb3095_2026.csv", ("final_class1", "final_class2")),
    ],
)
def test_limits_of_air_are_what_another_hand_typed(phase: str, file: str, theirs: tuple[str, str]):
    ours = [row for row in copy("air/limits.csv") if row["phase"] == phase]
    key = ("pollutant", "period", "unit")
    assert columns(ours, *key, "class1", "class2") == columns(other(file), *key, *theirs)
