"""The curves of pairs: quickly from three cumulants, exactly from the transfer functions with dead zones."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from riverchief.place import Location, Network
from riverchief.tracing.pairs import Pairs
from riverchief.tracing.sums import GRID, LOW, PER_SD, Curves, integrate
from riverchief.transport import Physics, responses, way_from
from riverchief.transport.kernel import density_at
from riverchief.transport.physics import Floats

Ints = NDArray[np.int64]
_PERIOD = 2 * (GRID - 1)  # steps of the Fourier sum: twice the curve, so that a tail does not come back at the front
_FADED = -17.0  # log of an amplitude that no longer matters


def quick_curves(pairs: Pairs) -> Curves:
    """Density and share (see :mod:`.sums`) of each row from its cumulants, shape (rows, GRID) each."""
    density = np.empty((pairs.sd_s.size, GRID))
    share = np.empty((pairs.sd_s.size, GRID))
    _quick(pairs.mean_s, pairs.sd_s, pairs.third_s3, density, share)
    return _curves(pairs, density, share)


def exact_curves(
    network: Network, physics: Physics, candidates: list[Location], stations: list[Location], pairs: Pairs
) -> Curves:
    """The same from the transfer functions of :mod:`riverchief.transport.response`, dead zones, lakes and arms
    included."""
    density = np.zeros((pairs.sd_s.size, GRID))
    share = np.zeros((pairs.sd_s.size, GRID))
    if len(network.secondary):
        _by_responses(network, physics, candidates, stations, pairs, density)
    else:
        source = np.array([network.index_of(place.reach) for place in candidates], np.int64)
        passed = np.array([place.chainage_m for place in candidates]) / network.length_m[source]
        target = np.array([network.index_of(place.reach) for place in stations], np.int64)
        reached = np.array([place.chainage_m for place in stations]) / network.length_m[target]
        of_row = np.repeat(np.arange(pairs.first.size - 1), np.diff(pairs.first))
        spectrum = np.zeros((pairs.sd_s.size, _PERIOD // 2 + 1), np.complex128)
        _spectra(
            network.down,
            (
                physics.length_m,
                physics.velocity_m_s,
                physics.dispersion_m2_s,
                physics.decay_per_s,
                physics.storage_ratio,
                physics.exchange_per_s,
                physics.residence_s,
            ),
            (source[of_row], passed[of_row]),
            (target[pairs.station], reached[pairs.station]),
            pairs.mean_s,
            pairs.sd_s,
            spectrum,
        )
        density[:] = np.maximum(np.fft.irfft(spectrum, _PERIOD, axis=1)[:, :GRID] * PER_SD, 0.0)
    for row in range(pairs.sd_s.size):
        if density[row].sum() <= 0.0:  # too sharp for the grid: the cumulants know better
            _quick(
                pairs.mean_s[row : row + 1],
                pairs.sd_s[row : row + 1],
                pairs.third_s3[row : row + 1],
                density[row : row + 1],
                share[row : row + 1],
            )
        else:
            integrate(row, density, share)
    return _curves(pairs, density, share)


def _curves(pairs: Pairs, density: Floats, share: Floats) -> Curves:
    return Curves(pairs.station, pairs.mean_s, pairs.sd_s, pairs.mg_l_per_kg_s, density, share)


def _by_responses(
    network: Network,
    physics: Physics,
    candidates: list[Location],
    stations: list[Location],
    pairs: Pairs,
    density: Floats,
) -> None:
    edges = network.secondary
    x = LOW + np.arange(GRID) / PER_SD
    for number, place in enumerate(candidates):
        rows = np.arange(pairs.first[number], pairs.first[number + 1])
        if rows.size == 0:
            continue
        reach = network.index_of(place.reach)
        way = way_from(network.down, reach, (edges.source, edges.target, edges.fraction))
        seeing = [stations[k] for k in pairs.station[rows].tolist()]
        at = [network.index_of(station.reach) for station in seeing]
        found = responses(
            way,
            physics,
            [way.position(i) for i in at],
            [station.chainage_m / network.length_m[i] for station, i in zip(seeing, at, strict=True)],
            source_share=place.chainage_m / float(network.length_m[reach]),
        )
        for row, response in zip(rows.tolist(), found, strict=True):
            if response is not None:
                # the shape about its own mean; mean and width with the ends are those of the pair
                weight = np.maximum(response.per_s, 0.0)
                mean = float(np.average(response.time_s, weights=weight))
                sd = math.sqrt(float(np.average((response.time_s - mean) ** 2, weights=weight)))
                density[row] = np.maximum(response.at(mean + sd * x), 0.0) * sd / response.survival


@njit(cache=True, nogil=True, error_model="numpy")
def _quick(mean, sd, third, density, share):  # type: ignore[no-untyped-def]
    """Curves from three cumulants: the shifted inverse Gaussian of :func:`~riverchief.transport.kernel.density_at`."""
    for r in range(mean.size):
        for j in range(GRID):
            t = mean[r] + sd[r] * (LOW + j / PER_SD)
            density[r, j] = density_at(t, mean[r], sd[r] * sd[r], third[r]) * sd[r] if t > 0.0 else 0.0
        integrate(r, density, share)


@njit(cache=True, nogil=True, error_model="numpy")
def _spectra(down, columns, begins, ends, mean, sd, out):  # type: ignore[no-untyped-def]
    """Transfer function of each row over its survival, at the frequencies of its own grid, shifted to begin at LOW.

    Equation: as :func:`riverchief.transport.response._walk`, with ends as in :mod:`.standing`; a row goes from
    (reach, share) of ``begins`` to that of ``ends``. Exact at each frequency; one that has not faded at the last is
    damped by Lanczos' factors, or it would ring.
    """
    length, velocity, dispersion, decay, ratio, exchange, residence = columns
    source, passed = begins
    target, reached = ends
    for r in range(source.size):
        survival = 0.0
        start = mean[r] + LOW * sd[r]
        for f in range(out.shape[1]):
            s = complex(0.0, 2.0 * math.pi * f * PER_SD / (_PERIOD * sd[r]))
            total = 0.0 + 0.0j
            last = 1.0 + 0.0j
            i = source[r]
            while True:
                part = 1.0
                if i == target[r]:
                    part = reached[r] - (passed[r] if i == source[r] else 0.0)
                elif i == source[r]:
                    part = 1.0 - passed[r]
                sk = s + decay[i]
                last = 1.0 + 0.0j
                if residence[i] > 0.0:
                    total -= np.log(1.0 + sk * residence[i])
                else:
                    a = exchange[i]
                    sigma = sk
                    if a > 0.0:
                        sigma = sk + a * sk / (sk + a / ratio[i])
                    v = velocity[i]
                    four = 4.0 * dispersion[i] / (v * v)
                    x = 1.0 + four * sigma.real
                    y = four * sigma.imag
                    re = math.sqrt(0.5 * (math.sqrt(x * x + y * y) + x))
                    root = complex(re, y / (2.0 * re))
                    total -= part * 2.0 * length[i] / v * sigma / (1.0 + root)
                    last = root
                    if i == source[r]:
                        total += np.log(0.5 * (1.0 + root) / root)
                if i == target[r] or down[i] < 0:
                    break
                i = down[i]
            total += np.log(2.0 / (1.0 + last))
            if f == 0:
                survival = total.real
            total -= survival
            if total.real < _FADED:
                break
            out[r, f] = np.exp(total + s * start)
        else:
            for f in range(out.shape[1]):  # it never faded: Lanczos' factors keep it from ringing
                z = math.pi * f / out.shape[1]
                out[r, f] *= math.sin(z) / z if f > 0 else 1.0
