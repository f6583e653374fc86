"""What the server says: every row in both languages, with the same details, and said somewhere."""

import re
from pathlib import Path

import pytest

from riverchief.table import read_table

ROOT = Path(__file__).resolve().parents[2] / "src"
ROWS = read_table("riverchief_server.api.words", "words.csv")
PYTHON = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py"))
PAGES = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.html"))
CODE = PYTHON + PAGES
# The month is a number in Chinese and a name in English; the Chinese month needs no year beside it.
OF_ONE_LANGUAGE = {"month", "month_en", "year"}
BILINGUAL = [
    ("riverchief.case", "system_reasons.csv"),
    ("riverchief.case", "states.csv"),
    ("riverchief.case", "categories.csv"),
    ("riverchief.case", "needs.csv"),
    ("riverchief.case", "process.csv"),
    ("riverchief.party", "roles.csv"),
    ("riverchief.standard.month_report", "words.csv"),
]


def details(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text)) - OF_ONE_LANGUAGE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_both_languages_say_the_same(row: dict[str, str]):
    assert row["zh"].strip() and row["en"].strip()
    assert details(row["zh"]) == details(row["en"])


@pytest.mark.parametrize(("package", "table"), BILINGUAL)
def test_a_table_of_words_misses_neither_language(package: str, table: str):
    for row in read_table(package, table):
        assert row["zh"].strip() and row["en"].strip(), row
        assert details(row["zh"]) == details(row["en"])


def test_no_word_is_left_over_and_none_is_missing():
    keys = {row["key"] for row in ROWS}
    quoted = set(re.findall(r"""["']([a-z_]+)["']""", CODE))
    # say(f"bank_{code}") and say(f"{key}_hours") stand for every key with that beginning or that end
    begins = set(re.findall(r'f"([a-z_]+_)\{', CODE))
    ends = set(re.findall(r'f"\{\w+\}(_[a-z]+)"', CODE))
    left = {key for key in keys - quoted if not key.startswith(tuple(begins)) and not key.endswith(tuple(ends))}
    assert left == set()
    said = set(re.findall(r"""\bsay\(\s*"([a-z_]+)\"""", PYTHON)) | set(re.findall(r'say "([a-z_]+)"', PAGES))
    assert said - keys == set()
