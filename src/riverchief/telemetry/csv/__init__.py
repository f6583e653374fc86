"""Files: CSV and XLSX in any of the shipped layouts, or in one kept per source."""

from riverchief.parameter.columns import Column, Layout, all_layouts, find_layout, layout_from, recognise
from riverchief.telemetry.csv.reader import Published, ReadResult, Refusal, read_readings

__all__ = [
    "Column",
    "Layout",
    "Published",
    "ReadResult",
    "Refusal",
    "all_layouts",
    "find_layout",
    "layout_from",
    "read_readings",
    "recognise",
]
