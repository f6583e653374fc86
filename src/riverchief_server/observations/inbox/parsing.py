"""The worker that understands messages: readings kept, refusals written, the message's state changed, all in one
transaction, so that a kill at any moment leaves each message either untouched or done.

Frames come from the journal (:meth:`Parser.take`) and are understood on their way into the inbox; what lies in the
inbox already (a file, a packet whose fellows are missing, what is replayed) is read from there (:meth:`Parser.parse`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from riverchief.errors import BadInput, Fault
from riverchief.observation.reading import Reading
from riverchief.telemetry.protocol import protocols
from riverchief_server.observations import store
from riverchief_server.observations.actions import FileOptions, ingest_file
from riverchief_server.observations.arrival import take_in
from riverchief_server.observations.inbox.decoding import Decoded, Decoder
from riverchief_server.observations.inbox.instruments import Known, known_by_number
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.inbox.keeping import insert, refusal_of, write_refusals
from riverchief_server.observations.models import RawMessage, Refusal
from riverchief_server.observations.pictures import keep_picture
from riverchief_server.observations.series import SeriesIndex, SeriesKey, key_of
from riverchief_server.places.models import Place

log = logging.getLogger(__name__)
AT_ONCE = 1000
PATIENCE = timedelta(seconds=90)  # without another packet
FINISHED = 200
MOST_WAITING, MOST_WAITING_BYTES = 5000, 64 * 1024 * 1024  # packets whose fellows have not come, in memory
#: A file that a person imports at the desk: all of it or nothing, and not behind that person's back.
BY_HAND = "desk"
STATE = RawMessage.State
CHANGED = (STATE.PARSED.value, STATE.REFUSED.value)
GIVEN_UP = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[int, tuple[str, ...]]  # instrument, and what the packets of one message share


class Parsed(NamedTuple):
    """What became of some messages."""

    messages: int
    readings: int
    refused: int
    put: store.PutReport

    def plus(self, other: Parsed) -> Parsed:
        """Both together."""
        return Parsed(
            self.messages + other.messages,
            self.readings + other.readings,
            self.refused + other.refused,
            self.put.plus(other.put),
        )


NOTHING = Parsed(0, 0, 0, store.PutReport(0, 0, 0))


@dataclass(slots=True, eq=False)
class _Item:
    """A message on its way through; ``number`` is 0 until it is a row of the inbox. ``fellows`` are all packets, itself
    among them, of the message that it completed."""

    raw: Raw
    number: int = 0
    was_refused: bool = False
    fellows: Collection[_Item] = ()


@dataclass(slots=True)
class _Waiting:
    """The packets that came of one message, by their number; ``since`` the last of them."""

    of: int
    since: datetime
    parts: dict[int, _Item] = field(default_factory=dict)


class Parser:
    """Understands messages, oldest first. One at a time may run; it keeps nothing that journal or inbox do not."""

    def __init__(self) -> None:
        self._decoder, self._series = Decoder(), SeriesIndex()
        self._places: dict[str, int] = {}
        self._last = 0
        self._waiting: dict[Key, _Waiting] = {}
        self._waiting_bytes = 0
        self._finished: dict[Key, set[int]] = {}  # packets of the last messages: they may be sent again

    def take(self, messages: Sequence[Raw], also: Callable[[], None] = lambda: None) -> Parsed:
        """Take ``messages`` into the inbox and understand them; ``also`` runs in the same transaction, at its end.

        Files are only taken in: :meth:`run_once` reads them.
        """
        known = known_by_number({raw.instrument for raw in messages if raw.instrument})
        decoded = []
        for raw in messages:
            if raw.instrument and raw.instrument not in known:
                raw = raw._replace(instrument=None)  # deleted meanwhile
            item = _Item(raw)
            if raw.fault is not None:
                decoded.append((item, Decoded([], [raw.fault])))
            elif raw.kind in protocols():
                decoded.append((item, self._decoded(item, known)))
            else:
                decoded.append((item, Decoded([], [], part=((), 0, 0))))
        self._make_series(decoded, known)
        with transaction.atomic():
            report = self._keep(decoded, known)
            also()
        return report

    def run_once(self, now: datetime) -> Parsed:
        """Understand everything that lies in the inbox, and give up waiting for packets that do not come."""
        total = NOTHING
        while True:
            rows = list(_received().filter(pk__gt=self._last).order_by("pk")[:AT_ONCE])
            if not rows:
                break
            waiting = {item.number for one in self._waiting.values() for item in one.parts.values()}
            total = total.plus(self.parse([row for row in rows if row.pk not in waiting], now))
            self._last = rows[-1].pk
        late = [key for key, waiting in self._waiting.items() if now - waiting.since > PATIENCE]
        if not late and (len(self._waiting) > MOST_WAITING or self._waiting_bytes > MOST_WAITING_BYTES):
            late = list(self._waiting)[: len(self._waiting) // 2 + 1]
        return total.plus(self._finish_late(late)) if late else total

    def parse(self, messages: Sequence[RawMessage], now: datetime) -> Parsed:
        """Understand ``messages`` of the inbox (of any state: refused ones are replayed) in one transaction."""
        files = [message for message in messages if message.kind not in protocols()]
        frames = [_item_of(message) for message in messages if message.kind in protocols()]
        known = known_by_number({item.raw.instrument for item in frames if item.raw.instrument})
        decoded = [(item, self._decoded(item, known)) for item in frames]
        self._make_series(decoded, known)
        with transaction.atomic():
            report = self._keep(decoded, known)
        for message in files:
            report = report.plus(_file(message))
        return report

    def give_up(self) -> Parsed:
        """Wait for no packet any more: understand what came as far as it came."""
        return self._finish_late(list(self._waiting)) if self._waiting else NOTHING

    def forget(self) -> None:
        """Begin again from what journal and inbox hold: what failed was rolled back."""
        self._series, self._last = SeriesIndex(), 0
        self._waiting.clear()
        self._finished.clear()
        self._waiting_bytes = 0

    def one_by_one(self, now: datetime) -> None:
        """After a message brought down the whole lot: each alone, and the one that does it again is refused.

        Raises :class:`~django.db.DatabaseError` where the database is at fault.
        """
        for message in _received().order_by("pk")[:AT_ONCE]:
            try:
                self.parse([message], now)
            except DatabaseError:
                raise
            except Exception as broken:
                log.exception("message %s could not be understood", message.pk)
                with transaction.atomic():
                    RawMessage.objects.filter(pk=message.pk).update(state=STATE.REFUSED)
                    refusal_of(message.pk, not_understood(broken)).save()

    def _decoded(self, item: _Item, known: dict[int, Known]) -> Decoded:
        raw = item.raw
        instrument = known.get(raw.instrument or 0)
        if instrument is None:
            return Decoded([], [Fault("unknown_instrument", details={"given": raw.name})])
        found = self._decoder.decode(raw.kind, raw.name, raw.content, instrument, raw.received_at)
        if found.part is None:
            return found
        shared, number, of = found.part
        key = instrument.pk, shared
        waiting = self._waiting.get(key)
        if waiting is None and hash(raw.content) in self._finished.get(key, ()):
            return Decoded([], [])  # the acknowledgement was lost: it says what is known
        if waiting is not None and number in waiting.parts and waiting.parts[number].raw.content != raw.content:
            # another message under the same name has begun: the one before waits under a name of its own for its end
            self._waiting[instrument.pk, (*shared, str(id(waiting)))] = self._waiting.pop(key)
            waiting.since = GIVEN_UP
            waiting = None
        if waiting is None:
            waiting = self._waiting[key] = _Waiting(of, raw.received_at)
        if number in waiting.parts:
            # the same packet again: what it says is known, and it is done when the message is
            number = -len(waiting.parts)
        waiting.parts[number] = item
        waiting.since = max(waiting.since, raw.received_at)
        self._waiting_bytes += len(raw.content)
        if sum(one > 0 for one in waiting.parts) < waiting.of:
            return found
        return self._whole(item, key, instrument, ())

    def _whole(self, item: _Item, key: Key, instrument: Known, missing: tuple[int, ...]) -> Decoded:
        """What the packets of ``key`` say together; ``item`` is the one that finishes them."""
        parts = self._close(item, key)
        numbers = sorted(number for number in parts if number > 0)
        contents = [parts[number].raw.content for number in numbers]
        first = parts[numbers[0]].raw
        return self._decoder.decode_parts(first.kind, contents, instrument, first.received_at, missing)

    def _finish_late(self, keys: Sequence[Key]) -> Parsed:
        """Messages whose other packets never came, as far as they came; what is missing is said."""
        known = known_by_number({key[0] for key in keys})
        decoded = []
        for key in keys:
            waiting = self._waiting[key]
            last = waiting.parts[max(waiting.parts)]
            missing = tuple(number for number in range(1, waiting.of + 1) if number not in waiting.parts)
            listed = ", ".join(map(str, missing[:20])) + (" …" if len(missing) > 20 else "")
            fault = Fault("missing_parts", details={"given": listed, "allowed": str(waiting.of)})
            if key[0] in known:
                found = self._whole(last, key, known[key[0]], missing)
            else:
                self._close(last, key)
                found = Decoded([], [])
            decoded.append((last, found._replace(faults=[*found.faults, fault])))
        self._make_series(decoded, known)
        with transaction.atomic():
            return self._keep(decoded, known)

    def _make_series(self, decoded: Sequence[tuple[_Item, Decoded]], known: dict[int, Known]) -> None:
        """Series that are new are made before the transaction: what the index remembers must have been committed."""
        wanted: dict[bool, set[SeriesKey]] = {True: set(), False: set()}
        for item, found in decoded:
            for reading in found.readings:
                place = self._place(reading.station)
                if place and self._series.number(key := key_of(reading, place)) is None:
                    instrument = known.get(item.raw.instrument or 0)
                    wanted[instrument is not None and instrument.is_simulated].add(key)
        for is_simulated, keys in wanted.items():
            if keys:
                self._series.numbers(keys, simulated=is_simulated)

    def _keep(self, decoded: Sequence[tuple[_Item, Decoded]], known: dict[int, Known]) -> Parsed:
        readings: list[tuple[Reading, int, _Item]] = []
        refusals: list[tuple[_Item, Fault]] = []
        state_of: dict[_Item, str] = {}  # a packet waits until the last of its fellows is here, perhaps in this batch
        for item, found in decoded:
            if found.part is not None:
                state_of[item] = STATE.RECEIVED.value
                continue
            faults = found.faults
            for reading in found.readings:
                number = self._series_of(reading)
                if number:
                    readings.append((reading, number, item))
                else:
                    faults = [*faults, _unknown_station(reading)]
            state = STATE.REFUSED.value if faults else STATE.PARSED.value
            state_of |= dict.fromkeys(item.fellows or [item], state)
            refusals += [(item, fault) for fault in faults]
        _write(state_of)
        replayed = [item.number for item, state in state_of.items() if item.was_refused and state in CHANGED]
        if replayed:
            Refusal.objects.filter(message__in=replayed).delete()
        put = take_in(_columns(readings))
        write_refusals([(item.number, fault) for item, fault in refusals])
        for item, found in decoded:
            if found.picture is not None and item.raw.instrument:
                place = known[item.raw.instrument].place
                keep_picture(found.picture, place, item.raw.instrument, item.raw.received_at)
        states = list(state_of.values())
        refused = states.count(STATE.REFUSED.value)
        return Parsed(states.count(STATE.PARSED.value) + refused, len(readings), refused, put)

    def _close(self, item: _Item, key: Key) -> dict[int, _Item]:
        parts = self._waiting.pop(key).parts
        item.fellows = list(parts.values())
        self._waiting_bytes -= sum(len(part.raw.content) for part in item.fellows)
        while len(self._finished) >= FINISHED:
            del self._finished[next(iter(self._finished))]
        self._finished[key] = {hash(part.raw.content) for part in item.fellows}
        return parts

    def _series_of(self, reading: Reading) -> int | None:
        place = self._place(reading.station)
        return self._series.number(key_of(reading, place)) if place else None

    def _place(self, station: str) -> int:
        if station not in self._places:
            found = Place.objects.filter(code=station).values_list("pk", flat=True).first()
            if found is None:
                return 0
            self._places[station] = found
        return self._places[station]


def replay(messages: Iterable[RawMessage], now: datetime) -> Parsed:
    """Read refused messages again, after a setup, a mapping or a place was put right; twice is as good as once."""
    # what came in by SensorThings was refused to whoever sent it, and is theirs to send again
    parser, total, listed = Parser(), NOTHING, [message for message in messages if message.kind != "sensorthings"]
    for start in range(0, len(listed), AT_ONCE):
        total = total.plus(parser.parse(listed[start : start + AT_ONCE], now))
    return total.plus(parser.give_up())


def not_understood(broken: Exception) -> Fault:
    """What is said of a message that brought the parser down."""
    return Fault("not_understood", details={"allowed": f"{type(broken).__name__}: {broken}"[:200]})


def _unknown_station(reading: Reading) -> Fault:
    return Fault("unknown_station", details={"given": reading.station, "nearest": "—"})


def _item_of(row: RawMessage) -> _Item:
    raw = Raw(row.kind, row.name, row.sender, row.received_at, bytes(row.content), row.instrument_id)
    return _Item(raw, row.pk, row.state == STATE.REFUSED)


def _write(state_of: dict[_Item, str]) -> None:
    """Give each message its state: new ones become rows, in the order in which they came; the others are changed."""
    fresh = [item for item in state_of if not item.number]
    old = {state: [item.number for item in state_of if item.number and state_of[item] == state] for state in CHANGED}
    numbers = insert([item.raw for item in fresh], [state_of[item] for item in fresh])
    for item, number in zip(fresh, numbers, strict=True):
        item.number = number
    for state, changed in old.items():
        if changed:
            RawMessage.objects.filter(pk__in=changed).update(state=state)


def _columns(readings: Sequence[tuple[Reading, int, _Item]]) -> store.Columns:
    """The readings, each with the number of its series and its message, as the store takes them."""
    flags = store.flag_numbers()
    operators = {operator: number for number, operator in enumerate(store.OPERATORS)}
    t, operator, bound = [], [], []
    time: datetime | None = None
    for reading, _, _ in readings:
        if reading.time is not time:
            time, ms = reading.time, store.to_ms(reading.time)  # readings of one frame share their time
        t.append(ms)
        censored = reading.censored
        operator.append(operators[censored.operator] if censored else 0)
        bound.append(censored.limit if censored and censored.limit is not None else np.nan)
    if not readings:
        return store.joined([])
    return store.columns(
        np.array([series for _, series, _ in readings], np.int32),
        np.array(t, np.int64),
        np.array([np.nan if reading.value is None else reading.value for reading, _, _ in readings], np.float64),
        flag=np.array([flags[reading.flag] for reading, _, _ in readings], np.int16),
        operator=np.array(operator, np.int16),
        bound=np.array(bound, np.float64),
        arrived=np.array([store.to_ms(item.raw.received_at) for _, _, item in readings], np.int64),
        message=np.array([item.number for _, _, item in readings], np.int64),
    )


def _received() -> QuerySet[RawMessage]:
    return RawMessage.objects.filter(state=STATE.RECEIVED).exclude(kind=BY_HAND)


def _file(message: RawMessage) -> Parsed:
    """A file of readings; its good rows are kept and the others listed, since nobody sits there to be asked. What a
    person imported is read as that person said, all of it or nothing."""
    setup = dict(message.instrument.setup) if message.instrument else {}
    setup |= message.summary.get("options", {})
    options = FileOptions(
        **{name: setup[name] for name in ("year", "timezone", "layout", "station", "sheet") if name in setup},
        leave_out=tuple(setup.get("leave_out", ())),
    )
    try:
        report = ingest_file(message, options=options, keep_good=message.kind != BY_HAND)
    except BadInput as refused:
        return Parsed(1, 0, len(refused.faults), store.PutReport(0, 0, 0))
    return Parsed(1, report.readings, report.refused, store.PutReport(report.new, report.same, report.changed))
