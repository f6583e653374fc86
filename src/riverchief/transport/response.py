"""Transfer functions: the exact response, in steady flow, of every place below a release.

Along a reach a pulse is multiplied in Laplace's domain by exp(g(σ(s))) (see ``cumulants``), in a lake by
1/(1 + (s + k)τ); a way is a sum of logarithms, arms that meet again are added. Time comes back by a discrete Fourier
sum whose window is chosen, not guessed: with H the transfer function, Chernoff's bounds

    P(T < t) <= exp(θt) H(θ)/H(0),   P(T > t) <= exp(-θt) H(-θ)/H(0)      (every θ > 0)

give a window outside which less than ``tail`` of the mass arrives, so that is all that can wrap around; and the step is
so short that |H| at the highest frequency is below ``tail`` too, so nothing rings. Where that would take more than
2^15 steps (a few metres below an instant release, or in the lake it fell into) the response is smoothed over one step
and flagged ``resolved=False``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, Fault
from riverchief.transport.cumulants import fill_cumulants, heads
from riverchief.transport.physics import Floats, Physics
from riverchief.transport.way import Way

MOST_STEPS = 2**15
_DAMPING = 18.0
_FINER = 8  # printed steps for each that the Fourier sum needs
_THETAS = np.geomspace(1e-4, 1e2, 41)
_CUTS = np.geomspace(1.0, 1e5, 61)


@dataclass(frozen=True)
class Response:
    """Share of a release that passes a place per second, at ``start_s + step_s * j`` after it began.

    ``per_s`` [1/s]; divide by the discharge there for concentration per released gram. ``resolved`` is False where the
    curve had to be smoothed over one step. ``survival`` [-] is the whole integral, known exactly. Where a lake's long
    memory made the steps too coarse for what comes before, ``onset`` is the beginning of the curve in fine steps.
    """

    start_s: float
    step_s: float
    per_s: Floats
    survival: float
    resolved: bool
    onset: Response | None = None

    @property
    def time_s(self) -> Floats:
        """Times of the curve [s] after the release began."""
        return self.start_s + self.step_s * np.arange(self.per_s.size, dtype=np.float64)

    def at(self, t_s: ArrayLike) -> Floats:
        """The curve at any times [s], by the cubic through the four nearest steps; zero outside the window [1/s]."""
        place = (np.asarray(t_s, np.float64) - self.start_s) / self.step_s
        inside = (place >= 0) & (place <= self.per_s.size - 1)
        j = np.clip(np.floor(np.where(inside, place, 1)).astype(np.int64), 1, self.per_s.size - 3)
        x = place - j
        a, b, c, d = (self.per_s[j + offset] for offset in (-1, 0, 1, 2))
        cubic = b + x * (c - a / 3 - b / 2 - d / 6 + x * ((a + c) / 2 - b + x * ((d - a) / 6 + (b - c) / 2)))
        return np.where(inside, cubic, 0.0)


def responses(
    way: Way,
    physics: Physics,
    positions: ArrayLike,
    shares: ArrayLike,
    *,
    source_share: float = 0.0,
    duration_s: float = 0.0,
    tail: float = 1e-8,
    resident: bool = False,
) -> list[Response | None]:
    """What each place below a release sees of it.

    Parameters
    ----------
    way
        :func:`~riverchief.transport.way.way_from` the reach of the release.
    physics
        Of the whole network.
    positions, shares
        For each place its position in ``way.reaches`` and its chainage/length there [-], both shape (places,).
    source_share
        Chainage/length of the release in its reach [-]. In a lake shares mean nothing: it is one tank.
    duration_s
        The release is even over this time [s]; 0 is an instant one.
    tail
        Share of the mass [-] that may fall outside the window, and of the amplitude above the highest frequency.
    resident
        False: flux concentration (mass flow over discharge), what is carried past. True: concentration of the water
        standing there, as after a release into the middle of a long reach; the same but for the first Pécletfuls.

    Returns
    -------
    list
        One :class:`Response` for each place; None where nothing comes (upstream of the release).

    Raises ``BadInput`` where a duration is negative or ``tail`` is not in (0, 0.01]. NaN physics cannot come here
    (:meth:`Physics.of`). Steady flow only; source: engine.md §2.4 A; Abate and Whitt 1992 on such sums.
    """
    faults = []
    if not (math.isfinite(duration_s) and duration_s >= 0.0):
        faults.append(
            Fault("out_of_range", column="duration_s", details={"given": str(duration_s), "allowed": ">= 0 s"})
        )
    if not 0.0 < tail <= 0.01:
        faults.append(Fault("out_of_range", column="tail", details={"given": str(tail), "allowed": "(0, 0.01]"}))
    if faults:
        raise BadInput(faults)
    where = np.asarray(positions, np.int64).reshape(-1)
    share = np.asarray(shares, np.float64).reshape(-1)
    path = _Path(way, physics, where, share, source_share, resident)
    log_tail = math.log(tail)

    moments = path.moments()
    survival = moments[:, 3]
    found: list[Response | None] = [None] * where.size
    here = np.flatnonzero(np.isfinite(survival) & (survival > -600.0))
    if here.size == 0:
        return found
    start, end, highest = _windows(path, here, moments, log_tail)
    octave = np.ceil(np.log2(end - start + duration_s)).astype(np.int64)
    # Places whose windows are alike share one frequency grid, so a way is walked a few times, not once for each.
    for level in np.unique(octave):
        group = np.flatnonzero(octave == level)
        window = 2.0 ** float(level)
        wanted = np.clip(highest[group] * window / math.pi, 16.0, MOST_STEPS)
        steps_of = (2 ** np.ceil(np.log2(wanted))).astype(np.int64)
        s = 2j * np.pi / window * np.arange(int(steps_of.max()) // 2 + 1)
        shape = _release_shape(s, duration_s)
        for j, steps, row in zip(group, steps_of.tolist(), path.logs(s, here[group]), strict=True):
            half = steps // 2 + 1
            spectrum = np.exp(row[:half] + s[:half] * start[j]) * shape[:half]
            resolved = bool(highest[j] <= math.pi * steps / window)
            if not resolved:
                # Lanczos' σ factors: the mean over one step, which does not ring
                spectrum *= np.sinc(2.0 * np.arange(half) / steps)
            fine = max(steps, min(_FINER * steps, 2 * MOST_STEPS))
            curve = np.fft.irfft(spectrum, fine) * (fine / window)
            mass = math.exp(survival[here[j]])
            onset = None if resolved else _onset(path, int(here[j]), float(start[j]), mass, duration_s, log_tail)
            found[here[j]] = Response(float(start[j]), window / fine, curve, mass, resolved, onset)
    return found


def transfer(
    way: Way, physics: Physics, s: NDArray[np.complex128], *, source_share: float = 0.0
) -> NDArray[np.complex128]:
    """The transfer function from a release to the foot of the last reach of ``way`` at complex ``s`` [1/s]."""
    last = way.reaches.size - 1
    path = _Path(way, physics, np.array([last]), np.ones(1), source_share, False)
    found: NDArray[np.complex128] = np.exp(path.logs(s)[0])
    return found


def _windows(path: _Path, here: NDArray[np.int64], moments: Floats, log_tail: float) -> tuple[Floats, Floats, Floats]:
    """First and last second of each place's window [s], and the highest angular frequency it needs [1/s].

    Infinite where no frequency that can be had is high enough.
    """
    start = np.zeros(here.size)
    end = np.empty(here.size)
    highest = np.full(here.size, np.inf)
    # At no distance there is no spread, but the θ tried must stay below every rate of the way.
    spread = np.maximum(np.sqrt(moments[here, 1]), 1e-3 * path.slowest_s())
    octave = np.ceil(np.log2(spread)).astype(np.int64)
    for level in np.unique(octave):
        group = np.flatnonzero(octave == level)
        theta = _THETAS / 2.0 ** float(level)
        omega = _CUTS / 2.0 ** float(level)
        logs = path.logs(np.concatenate([theta, -theta, 1j * omega]), here[group]).real
        logs -= moments[here[group], 3][:, None]
        n = theta.size
        start[group] = np.maximum(np.max((log_tail - logs[:, :n]) / theta, axis=1), 0.0)
        # NaN: that θ lies beyond a singularity. The least θ never does: it is far below every rate of the way.
        end[group] = np.nanmin((logs[:, n : 2 * n] - log_tail) / theta, axis=1)
        low = logs[:, 2 * n :] < log_tail
        highest[group] = np.where(low.any(axis=1), omega[np.argmax(low, axis=1)], np.inf)
    return start, np.maximum(end, start + spread), highest


def _onset(
    path: _Path, place: int, start: float, survival: float, duration_s: float, log_tail: float
) -> Response | None:
    """The beginning of a curve with a lake on its way, over the time that its rivers alone would need.

    The Fourier sum is taken of f(t) exp(-θt): what comes after the window wraps around into it only by exp(-θW). None
    without a lake, or where the rivers bring it too sharply (a release into the lake itself).
    """
    mean, spread = path.river_moments(place)
    length = mean + 12.0 * spread + duration_s - start
    if not (path.has_lake and spread > 0.0 and length > 0.0):
        return None
    window = 2.0 ** math.ceil(math.log2(length))
    theta = _DAMPING / window
    omega = _CUTS / spread
    fall = path.logs(theta + 1j * np.concatenate([[0.0], omega]), np.array([place]))[0].real
    low = fall[1:] - fall[0] < log_tail
    wanted = omega[int(np.argmax(low))] * window / math.pi if low.any() else math.inf
    if wanted > MOST_STEPS:
        return None
    steps = 2 ** math.ceil(math.log2(max(wanted, 64.0)))
    s = theta + 2j * np.pi / window * np.arange(steps // 2 + 1)
    [row] = path.logs(s, np.array([place]))
    fine = min(_FINER * steps, 2 * MOST_STEPS)
    damped = np.fft.irfft(np.exp(row + s * start) * _release_shape(s, duration_s), fine) * (fine / window)
    after = np.arange(fine) * (window / fine)
    return Response(start, window / fine, damped * np.exp(theta * after), survival, True)


def _release_shape(s: NDArray[np.complex128], duration_s: float) -> NDArray[np.complex128]:
    """Transform of an even release over ``duration_s``: (1 - exp(-s d))/(s d), 1 for an instant one."""
    x = s * duration_s
    small = np.abs(x) < 1e-6
    return np.where(small, 1.0 - 0.5 * x, -np.expm1(-x) / np.where(small, 1.0, x))


class _Path:
    """The way's physics gathered in its order, and the walks along it."""

    def __init__(
        self,
        way: Way,
        physics: Physics,
        where: NDArray[np.int64],
        share: Floats,
        source_share: float,
        resident: bool,
    ) -> None:
        deepest = int(where.max()) + 1 if where.size else 0
        rows = way.reaches[:deepest]
        lake = physics.is_lake[rows]
        length = physics.length_m[rows].copy()
        if deepest and not lake[0]:
            length[0] *= 1.0 - source_share
        self.columns = (
            length,
            physics.velocity_m_s[rows],
            physics.dispersion_m2_s[rows],
            physics.decay_per_s[rows],
            physics.storage_ratio[rows],
            physics.exchange_per_s[rows],
            physics.residence_s[rows],
        )
        self.graph = (way.feeders[: deepest + 1], way.feeder, way.log_share)
        self.where = where
        # The share of the counted length: the source's own reach counts from the release on; -1 means "upstream of it".
        in_source = where == 0
        left = 1.0 - source_share
        part = np.where(in_source, (share - source_share) / left if left > 0.0 else 0.0, share)
        part = np.where(in_source & (share < source_share), -1.0, part)
        self.part = np.where(lake[where], 1.0, part) if deepest else part
        self.resident = resident

    def logs(self, s: NDArray[np.complex128], places: NDArray[np.int64] | None = None) -> NDArray[np.complex128]:
        """log H at each place (rows) and s (columns); NaN where s lies beyond a singularity or nothing comes."""
        where = self.where if places is None else self.where[places]
        part = self.part if places is None else self.part[places]
        out = np.empty((where.size, s.size), np.complex128)
        order = np.argsort(where, kind="stable")
        deepest = int(where.max()) + 1
        ends = np.searchsorted(where[order], np.arange(deepest + 1))
        _walk(self.columns, self.graph, s, (order, ends, part), self.resident, deepest, out)
        return out

    def slowest_s(self) -> float:
        """The longest time [s] in whose inverse a river reach of the way has a singularity: 4D/v², and 1/(α A/A_s)."""
        _, velocity, dispersion, _, ratio, exchange, residence = self.columns
        river = ~np.isfinite(residence)
        if not river.any():
            return 1.0
        longest = float(np.max(4.0 * dispersion[river] / velocity[river] ** 2))
        stored = river & (exchange > 0)
        return max(longest, float(np.max(ratio[stored] / exchange[stored]))) if stored.any() else longest

    @property
    def has_lake(self) -> bool:
        """Whether there is a lake on the way."""
        return bool(np.isfinite(self.columns[6]).any())

    def river_moments(self, place: int) -> tuple[float, float]:
        """Mean and standard deviation [s] of the time that the rivers on the way to a place take, lakes left out."""
        own = np.empty((self.columns[0].size, 4))
        fill_cumulants(*self.columns, own)
        own[np.isfinite(self.columns[6])] = 0.0
        at = self.where[place]
        found = heads(*self.graph, own)[at] + own[at] * self.part[place]
        return float(found[0]), math.sqrt(max(float(found[1]), 0.0))

    def moments(self) -> Floats:
        """Cumulants at each place, shape (places, 4); NaN where nothing comes."""
        own = np.empty((self.columns[0].size, 4))
        fill_cumulants(*self.columns, own)
        head = heads(*self.graph, own)
        found: Floats = head[self.where] + own[self.where] * self.part[:, None]
        found[self.part < 0.0] = np.nan
        return found


