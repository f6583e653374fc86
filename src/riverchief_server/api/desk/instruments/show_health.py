"""How stations do, said in sentences: what reports, what is silent and since when, whose clock is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from zoneinfo import ZoneInfo

from django.conf import settings

from riverchief.observation.checks.merge import all_tests
from riverchief.observation.flag import find_flag
from riverchief.observation.reading import statistic_words
from riverchief.parameter import find_parameter
from riverchief_server.api.desk.instruments.schema_health import (
    HealthBoard,
    HealthDayTold,
    HealthPage,
    HealthRow,
    HealthState,
    InstrumentHealth,
    OrderTold,
    SeriesHealth,
)
from riverchief_server.api.desk.instruments.show_upkeep import show_kinds, show_upkeep
from riverchief_server.api.desk.messages.show import kind_name
from riverchief_server.api.words import local, say, time_text, value_text
from riverchief_server.observations import health, orders, store
from riverchief_server.observations.health import Health
from riverchief_server.observations.models import Order
from riverchief_server.observations.models import Series as SeriesRow
from riverchief_server.observations.queries import measuring_places
from riverchief_server.observations.upkeep import upkeep_of
from riverchief_server.places.models import Place

#: The worst first: who looks at the list looks at its top.
WORST_FIRST: tuple[HealthState, ...] = ("silent", "never", "clock", "ok", "none", "disabled")
WORRYING = {"silent", "never", "clock"}
#: Who sends files is no instrument on the bank: nobody is called out because a laboratory has sent nothing.
FILES = {"file", "http"}
CLOCK_RIGHT_S = 5.0
NAMED_AT_MOST = 3


@dataclass(frozen=True)
class _Told:
    """A station and how it does; ``worst`` is the instrument that does worst, ``None`` where there is none."""

    place: Place
    worst: Health | None
    measured: datetime | None

    @property
    def state(self) -> HealthState:
        return _state(self.worst) if self.worst else "none"


def show_board(now: datetime, language: str) -> HealthBoard:
    """All stations, those that need somebody first."""
    found = _stations(now)
    found.sort(key=lambda one: WORST_FIRST.index(one.state))
    return HealthBoard(
        sentence=board_sentence(found, now, language),
        needs_somebody=any(one.state in WORRYING for one in found),
        as_of=now,
        rows=[_row(one, now, language) for one in found],
    )


def board_sentence(found: Sequence[_Told], now: datetime, language: str) -> str:
    """How many stations there are, how many report, and which do not and since when."""
    if not found:
        return say("health_no_station", language)
    by_state = {state: [one for one in found if one.state == state] for state in WORST_FIRST}
    if len(by_state["ok"]) == len(found):
        return say("health_all_report", language, n=len(found))
    parts = [say("health_count", language, n=len(found))]
    for state in ("ok", "silent", "never", "clock", "none", "disabled"):
        there = by_state[state]
        if not there:
            continue
        names = _names(there, now, language) if state in WORRYING else ""
        parts.append(say(f"health_part_{state}", language, n=len(there)) + names)
    comma, stop = ("，", "。") if language.startswith("zh") else (", ", ".")
    return comma.join(parts) + stop


def show_page(place: Place, now: datetime, language: str, *, may_order: bool) -> HealthPage:
    """One station (or section with the stations that measure for it)."""
    places = measuring_places(place)
    instruments = [one for each in places for one in health.health_of(each, now)]
    newest = [pair for each in places for pair in health.newest_of(each)]
    standing = [one for one in instruments if one.protocol not in FILES]
    worst = min(standing, key=lambda one: WORST_FIRST.index(_state(one)), default=None)
    measured = max((store.from_ms(reading.t) for _, reading in newest), default=None)
    told = _told(worst, measured, now, language)
    names = store.source_names()
    return HealthPage(
        station=place.code,
        name=place.name,
        sentence=told,
        needs_somebody=worst is not None and _state(worst) in WORRYING,
        is_simulated=any(one.is_simulated for one in instruments) or any(one.is_simulated for one, _ in newest),
        instruments=[_instrument(one, now, language) for one in instruments],
        series=[_series(series, reading, names, language) for series, reading in newest],
        days=[
            _day(day, language) for each in places for day in health.days_of(each, now, ZoneInfo(settings.TIME_ZONE))
        ],
        orders=[_order(order, now, language) for each in places for order in orders.orders_of(each)],
        upkeep=[show_upkeep(row, language) for each in places for row in upkeep_of(each)],
        upkeep_kinds=show_kinds(language),
        may_order=may_order,
    )


def duration_text(seconds: float, language: str) -> str:
    """A length of time in its largest whole unit: ``40秒``, ``15分钟``, ``4小时``, ``3天``."""
    size = abs(seconds)
    for unit, length, least in (("days", 86400, 3 * 86400), ("hours", 3600, 7200), ("minutes", 60, 120)):
        if size >= least or (size >= length and size % length == 0):
            return say(unit, language, n=round(size / length))
    return say("seconds", language, n=round(size))


def _stations(now: datetime) -> list[_Told]:
    by_place: dict[str, list[Health]] = {}
    for one in health.health_of_all(now):
        if one.protocol in FILES:
            continue
        by_place.setdefault(one.station, []).append(one)
    places = Place.objects.filter(kind="station").select_related("reach").order_by("reach__order", "code")
    others = Place.objects.filter(code__in=by_place).exclude(kind="station").select_related("reach")
    found = [*places, *others]
    last = _last_measured([place for place in found if place.code not in by_place])
    told = []
    for place in found:
        mine = by_place.get(place.code, [])
        worst = min(mine, key=lambda one: WORST_FIRST.index(_state(one)), default=None)
        told.append(_Told(place, worst, worst.last_measured_at if worst else last.get(place.pk)))
    return told


def _last_measured(places: Sequence[Place]) -> dict[int, datetime]:
    place_of = dict(SeriesRow.objects.filter(place__in=places).values_list("pk", "place"))
    newest = store.latest_columns(list(place_of), only=("series", "t"))
    last: dict[int, datetime] = {}
    for series, t in zip(newest.series.tolist(), newest.t.tolist(), strict=True):
        at = store.from_ms(t)
        last[place_of[series]] = max(at, last.get(place_of[series], at))
    return last


def _row(one: _Told, now: datetime, language: str) -> HealthRow:
    worst = one.worst
    return HealthRow(
        station=one.place.code,
        name=one.place.name,
        river=one.place.reach.river,
        state=one.state,
        state_name=say(f"health_state_{one.state}", language),
        is_alarm=worst is not None and worst.is_alarm,
        is_simulated=worst.is_simulated if worst else False,
        told=_told(worst, one.measured, now, language),
        last_measured_at=one.measured,
        last_seen_at=worst.last_seen_at if worst else None,
        completeness=_whole_percent(worst.completeness if worst else None),
        flagged=_fine_percent(worst.share_flagged if worst else None),
        clock=clock_text(worst.clock_offset_s if worst else None, language),
        refused=worst.refused if worst else 0,
    )


def _instrument(one: Health, now: datetime, language: str) -> InstrumentHealth:
    state = _state(one)
    return InstrumentHealth(
        number=one.number,
        station=one.station,
        name=one.name,
        river="",
        state=state,
        state_name=say(f"health_state_{state}", language),
        is_alarm=one.is_alarm,
        is_simulated=one.is_simulated,
        told=_told(one, one.last_measured_at, now, language),
        last_measured_at=one.last_measured_at,
        last_seen_at=one.last_seen_at,
        completeness=_whole_percent(one.completeness),
        flagged=_fine_percent(one.share_flagged),
        clock=clock_text(one.clock_offset_s, language),
        refused=one.refused,
        protocol=kind_name(one.protocol, language),
        identity=one.identity,
        every=duration_text(one.interval_s, language),
        silent_after=duration_text(one.silent_after_s, language),
        listens=orders.can_be_asked(one.protocol) and state != "disabled",
    )


def _told(worst: Health | None, measured: datetime | None, now: datetime, language: str) -> str:
    """What a person must know of one station."""
    state = _state(worst) if worst else "none"
    time = time_text(measured, now, language) if measured else ""
    if worst is not None and worst.is_alarm and worst.silent_since is not None:
        silence = duration_text((now - worst.silent_since).total_seconds(), language)
        return say("health_silent", language, time=time_text(worst.silent_since, now, language), silence=silence)
    if worst is not None and state == "clock":
        return say("health_clock", language, off=clock_text(worst.clock_offset_s, language))
    if worst is not None and state == "ok":
        return say("health_ok", language, every=duration_text(worst.interval_s, language), time=time)
    if state == "none":
        return say("health_files_only", language, time=time) if measured else say("health_nothing", language)
    return say(f"health_{state}", language)


def clock_text(offset_s: float | None, language: str) -> str:
    """How far an instrument's clock is off ours: fast, slow, right; a dash where nobody knows."""
    if offset_s is None:
        return "—"
    if abs(offset_s) <= CLOCK_RIGHT_S:
        return say("clock_right", language)
    return say("clock_fast" if offset_s > 0 else "clock_slow", language, time=duration_text(offset_s, language))


