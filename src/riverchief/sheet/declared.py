"""Reads a sheet whose columns are declared in a table: every cell checked, every fault named, nothing guessed.

A declaration is a CSV with the columns ``sheet, column, must, kind, allowed``: one row a column. ``kind`` is ``text``,
``code`` (twelve digits), ``number``, ``whole``, ``date``, ``flag`` (true/false) or ``choice``; ``allowed`` lists
choices joined by ``|``, or a range such as ``0..``, ``>0..`` or ``-90..90`` for numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeAlias

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.sheet.opened import read_bytes, rows_of
from riverchief.sheet.page import Cell
from riverchief.table import read_table

LARGEST_EXACT_FLOAT = 2.0**53
Value: TypeAlias = str | float | int | bool | date | None
YES, NO = {"true", "1", "yes", "是"}, {"false", "0", "no", "否"}


class ColumnRule(NamedTuple):
    """What one column must hold."""

    name: str
    must: bool
    kind: str
    allowed: str


class Record(NamedTuple):
    """One row that was understood: its line in the file and its values, ``None`` where the cell is empty."""

    line: int
    values: Mapping[str, Value]

    def text(self, column: str) -> str:
        """The text of ``column``, empty where there is none."""
        value = self.values.get(column)
        return "" if value is None else str(value)

    def number(self, column: str) -> float | None:
        """The number of ``column``, ``None`` where there is none."""
        value = self.values.get(column)
        return float(value) if isinstance(value, int | float) else None

    def day(self, column: str) -> date | None:
        """The date of ``column``, ``None`` where there is none."""
        value = self.values.get(column)
        return value if isinstance(value, date) else None


class Sheet(NamedTuple):
    """A whole sheet: which declaration it follows, its good rows, and everything wrong with the others."""

    kind: str
    source: str
    records: list[Record]
    faults: list[Fault]


def declarations(package: str, table: str) -> dict[str, dict[str, ColumnRule]]:
    """The declared sheets of ``table`` in ``package``: sheet name to column name to rule."""
    sheets: dict[str, dict[str, ColumnRule]] = {}
    for row in read_table(package, table):
        rule = ColumnRule(row["column"], row["must"] == "yes", row["kind"], row["allowed"])
        sheets.setdefault(row["sheet"], {})[rule.name] = rule
    return sheets


def read_sheet(source: str, raw: bytes, sheets: Mapping[str, Mapping[str, ColumnRule]]) -> Sheet:
    """The CSV or XLSX ``raw``, read by the one of ``sheets`` whose obligatory columns its header has.

    Raises :class:`~riverchief.errors.BadInput` where no declaration fits; faults of rows are returned, not raised, so
    that the caller can add its own before it refuses the file.
    """
    rows = list(rows_of(read_bytes(raw, source), source))
    if not rows:
        raise BadInput([Fault("empty_file", source, details={"allowed": "、".join(sheets)})])
    header = ["" if cell is None else str(cell).strip() for cell in rows[0][1]]
    kind = _recognise(source, header, sheets)
    rules = sheets[kind]
    faults = [
        unknown_name("unknown_column", name, list(rules), source=source, line=rows[0][0])
        for name in header
        if name and name not in rules
    ]
    cells = ((line, dict(zip(header, row, strict=False))) for line, row in rows[1:])
    records, more = check_rows(source, cells, rules)
    if not records and not more:
        more = [Fault("empty_file", source, details={"allowed": "、".join(rules)})]
    return Sheet(kind, source, records, faults + more)


def check_rows(
    source: str, rows: Iterable[tuple[int, Mapping[str, Cell]]], rules: Mapping[str, ColumnRule]
) -> tuple[list[Record], list[Fault]]:
    """The ``rows`` (line, cells by column) that satisfy ``rules``, and a fault for every cell that does not."""
    records: list[Record] = []
    faults: list[Fault] = []
    for line, cells in rows:
        values: dict[str, Value] = {}
        before = len(faults)
        for rule in rules.values():
            try:
                values[rule.name] = _value(rule, cells.get(rule.name))
            except _Wrong as wrong:
                faults.append(Fault(wrong.kind, source, line, rule.name, wrong.details))
        if len(faults) == before:
            records.append(Record(line, values))
    return records, faults


def duplicates(source: str, records: Sequence[Record], column: str) -> list[Fault]:
    """A fault for every row whose ``column`` repeats that of an earlier row."""
    first: dict[str, int] = {}
    faults = []
    for record in records:
        text = record.text(column)
        if text in first:
            details = {"given": text, "allowed": f"{source}:{first[text]}"}
            faults.append(Fault("duplicate", source, record.line, column, details))
        first.setdefault(text, record.line)
    return faults


class _Wrong(Exception):
    def __init__(self, kind: str, **details: str):
        self.kind = kind
        self.details = details


def _recognise(source: str, header: Sequence[str], sheets: Mapping[str, Mapping[str, ColumnRule]]) -> str:
    missing = {
        kind: [rule.name for rule in rules.values() if rule.must and rule.name not in header]
        for kind, rules in sheets.items()
    }
    fitting = [kind for kind, names in missing.items() if not names]
    if fitting:
        return max(fitting, key=lambda kind: len(set(sheets[kind]) & set(header)))
    nearest = min(missing, key=lambda kind: len(missing[kind]))
    raise BadInput(
        [
            Fault("missing_column", source, 1, details={"given": name, "allowed": "、".join(filter(None, header))})
            for name in missing[nearest]
        ]
    )


def _value(rule: ColumnRule, cell: Cell) -> Value:
    text = "" if cell is None else str(cell).strip()
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))  # a workbook keeps 12-digit codes as floats
    if not text:
        if rule.must:
            raise _Wrong("missing_value", given=rule.name, allowed=rule.allowed or rule.kind)
        return None
    if rule.kind in {"text", "code"} and isinstance(cell, float) and abs(cell) >= LARGEST_EXACT_FLOAT:
        raise _Wrong("inexact_id", given=text)  # which digits were typed nobody knows any more
    if rule.kind == "text":
        return text
    if rule.kind == "code":
        if len(text) == 12 and text.isascii() and text.isdigit():
            return text
        raise _Wrong("bad_code", given=text)
    if rule.kind in {"number", "whole"}:
        return _number(rule, text)
    if rule.kind == "date":
        if isinstance(cell, datetime | date):
            return cell.date() if isinstance(cell, datetime) else cell
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise _Wrong("bad_time", given=text, allowed="YYYY-MM-DD") from None
    if rule.kind == "flag":
        if text.lower() in YES | NO:
            return text.lower() in YES
        raise _Wrong("not_one_of", given=text, allowed="true、false")
    choices = rule.allowed.split("|")
    if text not in choices:
        raise _Wrong("not_one_of", given=text, allowed="、".join(choices))
    return text


def _number(rule: ColumnRule, text: str) -> float | int:
    allowed = rule.allowed or rule.kind
    try:
        number: float | int = int(text) if rule.kind == "whole" else float(text)
    except ValueError:
        raise _Wrong("bad_number", given=text, allowed=allowed) from None
    low, _, high = rule.allowed.partition("..")
    above = not low or number > float(low[1:]) if low.startswith(">") else not low or number >= float(low)
    if not math.isfinite(number) or not above or (high and number > float(high)):
        raise _Wrong("out_of_range", given=text, allowed=allowed)
    return number
