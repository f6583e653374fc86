"""Reactions as data: which substance turns into which, how fast, and what that costs in oxygen.

``species.csv`` names the substances, ``reactions.csv`` the reactions; a model is a choice of species, with the rates
that are known of the river in place of the table's. All are of first or zeroth order, so that dc/dt = K c + b has the
exact solution c(h) = exp(K h) c + ∫ exp(K τ) b dτ and no rate is too fast for a step. What needs oxygen goes slower as
it runs out, by 1 - exp(-0.6 DO) (QUAL2K); what oxygen hinders by the rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.table import read_table
from riverchief.transport.oxygen import SECONDS_PER_DAY, oxygen_saturation, reaeration
from riverchief.transport.physics import Floats

OXYGEN_HOLD = 0.6  # L/mg
NODES = 5  # shares of full oxygen supply for which a step is made exactly; between them it is interpolated
_TABLE, _PER_MG_L = 1500, 50.0  # marks of the table of oxygen shares: up to 30 mg/L


@dataclass(frozen=True)
class Reaction:
    """One row of ``reactions.csv``; ``makes`` is what a gram of ``species`` makes (uses, if negative)."""

    code: str
    species: str
    kind: str
    rate: float | None
    unit: str
    low: float
    high: float
    theta: float
    makes: tuple[tuple[str, float], ...]
    oxygen: str
    zh: str
    en: str
    source: str


@dataclass(frozen=True)
class Kinetics:
    """The species computed, in order, the reactions among them, and each one's rate at 20 °C, one number or one for
    each reach, in the table's unit. ``formula`` is the reaeration formula where no rate is given; ``hold`` [L/mg] says
    how oxygen rules the others: their share is 1 - exp(-hold · DO); None: it does not."""

    species: tuple[str, ...]
    reactions: tuple[Reaction, ...]
    rates: Mapping[str, Floats]
    formula: str = "covar"
    hold: float | None = OXYGEN_HOLD

    @classmethod
    def of(
        cls,
        species: Sequence[str],
        rates: Mapping[str, ArrayLike] | None = None,
        *,
        formula: str = "covar",
        without: Sequence[str] = (),
        hold: float | None = OXYGEN_HOLD,
    ) -> Kinetics:
        """Kinetics of some species of the table, with the rates known of this river.

        Parameters
        ----------
        species
            Codes of ``species.csv``. A product that is not among them is not followed: its grams count as gone.
        rates
            Reaction code → rate at 20 °C in the table's unit, one number or one for each reach.
        formula
            Of :func:`~riverchief.transport.oxygen.reaeration`.
        without
            Reactions to leave out.
        hold
            How fast want of oxygen slows what needs it [L/mg]; None: not at all. Without ``DO`` among the species
            nothing is held back either: rates are then those of the river as it is.

        Raises ``BadInput`` with every name that is unknown, repeated species, and every rate out of its row's range.
        """
        known = all_species()
        faults = [unknown_name("unknown_species", code, list(known)) for code in species if code not in known]
        faults += [
            Fault("duplicate", column="species", details={"given": code, "allowed": code})
            for code in sorted({code for code in species if list(species).count(code) > 1})
        ]
        reactions = all_reactions()
        given = {code: np.asarray(value, np.float64) for code, value in (rates or {}).items()}
        for code in (*given, *without):
            if code not in reactions:
                faults.append(unknown_name("unknown_reaction", code, list(reactions)))
        for code, values in given.items():
            row = reactions.get(code)
            if row is not None and not bool(np.all((values >= row.low) & (values <= row.high))):
                worst = float(np.ravel(values)[int(np.argmax(~((values >= row.low) & (values <= row.high))))])
                details = {"given": f"{worst:g}", "allowed": f"{row.low:g} … {row.high:g} {row.unit}"}
                faults.append(Fault("out_of_range", column=code, details=details))
        if not species:
            faults.append(Fault("empty_file", column="species", details={"allowed": ", ".join(known)}))
        if faults:
            raise BadInput(faults)
        reaeration(1.0, 1.0, formula)
        chosen = tuple(row for row in reactions.values() if row.species in species and row.code not in without)
        return cls(tuple(species), chosen, given, formula, hold)

    def system(
        self,
        temperature_c: Floats,
        depth_m: Floats,
        velocity_m_s: Floats,
        elevation_m: Floats,
        oxygen_share: float | None = None,
    ) -> tuple[Floats, Floats]:
        """K (reaches, species, species) and b (reaches, species) of dc/dt = K c + b, per second.

        ``oxygen_share`` 1 - exp(-hold · DO) scales what needs oxygen, its rest what oxygen hinders; None: nothing is
        scaled. In reaches of unknown velocity (lakes) reaeration by formula is 0.
        """
        reaches, index = temperature_c.size, {code: j for j, code in enumerate(self.species)}
        matrix = np.zeros((reaches, len(index), len(index)))
        offset = np.zeros((reaches, len(index)))
        for row in self.reactions:
            j = index[row.species]
            at_20 = self.rates.get(row.code, np.asarray(0.0 if row.rate is None else row.rate))
            if row.kind == "reaeration" and row.code not in self.rates:
                at_20 = np.nan_to_num(reaeration(velocity_m_s, depth_m, self.formula), nan=0.0, posinf=0.0)
            per_s = at_20 * row.theta ** (temperature_c - 20.0) / SECONDS_PER_DAY
            if row.oxygen and oxygen_share is not None:
                per_s = per_s * (oxygen_share if row.oxygen == "needs" else 1.0 - oxygen_share)
            if row.kind in ("settling", "demand", "supply"):
                per_s = per_s / depth_m  # m/d / m → 1/d; g/m²/d / m → g/m³/d
            if row.kind in ("demand", "supply"):
                offset[:, j] += per_s if row.kind == "supply" else -per_s
                continue
            matrix[:, j, j] -= per_s
            if row.kind == "reaeration":
                offset[:, j] += per_s * oxygen_saturation(temperature_c, elevation_m)
            for product, grams in row.makes:
                if product in index:
                    matrix[:, index[product], j] += grams * per_s
        return matrix, offset

    @property
    def oxygen_at(self) -> int:
        """Index of oxygen where it rules a reaction's speed, else -1."""
        follows = self.hold is not None and "DO" in self.species and any(row.oxygen for row in self.reactions)
        return self.species.index("DO") if follows else -1

    def steps(
        self,
        span_s: float,
        temperature_c: Floats,
        depth_m: Floats,
        velocity_m_s: Floats,
        elevation_m: Floats,
    ) -> tuple[Floats, Floats]:
        """Exact steps over ``span_s`` [s]: E (nodes, reaches, species, species) and g (nodes, reaches, species).

        One node without oxygen among the species (then nothing is held back); otherwise :data:`NODES` shares of oxygen
        supply from 0 to 1.
        """
        shares = np.linspace(0.0, 1.0, NODES).tolist() if self.oxygen_at >= 0 else [None]
        pairs = [
            _exponentials(*self.system(temperature_c, depth_m, velocity_m_s, elevation_m, share), span_s)
            for share in shares
        ]
        return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])


