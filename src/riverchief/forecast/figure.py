"""A forecast as a picture: what was measured, the fan over it, the base, and how far there is skill.

Plain SVG with no script and no font of its own: it opens in any browser and prints.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.outlook import Line, Outlook
from riverchief.forecast.panel import Panel
from riverchief.parameter import find_parameter

Floats = NDArray[np.float64]
WIDTH, LEFT, RIGHT, STRIP, TOP, FOOT = 900, 64, 24, 190, 40, 30
INK, WATER, WIDE, NARROW, GREY = "#16211f", "#0b6e74", "#cfe6e7", "#8fc3c6", "#9aa6a2"
BEFORE = 2.0  # so many horizons of what was measured are drawn
WORDS = {
    "zh": {"skill": "技巧至 {h:g} 小时", "none": "无技巧：给出基准", "base": "灰虚线：基准；深浅带：50%、90%"},
    "en": {
        "skill": "skill up to {h:g} h",
        "none": "no skill: the base is given",
        "base": "grey: base; bands: 50 %, 90 %",
    },
}


def draw_outlooks(outlooks: Sequence[Outlook], panels: Sequence[Panel], language: str = "en") -> str:
    """The picture as SVG text, one strip for each outlook; ``language`` ``"zh"`` or ``"en"``."""
    spoken = WORDS["zh" if language.startswith("zh") else "en"]
    by_code = {panel.parameter: panel for panel in panels}
    height = max(1, len(outlooks)) * (STRIP + TOP + FOOT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, outlook in enumerate(outlooks):
        top = number * (STRIP + TOP + FOOT) + TOP
        name = find_parameter(outlook.parameter).name(language)
        said = spoken["none"] if outlook.horizon_h is None else spoken["skill"].format(h=outlook.horizon_h)
        title = f"{outlook.place} · {name} [{outlook.unit}] · {said} · {spoken['base']}"
        parts.append(f'<text x="{LEFT}" y="{top - 14}" font-weight="600">{escape(title)}</text>')
        parts += _strip(outlook, by_code[outlook.parameter], top)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _strip(outlook: Outlook, panel: Panel, top: int) -> list[str]:
    origin, end = outlook.origin_s, outlook.lines[-1].time_s
    begin = origin - BEFORE * (end - origin)
    row = panel.values[panel.places.index(outlook.place)]
    times = panel.times_s()
    shown = (times >= begin) & (times <= origin)
    whole = [line for line in outlook.lines if not np.isnan(line.quantiles).any()]
    levels = np.concatenate(
        [row[shown], [line.base for line in outlook.lines], *[np.array(line.quantiles) for line in whole]]
    )
    low, high = float(np.nanmin(levels)), float(np.nanmax(levels))
    spread = (high - low) or max(abs(high), 1.0)
    low, high = low - 0.05 * spread, high + 0.05 * spread

    def x(time_s: float) -> float:
        return LEFT + (time_s - begin) / (end - begin) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return top + (high - value) / (high - low) * STRIP

    parts = []
    for tick in np.linspace(low, high, 5).tolist():
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#e3e8e6"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.3g}</text>')
    for tick in np.linspace(begin, end, 7).tolist():
        moment = dt.datetime.fromtimestamp(tick, dt.UTC)
        parts.append(f'<text x="{x(tick):.1f}" y="{top + STRIP + 18}" text-anchor="middle">{moment:%m-%d %H:%M}</text>')
    newest = row[round((origin - panel.start_s) / panel.step_s)]
    for low_at, high_at, fill in ((0, 4, WIDE), (1, 3, NARROW)):
        if whole:
            parts.append(_band(whole, (low_at, high_at), (x(origin), y(float(newest))), x, y, fill))
    base = [(x(origin), y(float(newest))), *[(x(line.time_s), y(line.base)) for line in outlook.lines]]
    middle = [(x(origin), y(float(newest))), *[(x(line.time_s), y(line.quantiles[2])) for line in outlook.lines]]
    parts.append(_path(base, GREY, 'stroke-dasharray="4 3"'))
    parts.append(_path(middle, WATER, 'stroke-width="2"'))
    run: list[tuple[float, float]] = []
    for time, value in zip(times[shown].tolist(), row[shown].tolist(), strict=True):
        if value != value:  # missing is a gap and never a line
            parts += [_path(run, INK)] if run else []
            run = []
        else:
            run.append((x(time), y(value)))
    parts += [_path(run, INK)] if run else []
    return parts


def _band(lines: Sequence[Line], at: tuple[int, int], start: tuple[float, float], x, y, fill: str) -> str:  # type: ignore[no-untyped-def]
    upper = [start, *[(x(line.time_s), y(line.quantiles[at[1]])) for line in lines]]
    lower = [(x(line.time_s), y(line.quantiles[at[0]])) for line in reversed(lines)]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in [*upper, *lower])
    return f'<polygon points="{points}" fill="{fill}"/>'


def _path(points: Sequence[tuple[float, float]], stroke: str, more: str = "") -> str:
    said = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return f'<polyline points="{said}" fill="none" stroke="{stroke}" {more}/>'
