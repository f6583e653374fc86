"""The closed forms and the plain, slow transfer functions that every solver of transport is held against."""

import numpy as np
from scipy.special import erfc, erfcx


def ogata_banks(x, t, v, D):
    """C/C0 below a step at x = 0 (Ogata and Banks 1961): ½[erfc((x-vt)/2√(Dt)) + exp(vx/D) erfc((x+vt)/2√(Dt))]."""
    low = (x - v * t) / (2 * np.sqrt(D * t))
    high = (x + v * t) / (2 * np.sqrt(D * t))
    return 0.5 * (erfc(low) + np.exp(-low * low) * erfcx(high))


def step_with_decay(x, t, v, D, k):
    """The same with first-order decay (van Genuchten and Alves 1982, A1), u = v√(1 + 4kD/v²)."""
    u = v * np.sqrt(1 + 4 * k * D / v**2)
    root = 2 * np.sqrt(D * t)
    return 0.5 * (
        np.exp((v - u) * x / (2 * D)) * erfc((x - u * t) / root)
        + np.exp((v + u) * x / (2 * D)) * erfc((x + u * t) / root)
    )


def slug_resident(x, t, M, A, v, D, k):
    """Concentration in the water after M fell at x = 0 (Taylor 1954): M/(A√(4πDt)) exp(-(x-vt)²/4Dt - kt)."""
    return M / (A * np.sqrt(4 * np.pi * D * t)) * np.exp(-((x - v * t) ** 2) / (4 * D * t) - k * t)


def slug_flux(x, t, M, Q, v, D, k):
    """Mass flow over discharge at x (Kreft and Zuber 1978): M x/(Q√(4πDt³)) exp(-(x-vt)²/4Dt - kt)."""
    return M * x / (Q * np.sqrt(4 * np.pi * D * t**3)) * np.exp(-((x - v * t) ** 2) / (4 * D * t) - k * t)


def streeter_phelps(t, L0, D0, kd, ka):
    """Oxygen deficit (Streeter and Phelps 1925): kd L0/(ka-kd) (e^{-kd t} - e^{-ka t}) + D0 e^{-ka t}."""
    return kd * L0 / (ka - kd) * (np.exp(-kd * t) - np.exp(-ka * t)) + D0 * np.exp(-ka * t)


def streeter_phelps_worst(L0, D0, kd, ka):
    """When the deficit is largest, and how large."""
    t = np.log(ka / kd * (1 - D0 * (ka - kd) / (kd * L0))) / (ka - kd)
    return t, kd / ka * L0 * np.exp(-kd * t)


def steady_load(x, U, E, k, load_per_flow):
    """Steady continuous load with dispersion (O'Connor 1960): W/(Qm) exp(Ux/2E (1-m)), m = √(1 + 4kE/U²)."""
    m = np.sqrt(1 + 4 * k * E / U**2)
    return load_per_flow / m * np.exp(U * x / (2 * E) * (1 - m))


def log_transfer(s, L, v, D, k, ratio=0.0, exchange=0.0, residence=np.nan):
    """log of a reach's transfer function at complex s, written out as in the docstring of riverchief.transport."""
    s = np.asarray(s, complex)
    if np.isfinite(residence):
        return -np.log(1 + (s + k) * residence)
    sigma = s + k
    if exchange > 0:
        sigma = sigma + exchange * (s + k) / (s + k + exchange / ratio)
    return v * L / (2 * D) * (1 - np.sqrt(1 + 4 * D * sigma / v**2))


def derivatives_at_zero(f, radius, order=3, points=64):
    """f, f′, f″, f‴ at 0 by Cauchy's integral over a circle inside the region where f is analytic."""
    angle = 2 * np.pi * np.arange(points) / points
    values = f(radius * np.exp(1j * angle))
    factorial = np.cumprod([1, *range(1, order + 1)])
    return [
        float(np.real(factorial[n] * np.mean(values * np.exp(-1j * n * angle)) / radius**n)) for n in range(order + 1)
    ]
