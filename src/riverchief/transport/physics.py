"""What moves, spreads, stores and takes away a substance in each reach, as arrays in the network's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, Fault

Floats = NDArray[np.float64]
Factor = float | Floats

# column, what is allowed, whether a lake may leave it open, whether zero is allowed
_COLUMNS = (
    ("length_m", "> 0 m", False, False),
    ("velocity_m_s", "> 0 m/s", True, False),
    ("dispersion_m2_s", "> 0 m²/s", True, False),
    ("discharge_m3_s", "> 0 m³/s", False, False),
    ("decay_per_s", ">= 0 1/s", False, True),
    ("storage_ratio", ">= 0", True, True),
    ("exchange_per_s", ">= 0 1/s", True, True),
)


@dataclass(frozen=True)
class Physics:
    """One state of the river: an array over reaches (post-order) for each quantity.

    ``length_m`` L [m]; ``velocity_m_s`` v [m/s], mean of the section; ``dispersion_m2_s`` D [m²/s], longitudinal;
    ``discharge_m3_s`` Q at the foot [m³/s]; ``decay_per_s`` k [1/s], first order, in the channel and in its dead zones;
    ``storage_ratio`` A_s/A [-], dead zones over channel; ``exchange_per_s`` α [1/s] between the two;
    ``residence_s`` τ [s], finite for a lake (one mixed tank), NaN for a river reach. In a lake velocity, dispersion and
    storage mean nothing and are not looked at.

    Make one with :meth:`of`, which checks it.
    """

    length_m: Floats
    velocity_m_s: Floats
    dispersion_m2_s: Floats
    discharge_m3_s: Floats
    decay_per_s: Floats
    storage_ratio: Floats
    exchange_per_s: Floats
    residence_s: Floats

    @classmethod
    def of(
        cls,
        length_m: ArrayLike,
        velocity_m_s: ArrayLike,
        dispersion_m2_s: ArrayLike,
        discharge_m3_s: ArrayLike,
        *,
        decay_per_s: ArrayLike = 0.0,
        storage_ratio: ArrayLike = 0.0,
        exchange_per_s: ArrayLike = 0.0,
        residence_s: ArrayLike = np.nan,
    ) -> Physics:
        """Physics from arrays over reaches or single numbers for all of them, checked.

        Raises :class:`~riverchief.errors.BadInput` with one fault for each quantity that is missing, not finite, zero
        where it must not be, or negative, naming the reaches. NaN in ``residence_s`` means "not a lake"; anywhere else
        (but for what a lake may leave open) it is a fault: a flow that is not known must be estimated, not assumed.
        """
        lengths = np.array(length_m, dtype=np.float64, ndmin=1)
        if lengths.ndim != 1:
            raise BadInput([_shape_fault("length_m", lengths.shape, "one number for each reach")])
        given = {
            "length_m": length_m,
            "velocity_m_s": velocity_m_s,
            "dispersion_m2_s": dispersion_m2_s,
            "discharge_m3_s": discharge_m3_s,
            "decay_per_s": decay_per_s,
            "storage_ratio": storage_ratio,
            "exchange_per_s": exchange_per_s,
            "residence_s": residence_s,
        }
        columns: dict[str, Floats] = {}
        faults = []
        for name, values in given.items():
            array = np.asarray(values, dtype=np.float64)
            if array.ndim > 1 or (array.ndim == 1 and array.shape != lengths.shape):
                faults.append(_shape_fault(name, array.shape, f"({lengths.size},) or one number"))
                continue
            columns[name] = np.ascontiguousarray(np.broadcast_to(array, lengths.shape))
        if faults:
            raise BadInput(faults)
        physics = cls(**columns)
        found = physics.faults()
        if found:
            raise BadInput(found)
        return physics

    @property
    def is_lake(self) -> NDArray[np.bool_]:
        """Which reaches are lakes (one mixed tank)."""
        return np.isfinite(self.residence_s)

    def faults(self, names: Sequence[object] | None = None) -> list[Fault]:
        """Everything that is wrong, one fault for each quantity; empty where all is well.

        ``names`` are what faults call the reaches; by default their positions.
        """
        called = range(self.length_m.size) if names is None else names
        lake = self.is_lake
        faults = []
        for name, allowed, open_in_lakes, zero_allowed in _COLUMNS:
            values = getattr(self, name)
            bad = ~np.isfinite(values) | ((values < 0) if zero_allowed else (values <= 0))
            if open_in_lakes:
                bad &= ~lake
            faults += _value_faults(name, values, bad, allowed, called)
        bad = ~np.isnan(self.residence_s) & ~(lake & (self.residence_s > 0))
        faults += _value_faults(
            "residence_s", self.residence_s, bad, "> 0 s (storage of the lake), or NaN for a river reach", called
        )
        # Dead zones without exchange would hold nothing; exchange without dead zones has nowhere to go.
        bad = ~lake & (self.exchange_per_s > 0) & ~(self.storage_ratio > 0)
        faults += _value_faults("storage_ratio", self.storage_ratio, bad, "> 0 where exchange_per_s > 0", called)
        return faults

    def take(self, reaches: NDArray[np.int64]) -> Physics:
        """The same quantities of some reaches only, in the order given."""
        return Physics(*(getattr(self, part.name)[reaches] for part in fields(self)))

    def perturbed(
        self,
        *,
        velocity: Factor = 1.0,
        dispersion: Factor = 1.0,
        decay: Factor = 1.0,
        discharge: Factor = 1.0,
    ) -> Physics:
        """The same river with each quantity times a factor [-], one number or one for each reach.

        A lake's residence time goes with 1/velocity: both say how fast water is replaced.
        """
        return replace(
            self,
            velocity_m_s=self.velocity_m_s * velocity,
            dispersion_m2_s=self.dispersion_m2_s * dispersion,
            decay_per_s=self.decay_per_s * decay,
            discharge_m3_s=self.discharge_m3_s * discharge,
            residence_s=self.residence_s / velocity,
        )


def _value_faults(
    name: str, values: Floats, bad: NDArray[np.bool_], allowed: str, called: Sequence[object]
) -> list[Fault]:
    where = np.flatnonzero(bad)
    if where.size == 0:
        return []
    examples = ", ".join(f"{called[index]}: {values[index]:g}" for index in where[:5])
    return [
        Fault(
            "bad_reach_values",
            column=name,
            details={"count": str(where.size), "given": examples, "allowed": allowed},
        )
    ]


def _shape_fault(name: str, shape: tuple[int, ...], allowed: str) -> Fault:
    return Fault("wrong_shape", column=name, details={"given": str(shape), "allowed": allowed})
