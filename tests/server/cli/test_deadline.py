"""``riverchief deadline`` as a shell sees it, and the vectors of other people's systems."""

import csv
import io
import json
import sys

import pytest

from riverchief_server.cli import main
from tests.shared_data import shared

HEADER = "id,calendar,start,pauses,amount,unit\n"


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_every_vector_holds(capsys):
    path = shared("data/deadline_vectors/vectors.csv")
    assert main(["deadline", str(path), "--format", "csv"]) == 0
    answered = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    with path.open(encoding="utf-8") as file:
        expected = [{"id": row["id"], "due": row["expected_due"]} for row in csv.DictReader(file)]
    assert len(expected) > 50 and answered == expected


def test_it_is_a_filter_in_a_pipe(monkeypatch, capsys):
    feed(monkeypatch, HEADER + 'a,"Mon-Fri 08:00-18:00; tz none",2026-01-16T17:00:00,,4,work_hours\n')
    assert main(["deadline", "-", "--format", "csv"]) == 0
    assert capsys.readouterr().out == "id,due\na,2026-01-19T11:00:00\n"


def test_a_year_without_holidays_is_said_and_marked(monkeypatch, capsys):
    feed(monkeypatch, HEADER + "a,Mon-Fri; china,2031-09-30,,2,work_days\n")
    assert main(["deadline", "-", "--format", "json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == [{"id": "a", "due": "2031-10-02", "unknown_years": [2031]}]
    assert "2031" in said.err and "Monday to Friday" in said.err


def test_every_fault_of_the_sheet_is_named_and_nothing_is_printed(monkeypatch, capsys):
    rows = "a,Mon-Fri,yesterday,,2,work_days\nb,Never,2026-01-16,,2,fortnights\nc,Mon-Fri,2026-01-16,,1.5,work_days\n"
    feed(monkeypatch, HEADER + rows)
    assert main(["deadline", "-", "--format", "csv"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    for place in ("<stdin>:2:start", "<stdin>:3:calendar", "<stdin>:3:unit", "<stdin>:4:amount"):
        assert place in said.err


def test_a_missing_column_is_named(monkeypatch, capsys):
    feed(monkeypatch, "id,start\na,2026-01-16\n")
    assert main(["deadline", "-"]) == 2
    assert "calendar" in capsys.readouterr().err
