"""Released into the water and measured in the water: what that changes against mass that is carried past.

The transfer functions of ``transport`` take what flows in at the head of a reach to what flows out at its foot. A
release into the river spreads upstream too, and a probe sees the water that stands round it, not what is carried past.
With ξ(s) = √(1 + 4 D σ(s)/v²) of the reach of the release (a) and of the probe (b), for long reaches (Kreft and Zuber
1978, Chem. Eng. Sci. 33:1471),

    H = (1 + ξ_a)/(2 ξ_a) · exp(Σ g) · 2/(1 + ξ_b)

which within one reach is exp(Σ g)/ξ. Each end delays the mean by D/v²: seconds in a river, an hour in a slow brook.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from riverchief.transport import Physics
from riverchief.transport.cumulants import sigma_at_zero
from riverchief.transport.physics import Floats


def end_cumulants(physics: Physics) -> tuple[Floats, Floats]:
    """What an end in each reach adds to mean [s], variance [s²], third cumulant [s³] and log survival [-] of the travel
    time: of a release there, and of a probe there; shape (reaches, 4) each, 0 in lakes."""
    n = physics.length_m.size
    release, probe = np.zeros((n, 4)), np.zeros((n, 4))
    _fill(
        physics.velocity_m_s,
        physics.dispersion_m2_s,
        physics.decay_per_s,
        physics.storage_ratio,
        physics.exchange_per_s,
        physics.residence_s,
        release,
        probe,
    )
    return release, probe


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(velocity, dispersion, decay, ratio, exchange, residence, release, probe):  # type: ignore[no-untyped-def]
    """Cumulants of the two ends of every reach from the derivatives of their logarithms at s = 0: closed form, Kreft
    and Zuber 1978 (see the module)."""
    for i in range(velocity.size):
        if residence[i] > 0.0:
            continue
        s0, s1, s2, s3 = sigma_at_zero(decay[i], exchange[i], ratio[i])
        q = 2.0 * dispersion[i] / (velocity[i] * velocity[i])
        x = math.sqrt(1.0 + 2.0 * q * s0)
        x1, x2, x3 = q / x, -q * q / x**3, 3.0 * q**3 / x**5
        # the probe: f = log 2 - log(1 + ξ); the release: f = log(1 + ξ) - log 2 - log ξ
        p1, p2, p3 = -1.0 / (1.0 + x), 1.0 / (1.0 + x) ** 2, -2.0 / (1.0 + x) ** 3
        _chain((p1, p2, p3), (x1, x2, x3), (s1, s2, s3), math.log(2.0 / (1.0 + x)), i, probe)
        f1, f2, f3 = -p1 - 1.0 / x, -p2 + 1.0 / x**2, -p3 - 2.0 / x**3
        _chain((f1, f2, f3), (x1, x2, x3), (s1, s2, s3), math.log((1.0 + x) / (2.0 * x)), i, release)


@njit(cache=True, nogil=True, error_model="numpy")
def _chain(f, x, s, at_zero, i, out):  # type: ignore[no-untyped-def]
    """Row i of ``out``: cumulants of exp(f(ξ(σ(s)))) by the chain rule, from the first three derivatives of f, ξ and σ
    (Faà di Bruno)."""
    f1, f2, f3 = f
    x1, x2, x3 = x
    s1, s2, s3 = s
    g1 = f1 * x1
    g2 = f2 * x1 * x1 + f1 * x2
    g3 = f3 * x1**3 + 3.0 * f2 * x1 * x2 + f1 * x3
    out[i, 0] = -g1 * s1
    out[i, 1] = g2 * s1 * s1 + g1 * s2
    out[i, 2] = -(g3 * s1**3 + 3.0 * g2 * s1 * s2 + g1 * s3)
    out[i, 3] = at_zero
