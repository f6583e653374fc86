"""A station's own thresholds: laid over the shipped ones, appended and never changed, and looked at again at once.

Each entry says for one parameter (empty: for the station) what it sets, who said so and why; the newest of a parameter
is in force.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from math import isfinite, nan
from typing import Any

import numpy as np
from django.db import transaction

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.observation.checks.kinds import checks_by_kind
from riverchief.observation.checks.thresholds import OFF, Row, Thresholds
from riverchief.parameter import find_parameter
from riverchief_server.observations import store
from riverchief_server.observations.models import CheckSetting, Series
from riverchief_server.places.models import Place

NAMES = tuple(field.name for field in fields(Thresholds))


def set_thresholds(
    place: Place, parameter: str, sets: Mapping[str, float | str | None], because: str, by: str, now: datetime
) -> CheckSetting:
    """Say which thresholds hold for ``parameter`` at ``place`` from now on; every reading of it is checked again.

    ``sets`` names columns of ``thresholds.csv`` with a number [unit of the parameter, h], or ``"none"`` to switch a
    check off; what it does not name is as shipped. Raises :class:`~riverchief.errors.BadInput` with every fault.
    """
    faults: list[Fault] = []
    code = _parameter(parameter, faults)
    numbers: dict[str, Any] = {}
    for name, given in sets.items():
        if name not in NAMES:
            faults.append(unknown_name("unknown_column", name, list(NAMES), column=name))
        elif given is None or given == "":
            continue
        elif given == OFF:
            numbers[name] = OFF
        elif isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given):
            faults.append(
                Fault("bad_number", column=name, details={"given": str(given)[:40], "allowed": f"12.5, {OFF}"})
            )
        else:
            numbers[name] = float(given)
    for low, high in (("hard_low", "hard_high"), ("soft_low", "soft_high")):
        least, most = numbers.get(low), numbers.get(high)
        if isinstance(least, float) and isinstance(most, float) and least >= most:
            faults.append(Fault("out_of_range", column=high, details={"given": str(most), "allowed": f"> {least}"}))
    _reason(because, faults)
    if faults:
        raise BadInput(faults)
    return _append(place, code, {"sets": numbers}, because, by, now)


def set_kind(place: Place, kind: str, because: str, by: str, now: datetime) -> CheckSetting:
    """Say of which kind of ``kinds.csv`` the readings of ``place`` are (empty: by their distance in time again)."""
    faults: list[Fault] = []
    if kind and kind not in checks_by_kind():
        faults.append(unknown_name("unknown_role", kind, list(checks_by_kind()), column="kind"))
    _reason(because, faults)
    if faults:
        raise BadInput(faults)
    return _append(place, "", {"kind": kind}, because, by, now)


def settings_of(place: Place) -> dict[str, CheckSetting]:
    """The settings in force at ``place``, by parameter; those of the station as a whole under the empty one."""
    return {row.parameter: row for row in CheckSetting.objects.filter(place=place).order_by("id")}


def rows_of_places(places: Collection[int]) -> dict[int, Sequence[Row]]:
    """The own thresholds of ``places`` (their numbers), as rows to be laid over the shipped ones."""
    if not places or not CheckSetting.objects.exists():
        return {}
    found: dict[int, dict[str, Row]] = {}
    for row in CheckSetting.objects.filter(place__in=places).exclude(parameter="").order_by("id"):
        sets = {name: nan if given == OFF else float(given) for name, given in row.content.get("sets", {}).items()}
        found.setdefault(row.place_id, {})[row.parameter] = Row(row.parameter, None, "", sets)
    return {place: list(rows.values()) for place, rows in found.items()}


def kind_given(settings: Mapping[str, CheckSetting]) -> str:
    """The kind that ``settings`` say, empty where they say none."""
    row = settings.get("")
    return str(row.content.get("kind", "")) if row else ""


@transaction.atomic
def _append(
    place: Place, parameter: str, content: dict[str, Any], because: str, by: str, now: datetime
) -> CheckSetting:
    row = CheckSetting.objects.create(
        place=place, parameter=parameter, content=content, because=because, set_by=by[:120], set_at=now
    )
    check_again(place, parameter)
    return row


def check_again(place: Place, parameter: str = "", since: datetime | None = None) -> None:
    """Have every reading of ``place`` (of ``parameter``, from ``since``) looked at again when the clock looks next."""
    rows = Series.objects.filter(place=place, **({"parameter": parameter} if parameter else {}))
    numbers = np.array(list(rows.values_list("pk", flat=True)), np.int64)
    if numbers.size:
        begin = store.to_ms(since) if since else 0
        store.touch(numbers, np.full(numbers.size, begin, np.int64))


def _parameter(given: str, faults: list[Fault]) -> str:
    try:
        return find_parameter(given).code
    except BadInput as refused:
        faults += refused.faults
        return ""


def _reason(because: str, faults: list[Fault]) -> None:
    if not because.strip():
        faults.append(Fault("missing_value", column="because", details={"given": "because", "allowed": "…"}))
