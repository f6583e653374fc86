"""Toy series with known answers: a season, an anomaly that fades by a known share a day, and noise from a seed."""

from datetime import UTC, datetime

import numpy as np

from riverchief.forecast import Panel

DAY_S = 86400.0
START_S = datetime(2021, 1, 1, tzinfo=UTC).timestamp()


def fading_anomalies(days: int, fading: float, seed: int, places: int = 3) -> np.ndarray:
    """(places, days): a(t + 1) = fading · a(t) + √(1 − fading²) · ε."""
    draws = np.random.default_rng(seed).normal(size=(places, days))
    found = np.empty_like(draws)
    found[:, 0] = draws[:, 0]
    for day in range(1, days):
        found[:, day] = fading * found[:, day - 1] + (1 - fading**2) ** 0.5 * draws[:, day]
    return found


def oxygen(days: int = 500, fading: float = 0.8, seed: int = 1, places: int = 3) -> Panel:
    """Dissolved oxygen that is 9 + 2 cos(2π t/year) + an anomaly of 0.5 mg/L that fades."""
    times = START_S + DAY_S * np.arange(days)
    season = 9.0 + 2.0 * np.cos(2 * np.pi * times / (365.2425 * DAY_S))
    values = season + 0.5 * fading_anomalies(days, fading, seed, places)
    return Panel("DO", "mg/L", tuple(f"S{n}" for n in range(places)), START_S, DAY_S, values)
