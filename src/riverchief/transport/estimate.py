"""Estimates of what was not measured: a value, how far it may be off, and where it comes from, for each reach.

The methods, their errors and how well each was checked are rows of ``methods.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.table import read_table
from riverchief.transport.physics import Floats


@dataclass(frozen=True)
class Method:
    """One row of ``methods.csv``: ``log_sd`` is the standard error of the logarithm [-]; ``verified`` says how the
    formula was checked (``memory`` is not checked)."""

    code: str
    quantity: str
    log_sd: float
    zh: str
    en: str
    formula: str
    source: str
    verified: str

    def name(self, language: str) -> str:
        """The name in ``language`` (``"zh"`` or ``"en"``)."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True)
class Estimate:
    """``values`` in the canonical unit, ``log_sd`` [-] and ``method`` (code of ``methods.csv``), each of shape
    (reaches,); NaN, NaN and empty where nothing is known."""

    values: Floats
    log_sd: Floats
    method: NDArray[np.str_]

    @classmethod
    def of(
        cls, values: ArrayLike, method: str, *, log_sd: ArrayLike | None = None, reaches: int | None = None
    ) -> Estimate:
        """Values by one method, with its error or with ``log_sd``; a single number is taken for all ``reaches``.

        NaN, zero and negative values count as not known: none of the quantities here can be zero.
        """
        given = np.atleast_1d(np.asarray(values, np.float64))
        if reaches is not None:
            given = np.broadcast_to(given, (reaches,))
        known = np.isfinite(given) & (given > 0)
        error = find_method(method).log_sd if log_sd is None else log_sd
        return cls(
            np.where(known, given, np.nan),
            np.where(known, np.broadcast_to(np.asarray(error, np.float64), given.shape), np.nan),
            np.where(known, method, ""),
        )

    def filled(self, fallback: Estimate) -> Estimate:
        """These values, and those of ``fallback`` where there are none."""
        missing = np.isnan(self.values)
        return Estimate(
            np.where(missing, fallback.values, self.values),
            np.where(missing, fallback.log_sd, self.log_sd),
            np.where(missing, fallback.method, self.method),
        )

    def methods(self) -> list[tuple[Method, int]]:
        """The methods used and for how many reaches each, the most used first."""
        codes, counts = np.unique(self.method[self.method != ""], return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return [(find_method(str(codes[j])), int(counts[j])) for j in order]


def first_known(estimates: Iterable[Estimate]) -> Estimate:
    """For each reach the first of the estimates that knows it."""
    found, *others = estimates
    for other in others:
        found = found.filled(other)
    return found


@cache
def all_methods() -> dict[str, Method]:
    """Every method by its code, in the table's order."""
    methods = {}
    for row in read_table("riverchief.transport", "methods.csv"):
        methods[row["code"]] = Method(
            row["code"],
            row["quantity"],
            float(row["log_sd"]),
            row["zh"],
            row["en"],
            row["formula"],
            row["source"],
            row["verified"],
        )
    return methods


def find_method(code: str) -> Method:
    """The method of a code; an unknown one is a fault of the program (``KeyError``)."""
    return all_methods()[code]
