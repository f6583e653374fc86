"""The law as tables, and judgements that carry their evidence.

Where a limit lives: ``surface_water/limits.csv`` (GB 3838). Each table row has its clause, edition, dates of validity
and verification level (``verification.csv``).
"""

from riverchief.standard.classes import CLASSES, NOT_JUDGED, WaterClass, class_of_rank, rank_of, read_class
from riverchief.standard.evidence import Compliance, Evidence, Excluded, Judgement, Origin
from riverchief.standard.surface_water import ItemLimits, grade_sample, limits_of

__all__ = [
    "CLASSES",
    "NOT_JUDGED",
    "Compliance",
    "Evidence",
    "Excluded",
    "ItemLimits",
    "Judgement",
    "Origin",
    "WaterClass",
    "class_of_rank",
    "grade_sample",
    "limits_of",
    "rank_of",
    "read_class",
]
