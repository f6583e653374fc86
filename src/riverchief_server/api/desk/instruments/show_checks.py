"""How the readings of a station are checked, as the desk shows it."""

from __future__ import annotations

from riverchief.observation.checks.kinds import checks_by_kind
from riverchief.observation.checks.thresholds import OFF, Thresholds, thresholds_for
from riverchief.observation.flag import all_flags, find_flag
from riverchief.parameter import find_parameter
from riverchief_server.api.desk.instruments.schema_checks import CheckPage, ParameterChecks, PeriodFlagged, Threshold
from riverchief_server.api.desk.words import Choice
from riverchief_server.api.words import say
from riverchief_server.observations.check_settings import kind_given, settings_of
from riverchief_server.observations.models import CheckSetting, FlaggedPeriod, Series
from riverchief_server.places.models import Place

#: Those that people set, and what stands behind the parameter's unit.
SHOWN = {
    "hard_low": "",
    "hard_high": "",
    "soft_low": "",
    "soft_high": "",
    "spike_suspect": "",
    "rate_suspect_per_h": "/h",
    "stuck_suspect_h": "h",
}
#: What a person may say of a period; the others are the instruments' own.
SAID = ("good", "suspect", "bad", "maintenance", "calibration", "fault")
PERIODS_SHOWN = 50


def show_checks(place: Place, language: str, *, may_change: bool) -> CheckPage:
    """The thresholds of each parameter that the station measures, its kind, and the periods that persons flagged."""
    settings = settings_of(place)
    rows = list(Series.objects.filter(place=place).order_by("parameter"))
    codes = list(dict.fromkeys(row.parameter for row in rows))
    periods = FlaggedPeriod.objects.filter(place=place)[:PERIODS_SHOWN]
    return CheckPage(
        station=place.code,
        kind=kind_given(settings),
        kinds=[Choice(code=code, name=say(f"check_kind_{code}", language), group=None) for code in checks_by_kind()],
        parameters=[_parameter(code, settings.get(code), language) for code in codes],
        flags=[Choice(code=code, name=find_flag(code).name(language), group=None) for code in SAID],
        periods=[_period(row, language) for row in periods],
        may_change=may_change,
    )


def _parameter(code: str, own: CheckSetting | None, language: str) -> ParameterChecks:
    shipped = thresholds_for(code)
    sets = dict(own.content.get("sets", {})) if own else {}
    return ParameterChecks(
        parameter=code,
        name=_name(code, language),
        thresholds=[_threshold(name, code, shipped, sets, language) for name in SHOWN],
        set_by=own.set_by if own else "",
        set_at=own.set_at if own else None,
        because=own.because if own else "",
    )


def _threshold(name: str, code: str, shipped: Thresholds, sets: dict[str, object], language: str) -> Threshold:
    given, unit, ending = sets.get(name), find_parameter(code).unit, SHOWN[name]
    usual: float | None = getattr(shipped, name)
    value = usual if name not in sets else None if given == OFF else float(str(given))
    return Threshold(
        name=name,
        label=say(f"threshold_{name}", language),
        unit="h" if ending == "h" else f"{unit.strip('-')}{ending}",
        value=value,
        shipped=usual,
        is_own=name in sets,
    )


def _period(row: FlaggedPeriod, language: str) -> PeriodFlagged:
    known = {flag.code for flag in all_flags()}
    return PeriodFlagged(
        id=row.pk,
        parameter=row.parameter,
        parameter_name=_name(row.parameter, language) if row.parameter else "",
        begin=row.begin,
        end=row.end,
        flag=row.flag,
        flag_name=find_flag(row.flag).name(language) if row.flag in known else "",
        because=row.because,
        flagged_by=row.flagged_by,
        flagged_at=row.flagged_at,
    )


def _name(code: str, language: str) -> str:
    found = find_parameter(code)
    return found.name_zh if language.startswith("zh") else found.name_en
