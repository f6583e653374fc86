"""Which base is the one to beat, how experts are weighed, and where they are used: decided by what was verified.

Errors of a place alone are few and noisy, so that the errors of all places, in the same lead, speak for as many cases
as :data:`BORROWED` of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.bases import BASES
from riverchief.forecast.model import EXPERTS

Floats = NDArray[np.float64]
BORROWED = 300.0  # cases: with 60 of them chance picked the base in a third of NEON's rivers, and cost 4 % of error
HALF_LIFE_S = 120 * 86400.0  # what a model with half the record missed says little of what it will miss
WORTH = 0.95  # unequal weights are taken where they would have missed by less than this share of what equal ones did
FEWEST = 20  # verified cases of all places before anything is concluded
TURNS = 40
FIRST = BASES.index("damped")  # the base to beat while nothing is verified
FALLBACK = ("damped", "persistence")


@dataclass(eq=False)
class Verified:
    """What was issued so far and what came, in the panel's unit: ``experts`` (leads, experts, places, steps), ``bases``
    (leads, bases, places, steps), ``truth`` (leads, places, steps)."""

    leads: tuple[int, ...]
    experts: Floats
    bases: Floats
    truth: Floats

    @classmethod
    def empty(cls, leads: Sequence[int], shape: tuple[int, ...]) -> Verified:
        """Nothing yet, for a panel of ``shape`` (places, steps)."""
        n = len(leads)
        return cls(
            tuple(leads),
            np.full((n, len(EXPERTS), *shape), np.nan),
            np.full((n, len(BASES), *shape), np.nan),
            np.full((n, *shape), np.nan),
        )


@dataclass(frozen=True, eq=False)
class Choice:
    """For one lead: ``weights`` (experts,), ``is_used`` (places,), ``order`` (places, bases) from the best base on."""

    weights: Floats
    is_used: NDArray[np.bool_]
    order: NDArray[np.int64]

    def base_of(self, bases: dict[str, Floats]) -> tuple[Floats, NDArray[np.int64]]:
        """The best base (places, times) that has something to say, and which of ``BASES`` it is."""
        any_base = next(iter(bases.values()))
        found = np.full(any_base.shape, np.nan)
        which = np.full(any_base.shape, FIRST, np.int64)
        for rank in range(len(BASES) - 1, -1, -1):
            for place, index in enumerate(self.order[:, rank].tolist()):
                said = bases.get(BASES[index])
                if said is None:
                    continue
                there = ~np.isnan(said[place])
                found[place][there], which[place][there] = said[place][there], index
        return found, which


def choose(verified: Verified, k: int, before: int, step_s: float) -> Choice:
    """What the forecasts of lead ``verified.leads[k]`` teach whose targets lie before step ``before``, the newest
    most."""
    until = max(0, before - verified.leads[k])
    truth = verified.truth[k][:, :until]
    experts, bases = verified.experts[k][:, :, :until], verified.bases[k][:, :, :until]
    places = len(truth)
    known = ~np.isnan(truth) & ~np.isnan(experts).any(axis=0)
    first = [FIRST, *(index for index in range(len(BASES)) if index != FIRST)]
    order = np.tile(np.array(first, np.int64), (places, 1))
    equal = np.full(len(EXPERTS), 1.0 / len(EXPERTS))
    if np.count_nonzero(known) < FEWEST:
        return Choice(equal, np.zeros(places, np.bool_), order)
    unit = _usual_error(truth, experts[0], known)
    counts = known * 0.5 ** ((until - np.arange(until)) * step_s / HALF_LIFE_S)
    missed = (experts - truth) / unit[:, None]
    weights = _weights(missed, counts, equal)
    of_bases = _borrowing(np.abs(bases - truth) / unit[:, None], counts)
    of_mixture = _borrowing(np.abs(np.tensordot(weights, missed, 1))[None], counts)[:, 0]
    return Choice(weights, of_mixture < of_bases.min(axis=1), np.argsort(of_bases, axis=1, kind="stable"))


def _usual_error(truth: Floats, said: Floats, known: NDArray[np.bool_]) -> Floats:
    """(places,): the mean absolute error of the damped anomaly, by which places are made comparable."""
    missed = np.where(known, np.abs(said - truth), 0.0).sum(axis=1)
    count = known.sum(axis=1)
    found = np.divide(missed, count, out=np.full(len(truth), np.nan), where=count > 0)
    usual = np.nanmedian(found) if np.isfinite(found).any() else 1.0
    return np.where(np.isfinite(found) & (found > 0), found, usual if usual > 0 else 1.0)


def _borrowing(errors: Floats, counts: Floats) -> Floats:
    """(places, kinds): the mean error of each kind at each place, with :data:`BORROWED` cases of all places' mean.

    ``errors`` (kinds, places, steps); ``counts`` (places, steps) for how much a case counts. A kind that has nothing to
    say anywhere is infinitely wrong.
    """
    weight = np.where(np.isnan(errors), 0.0, counts)
    total, count = (np.nan_to_num(errors) * weight).sum(axis=2), weight.sum(axis=2)
    everywhere = count.sum(axis=1)
    common = np.divide(total.sum(axis=1), everywhere, out=np.full(len(errors), np.inf), where=everywhere > 0)
    found: Floats = ((total + BORROWED * common[:, None]) / (count + BORROWED)).T
    return found


def _weights(missed: Floats, counts: Floats, equal: Floats) -> Floats:
    """Weights ≥ 0 that sum to 1 and make Σ|Σ w e| small: exponentiated gradient from equal weights (Kivinen and
    Warmuth 1997); or the ``equal`` ones, which are hard to beat (the combination puzzle), where little is gained."""
    known = counts > 0
    e, c = missed[:, known], counts[known]
    w = equal
    for turn in range(TURNS):
        gradient = (c * np.sign(w @ e) * e).sum(axis=1) / c.sum()
        w = w * np.exp(-0.5 / np.sqrt(turn + 1.0) * (gradient - gradient @ w) / (np.abs(gradient).max() + 1e-9))
        w = w / w.sum()
    gained = float(c @ np.abs(w @ e)) < WORTH * float(c @ np.abs(equal @ e))
    return w if gained else equal
