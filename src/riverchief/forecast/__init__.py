"""What comes next: a base that must be beaten, a model that may correct it, intervals that are held to what they claim.

A :class:`~riverchief.forecast.panel.Panel` holds one parameter at several places on one regular grid. Everything that
is learned is learned from what lies before the origin; :mod:`riverchief.forecast.rolling` repeats that through the
past, so that each forecast carries the skill it has shown.
"""

from riverchief.forecast.outlook import Outlook, look_ahead
from riverchief.forecast.panel import Panel, panel_of
from riverchief.forecast.rolling import Issued, issue
from riverchief.forecast.scores import LeadScore, score
from riverchief.forecast.upstream import Upstream

__all__ = [
    "Issued",
    "LeadScore",
    "Outlook",
    "Panel",
    "Upstream",
    "issue",
    "look_ahead",
    "panel_of",
    "score",
]
