"""The text that warns the neighbour downstream, in Chinese or English: every number from the forecast, none made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache

from riverchief.parameter import find_parameter
from riverchief.spill.forecast import SpillForecast, WatchForecast
from riverchief.table import read_table
from riverchief.transport.doubt import Range
from riverchief.transport.estimate import Method


def write_notice(
    forecast: SpillForecast,
    place: WatchForecast,
    language: str,
    *,
    start: dt.datetime | None = None,
    parameter: str | None = None,
    substance: str = "",
    where: str = "",
    basis: Sequence[tuple[str, Method, int]] = (),
) -> str:
    """The notice to one place of a forecast.

    Parameters
    ----------
    language
        ``"zh"`` or ``"en"``.
    start
        When the release began, with its zone; None: times are hours after it.
    parameter
        What was spilled, any spelling of ``parameters.csv``; None: "pollutant". Raises ``BadInput`` if unknown.
    substance
        What to call it where the table of parameters does not know it.
    where
        What to call the reach of the spill; its id where left out.
    basis
        Where velocity, discharge … come from (:meth:`~riverchief.transport.conditions.Conditions.basis`).
    """
    chinese = language.startswith("zh")
    words = {key: row["zh" if chinese else "en"] for key, row in _words().items()}
    spill, watch = forecast.spill, place.watch

    def moment(seconds: float) -> str:
        if start is None:
            return words["hours_after"].format(hours=_hours(seconds))
        return f"{start + dt.timedelta(seconds=round(seconds)):%Y-%m-%d %H:%M}"

    def hours(found: Range) -> dict[str, str]:
        return {name: _hours(value) for name, value in found._asdict().items()}

    duration = words["over"].format(hours=_hours(spill.duration_s)) if spill.duration_s else ""
    called = find_parameter(parameter).name(language) if parameter else substance or words["pollutant"]
    place_of_spill = {"reach": where or str(spill.location.reach), "chainage": f"{spill.location.chainage_m:.0f}"}
    lines = [
        words["title"],
        "",
        words["to"].format(name=watch.name or watch.id),
        "",
        words["what"].format(substance=called, mass=_mass(spill.mass_kg)),
        words["where"].format(**place_of_spill),
        words["when" if start else "when_unknown"].format(
            time=moment(0.0) + _zone(start) if start else "", duration=duration
        ),
        words["distance"].format(km=_figures(place.distance_m / 1000)),
        words["arrival"].format(**{name: moment(value) for name, value in place.arrival_s._asdict().items()}),
        words["peak"].format(
            **{name: moment(value) for name, value in place.peak_s._asdict().items()},
            height=_figures(place.peak_mg_l.median),
            low=_figures(place.peak_mg_l.p05),
            high=_figures(place.peak_mg_l.p95),
        ),
        words["passage"].format(**hours(place.passage_s)),
    ]
    if place.above_limit_s is not None and place.probability_above is not None:
        kind = "above" if place.above_limit_s.median > 0 else "below"
        limit, chance = f"{watch.limit_mg_l:g}", f"{100 * place.probability_above:.0f}"
        lines.append(words[kind].format(limit=limit, chance=chance, **hours(place.above_limit_s)))
    used = list(dict.fromkeys(method.name(language) for _, method, _ in basis))
    estimates = ("、" if chinese else ", ").join(used) or "—"
    lines += [
        "",
        words["ask"],
        words["basis"].format(members=forecast.members, seed=forecast.seed, estimates=estimates),
        words["update"],
    ]
    return "\n".join(lines) + "\n"


def _hours(seconds: float) -> str:
    return _figures(seconds / 3600)


def _figures(value: float) -> str:
    """Three significant figures without exponent: more would promise too much."""
    return f"{float(f'{value:.3g}'):.10f}".rstrip("0").rstrip(".") if value < 1e6 else f"{value:.0f}"


def _mass(kg: float) -> str:
    return f"{_figures(kg / 1000)} t" if kg >= 1000 else f"{_figures(kg)} kg" if kg >= 1 else f"{_figures(kg * 1000)} g"


def _zone(start: dt.datetime) -> str:
    offset = start.strftime("%z")
    return f" (UTC{offset[:3]}:{offset[3:5]})" if offset else ""


@cache
def _words() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in read_table("riverchief.spill", "notice_words.csv")}
