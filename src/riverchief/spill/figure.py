"""A forecast as a picture: one strip for each place, the curve of the middle run, and the ranges of arrival and peak.

Plain SVG with no script and no font of its own: it opens in any browser and prints.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

import numpy as np

from riverchief.spill.forecast import SpillForecast, WatchForecast

WIDTH, LEFT, RIGHT, TOP, STRIP, BOTTOM = 900, 190, 130, 58, 64, 46
INK, WATER, BAND, ALARM = "#1b2a33", "#1f6f8b", "#9cc4d1", "#b3261e"
_STEPS_H = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720)
WORDS = {
    "zh": ("泄漏后小时数", "到达", "峰值", "峰值 mg/L（90% 范围）", "超标"),
    "en": ("hours after the start of the release", "arrival", "peak", "peak mg/L (90 % range)", "above limit"),
}


def draw_forecast(forecast: SpillForecast, language: str = "en", *, start: dt.datetime | None = None) -> str:
    """The picture as SVG text; ``language`` ``"zh"`` or ``"en"``. Pale bars are 90 % ranges, ticks medians."""
    axis, arrival, peak, height, above = WORDS["zh" if language.startswith("zh") else "en"]
    places = forecast.places
    end_h = max((place.arrival_s.p95 + place.passage_s.p95 for place in places), default=3600.0) / 3600
    scale = (WIDTH - LEFT - RIGHT) / end_h
    bottom = TOP + STRIP * len(places)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + BOTTOM}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">',
        f"<title>{escape(_title(forecast))}</title>",
        f'<rect width="{WIDTH}" height="{bottom + BOTTOM}" fill="#fff"/>',
        f'<text x="16" y="24" font-size="16" font-weight="600">{escape(_title(forecast))}</text>',
        f'<rect x="{LEFT}" y="36" width="14" height="8" fill="{BAND}"/><text x="{LEFT + 20}" y="45">{arrival} · {peak}'
        f'</text><rect x="{LEFT + 150}" y="36" width="14" height="8" fill="{ALARM}"/>'
        f'<text x="{LEFT + 170}" y="45">{above}</text>',
        f'<text x="{WIDTH - RIGHT + 12}" y="45" font-size="11">{height}</text>',
    ]
    step = next((s for s in _STEPS_H if end_h / s <= 9), _STEPS_H[-1])
    for tick in np.arange(0.0, end_h + 1e-9, step):
        x = LEFT + tick * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" stroke="#e3e8eb"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{tick:g}</text>')
    said = axis if start is None else f"{axis} · 0 = {start:%Y-%m-%d %H:%M %z}"
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{bottom + 38}" text-anchor="middle">{escape(said)}</text>')
    for number, place in enumerate(places):
        parts += _strip(place, TOP + STRIP * (number + 1), scale)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _strip(place: WatchForecast, floor: float, scale: float) -> list[str]:
    def x(seconds: float) -> float:
        return LEFT + seconds / 3600 * scale

    name = place.watch.name or place.watch.id
    room = STRIP - 26
    top = float(place.curve_mg_l.max())
    points = [
        f"{x(t):.1f},{floor - 14 - c / top * room:.1f}"
        for t, c in zip(place.curve_s.tolist(), place.curve_mg_l.tolist(), strict=True)
    ]
    first, last = points[0].split(",")[0], points[-1].split(",")[0]
    ground = floor - 14
    area = f"M{first},{ground} L{' L'.join(points)} L{last},{ground} Z"
    parts = [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{ground}" y2="{ground}" stroke="{INK}" stroke-width="0.6"/>',
        f'<text x="16" y="{floor - 30}" font-weight="600">{escape(name[:22])}</text>',
        f'<text x="16" y="{floor - 14}" font-size="11">{place.distance_m / 1000:.1f} km</text>',
        f'<path d="{area}" fill="{WATER}" fill-opacity="0.25" stroke="{WATER}" stroke-width="1.4"/>',
    ]
    for y, found in ((ground + 3, place.arrival_s), (ground + 8, place.peak_s)):
        parts.append(
            f'<rect x="{x(found.p05):.1f}" y="{y}" width="{max(x(found.p95) - x(found.p05), 1):.1f}" height="4" '
            f'fill="{BAND}"/><line x1="{x(found.median):.1f}" x2="{x(found.median):.1f}" y1="{y - 1}" y2="{y + 5}" '
            f'stroke="{INK}" stroke-width="1.6"/>'
        )
    limit = place.watch.limit_mg_l
    if limit is not None and limit < top:
        y = ground - limit / top * room
        parts.append(
            f'<line x1="{first}" x2="{last}" y1="{y:.1f}" y2="{y:.1f}" stroke="{ALARM}" stroke-dasharray="4 3"/>'
        )
    alarm = ALARM if place.probability_above is not None and place.probability_above >= 0.5 else INK
    low, high = place.peak_mg_l.p05, place.peak_mg_l.p95
    parts.append(
        f'<text x="{WIDTH - RIGHT + 12}" y="{floor - 28}" fill="{alarm}" font-weight="600">'
        f"{place.peak_mg_l.median:.3g}</text>"
        f'<text x="{WIDTH - RIGHT + 12}" y="{floor - 14}" font-size="11">{low:.2g}–{high:.2g}</text>'
    )
    return parts


def _title(forecast: SpillForecast) -> str:
    spill: Sequence[str] = (
        f"{forecast.spill.mass_kg:g} kg",
        f"{forecast.spill.location.reach}:{forecast.spill.location.chainage_m:g} m",
    )
    return " @ ".join(spill)
