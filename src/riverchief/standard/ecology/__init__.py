"""Ecological quality (EI, EQI) and river and lake health, as declared schemes: tables, bands and one way to add up.

Most weights here could not be checked against the documents; every score carries its verification level and says so.
"""

from riverchief.standard.ecology.health import HealthScore, score_health
from riverchief.standard.ecology.index import IndexScore, change_of, ei_part, score_index

__all__ = ["HealthScore", "IndexScore", "change_of", "ei_part", "score_health", "score_index"]