def _names(there: Sequence[_Told], now: datetime, language: str) -> str:
    """The first few, a silent one with since when, in brackets."""
    is_chinese = language.startswith("zh")
    said = []
    for one in there[:NAMED_AT_MOST]:
        since = one.worst.silent_since if one.worst else None
        time = time_text(since, now, language) if since else ""
        said.append(say("health_since", language, name=one.place.name, time=time) if since else one.place.name)
    if len(there) > NAMED_AT_MOST:
        said.append("…")
    inside = ("；" if is_chinese else "; ").join(said)
    return f"（{inside}）" if is_chinese else f" ({inside})"


def _series(series: SeriesRow, reading: store.StoredReading, names: dict[int, str], language: str) -> SeriesHealth:
    described, flag = find_parameter(series.parameter), find_flag(reading.flag)
    return SeriesHealth(
        parameter=described.code,
        name=described.name(language),
        kind=_kind(series, language),
        source=series.source,
        value_text=value_text(described.code, reading.v, reading.operator, reading.bound),
        unit="" if described.unit == "-" else described.unit,
        at=store.from_ms(reading.t),
        flag=flag.code,
        flag_name=flag.name(language),
        flag_by=check_name(reading.flag_by, language),
        is_usable=flag.usable,
    )


def check_name(setter: str, language: str) -> str:
    """The name of the check that set a flag; who it was, where it was a person; empty for the source itself."""
    test = all_tests().get(setter)
    return setter if test is None else test.name_zh if language.startswith("zh") else test.name_en


