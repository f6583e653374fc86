"""SL 651 as the house sees it: reports confirmed, missing packets asked for again, pictures put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

from riverchief.observation.reading import Reading
from riverchief.telemetry import protocol
from riverchief.telemetry.protocol import HISTORY, SET_CLOCK, Decoded, Example, Heard, Order, Picture, Protocol
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sent import Sent
from riverchief.telemetry.sl651 import encode
from riverchief.telemetry.sl651.frame import ESC, NAK, Frame, FrameSplitter, check
from riverchief.telemetry.sl651.packets import Packets
from riverchief.telemetry.sl651.picture import joined, media_type_of
from riverchief.telemetry.sl651.report import Value, alarms, all_elements, parse
from riverchief.telemetry.sl651.speak import reports
from riverchief.telemetry.sl651.values import CHINA, Reader, Setup

KEEP_ALIVE = "2F"
LARGEST_PICTURE = 4 * 1024 * 1024
#: What a period is asked for by: the water level, every five minutes.
HISTORY_STEP_MINUTES, HISTORY_ELEMENT = 5, "39"


class Line(protocol.Line):
    """One station over one connection, or one station's datagrams; its address and password stand in each frame."""

    def __init__(self, *, is_lenient: bool = True) -> None:
        super().__init__(is_lenient=is_lenient)
        self._packets = Packets()

    def splitter(self, is_lenient: bool) -> FrameSplitter:
        return FrameSplitter()

    def heard(self, frame: Frame) -> Heard | Refused:
        return Heard(frame.raw, frame.station, frame.password, frame)

    def sent_at(self, heard: Heard) -> datetime | None:
        return parse(heard.said).sent_at

    def is_kept(self, heard: Heard) -> bool:
        frame: Frame = heard.said
        return frame.function != KEEP_ALIVE and frame.is_up

    def answers(self, heard: Heard, now_s: float) -> Callable[[datetime], list[bytes]] | None:
        if not self.is_kept(heard):
            return None
        frame: Frame = heard.said
        told = parse(frame)
        is_whole, wanted = self._packets.came(frame, told, now_s)

        def confirm(now: datetime) -> list[bytes]:
            if wanted:
                return [encode.repeat(*one, now) for one in wanted]
            answer = encode.confirmation(frame, told, now, encode.STAY if is_whole else encode.GO_ON)
            return [] if answer is None else [answer]

        return confirm

    def overdue(self, now_s: float) -> list[tuple[str, Callable[[datetime], bytes]]]:
        return [(wanted.frame.station, partial(encode.repeat, *wanted)) for wanted in self._packets.overdue(now_s)]

    def order(self, order: Order, last: Heard, now: datetime, number: str) -> bytes | None:
        frame: Frame = last.said
        if order.command == SET_CLOCK:
            return encode.query("4A", station=frame.station, centre=frame.centre, now=now, password=frame.password)
        if order.begin is None or order.end is None:
            return None
        arguments = encode.history_arguments(order.begin, order.end, HISTORY_STEP_MINUTES, HISTORY_ELEMENT)
        return encode.query(
            "38", station=frame.station, centre=frame.centre, now=now, password=frame.password, arguments=arguments
        )

    def is_acknowledged(self, heard: Heard) -> tuple[bool, str] | None:
        frame: Frame = heard.said
        if frame.end == ESC:
            return True, ""
        return (False, f"NAK {frame.number or 1}/{frame.total or 1}") if frame.end == NAK else None


class Decoder(protocol.Decoder):
    """One station's reports; those in several packets wait for each other."""

    def __init__(self, station: str, setup: Mapping[str, Any]):
        super().__init__(station, setup)
        self._reader = Reader(Setup(station=station, **protocol.chosen(Setup, setup)))

    def decode(self, name: str, content: bytes, arrived_at: datetime) -> Decoded:
        frame = check(content)
        if isinstance(frame, Refused):
            return Decoded([], [frame])
        if frame.total is not None and frame.total > 1:
            return Decoded([], [], ((frame.station, frame.function, str(frame.total)), frame.number or 0, frame.total))
        return self._report(frame, arrived_at, ())

    def join(self, contents: Sequence[bytes], arrived_at: datetime, missing: tuple[int, ...] = ()) -> Decoded:
        frames = [found for raw in contents if not isinstance(found := check(raw), Refused)]
        if frames[0].number != 1:
            return Decoded([], [])  # nobody can tell what it is
        return self._report(joined(frames), arrived_at, missing)

    def _report(self, frame: Frame, arrived_at: datetime, missing: tuple[int, ...]) -> Decoded:
        told = parse(frame)
        found = self._reader.readings(told)
        size = len(told.picture)
        if not size:
            return found
        if size > LARGEST_PICTURE:
            details = {"given": str(size), "allowed": str(LARGEST_PICTURE)}
            return Decoded(found.readings, [*found.refusals, Refused("too_big", b"", details, size)])
        zone = timezone(timedelta(seconds=self._reader.setup.utc_offset_s))
        taken = told.observed_at.replace(tzinfo=zone).astimezone(UTC) if told.observed_at else arrived_at
        return found._replace(picture=Picture(taken, media_type_of(told.picture), told.picture, missing))


def speak(readings: Sequence[Reading], address: str, password: str) -> list[Sent]:
    """``readings`` as the station ``address`` (ten digits) reports them."""
    return reports(readings, station=address, password=password or "0000")


def describe(heard: Heard, language: str) -> dict[str, Any]:
    """What stands in ``heard``, in the protocol's own words and ours beside them."""
    frame: Frame = heard.said
    report = parse(frame)
    moment = report.observed_at or report.sent_at
    row: dict[str, Any] = {
        "station": report.station,
        "time": _in_china(moment),
        "function": frame.function,
        "direction": "up" if frame.is_up else "down",
        "serial": report.serial,
        "type": report.kind or None,
        "readings": [_value(value) for value in report.values],
    }
    if report.state is not None:
        row["alarms"] = alarms(report.state)
    if report.picture:
        row["picture"] = {"packet": frame.number, "of": frame.total, "bytes": len(report.picture)}
    if report.text:
        row["text"] = report.text
    if report.parameters:
        row["fields"] = report.parameters
    if report.refusals:
        row["not_understood"] = [refusal.fault.text(language) for refusal in report.refusals]
    return row


def _value(value: Value) -> dict[str, Any]:
    element = all_elements().get(value.code)
    return {
        "code": value.code,
        "value": value.value,
        "unit": value.unit or None,
        "flag": None,
        "statistic": value.statistic,
        "parameter": (element.parameter or None) if element else None,
        "quality": "missing" if value.value is None else "unchecked",
        "time": _in_china(value.time),
    }


def _in_china(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=timezone(timedelta(seconds=CHINA))).isoformat() if moment else None


PROTOCOL = Protocol(
    line=Line,
    decoder=Decoder,
    setup=Setup,
    speak=speak,
    describe=describe,
    orders=(SET_CLOCK, HISTORY),
    examples=(
        Example(
            encode.report(
                "32",
                station="0010100001",
                centre=1,
                serial=12,
                sent_at=datetime(2020, 7, 24, 17, 23, 49),  # noqa: DTZ001 - the station's own clock
                observed_at=datetime(2020, 7, 24, 17, 23),  # noqa: DTZ001
                kind="H",
                items=[encode.Item("39", 12.68)],
                password="A000",  # noqa: S106 - of an example
            ),
            {"LEVEL": 12.68},
        ),
    ),
)
