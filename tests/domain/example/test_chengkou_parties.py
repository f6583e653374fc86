"""Somebody answers for every bank of every reach at each level that applies."""

import itertools
from datetime import date

import pytest

from tests.domain.example.chengkou_files import (
    PARTIES,
    REACHES,
    REGIONS,
    RESPONSIBILITIES,
    TOWNSHIPS,
    covered,
    region_of,
)

LEVELS = {
    "county": ("county", "township", "village"),
    "township": ("township", "village"),
    "village": ("village",),
}
CHIEFS = [row for row in RESPONSIBILITIES if row["post"] == "chief"]


def banks(row: dict[str, str]) -> tuple[str, ...]:
    return ("left", "right") if row["bank"] == "both" else (row["bank"],)


def answering(reach: str, bank: str, level: str, on: date) -> list[str]:
    day = on.isoformat()
    return [
        row["holder"]
        for row in CHIEFS
        if row["level"] == level
        and bank in banks(row)
        and reach in covered(row)
        and row["from"] <= day
        and (not row["to"] or day <= row["to"])
    ]


@pytest.mark.parametrize("on", [date(2021, 4, 1), date(2024, 6, 30), date(2024, 7, 1), date(2026, 6, 1)], ids=str)
def test_every_bank_has_exactly_one_chief_at_each_level_that_applies(on: date):
    for reach, bank in itertools.product(REACHES, ("left", "right")):
        for level in LEVELS[REACHES[reach]["level"]]:
            assert len(answering(reach, bank, level, on)) == 1, (reach, bank, level)


def test_a_chief_belongs_to_the_region_of_the_bank():
    for row in CHIEFS:
        for reach, bank in itertools.product(covered(row), banks(row)):
            unit = REGIONS[PARTIES[row["unit"]]["region"]]
            township = region_of(reach, bank)
            home = {"county": unit["code"], "township": township, "village": township}[row["level"]]
            assert (unit["parent"] if row["level"] == "village" else unit["code"]) == home, row


def test_a_river_that_is_a_boundary_has_different_townships_on_its_banks():
    on = date(2026, 6, 1)
    assert answering("RH-20", "left", "township", on) == ["河长 · 坪坝镇"]
    assert answering("RH-20", "right", "township", on) == ["河长 · 巴山镇"]


def test_one_post_changed_hands_on_a_day():
    assert answering("RH-07", "left", "township", date(2024, 6, 30)) == ["河长 · 高观镇（前任）"]
    assert answering("RH-07", "left", "township", date(2024, 7, 1)) == ["河长 · 高观镇"]


def test_units_are_those_of_the_real_tree():
    assert {row["region"] for row in PARTIES.values() if row["kind"] == "township"} == TOWNSHIPS
    assert sum(row["kind"] == "village" for row in PARTIES.values()) == 204
    assert sum(row["kind"] == "department" for row in PARTIES.values()) >= 3
    assert PARTIES["office"]["name"] == "城口县河长办公室"
    assert PARTIES["500229205205"]["name"] == "左岸村村民委员会"
    for row in PARTIES.values():
        assert row["region"] in REGIONS and (row["parent"] in PARTIES or row["kind"] == "government")


def test_holders_are_roles_and_telephones_are_invented():
    for row in RESPONSIBILITIES:
        assert row["holder"].split(" · ")[0] in {"县级河长", "河长", "巡河员"}
        assert row["phone"].startswith("023-0000"), "no exchange begins with 0"


def test_a_village_chief_answers_for_the_brook_that_bears_its_name():
    assert answering("MS-01", "left", "village", date(2026, 6, 1)) == ["河长 · 密水村"]


def test_the_responsibilities_are_what_the_tool_writes():
    from tools.chengkou import answer

    tree, network = answer.regions(), answer.reaches()
    rows = [*answer.county_rows(), *answer.township_rows(network, tree), *answer.village_rows(network, tree)]
    assert [list(row.values()) for row in RESPONSIBILITIES] == [list(row) for row in rows]