def _kind(series: SeriesRow, language: str) -> str:
    """What a value stands for: nothing to say of a single measurement, else the statistic and over how long."""
    if series.statistic == "instant":
        return ""
    row = statistic_words(series.statistic)
    name = row["name_zh" if language.startswith("zh") else "name_en"]
    return f"{duration_text(series.period_s, language)} {name}" if series.period_s else name


def _day(day: health.Day, language: str) -> HealthDayTold:
    at = local(day.start)
    date = say("day_this_year", language, month=at.month, month_en=at.strftime("%b"), day=at.day)
    flagged = "" if day.share_flagged is None else _fine_percent(day.share_flagged)
    key = "health_day_flagged" if day.share_flagged else "health_day"
    told = say(key, language, date=date, share=_whole_percent(day.completeness), flagged=flagged)
    return HealthDayTold(start=day.start, completeness=day.completeness, share_flagged=day.share_flagged, told=told)


def _order(order: Order, now: datetime, language: str) -> OrderTold:
    state = "answered" if order.answered_at else "sent" if order.sent_at else "waiting"
    given = {name: str(order.arguments.get(name, "")).replace("T", " ")[:16] for name in ("begin", "end")}
    of = say(f"history_{str(order.arguments['of']).replace('-', '_')}", language) if order.command == "history" else ""
    return OrderTold(
        id=order.pk,
        identity=order.instrument.identity,
        what=say("order_history", language, of=of, **given) if of else say("order_clock", language),
        asked_at=order.asked_at,
        asked_by=order.asked_by,
        state=state,  # type: ignore[arg-type]
        state_name=say(f"order_{state}", language),
        answer=order.answer,
    )


def _state(one: Health) -> HealthState:
    return one.state  # type: ignore[return-value]


def _whole_percent(share: float | None) -> str:
    """Rounded down: only what is complete is 100 %."""
    return "—" if share is None else f"{floor(share * 100 + 1e-9)}%"


def _fine_percent(share: float | None) -> str:
    """With one decimal; what is not nothing is not 0 %."""
    if share is None:
        return "—"
    if 0 < share < 0.001:
        return "<0.1%"
    return f"{share * 100:.1f}%" if share else "0%"
