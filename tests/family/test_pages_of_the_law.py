"""What the pages print is what the tables say."""

import re
from pathlib import Path

from riverchief.standard.surface_water.limits import LIMIT_CLASSES, table_of_limits
from riverchief.table import read_table

PAGES = Path(__file__).resolve().parents[2] / "docs" / "standards"


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_the_page_of_gb3838_prints_every_limit_of_table_1():
    page = (PAGES / "gb3838-2002.md").read_text(encoding="utf-8")
    printed = [cells(line) for line in page.splitlines() if re.match(r"\| \d+ \| [A-Z]", line)]
    table = read_table("riverchief.standard.surface_water", "limits.csv")
    assert len(printed) == len(table) == 25
    for line, row in zip(printed, table, strict=True):
        assert f"表1第{line[0]}项" == row["clause"]
        assert (line[1], line[3]) == (row["parameter"], row["unit"])
        assert line[5:10] == [row[c] or "—" for c in LIMIT_CLASSES]


def test_every_table_of_the_law_is_named_on_a_page():
    pages = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.md"))
    for name in ("limits.csv", "drinking_limits.csv", "periods.csv", "rounding.csv", "breakpoints.csv", "validity.csv"):
        assert name in pages
    assert len(table_of_limits()) == 25
