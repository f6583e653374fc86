"""Soil erosion: the Chinese Soil Loss Equation (CSLE) and the grades of SL 190-2007."""

from riverchief.standard.erosion.csle import (
    length_factor,
    rain_erosivity_census,
    rain_erosivity_zhang,
    slope_factor,
    soil_loss,
)
from riverchief.standard.erosion.intensity import ErosionGrade, grade_by_cover, grade_of_modulus

__all__ = [
    "ErosionGrade",
    "grade_by_cover",
    "grade_of_modulus",
    "length_factor",
    "rain_erosivity_census",
    "rain_erosivity_zhang",
    "slope_factor",
    "soil_loss",
]
