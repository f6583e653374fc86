"""Surface water: GB 3838-2002 limits, grading of samples, periods, sections, rivers and lakes (环办〔2011〕22号)."""

from riverchief.standard.surface_water.limits import ItemLimits, class_items, limits_for, limits_of
from riverchief.standard.surface_water.sample import grade_sample

__all__ = ["ItemLimits", "class_items", "grade_sample", "limits_for", "limits_of"]
