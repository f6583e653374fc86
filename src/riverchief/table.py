"""Reads the tables that ship inside the package: rules, limits, words, parameters.

A table is UTF-8 CSV with one header line beside the module that owns it. An empty cell means "not defined".
"""

from __future__ import annotations

import csv
import io
from importlib import resources


def read_table(package: str, name: str) -> list[dict[str, str]]:
    """The rows of ``name`` (such as ``"units.csv"``) beside ``package``, each a mapping from header to cell.

    Raises ``FileNotFoundError`` where there is no such table: that is a fault of the program, not of its user.
    """
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
