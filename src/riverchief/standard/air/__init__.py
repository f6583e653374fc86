"""Ambient air: AQI (HJ 633), limits (GB 3095), statistics and validity (HJ 663), by the edition of the day."""

from riverchief.standard.air.aqi import AirGrades, grade_air, grade_day, grade_hour, judgement_of
from riverchief.standard.air.editions import edition_named, edition_on
from riverchief.standard.air.judgement import AirJudgement, AirLevel, IndexEvidence, air_levels, level_of

__all__ = [
    "AirGrades",
    "AirJudgement",
    "AirLevel",
    "IndexEvidence",
    "air_levels",
    "edition_named",
    "edition_on",
    "grade_air",
    "grade_day",
    "grade_hour",
    "judgement_of",
    "level_of",
]
