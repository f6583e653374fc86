"""One reading of sheets: bytes to rows, cells to what they say, times, bounds, and rows of a declared table.

Every door that takes a file (``grade``, ``aqi``, ``check``, ``trace``, ``import``, the drop folder, the browser) reads
through this room, so that a sheet that one takes all take, with the same values. ``words.csv`` is the only table of
words of cells.
"""

from riverchief.sheet.opened import pages_of, read_bytes, rows_of
from riverchief.sheet.page import Cell, Page, Row

__all__ = ["Cell", "Page", "Row", "pages_of", "read_bytes", "rows_of"]
