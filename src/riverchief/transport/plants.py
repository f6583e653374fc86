"""Plants on the bed: how much of their growth the light allows, and how many of them such days keep alive."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, unknown_name
from riverchief.transport.oxygen import SECONDS_PER_DAY
from riverchief.transport.physics import Floats

LIGHT_FORMULAS = ("half_saturation", "smith", "steele")


def light_share(light_w_m2: ArrayLike, scale_w_m2: ArrayLike, formula: str = "half_saturation") -> Floats:
    """Share of full growth that light allows [-].

    With I the light and K its scale [W/m²]: ``half_saturation`` I/(K + I) (Baly 1935), ``smith`` I/√(K² + I²)
    (Smith 1936), ``steele`` I/K · exp(1 - I/K), which falls again above K (Steele 1962); all as in QUAL2K. NaN stays
    NaN; a scale of 0 means light does not limit, except with ``steele``, where it is NaN. Raises ``BadInput``
    (``unknown_formula``) for another name.
    """
    light, scale = np.broadcast_arrays(np.asarray(light_w_m2, np.float64), np.asarray(scale_w_m2, np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        if formula == "half_saturation":
            share = light / (scale + light)
        elif formula == "smith":
            share = light / np.hypot(scale, light)
        elif formula == "steele":
            return np.asarray(light / scale * np.exp(1.0 - light / scale))
        else:
            raise BadInput([unknown_name("unknown_formula", formula, LIGHT_FORMULAS)])
    return np.asarray(np.where((light == 0) & (scale == 0), 1.0, share))


def standing_crop(
    span_s: ArrayLike, growth_g_m2_d: ArrayLike, loss_per_d: ArrayLike, start_g_m2: ArrayLike | None = None
) -> Floats:
    """Plants that live under a day (or year) that repeats, mean of each of its steps (steps, reaches) [g/m²].

    dA/dt = g(t) - l(t) A, with growth g [g/m²/d] of zeroth order (QUAL2K's bottom algae: the bed, not the plants, is
    what limits) and loss l [1/d] by respiration, death and grazing, each constant in a step of ``span_s`` (steps,) [s];
    of all its solutions the one that comes back to itself, or, where ``start_g_m2`` is given, the one that begins with
    that. Growth and loss broadcast to (steps, reaches). NaN stays in
    its reach; without any loss there is no such crop: NaN.
    """
    days = np.asarray(span_s, np.float64) / SECONDS_PER_DAY
    growth, loss = np.broadcast_arrays(
        np.atleast_2d(np.asarray(growth_g_m2_d, np.float64)), np.atleast_2d(np.asarray(loss_per_d, np.float64))
    )
    x = loss * days[:, None]
    kept = np.exp(-x)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_kept = np.where(x > 1e-8, -np.expm1(-x) / x, 1.0)  # of what was there at the step's beginning
        grown = growth * days[:, None] * mean_kept  # at the step's end, of what grew in it
        left, made = np.ones(loss.shape[1]), np.zeros(loss.shape[1])
        for step in range(days.size):
            left, made = left * kept[step], made * kept[step] + grown[step]
        crop = made / (1.0 - left)
        if start_g_m2 is not None:
            crop = np.broadcast_to(np.asarray(start_g_m2, np.float64), crop.shape)
        means = np.empty(loss.shape)
        for step in range(days.size):
            end = crop * kept[step] + grown[step]
            # from the equation itself: l · mean · span = g · span - (end - begin)
            by_balance = (growth[step] * days[step] - (end - crop)) / x[step]
            means[step] = np.where(x[step] > 1e-8, by_balance, 0.5 * (crop + end))
            crop = end
    return np.where(np.isfinite(means), means, np.nan)
