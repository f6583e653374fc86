"""Reads a sheet whose columns are declared in a table: every cell checked, every fault named, nothing guessed.

A declaration is a CSV with the columns ``sheet, column, must, kind, allowed, names``: one row a column. ``kind`` is
``text``, ``code`` (twelve digits), ``number``, ``whole``, ``date``, ``flag`` (true/false) or ``choice``; ``allowed``
lists choices joined by ``|``, or a range such as ``0..``, ``>0..`` or ``-90..90`` for numbers; ``names`` are further
headings. What a cell says is read as in sheets of measurements: ``1,234``, ``１２``, ``2026年1月1日``, ``1250 m`` under
``chainage_m``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.sheet.cells import read_cell
from riverchief.sheet.opened import pages_of, read_bytes
from riverchief.sheet.page import Cell, Page
from riverchief.sheet.times import NoTime, read_local
from riverchief.sheet.words import folded, plain, words
from riverchief.table import read_table

LARGEST_EXACT_FLOAT = 2.0**53
Value: TypeAlias = str | float | int | bool | date | None
TITLE_ROWS = 10  # a sheet may open with a title


class ColumnRule(NamedTuple):
    """What one column must hold."""

    name: str
    must: bool
    kind: str
    allowed: str
    names: tuple[str, ...] = ()


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
        names = tuple(filter(None, (row.get("names") or "").split("|")))
        rule = ColumnRule(row["column"], row["must"] == "yes", row["kind"], row["allowed"], names)
        sheets.setdefault(row["sheet"], {})[rule.name] = rule
    return sheets


def read_sheet(source: str, raw: bytes, sheets: Mapping[str, Mapping[str, ColumnRule]]) -> Sheet:
    """The CSV or XLSX ``raw``, read by the one of ``sheets`` whose obligatory columns its header has.

    Raises :class:`~riverchief.errors.BadInput` where no declaration fits; faults of rows are returned, not raised, so
    that the caller can add its own before it refuses the file.
    """
    pages = [page for page in pages_of(read_bytes(raw, source), source) if page.rows]
    if not pages:
        raise BadInput([Fault("empty_file", source, details={"allowed": "、".join(sheets)})])
    found: list[Sheet] = []
    refused: BadInput | None = None
    for page in pages:
        try:
            found.append(_read_page(source, page, sheets))
        except BadInput as unlike:  # a sheet of explanations beside the one that counts
            refused = refused or unlike
    if not found and refused is not None:
        raise refused
    kinds = {sheet.kind for sheet in found}
    if len(kinds) > 1:
        details = {"given": "、".join(sorted(kinds)), "allowed": " | ".join(sorted(kinds))}
        raise BadInput([Fault("not_one_of", source, details=details)])
    records = [record for sheet in found for record in sheet.records]
    faults = [fault for sheet in found for fault in sheet.faults]
    if not records and not faults:
        faults = [Fault("empty_file", source, details={"allowed": "、".join(sheets[found[0].kind])})]
    return Sheet(found[0].kind, source, records, faults)


def columns_at(header: Sequence[Cell], rules: Mapping[str, ColumnRule]) -> list[str | None]:
    """For each cell of ``header`` the column that it names, in any of its spellings; None where it names none."""
    known = {folded(name): rule.name for rule in rules.values() for name in (*rule.names, rule.name)}
    return [known.get(folded(cell)) for cell in header]


def _read_page(source: str, page: Page, sheets: Mapping[str, Mapping[str, ColumnRule]]) -> Sheet:
    at, kind = _find_header(source, page, sheets)
    line, header = page.rows[at]
    rules = sheets[kind]
    names = columns_at(header, rules)
    faults = [
        unknown_name("unknown_column", plain(cell), list(rules), source=source, line=line).at(sheet=page.name)
        for cell, name in zip(header, names, strict=True)
        if plain(cell) and name is None
    ]
    rows = ((line, {n: cell for n, cell in zip(names, row, strict=False) if n}) for line, row in page.rows[at + 1 :])
    records, more = check_rows(source, rows, rules)
    return Sheet(kind, source, records, faults + [fault.at(sheet=page.name) for fault in more])


def _find_header(source: str, page: Page, sheets: Mapping[str, Mapping[str, ColumnRule]]) -> tuple[int, str]:
    """The first of the upper rows that has all obligatory columns of a declaration, and which."""
    for at, (_, row) in enumerate(page.rows[:TITLE_ROWS]):
        fitting = [
            kind
            for kind, rules in sheets.items()
            if {rule.name for rule in rules.values() if rule.must} <= set(columns_at(row, rules))
        ]
        if fitting:
            return at, max(fitting, key=lambda kind: sum(name is not None for name in columns_at(row, sheets[kind])))
    line, header = page.rows[0]
    missing = {
        kind: [rule.name for rule in rules.values() if rule.must and rule.name not in columns_at(header, rules)]
        for kind, rules in sheets.items()
    }
    nearest = min(missing, key=lambda kind: len(missing[kind]))
    shown = "、".join(filter(None, map(plain, header)))
    raise BadInput(
        [
            Fault("missing_column", source, line, details={"given": name, "allowed": shown}, sheet=page.name)
            for name in missing[nearest]
        ]
    )


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


def _value(rule: ColumnRule, cell: Cell) -> Value:
    text = "" if cell is None else str(cell).strip()
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))  # a workbook keeps 12-digit codes as floats
    is_measure = rule.kind in {"number", "whole", "date"}
    if not text or (is_measure and not rule.must and folded(text) in words("absent")):
        if rule.must:
            raise _Wrong("missing_value", given=rule.name, allowed=rule.allowed or rule.kind)
        return None
    if rule.kind in {"text", "code"} and isinstance(cell, float) and abs(cell) >= LARGEST_EXACT_FLOAT:
        raise _Wrong("inexact_id", given=text)  # which digits were typed nobody knows any more
    if rule.kind == "text":
        return text
    if rule.kind == "code":
        code = plain(text)
        if len(code) == 12 and code.isascii() and code.isdigit():
            return code
        raise _Wrong("bad_code", given=text)
    if rule.kind in {"number", "whole"}:
        return _number(rule, cell, text)
    if rule.kind == "date":
        return _date(cell, text)
    if rule.kind == "flag":
        if folded(text) in words("flag"):
            return words("flag")[folded(text)] == "true"
        raise _Wrong("not_one_of", given=text, allowed="true、false")
    choices = {folded(choice): choice for choice in rule.allowed.split("|")}
    if folded(text) not in choices:
        raise _Wrong("not_one_of", given=text, allowed="、".join(choices.values()))
    return choices[folded(text)]


def _date(cell: Cell, text: str) -> date:
    try:
        return read_local(cell).date()
    except NoTime:
        raise _Wrong("bad_time", given=text, allowed="2026-01-31") from None


def _number(rule: ColumnRule, cell: Cell, text: str) -> float | int:
    allowed = rule.allowed or rule.kind
    number = number_of(cell, rule.name)
    if number is None or (rule.kind == "whole" and not number.is_integer()):
        raise _Wrong("bad_number", given=text, allowed=allowed)
    low, _, high = rule.allowed.partition("..")
    above = not low or number > float(low[1:]) if low.startswith(">") else not low or number >= float(low)
    if not above or (high and number > float(high)):
        raise _Wrong("out_of_range", given=text, allowed=allowed)
    return int(number) if rule.kind == "whole" else number


def number_of(cell: Cell, column: str) -> float | None:
    """The number that ``cell`` is; None where it is none. The unit that ``column`` ends in may stand behind it:
    ``1250 m`` under ``chainage_m``, ``0.3 m³/s`` under ``flow_m3_s``."""
    said = read_cell(cell)
    if not said.understood or said.operator or said.value is None:
        return None
    spelled = plain(said.unit).casefold().replace("/", "_")
    return said.value if not spelled or column.endswith(f"_{spelled}") else None
