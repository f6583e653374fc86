"""Reactions as data: which substance turns into which, how fast, and what that costs in oxygen.

``species.csv`` names the substances, ``reactions.csv`` the reactions; a model is a choice of species, with the rates
that are known of the river in place of the table's. All are of first or zeroth order, so that dc/dt = K c + b has the
exact solution c(h) = exp(K h) c + ∫ exp(K τ) b dτ and no rate is too fast for a step. What needs oxygen goes slower as
it runs out, by 1 - exp(-0.6 DO) (QUAL2K); what oxygen hinders by the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.table import read_table
from riverchief.transport.exact import Step, exact_step
from riverchief.transport.oxygen import SECONDS_PER_DAY, oxygen_saturation, reaeration
from riverchief.transport.physics import Floats
from riverchief.transport.plants import light_share

OXYGEN_HOLD = 0.6  # L/mg
_OF_THE_BED = ("settling", "demand", "supply", "light", "crop")  # kinds whose rate is for an area
FROM_NOTHING = ("reaeration", "demand", "supply", "light", "crop")  # kinds that act on water that holds nothing, too
NODES = 5  # shares of full oxygen supply for which a step is made exactly; between them it is interpolated


@dataclass(frozen=True)
class Reaction:
    """One row of ``reactions.csv``; ``makes`` is what a gram of ``species`` makes (uses, if negative), ``light_w_m2``
    the scale of the light that drives it (:func:`~riverchief.transport.plants.light_share`)."""

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
    light_w_m2: float | None = None


@dataclass(frozen=True)
class Kinetics:
    """The species computed, in order, the reactions among them, and each one's rate at 20 °C, one number or one for
    each reach, in the table's unit. ``formula`` is the reaeration formula where no rate is given; ``hold`` [L/mg] says
    how oxygen rules the others: their share is 1 - exp(-hold · DO); None: it does not. ``light`` replaces the scale of
    the light [W/m²] of reactions that light drives, ``light_formula`` says how it does."""

    species: tuple[str, ...]
    reactions: tuple[Reaction, ...]
    rates: Mapping[str, Floats]
    formula: str = "covar"
    hold: float | None = OXYGEN_HOLD
    light: Mapping[str, Floats] = field(default_factory=dict)
    light_formula: str = "half_saturation"

    @classmethod
    def of(
        cls,
        species: Sequence[str],
        rates: Mapping[str, ArrayLike] | None = None,
        *,
        formula: str = "covar",
        without: Sequence[str] = (),
        hold: float | None = OXYGEN_HOLD,
        light: Mapping[str, ArrayLike] | None = None,
        light_formula: str = "half_saturation",
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
        light
            Code of a reaction that light drives → scale of that light at the bed [W/m²], one number or one for each
            reach.
        light_formula
            Of :func:`~riverchief.transport.plants.light_share`.

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
        scales = {code: np.asarray(value, np.float64) for code, value in (light or {}).items()}
        lit = [code for code, row in reactions.items() if row.kind == "light"]
        faults += [unknown_name("unknown_reaction", code, lit) for code in scales if code not in lit]
        faults += [
            Fault("out_of_range", column=code, details={"given": f"{np.ravel(value)[0]:g}", "allowed": "> 0 W/m²"})
            for code, value in scales.items()
            if not bool(np.all(value > 0))
        ]
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
        light_share(1.0, 1.0, light_formula)
        chosen = tuple(row for row in reactions.values() if row.species in species and row.code not in without)
        return cls(tuple(species), chosen, given, formula, hold, scales, light_formula)

    def system(
        self,
        temperature_c: Floats,
        depth_m: Floats,
        velocity_m_s: Floats,
        elevation_m: Floats,
        oxygen_share: float | None = None,
        light_w_m2: Floats | None = None,
        plants_g_m2: Floats | None = None,
    ) -> tuple[Floats, Floats]:
        """K (reaches, species, species) and b (reaches, species) of dc/dt = K c + b, per second.

        ``oxygen_share`` 1 - exp(-hold · DO) scales what needs oxygen, its rest what oxygen hinders; None: nothing is
        scaled. In reaches of unknown velocity (lakes) reaeration by formula is 0. ``light_w_m2`` is the light at the
        bed, ``plants_g_m2`` what grows there; None: what they drive rests.
        """
        speeds = self._speeds(temperature_c, depth_m, velocity_m_s, elevation_m, light_w_m2, plants_g_m2)
        system = self._assembled(temperature_c.size, speeds, oxygen_share)
        return np.moveaxis(system[:, :-1], -1, 0).copy(), system[:, -1].T.copy()

    def _speeds(
        self,
        temperature_c: Floats,
        depth_m: Floats,
        velocity_m_s: Floats,
        elevation_m: Floats,
        light_w_m2: Floats | None,
        plants_g_m2: Floats | None,
    ) -> list[tuple[Reaction, Floats, Floats]]:
        """Of each reaction: its row, its speed [1/s] or [g/m³/s] with full supply, and what it brings with nothing
        there [g/m³/s]."""
        nothing = np.zeros(temperature_c.size)
        found = []
        for row in self.reactions:
            at_20 = self.rates.get(row.code, np.asarray(0.0 if row.rate is None else row.rate))
            if row.kind == "reaeration" and row.code not in self.rates:
                at_20 = np.nan_to_num(reaeration(velocity_m_s, depth_m, self.formula), nan=0.0, posinf=0.0)
            per_s = at_20 * row.theta ** (temperature_c - 20.0) / SECONDS_PER_DAY
            if row.kind == "light":
                scale = self.light.get(row.code, np.asarray(row.light_w_m2, np.float64))
                per_s = nothing if light_w_m2 is None else per_s * light_share(light_w_m2, scale, self.light_formula)
            if row.kind == "crop":
                per_s = nothing if plants_g_m2 is None else per_s * plants_g_m2  # g/g/d · g/m² → g/m²/d
            if row.kind in _OF_THE_BED:
                per_s = per_s / depth_m  # m/d / m → 1/d; g/m²/d / m → g/m³/d
            if row.kind in _OF_THE_BED and row.kind != "settling":
                found.append((row, nothing, -per_s if row.kind in ("demand", "crop") else per_s))
            elif row.kind == "reaeration":
                found.append((row, per_s, per_s * oxygen_saturation(temperature_c, elevation_m)))
            else:
                found.append((row, per_s, nothing))
        return found

    def _assembled(
        self, reaches: int, speeds: list[tuple[Reaction, Floats, Floats]], oxygen_share: float | None
    ) -> Floats:
        """[K, b] of :meth:`system` from the reactions' speeds, (species, species + 1, reaches)."""
        index = {code: j for j, code in enumerate(self.species)}
        system = np.zeros((len(index), len(index) + 1, reaches))
        for row, per_s, brings in speeds:
            j = index[row.species]
            if row.oxygen and oxygen_share is not None:
                share = oxygen_share if row.oxygen == "needs" else 1.0 - oxygen_share
                per_s, brings = share * per_s, share * brings
            system[j, j] -= per_s
            system[j, -1] += brings
            for product, grams in row.makes:
                if product in index:
                    system[index[product], j] += grams * per_s
        return system

    @property
    def oxygen_at(self) -> int:
        """Index of oxygen where it rules a reaction's speed, else -1."""
        follows = self.hold is not None and "DO" in self.species and any(row.oxygen for row in self.reactions)
        return self.species.index("DO") if follows else -1

    def step(
        self,
        span_s: float,
        temperature_c: Floats,
        depth_m: Floats,
        velocity_m_s: Floats,
        elevation_m: Floats,
        light_w_m2: Floats | None = None,
        plants_g_m2: Floats | None = None,
    ) -> Step:
        """The exact step over ``span_s`` [s] for each reach.

        One node without oxygen among the species (then nothing is held back); otherwise :data:`NODES` shares of oxygen
        supply from 0 to 1.
        """
        speeds = self._speeds(temperature_c, depth_m, velocity_m_s, elevation_m, light_w_m2, plants_g_m2)
        if self.oxygen_at < 0:
            return exact_step(self._assembled(temperature_c.size, speeds, None), None, 1, span_s)
        without, full = (self._assembled(temperature_c.size, speeds, share) for share in (0.0, 1.0))
        return exact_step(without, full, NODES, span_s)


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
            float(row["light_w_m2"]) if row["light_w_m2"] else None,
        )
    return found
