"""Gradient boosting of what a line leaves over (LightGBM), and of how wide the rest scatters.

Small trees (8 leaves), strong regularisation, absolute loss: on one or two years of a river anything larger learns the
year by heart. One model serves all leads; the lead is a predictor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 60
MOST_CASES = 120_000
FEWEST_CASES = 2_000  # below it a tree of 8 leaves learns noise
SETTINGS: dict[str, Any] = {
    "objective": "l1",
    "num_leaves": 8,
    "learning_rate": 0.05,
    "min_data_in_leaf": 200,
    "lambda_l2": 50.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "verbose": -1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
}
Predict = Callable[[Floats], Floats]


@cache
def library() -> Any | None:
    """LightGBM, or None where it cannot be loaded: its wheel needs the system's libgomp, which slim images lack."""
    try:
        import lightgbm
    except (ImportError, OSError):
        return None
    return lightgbm


def fit_boosted(x: Floats, y: Floats) -> Predict | None:
    """The median of ``y`` (cases,) given ``x`` (cases, predictors; NaN allowed); None where LightGBM is not there or
    the cases are too few. At most :data:`MOST_CASES` evenly spread cases are used."""
    lightgbm = library()
    if lightgbm is None or len(y) < FEWEST_CASES:
        return None
    stride = -(-len(y) // MOST_CASES)
    data = lightgbm.Dataset(np.ascontiguousarray(x[::stride]), y[::stride])
    model = lightgbm.train(SETTINGS, data, num_boost_round=ROUNDS)

    def predict(cases: Floats) -> Floats:
        if not len(cases):
            return np.zeros(0)
        return np.asarray(model.predict(cases, num_threads=SETTINGS["num_threads"]), np.float64)

    return predict
