"""Sections of a report out of a sheet: what it says of each place, and its judgements by month, quarter, year so far.

Where a sheet says which values are an automatic station's and which were sampled by hand (数据来源), an item that the
station measured in a month is the station's in that month, and the others are those sampled by hand (自动优先): so one
month of one item is never a mean over both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.sheet.times import read_moment
from riverchief.sheet.words import folded, words
from riverchief.standard.censored import DEFAULT_RULE
from riverchief.standard.classes import read_class
from riverchief.standard.evidence import Judgement
from riverchief.standard.month_report.lines import Section
from riverchief.standard.month_report.months import month_before, months_so_far, quarter_of, year_before
from riverchief.standard.sheet.samples import PRESENT, Samples
from riverchief.standard.surface_water.item import Water
from riverchief.standard.surface_water.periods import judge_series
from riverchief.standard.surface_water.sheet_grades import waters_of

_BETWEEN = "、|,;；，/ "
Missing = Literal["withhold", "ignore"]


def sections_of(
    samples: Samples,
    month: str,
    *,
    water: Water | None = None,
    target: str = "III",
    year: int | None = None,
    missing: Missing = "withhold",
    censored: str = DEFAULT_RULE,
) -> list[Section]:
    """Every section of the sheet, in its order, with what the report of ``month`` needs.

    ``target`` is for sections whose target the sheet does not say, ``year`` for times without one; the rest is as for
    :func:`~riverchief.standard.surface_water.sheet_grades.grade_sheet`. Raises :class:`~riverchief.errors.BadInput`
    naming every fault: a target that is no class or changes, a time that is none, a lake that does not say it is one.
    """
    waters = waters_of(samples, water)
    times, faults = _times(samples, year)
    targets, wrong = _targets(samples, read_class(target))
    if faults or wrong:
        raise BadInput([*faults, *wrong])
    rows_of: dict[str, list[int]] = {}
    for n, place in enumerate(samples.places):
        rows_of.setdefault(place, []).append(n)
    return [
        _section(samples, place, np.array(rows), times, waters[rows[0]], targets[place], month, missing, censored)
        for place, rows in rows_of.items()
    ]


def _section(
    samples: Samples,
    place: str,
    rows: NDArray[np.intp],
    times: NDArray[np.datetime64],
    water: Water,
    target: str,
    month: str,
    missing: Missing,
    censored: str,
) -> Section:
    own = times[rows].astype("datetime64[M]")
    values = {
        code: np.where((column.state[rows] == PRESENT) & ~samples.maintenance[rows], column.values[rows], np.nan)
        for code, column in samples.columns.items()
    }
    bounds = {code: column.censor[rows] for code, column in samples.columns.items()}
    sources = _automatic_first(values, own, _said(samples, "source", rows))

    def judged(labels: Sequence[str], period: Literal["month", "quarter", "to_date"]) -> Judgement | None:
        part = np.isin(own, np.array(list(labels), "datetime64[M]"))
        if not part.any():
            return None
        found = judge_series(
            own[part],
            {code: column[part] for code, column in values.items()},
            period,
            water=water,
            target=target,
            bounds={code: column[part] for code, column in bounds.items()},
            missing=missing,
            censored=censored,
        )[0].judgement
        return found if found.evidence else None

    wanted = dict.fromkeys((month, month_before(month), year_before(month)))
    quarter = quarter_of(month)
    control = _last(_said(samples, "control", rows))
    for sign in _BETWEEN:
        control = control.replace(sign, "、")
    return Section(
        name=place,
        river=_last(_said(samples, "river", rows)),
        control=tuple(filter(None, control.split("、"))),
        zone=_last(_said(samples, "functional_zone", rows)),
        target=target,
        water=water,
        months=_present({label: judged([label], "month") for label in wanted}),
        so_far=_present({label: judged(months_so_far(label), "to_date") for label in (month, year_before(month))}),
        quarters=_present({month: judged(quarter, "quarter")} if quarter else {}),
        absent=_absent(own, _said(samples, "state", rows)),
        sources=sources,
    )


def _automatic_first(
    values: dict[str, NDArray[np.float64]], months: NDArray[np.datetime64], said: Sequence[str]
) -> dict[str, str]:
    """Take out of ``values`` what was sampled by hand where the station measured the item in that month; for each month
    with both, how many items came from which (``automatic/manual``)."""
    known = words("source")
    kinds = np.array([known.get(folded(word), "") for word in said])
    found = {}
    for label in np.unique(months):
        here = months == label
        by_station, by_hand = here & (kinds == "automatic"), here & (kinds == "manual")
        if not (by_station.any() and by_hand.any()):
            continue
        measured = [code for code, column in values.items() if not np.isnan(column[by_station]).all()]
        for code in measured:
            values[code][by_hand] = np.nan
        others = sum(not np.isnan(column[by_hand]).all() for column in values.values())
        found[str(label)] = f"{len(measured)}/{others}"
    return found


def _absent(months: NDArray[np.datetime64], said: Sequence[str]) -> dict[str, str]:
    """What the sheet says of the state of each month, where it says anything."""
    return {str(label): word for label, word in zip(months, said, strict=True) if word}


def _times(samples: Samples, year: int | None) -> tuple[NDArray[np.datetime64], list[Fault]]:
    found, faults = [], []
    for text, line in zip(samples.times, samples.lines, strict=True):
        try:
            moment = read_moment(text, year=year)
        except BadInput as refused:
            faults += [Fault(one.kind, samples.source, line, one.column, one.details) for one in refused.faults]
        else:
            found.append(np.datetime64(moment.replace(tzinfo=None), "s"))
    return np.array(found, "datetime64[s]"), faults


def _targets(samples: Samples, otherwise: str) -> tuple[dict[str, str], list[Fault]]:
    """The target of each place by the sheet; one that says two is at fault, for only one of them can be right."""
    found: dict[str, tuple[str, int]] = {}
    faults = []
    for place, said, line in zip(samples.places, samples.told["target"], samples.lines, strict=True):
        if not said:
            continue
        try:
            target = read_class(said)
        except BadInput as refused:
            faults += [Fault(one.kind, samples.source, line, "target", one.details) for one in refused.faults]
            continue
        before, first = found.setdefault(place, (target, line))
        if before != target:
            details = {"given": said, "allowed": str(first)}
            faults.append(Fault("contradicts", samples.source, line, "target", details))
    return {place: found.get(place, (otherwise, 0))[0] for place in samples.places}, faults


def _said(samples: Samples, role: str, rows: NDArray[np.intp]) -> list[str]:
    return [samples.told[role][n] for n in rows.tolist()]


def _last(said: Sequence[str]) -> str:
    return next((word for word in reversed(said) if word), "")


def _present(found: Mapping[str, Judgement | None]) -> dict[str, Judgement]:
    return {label: judgement for label, judgement in found.items() if judgement is not None}