@njit(cache=True, nogil=True, error_model="numpy")
def _walk(columns, graph, s, places, resident, deepest, out):  # type: ignore[no-untyped-def]
    """Log of the transfer function from the source to ``places`` (order, ends, part) at the frequencies ``s``.

    Equation: Σ L v/(2D) (1 - √(1 + 4Dσ/v²)), σ = s + k + α(s + k)/(s + k + α/β), of a lake -log(1 + (s + k)τ); ways
    that meet add with their shares, relative to the greatest. Exact: no step, no stability limit; NaN beyond the first
    singularity on the real axis. Source: Kreft and Zuber 1978, Chem. Eng. Sci. 33:1471; dead zones: Hart 1995, Water
    Resour. Res. 31:323. ``resident`` divides by the root: what stands there and not what is carried past.
    """
    length, velocity, dispersion, decay, ratio, exchange, residence = columns
    feeders, feeder, log_share = graph
    place_order, place_ends, part = places
    foot = np.empty((deepest, s.size), np.complex128)
    for i in range(deepest):
        k = decay[i]
        lake = residence[i] > 0.0
        v = velocity[i]
        front = v * length[i] / (2.0 * dispersion[i])
        four = 4.0 * dispersion[i] / (v * v)
        a = exchange[i]
        b = a / ratio[i] if a > 0.0 else 0.0
        first = feeders[i]
        ways = feeders[i + 1] - first
        for f in range(s.size):
            head = 0.0 + 0.0j
            if ways == 1:
                head = foot[feeder[first], f] + log_share[first]
            elif ways > 1:
                top = -np.inf
                for e in range(first, first + ways):
                    top = max(top, foot[feeder[e], f].real + log_share[e])
                total = 0.0 + 0.0j
                for e in range(first, first + ways):
                    total += np.exp(foot[feeder[e], f] + log_share[e] - top)
                head = np.log(total) + top
            sk = s[f] + k
            root = 1.0 + 0.0j
            if lake:
                q = 1.0 + sk * residence[i]
                g = complex(np.nan, np.nan) if q.imag == 0.0 and q.real <= 0.0 else -np.log(q)
            else:
                sigma = sk
                beyond = False
                if a > 0.0:
                    beyond = sk.imag == 0.0 and sk.real + b <= 0.0
                    sigma = sk + a * sk / (sk + b)
                x = 1.0 + four * sigma.real
                y = four * sigma.imag
                if beyond or (y == 0.0 and x < 0.0):
                    g = complex(np.nan, np.nan)
                else:
                    # the square root with positive real part, without a library call
                    re = math.sqrt(0.5 * (math.sqrt(x * x + y * y) + x))
                    im = y / (2.0 * re) if re > 0.0 else 0.0
                    root = complex(re, im)
                    # 1 - sqrt(1 + z) = -z/(1 + sqrt(1 + z)): no difference of near-equal numbers
                    g = -front * four * sigma / (1.0 + root)
            foot[i, f] = head + g
            for p in range(place_ends[i], place_ends[i + 1]):
                row = place_order[p]
                if part[row] < 0.0:
                    out[row, f] = complex(np.nan, np.nan)
                    continue
                out[row, f] = head + part[row] * g
                if resident and not lake:
                    out[row, f] -= np.log(root)
