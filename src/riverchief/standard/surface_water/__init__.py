"""Surface water: GB 3838-2002 limits, grading of samples, periods, sections, rivers and lakes (环办〔2011〕22号)."""

from riverchief.standard.surface_water.basin import BasinJudgement, Shares, count_classes, judge_basin
from riverchief.standard.surface_water.change import (
    Change,
    change_of_basin,
    change_of_class,
    change_of_shares,
    change_of_status,
)
from riverchief.standard.surface_water.cwqi import city_index, section_index
from riverchief.standard.surface_water.drinking import judge_source, kind_of_source, source_kinds, source_rate
from riverchief.standard.surface_water.engine import Grades, grade_samples
from riverchief.standard.surface_water.limits import ItemLimits, class_items, limits_for, limits_of, source_limits
from riverchief.standard.surface_water.periods import (
    PeriodJudgement,
    judge_series,
    judge_values,
    lake_mean,
    period_rules,
)
from riverchief.standard.surface_water.pollutants import Pollutant, main_pollutants, pollutants_text
from riverchief.standard.surface_water.published import reconcile
from riverchief.standard.surface_water.sample import grade_sample
from riverchief.standard.surface_water.targets import TargetRate, good_share, target_rate
from riverchief.standard.surface_water.trend import mann_kendall, spearman
from riverchief.standard.surface_water.trophic import TrophicLevel, trophic_level

__all__ = [
    "BasinJudgement",
    "Change",
    "Grades",
    "ItemLimits",
    "PeriodJudgement",
    "Pollutant",
    "Shares",
    "TargetRate",
    "TrophicLevel",
    "change_of_basin",
    "change_of_class",
    "change_of_shares",
    "change_of_status",
    "city_index",
    "class_items",
    "count_classes",
    "good_share",
    "grade_sample",
    "grade_samples",
    "judge_basin",
    "judge_series",
    "judge_source",
    "judge_values",
    "kind_of_source",
    "lake_mean",
    "limits_for",
    "limits_of",
    "main_pollutants",
    "mann_kendall",
    "period_rules",
    "pollutants_text",
    "reconcile",
    "section_index",
    "source_kinds",
    "source_limits",
    "source_rate",
    "spearman",
    "target_rate",
    "trophic_level",
]