def twice(step: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The step of double span: E² and E g + g."""
    matrix, offset = step
    return matrix @ matrix, (matrix @ offset[..., None])[..., 0] + offset


@cache
def all_species() -> dict[str, dict[str, str]]:
    """The rows of ``species.csv`` by code."""
    return {row["code"]: row for row in read_table("riverchief.transport", "species.csv")}


@cache
def all_reactions() -> dict[str, Reaction]:
    """The rows of ``reactions.csv`` by code."""
    found = {}
    for row in read_table("riverchief.transport", "reactions.csv"):
        makes = tuple(
            (name, float(grams)) for name, grams in (pair.split(":") for pair in row["makes"].split(";") if pair)
        )
        found[row["code"]] = Reaction(
            row["code"],
            row["species"],
            row["kind"],
            float(row["rate"]) if row["rate"] else None,
            row["unit"],
            float(row["low"]),
            float(row["high"]),
            float(row["theta"]),
            makes,
            row["oxygen"],
            row["zh"],
            row["en"],
            row["source"],
        )
    return found


def _exponentials(matrix: Floats, offset: Floats, span_s: float) -> tuple[Floats, Floats]:
    """exp(K h) and ∫₀ʰ exp(K τ) dτ b for each reach, from the exponential of [[K, b], [0, 0]] h."""
    species = offset.shape[1]
    out, shift = np.empty_like(matrix), np.empty_like(offset)
    size = species + 1
    _exponentiate(matrix, offset, span_s, out, shift, np.empty((4, size, size)))
    return out, shift


@njit(cache=True, nogil=True, error_model="numpy")
def _exponentiate(matrix, offset, span, out, shift, room):  # type: ignore[no-untyped-def]
    """Scaling to norm <= 1/4, Taylor until a term no longer counts (12 at most: 1e-17), squaring."""
    species = offset.shape[1]
    size = species + 1
    a, total, term, product = room[0], room[1], room[2], room[3]
    for reach in range(matrix.shape[0]):
        norm = 0.0
        for i in range(size):
            row = 0.0
            for j in range(size):
                value = 0.0
                if i < species:
                    value = span * (matrix[reach, i, j] if j < species else offset[reach, i])
                a[i, j] = value
                if j < species:  # the offset column does not limit the scaling: it enters linearly
                    row += abs(value)
            norm = max(norm, row)
        halvings = 0
        while norm > 0.25:
            norm *= 0.5
            halvings += 1
        factor = 0.5**halvings
        for i in range(size):
            for j in range(size):
                a[i, j] *= factor
                term[i, j] = 1.0 if i == j else 0.0
                total[i, j] = term[i, j]
        for order in range(1, 13):
            for i in range(size):
                for j in range(size):
                    value = 0.0
                    for k in range(size):
                        value += term[i, k] * a[k, j]
                    product[i, j] = value / order
            largest = 0.0
            for i in range(size):
                for j in range(size):
                    term[i, j] = product[i, j]
                    total[i, j] += product[i, j]
                    largest = max(largest, abs(product[i, j]))
            if largest < 1e-18:
                break
        for _ in range(halvings):
            for i in range(size):
                for j in range(size):
                    value = 0.0
                    for k in range(size):
                        value += total[i, k] * total[k, j]
                    product[i, j] = value
            for i in range(size):
                for j in range(size):
                    total[i, j] = product[i, j]
        for i in range(species):
            for j in range(species):
                out[reach, i, j] = total[i, j]
            shift[reach, i] = total[i, species]


@njit(cache=True, nogil=True, error_model="numpy")
def react(first, volume, matrix, offset, oxygen_at, hold, c, made):  # type: ignore[no-untyped-def]
    """One step of the reactions in every cell of ``c`` (cells, species; flat), with :meth:`Kinetics.steps`.

    Adds to ``made`` (species) the grams that came to be in reaches of ``volume`` [m³]; one of no volume is left alone.

    The supply of oxygen is that of the mean of beginning and end: a trial step first, then the step. Where a demand of
    zeroth order asks for more oxygen than is left, the rest is not taken: oxygen ends at 0.
    """
    nodes = matrix.shape[0]
    species = matrix.shape[2]
    before = np.empty(species)
    after = np.empty(species)
    # 1 - exp(-hold · DO) from a table: at 0.02 mg/L apart its straight lines are right to 2e-5
    shares = np.empty(_TABLE + 2)
    for k in range(_TABLE + 2):
        shares[k] = (1.0 - math.exp(-hold * k / _PER_MG_L)) * (nodes - 1)
    for i in range(matrix.shape[1]):
        water = volume[i] / (first[i + 1] - first[i])
        if water == 0.0:
            continue
        for cell in range(first[i], first[i + 1]):
            at = cell * species
            for s in range(species):
                before[s] = c[at + s]
            if oxygen_at < 0:
                for s in range(species):
                    value = offset[0, i, s]
                    for r in range(species):
                        value += matrix[0, i, s, r] * before[r]
                    after[s] = value
            else:
                oxygen = before[oxygen_at]
                for turn in range(2):
                    mark = min(max(oxygen, 0.0) * _PER_MG_L, float(_TABLE))
                    k = int(mark)
                    place = shares[k] + (mark - k) * (shares[k + 1] - shares[k])
                    low = min(int(place), nodes - 2)
                    high = place - low
                    less = 1.0 - high
                    if turn == 0:  # a trial step of oxygen alone
                        value = less * offset[low, i, oxygen_at] + high * offset[low + 1, i, oxygen_at]
                        for r in range(species):
                            value += (
                                less * matrix[low, i, oxygen_at, r] + high * matrix[low + 1, i, oxygen_at, r]
                            ) * before[r]
                        oxygen = 0.5 * (before[oxygen_at] + value)
                        continue
                    for s in range(species):
                        value = less * offset[low, i, s] + high * offset[low + 1, i, s]
                        for r in range(species):
                            value += (less * matrix[low, i, s, r] + high * matrix[low + 1, i, s, r]) * before[r]
                        after[s] = value
                after[oxygen_at] = max(after[oxygen_at], 0.0)
            for s in range(species):
                made[s] += water * (after[s] - before[s])
                c[at + s] = after[s]
