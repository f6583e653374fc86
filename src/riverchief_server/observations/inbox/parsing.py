"""The worker that understands what lies in the inbox: readings kept, refusals written, the message's state changed,
all in one transaction, so that a kill at any moment leaves each message either untouched or done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import QuerySet

from riverchief.errors import BadInput, Fault
from riverchief_server.observations import store
from riverchief_server.observations.actions import ingest_file, stored
from riverchief_server.observations.inbox.decoding import Decoded, Decoder
from riverchief_server.observations.inbox.instruments import Known, known_of
from riverchief_server.observations.inbox.keeping import refusal_of
from riverchief_server.observations.models import Instrument, RawMessage, Refusal
from riverchief_server.observations.series import SeriesIndex, key_of
from riverchief_server.places.models import Place

log = logging.getLogger(__name__)
AT_ONCE = 1000
PATIENCE = timedelta(seconds=90)
FRAMES = ("hj212", "sl651", "mqtt")
STATE = RawMessage.State
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


@dataclass
class _Waiting:
    """The packets that came of one message: number to message."""

    of: int
    parts: dict[int, RawMessage]


class Parser:
    """Understands received messages, oldest first. One at a time may run; it keeps nothing that the inbox does not."""

    def __init__(self) -> None:
        self._decoder, self._series = Decoder(), SeriesIndex()
        self._places: dict[str, int] = {}
        self._last = 0
        self._waiting: dict[Key, _Waiting] = {}
        self._key_of: dict[int, Key] = {}

    def run_once(self, now: datetime) -> Parsed:
        """Understand everything that has been received and not yet looked at."""
        total = NOTHING
        while True:
            rows = list(_received().filter(pk__gt=self._last).order_by("pk")[:AT_ONCE])
            if not rows:
                break
            total = total.plus(self.parse(rows, now))
            self._last = rows[-1].pk
        late = [
            message
            for waiting in list(self._waiting.values())
            if now - min(part.received_at for part in waiting.parts.values()) > PATIENCE
            for message in waiting.parts.values()
        ]
        if late:
            total = total.plus(self._finish_late(late, now))
        return total

    def run_for_ever(self, stop: threading.Event, wake: threading.Event, every_s: float = 1.0) -> None:
        """Parse whenever ``wake`` is set, or ``every_s``, until ``stop`` is set. Nothing that fails ends it."""
        while not stop.is_set():
            wake.wait(every_s)
            wake.clear()
            try:
                self.run_once(datetime.now(UTC))
            except (DatabaseError, InterfaceError) as away:
                log.warning("the inbox could not be read (%s); it will be tried again", str(away).strip())
                connection.close()
                self._forget()
                stop.wait(every_s)
            except Exception:
                log.exception("a message could not be understood; the others go on")
                self._forget()
                self._one_by_one(datetime.now(UTC))
        connection.close()

    def parse(self, messages: Sequence[RawMessage], now: datetime) -> Parsed:
        """Understand ``messages`` (of any state: refused ones are replayed) in one transaction."""
        files = [message for message in messages if message.kind not in FRAMES]
        frames = [message for message in messages if message.kind in FRAMES]
        known = {row.pk: known_of(row) for row in _instruments(frames)}
        decoded = [(message, self._decoded(message, known)) for message in frames]
        self._series.numbers(
            {
                key_of(reading, self._place(reading.station))
                for _, found in decoded
                for reading in found.readings
                if self._place(reading.station)
            },
            simulated=any(one.is_simulated for one in known.values()),
        )
        with transaction.atomic():
            report = self._keep(decoded)
        for message in files:
            report = report.plus(_file(message))
        return report

    def _decoded(self, message: RawMessage, known: dict[int, Known]) -> Decoded:
        instrument = known.get(message.instrument_id or 0)
        if instrument is None:
            return Decoded([], [Fault("unknown_instrument", details={"given": message.name})])
        content = bytes(message.content)
        found = self._decoder.decode(message.kind, message.name, content, instrument, message.received_at)
        if found.part is None:
            return found
        key, number, of = found.part
        waiting = self._waiting.setdefault((instrument.pk, key), _Waiting(of, {}))
        waiting.parts[number] = message
        self._key_of[message.pk] = (instrument.pk, key)
        if len(waiting.parts) < waiting.of:
            return found
        return self._whole((instrument.pk, key), instrument)

    def _whole(self, key: Key, instrument: Known) -> Decoded:
        parts = self._waiting[key].parts
        contents = [bytes(parts[number].content) for number in sorted(parts)]
        return self._decoder.decode_parts(contents, instrument, parts[min(parts)].received_at)

    def _finish_late(self, late: Sequence[RawMessage], now: datetime) -> Parsed:
        """Messages whose other packets never came, as far as they came; what is missing is said."""
        known = {row.pk: known_of(row) for row in _instruments(late)}
        decoded = []
        for key, waiting in list(self._waiting.items()):
            messages = [message for message in waiting.parts.values() if message in late]
            if not messages or key[0] not in known:
                continue
            missing = [str(number) for number in range(1, waiting.of + 1) if number not in waiting.parts]
            found = self._whole(key, known[key[0]])
            fault = Fault("missing_parts", details={"given": ", ".join(missing), "allowed": str(waiting.of)})
            decoded.append((messages[-1], found._replace(faults=[*found.faults, fault])))
        self._series.numbers(
            {key_of(reading, self._place(reading.station)) for _, found in decoded for reading in found.readings}
        )
        with transaction.atomic():
            return self._keep(decoded)

    def _keep(self, decoded: Sequence[tuple[RawMessage, Decoded]]) -> Parsed:
        rows: list[store.StoredReading] = []
        refusals: list[Refusal] = []
        parsed: list[int] = []
        refused: list[int] = []
        for message, found in decoded:
            if found.part is not None:
                continue
            faults = list(found.faults)
            arrived = store.to_ms(message.received_at)
            for reading in found.readings:
                place = self._place(reading.station)
                if not place:
                    faults.append(Fault("unknown_station", details={"given": reading.station, "nearest": "—"}))
                    continue
                number = self._series.numbers([key := key_of(reading, place)])[key]
                rows.append(stored(reading, number, arrived, message.pk))
            done = self._parts_of(message)
            (refused if faults else parsed).extend(done)
            refusals += [refusal_of(message, fault) for fault in faults]
        put = store.put(rows)
        replayed = [message.pk for message, _ in decoded if message.state == STATE.REFUSED]
        if replayed:
            Refusal.objects.filter(message__in=replayed).delete()
        RawMessage.objects.filter(pk__in=parsed).update(state=STATE.PARSED)
        RawMessage.objects.filter(pk__in=refused).update(state=STATE.REFUSED)
        Refusal.objects.bulk_create(refusals)
        return Parsed(len(parsed) + len(refused), len(rows), len(refused), put)

    def _parts_of(self, message: RawMessage) -> list[int]:
        """The numbers of all messages that were finished with ``message``: itself, or all packets of it."""
        key = self._key_of.get(message.pk)
        if key is None:
            return [message.pk]
        numbers = [part.pk for part in self._waiting.pop(key).parts.values()]
        for number in numbers:
            self._key_of.pop(number, None)
        return numbers

    def _place(self, station: str) -> int:
        if station not in self._places:
            found = Place.objects.filter(code=station).values_list("pk", flat=True).first()
            if found is None:
                return 0
            self._places[station] = found
        return self._places[station]

    def _forget(self) -> None:
        """Begin again from what the inbox holds: what failed was rolled back."""
        self._series, self._last = SeriesIndex(), 0
        self._waiting.clear()
        self._key_of.clear()

    def _one_by_one(self, now: datetime) -> None:
        """After a message brought down the whole lot: each alone, and the one that does it again is refused."""
        for message in _received().order_by("pk")[:AT_ONCE]:
            try:
                self.parse([message], now)
            except (DatabaseError, InterfaceError):
                connection.close()
                return
            except Exception as broken:
                log.exception("message %s could not be understood", message.pk)
                fault = Fault("not_understood", details={"allowed": f"{type(broken).__name__}: {broken}"[:200]})
                with transaction.atomic():
                    RawMessage.objects.filter(pk=message.pk).update(state=STATE.REFUSED)
                    refusal_of(message, fault).save()


def replay(messages: Iterable[RawMessage], now: datetime) -> Parsed:
    """Read refused messages again, after a setup, a mapping or a place was put right; twice is as good as once."""
    parser, total, listed = Parser(), NOTHING, list(messages)
    for start in range(0, len(listed), AT_ONCE):
        total = total.plus(parser.parse(listed[start : start + AT_ONCE], now))
    return total


def _received() -> QuerySet[RawMessage]:
    return RawMessage.objects.filter(state=STATE.RECEIVED)


def _instruments(messages: Iterable[RawMessage]) -> QuerySet[Instrument]:
    numbers = {message.instrument_id for message in messages if message.instrument_id}
    return Instrument.objects.filter(pk__in=numbers).select_related("place")


def _file(message: RawMessage) -> Parsed:
    """A file of readings; its good rows are kept and the others listed, since nobody sits there to be asked."""
    setup = message.instrument.setup if message.instrument else {}
    options = {name: setup[name] for name in ("year", "timezone", "layout", "station") if name in setup}
    try:
        report = ingest_file(message, **options, keep_good=True)
    except BadInput as refused:
        return Parsed(1, 0, len(refused.faults), store.PutReport(0, 0, 0))
    return Parsed(1, report.readings, report.refused, store.PutReport(report.new, report.same, report.changed))
