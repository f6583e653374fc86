"""Answers of the command line as a table for people, CSV or JSON for programs; input from a file or standard input."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.parameter.heading import read_unit

FORMATS = ("table", "csv", "json")


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """``--format`` and ``-o``, the same for every command that answers with rows."""
    parser.add_argument("--format", choices=FORMATS, default="table", help="table (default), csv or json")
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of standard output")


def add_sheet_arguments(parser: argparse.ArgumentParser) -> None:
    """``--unit``, ``--leave-out``, ``--sheet``: what a sheet of measurements does not say itself."""
    parser.add_argument(
        "--unit", action="append", default=[], metavar="ITEM=UNIT", help="the unit of an item whose heading names none"
    )
    parser.add_argument(
        "--leave-out", action="append", default=[], metavar="NAME", help="a heading that is no slip of a known item"
    )
    parser.add_argument("--sheet", metavar="NAME", help="the only sheet of a workbook to read; default: all")


def stated_units(given: Sequence[str]) -> dict[str, str]:
    """What ``--unit`` said, by parameter code. Raises :class:`~riverchief.errors.BadInput`."""
    units = {}
    for text in given:
        item, equals, unit = text.partition("=")
        if not equals:
            raise BadInput([Fault("not_one_of", "--unit", details={"given": text, "allowed": "NH3N=ug/L"})])
        units[find_parameter(item).code] = read_unit(find_parameter(item), unit.strip()).unit or ""
    return units


def read_input(name: str) -> tuple[bytes, str]:
    """The bytes of a file, or of standard input for ``-``, and what to call it in messages."""
    if name == "-":
        return sys.stdin.buffer.read(), "<stdin>"
    return Path(name).read_bytes(), name


def write_rows(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    format: str,
    output: str | None,
    below: Iterable[str] | None = None,
    headings: Sequence[str] | None = None,
) -> None:
    """Write ``rows`` in one of :data:`FORMATS`; ``below`` gives a table a sentence under each row, ``headings`` its
    columns the words of a person."""
    if format == "json":
        text = json.dumps(list(rows), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    elif format == "csv":
        text = _csv(rows, columns)
    else:
        text = text_table([[str(row[c]) for c in columns] for row in rows], headings or columns, list(below or []))
    if output and output != "-":
        Path(output).write_text(text, encoding="utf-8", newline="")
    else:
        sys.stdout.write(text)


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[c] for c in columns] for row in rows)
    return out.getvalue()


def text_table(rows: list[list[str]], columns: Sequence[str], below: Sequence[str] = ()) -> str:
    """``rows`` under ``columns``, aligned for a terminal; ``below`` gives a sentence under each row."""
    widths = [max(_width(cell) for cell in column) for column in zip(columns, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = (cell + " " * (w - _width(cell)) for cell, w in zip(cells, widths, strict=True))
        return "  ".join(padded).rstrip()

    lines = [line(columns), line(["-" * w for w in widths])]
    for n, row in enumerate(rows):
        lines.append(line(row))
        if below:
            lines.append(f"    {below[n]}")
    return "\n".join(lines) + "\n"


def _width(text: str) -> int:
    """Columns of a terminal that ``text`` takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
