"""Sheets of measurements as people keep them, read into columns of numbers.

Long or wide, CSV or XLSX, Chinese or English headings, UTF-8 or GB18030, detection limits and dashes: what a cell may
say is in ``words.csv``, what a column may be is in ``roles.csv``.
"""

from riverchief.standard.sheet.grid import Grid, read_grid
from riverchief.standard.sheet.samples import Samples, read_samples

__all__ = ["Grid", "Samples", "read_grid", "read_samples"]
