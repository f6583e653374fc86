"""Sheets of measurements as people keep them, read into columns of numbers that can be judged.

What a cell may say is in ``riverchief/sheet/words.csv``, what a column may be in ``riverchief/parameter/roles.csv``.
"""

from riverchief.standard.sheet.grid import Grid, read_grid
from riverchief.standard.sheet.samples import Samples, read_samples

__all__ = ["Grid", "Samples", "read_grid", "read_samples"]
