"""The checks once more, said as plainly as they can be: slow, in Python, to hold the kernels against."""

from __future__ import annotations

import math


def spike(times, values, max_gap_s, suspect, fail, suspect_share, fail_share, is_differential):
    codes = [2] * len(values)
    valid = [place for place, value in enumerate(values) if not math.isnan(value)]
    for place, value in enumerate(values):
        if math.isnan(value):
            codes[place] = 9
    for before, middle, after in zip(valid, valid[1:], valid[2:], strict=False):
        if times[middle] - times[before] > max_gap_s or times[after] - times[middle] > max_gap_s:
            continue
        span = times[after] - times[before]
        share = (times[middle] - times[before]) / span if span > 0 else 0.5
        expected = values[before] + (values[after] - values[before]) * share
        if is_differential:
            left, right = values[middle] - values[before], values[middle] - values[after]
            deviation = min(abs(left), abs(right)) if left * right > 0 else 0.0
        else:
            deviation = abs(values[middle] - expected)

        def limit(absolute, relative, expected=expected):
            given = [bound for bound in (absolute, relative * abs(expected)) if not math.isnan(bound)]
            return max(given) if given else math.inf

        codes[middle] = (
            4 if deviation > limit(fail, fail_share) else 3 if deviation > limit(suspect, suspect_share) else 1
        )
    return codes


def stuck(times, values, floor, max_gap_s, suspect_s, fail_s, tolerance, is_trailing):
    """For every value the longest window that ends there, has no break in it and spans at most the tolerance."""
    n = len(values)
    codes = [9 if math.isnan(value) else 2 if value <= floor else 1 for value in values]
    for now in range(n):
        if codes[now] in (9, 2):
            continue
        start, last = now, now
        low = high = values[now]
        for place in range(now - 1, -1, -1):
            if math.isnan(values[place]):
                continue
            if values[place] <= floor or times[last] - times[place] > max_gap_s:
                break
            low, high = min(low, values[place]), max(high, values[place])
            if high - low > tolerance:
                break
            start, last = place, place
        lasts_s = times[now] - times[start]
        code = 4 if lasts_s >= fail_s else 3 if lasts_s >= suspect_s else 1
        if code > 1:
            for place in range(now if is_trailing else start, now + 1):
                if codes[place] not in (9, 2):
                    codes[place] = max(codes[place], code)
    return codes


def attenuated(times, values, window_s, fewest, suspect, fail, is_range):
    codes = []
    for now, value in enumerate(values):
        if math.isnan(value):
            codes.append(9)
            continue
        window = [
            values[place]
            for place in range(now + 1)
            if times[place] > times[now] - window_s and not math.isnan(values[place])
        ]
        if len(window) < fewest or times[now] - times[0] < window_s:
            codes.append(2)
            continue
        if is_range:
            spread = max(window) - min(window)
        else:
            mean = math.fsum(window) / len(window)
            squares = math.fsum((each - mean) ** 2 for each in window)
            spread = math.sqrt(squares / len(window))
        codes.append(4 if spread < fail else 3 if spread < suspect else 1)
    return codes
