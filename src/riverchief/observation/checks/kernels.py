"""The loops behind the checks: functions of arrays, one pass each. Codes are QARTOD's; NaN is a missing value (9).

Times are seconds and must not decrease. A threshold that is NaN is not set: no comparison with it is true.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def spike_codes(
    times_s: Floats,
    values: Floats,
    max_gap_s: float,
    suspect: float,
    fail: float,
    suspect_share: float,
    fail_share: float,
    is_differential: bool,
) -> Codes:
    """Codes of the spike check, see :func:`riverchief.observation.checks.single.spike`."""
    n = len(values)
    codes = np.full(n, 2, np.uint8)
    before = -1  # the last valid value but one
    middle = -1  # the last valid value: judged when the next arrives
    for after in range(n):
        value = values[after]
        if np.isnan(value):
            codes[after] = 9
            continue
        is_near = before >= 0 and times_s[middle] - times_s[before] <= max_gap_s
        if is_near and times_s[after] - times_s[middle] <= max_gap_s:
            span = times_s[after] - times_s[before]
            share = (times_s[middle] - times_s[before]) / span if span > 0.0 else 0.5
            expected = values[before] + (value - values[before]) * share
            if is_differential:
                left = values[middle] - values[before]
                right = values[middle] - value
                deviation = min(abs(left), abs(right)) if left * right > 0.0 else 0.0
            else:
                deviation = abs(values[middle] - expected)
            size = abs(expected)
            if deviation > _larger(fail, fail_share * size):
                codes[middle] = 4
            elif deviation > _larger(suspect, suspect_share * size):
                codes[middle] = 3
            else:
                codes[middle] = 1
        before = middle
        middle = after
    return codes


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _larger(one: float, other: float) -> float:
    """The larger of two thresholds; the one that is set where the other is NaN."""
    if np.isnan(one):
        return other
    if np.isnan(other):
        return one
    return max(one, other)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def rate_codes(times_s: Floats, values: Floats, max_gap_s: float, suspect_per_s: float, fail_per_s: float) -> Codes:
    """Codes of the rate check, see :func:`riverchief.observation.checks.single.rate`."""
    n = len(values)
    codes = np.full(n, 2, np.uint8)
    last = -1
    for now in range(n):
        if np.isnan(values[now]):
            codes[now] = 9
            continue
        if last >= 0:
            elapsed_s = times_s[now] - times_s[last]
            if 0.0 < elapsed_s <= max_gap_s:
                change_per_s = abs(values[now] - values[last]) / elapsed_s
                codes[now] = 4 if change_per_s > fail_per_s else 3 if change_per_s > suspect_per_s else 1
        last = now
    return codes


@numba.njit(cache=True, nogil=True, error_model="numpy")
def stuck_codes(
    times_s: Floats,
    values: Floats,
    floor: float,
    max_gap_s: float,
    suspect_s: float,
    fail_s: float,
    tolerance: float,
    is_trailing: bool,
) -> Codes:
    """Codes of the stuck check, see :func:`riverchief.observation.checks.single.stuck`.

    For every value the longest window is kept that ends there and spans at most ``tolerance``; its start never moves
    back, so two queues of candidates for the largest and smallest value give it in one pass.
    """
    n = len(values)
    codes = np.full(n, 1, np.uint8)
    largest = np.empty(n, np.int32)  # queues of places: values falling in one, rising in the other
    smallest = np.empty(n, np.int32)
    high_front = high_back = low_front = low_back = 0
    start = 0
    last = -1
    marked_suspect = marked_fail = -1
    for now in range(n):
        value = values[now]
        if np.isnan(value):
            codes[now] = 9
            continue
        if value <= floor:
            codes[now] = 2  # at the detection limit a value may stand for weeks
        if last >= 0 and (times_s[now] - times_s[last] > max_gap_s or value <= floor):
            high_front = high_back = low_front = low_back = 0
        last = now
        if value <= floor:
            start = now + 1
            continue
        if high_front == high_back:
            start = now
        while high_back > high_front and values[largest[high_back - 1]] <= value:
            high_back -= 1
        largest[high_back] = now
        high_back += 1
        while low_back > low_front and values[smallest[low_back - 1]] >= value:
            low_back -= 1
        smallest[low_back] = now
        low_back += 1
        while values[largest[high_front]] - values[smallest[low_front]] > tolerance:
            start += 1
            if largest[high_front] < start:
                high_front += 1
            if smallest[low_front] < start:
                low_front += 1
        while np.isnan(values[start]):
            start += 1
        lasts_s = times_s[now] - times_s[start]
        if lasts_s >= fail_s:
            first = now if is_trailing else max(start, marked_fail + 1)
            for place in range(first, now + 1):
                if codes[place] != 9:
                    codes[place] = 4
            marked_fail = now
        elif lasts_s >= suspect_s:
            first = now if is_trailing else max(start, marked_suspect + 1)
            for place in range(first, now + 1):
                if codes[place] == 1:
                    codes[place] = 3
            marked_suspect = now
    return codes


@numba.njit(cache=True, nogil=True, error_model="numpy")
def attenuated_codes(
    times_s: Floats, values: Floats, window_s: float, fewest: int, suspect: float, fail: float, is_range: bool
) -> Codes:
    """Codes of the attenuation check, see :func:`riverchief.observation.checks.single.attenuated`.

    The standard deviation (of the population, n) comes from sums over the window of values less their first, which
    keeps the digits; they are summed afresh every 4,096 values so that rounding cannot add up.
    """
    n = len(values)
    codes = np.full(n, 2, np.uint8)
    start = 0
    count = 0
    total = 0.0
    squares = 0.0
    origin = 0.0
    is_known = False
    for now in range(n):
        value = values[now]
        if np.isnan(value):
            codes[now] = 9
            continue
        if not is_known:
            origin = value
            is_known = True
        count += 1
        total += value - origin
        squares += (value - origin) ** 2
        while times_s[start] <= times_s[now] - window_s:
            old = values[start]
            if not np.isnan(old):
                count -= 1
                total -= old - origin
                squares -= (old - origin) ** 2
            start += 1
        if now % 4096 == 0:
            origin = value
            total = squares = 0.0
            for place in range(start, now + 1):
                if not np.isnan(values[place]):
                    total += values[place] - origin
                    squares += (values[place] - origin) ** 2
        if count < fewest or times_s[now] - times_s[0] < window_s:
            continue
        if is_range:
            low = high = value
            for place in range(start, now):
                if values[place] < low:
                    low = values[place]
                elif values[place] > high:
                    high = values[place]
            spread = high - low
        else:
            spread = np.sqrt(max(0.0, (squares - total * total / count) / count))
        codes[now] = 4 if spread < fail else 3 if spread < suspect else 1
    return codes


@numba.njit(cache=True, nogil=True, error_model="numpy")
def at_times(wanted_s: Floats, times_s: Floats, values: Floats, max_gap_s: float) -> Floats:
    """``values`` at ``wanted_s`` by a line between the valid neighbours in time; NaN where they stand further apart
    than ``max_gap_s`` or on one side only. Both times must not decrease."""
    found = np.full(len(wanted_s), np.nan)
    left = -1
    right = 0
    n = len(values)
    for place in range(len(wanted_s)):
        wanted = wanted_s[place]
        while right < n and (times_s[right] < wanted or np.isnan(values[right])):
            if not np.isnan(values[right]):
                left = right
            right += 1
        if right >= n:
            break
        if times_s[right] == wanted:
            found[place] = values[right]
        elif left >= 0 and times_s[right] - times_s[left] <= max_gap_s:
            share = (wanted - times_s[left]) / (times_s[right] - times_s[left])
            found[place] = values[left] + (values[right] - values[left]) * share
    return found


@numba.njit(cache=True, nogil=True, error_model="numpy")
def trembling(times_s: Floats, values: Floats, max_gap_s: float) -> Floats:
    """How far each value lies from the line between its valid neighbours in time [unit]; NaN where one is missing, or
    further away than ``max_gap_s`` [s], and at both ends."""
    n = len(values)
    found = np.full(n, np.nan)
    before = -1
    middle = -1
    for after in range(n):
        if np.isnan(values[after]):
            continue
        is_near = before >= 0 and times_s[middle] - times_s[before] <= max_gap_s
        span = times_s[after] - times_s[before] if before >= 0 else 0.0
        if is_near and times_s[after] - times_s[middle] <= max_gap_s and span > 0.0:
            share = (times_s[middle] - times_s[before]) / span
            expected = values[before] + (values[after] - values[before]) * share
            found[middle] = abs(values[middle] - expected)
        before = middle
        middle = after
    return found


@numba.njit(cache=True, nogil=True, error_model="numpy")
def restless_codes(
    times_s: Floats, values: Floats, trembles: Floats, window_s: float, days: int, factor: float, floor: float
) -> Codes:
    """Codes of the check of restlessness, see :func:`riverchief.observation.checks.single.restless`.

    What is usual is the median over the last ``days`` days of each day's median of ``trembles`` (:func:`trembling`),
    three days at the least. A value trembles where it exceeds ``factor`` times that; it is restless where more than
    half of those of the last ``window_s`` [s] do.
    """
    n = len(values)
    codes = np.full(n, 2, np.uint8)
    medians = np.full(days, np.nan)  # of the last days, in a ring
    today = np.empty(n)
    size = 0
    day = -1.0
    usual = np.nan
    exceeds = np.zeros(n, np.bool_)
    start = 0
    known = trembling_now = 0
    for now in range(n):
        this_day = np.floor(times_s[now] / 86400.0)
        if this_day != day:
            if size > 0:
                medians[int(day) % days] = np.median(today[:size])
            for gone in range(int(day) + 1, min(int(this_day), int(day) + days)):
                medians[gone % days] = np.nan
            known_days = medians[~np.isnan(medians)]
            usual = np.median(known_days) if len(known_days) >= 3 else np.nan
            day = this_day
            size = 0
        size_of = trembles[now]
        if not np.isnan(size_of):
            today[size] = size_of
            size += 1
            known += 1
            exceeds[now] = size_of > factor * max(usual, floor)
            trembling_now += exceeds[now]
        while times_s[start] <= times_s[now] - window_s:
            if not np.isnan(trembles[start]):
                known -= 1
                trembling_now -= exceeds[start]
            start += 1
        if np.isnan(values[now]):
            codes[now] = 9
        elif known >= 4 and not np.isnan(usual):
            codes[now] = 3 if 2 * trembling_now > known else 1
    return codes


@numba.njit(cache=True, nogil=True, error_model="numpy")
def step_codes(times_s: Floats, values: Floats, window_s: float, usual_s: float, factor: float, least: float) -> Codes:
    """Codes of the check for steps, see :func:`riverchief.observation.checks.single.step`.

    Only where a value differs from the one before by most of ``least`` are the windows looked at.
    """
    n = len(values)
    codes = np.full(n, 2, np.uint8)
    changes = np.full(n, np.nan)
    last = -1
    for now in range(n):
        if np.isnan(values[now]):
            codes[now] = 9
            continue
        if last >= 0 and times_s[now] - times_s[last] <= window_s:
            changes[now] = abs(values[now] - values[last])
            codes[now] = 1
            if changes[now] > STEEP * least:
                before = _valid(times_s, values, times_s[now] - window_s, now, -1)
                after = _valid(times_s, values, times_s[now] + window_s, now, 1)
                usual = _valid(times_s, changes, times_s[now] - usual_s, now, -1)
                if len(before) >= 3 and len(after) >= 3 and len(usual) >= 12:
                    change = values[now] - values[last]
                    height = (np.median(after) - np.median(before)) * np.sign(change)
                    threshold = factor * max(np.quantile(usual, 0.95), 0.5 * least)
                    if height > max(least, threshold) and STEEP * height < changes[now] < height / STEEP:
                        codes[now] = 3
        last = now
    return codes


STEEP = 0.6  # a step is made at once: most of its height lies between two values, and not much more (a spike's does)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _valid(times_s: Floats, values: Floats, until_s: float, now: int, way: int) -> Floats:
    """The valid values from ``now`` on (backwards: before it) up to the time ``until_s``."""
    found = []
    place = now if way > 0 else now - 1
    while 0 <= place < len(values) and (times_s[place] < until_s if way > 0 else times_s[place] >= until_s):
        if not np.isnan(values[place]):
            found.append(values[place])
        place += way
    return np.array(found)
