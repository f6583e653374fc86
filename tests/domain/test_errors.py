"""Every fault says who, what and what is allowed, in both languages."""

import re

import pytest

from riverchief.errors import BadInput, Fault
from riverchief.table import read_table

ROWS = read_table("riverchief.errors", "faults.csv")


def test_all_faults_of_a_file_are_told_at_once():
    refused = BadInput([Fault("bad_number", "a.csv", 3, "氨氮", {"given": "x"}), Fault("duplicate", "a.csv", 5)])
    assert refused.text("zh").splitlines()[0].startswith("a.csv:3:氨氮: “x”不是数")
    assert len(refused.text("en").splitlines()) == 2


def test_a_fault_without_a_row_cannot_be_made():
    with pytest.raises(ValueError, match="no row 'nonsense'"):
        Fault("nonsense")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["kind"])
def test_both_languages_use_the_same_details(row: dict[str, str]):
    def details(text: str) -> set[str]:
        return {name.removesuffix("_en") for name in re.findall(r"\{(\w+)", text)}

    assert row["zh"] and row["en"]
    assert details(row["zh"]) == details(row["en"])


def test_a_fault_moves_to_the_place_that_knows_more_and_keeps_what_it_knew():
    fault = Fault("bad_number", column="氨氮", details={"given": "x", "allowed": "0.25"})
    placed = fault.at("month.xlsx", 7, sheet="四月")
    assert (placed.place, placed.details) == ("month.xlsx[四月]:7:氨氮", fault.details)
    assert placed.at(line=8).place == "month.xlsx[四月]:8:氨氮"
