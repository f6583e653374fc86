"""How each instrument and station does: last heard, last measured, silent or not, complete or not, flagged or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from riverchief.observation.aggregate import completeness
from riverchief.observation.flag import find_flag
from riverchief_server.observations import store
from riverchief_server.observations.models import Instrument, RawMessage, Series
from riverchief_server.places.models import Place

WINDOW = timedelta(days=7)
CLOCK_OFF_S = 120.0


@dataclass(frozen=True)
class Health:
    """How one instrument does. ``state`` is ``ok``, ``silent`` (no sample for longer than it may be), ``never``,
    ``clock`` (its clock is more than two minutes off) or ``disabled``; shares are of the last seven days, ``None``
    where nothing can be said; ``clock_offset_s`` is its clock less ours. ``number`` is the instrument's own."""

    number: int
    station: str
    name: str
    protocol: str
    identity: str
    state: str
    is_simulated: bool
    interval_s: int
    silent_after_s: int
    last_seen_at: datetime | None
    last_measured_at: datetime | None
    silent_since: datetime | None
    clock_offset_s: float | None
    completeness: float | None
    share_flagged: float | None
    refused: int

    @property
    def is_alarm(self) -> bool:
        """Whether somebody has to look: it has been silent for too long."""
        return self.state == "silent"

    def as_json(self) -> dict[str, Any]:
        """Everything, times in ISO with their zone."""
        shown = asdict(self) | {"is_alarm": self.is_alarm}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in shown.items()}


@dataclass(frozen=True)
class Day:
    """One day of a station: which share of the samples it owed came, and which share of those a check flagged."""

    start: datetime
    completeness: float
    share_flagged: float | None


def health_of_all(now: datetime) -> list[Health]:
    """The health of every instrument, in the order of its places."""
    rows = list(Instrument.objects.select_related("place").order_by("place__reach__order", "place__code", "identity"))
    return _health(rows, now)


def health_of(place: Place, now: datetime) -> list[Health]:
    """The health of the instruments of ``place``."""
    return _health(list(place.instruments.select_related("place")), now)


def silent(now: datetime) -> list[Health]:
    """The instruments that have been silent for longer than they may be: the no-data alarm."""
    return [one for one in health_of_all(now) if one.is_alarm]


def days_of(place: Place, now: datetime, zone: tzinfo = UTC, days: int = 30) -> list[Day]:
    """Completeness and share flagged of the last ``days`` days of ``zone``, oldest first; nothing where no instrument
    says how often it samples."""
    instrument = place.instruments.order_by("interval_s").first()
    if instrument is None:
        return []
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    ends = [*starts[1:], now]
    found = store.read_many(_series([place])[place.pk], store.to_ms(starts[0]), store.to_ms(now), only=("flag",))
    shown = []
    for start, end in zip(starts, ends, strict=True):
        begin, until = store.to_ms(start), store.to_ms(end)
        mine = (found.t >= begin) & (found.t < until)
        share = completeness(np.unique(found.t[mine]), begin, until, instrument.interval_s * 1000)
        if not np.isnan(share):
            shown.append(Day(start, share, _flagged(found.flag[mine])))
    return shown


def newest_of(place: Place) -> list[tuple[Series, store.StoredReading]]:
    """Every series of ``place`` (means as well as single values) with its newest reading, in order of parameters."""
    rows = list(Series.objects.filter(place=place).order_by("parameter", "period_s", "statistic", "source"))
    newest = store.latest([row.pk for row in rows])
    return [(row, newest[row.pk]) for row in rows if row.pk in newest]


def _health(rows: Sequence[Instrument], now: datetime) -> list[Health]:
    series = _series([row.place for row in rows])
    everything = [number for numbers in series.values() for number in numbers]
    newest = store.latest_columns(everything, only=("series", "t"))
    last = dict(zip(newest.series.tolist(), newest.t.tolist(), strict=True))
    begin, end = store.to_ms(now - WINDOW), store.to_ms(now)
    found = store.read_many(everything, begin, end, only=("flag",)) if everything else None
    refused = _refused(now)
    made = []
    for row in rows:
        mine = series[row.place_id]
        times = [last[number] for number in mine if number in last]
        measured = store.from_ms(max(times)) if times else None
        share = flagged = None
        if found is not None and mine:
            of_mine = np.isin(found.series, mine)
            if of_mine.any():
                share = completeness(np.unique(found.t[of_mine]), begin, end, row.interval_s * 1000)
                flagged = _flagged(found.flag[of_mine])
        made.append(_one(row, now, measured, share, flagged, refused.get(row.pk, 0)))
    return made


def _one(
    row: Instrument, now: datetime, measured: datetime | None, share: float | None, flagged: float | None, refused: int
) -> Health:
    # what it measured counts, not that it was heard: a logger that has lost its sensor goes on talking
    newest = measured or row.last_seen_at
    is_silent = newest is not None and (now - newest).total_seconds() > row.silent_after_s
    off = row.clock_offset_s is not None and abs(row.clock_offset_s) > CLOCK_OFF_S
    state = "silent" if is_silent else "never" if newest is None else "clock" if off else "ok"
    return Health(
        row.pk,
        row.place.code,
        row.place.name,
        row.protocol,
        row.identity,
        state if row.is_enabled else "disabled",
        row.is_simulated,
        row.interval_s,
        row.silent_after_s,
        row.last_seen_at,
        measured,
        newest if is_silent else None,
        row.clock_offset_s,
        share,
        flagged,
        refused,
    )


def _series(places: Sequence[Place]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {place.pk: [] for place in places}
    for pk, place in Series.objects.filter(place__in=list(found)).values_list("pk", "place"):
        found[place].append(pk)
    return found


def _flagged(flags: np.ndarray[Any, Any]) -> float | None:
    """The share of readings that a judgement may not use or should doubt."""
    doubted = [number for code, number in store.flag_numbers().items() if find_flag(code).qartod in (3, 4, 9)]
    return float(np.isin(flags, doubted).mean()) if len(flags) else None


def _refused(now: datetime) -> dict[int, int]:
    numbers = RawMessage.objects.filter(
        state=RawMessage.State.REFUSED, received_at__gte=now - WINDOW, instrument__isnull=False
    ).values_list("instrument", flat=True)
    counted: dict[int, int] = {}
    for number in numbers:
        counted[number] = counted.get(number, 0) + 1
    return counted
