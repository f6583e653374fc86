"""The body of a frame: what a station reports, element by element, each decoded by the definition byte beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from riverchief.table import read_table
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651.frame import Frame

PACKAGE = "riverchief.telemetry.sl651"
STATION, TIME, MANUAL, PICTURE, SPEEDS, OWN = 0xF1, 0xF0, 0xF2, 0xF3, 0xFD, 0xFF
STEP, DURATION, STATE = "04", "05", "45"
FIVE_MINUTES = timedelta(minutes=5)
RAIN_SERIES = 0xF4  # twelve single bytes of 0.1 mm
LEVEL_SERIES = range(0xF5, 0xFD)  # twelve double bytes of 0.01 m, relative to the station's base
MOST_VALUES = 2048  # of one element in one body: the body is shorter than 4,096 bytes


class Element(NamedTuple):
    """One row of ``elements.csv``: what an identifier measures; its length is never taken from here."""

    code: str
    letters: str
    name_zh: str
    unit: str
    definition: int | None
    parameter: str
    statistic: str
    period_s: int


class Function(NamedTuple):
    """One row of ``functions.csv``: ``body`` says how its body is built, ``is_confirmed`` whether a centre answers."""

    code: str
    name_zh: str
    name_en: str
    body: str
    is_confirmed: bool


class Value(NamedTuple):
    """One value of one element: ``value`` is None where the station says that it is missing; ``time`` is the station's
    own, None where the body gives none; ``unit`` is empty for elements that nobody but the vendor knows."""

    code: str
    value: float | None
    unit: str
    time: datetime | None
    statistic: str = "instant"
    period_s: int = 0


@dataclass(frozen=True)
class Report:
    """What one frame says. Times are the station's own. ``state`` is the 32-bit word of element 45, see
    :func:`alarms`; ``picture`` are the bytes of a picture (of the first packet); ``parameters`` are identifiers of
    settings with their digits as they stand in the frame."""

    frame: Frame
    serial: int | None = None
    sent_at: datetime | None = None
    station: str = ""
    kind: str = ""
    values: list[Value] = field(default_factory=list)
    state: int | None = None
    text: str = ""
    picture: bytes = b""
    parameters: dict[str, str] = field(default_factory=dict)
    refusals: list[Refused] = field(default_factory=list)
    observed_at: datetime | None = None


def parse(frame: Frame) -> Report:
    """The report in ``frame``. What cannot be understood inside it is among ``refusals``; the rest is kept.

    Bodies that go down to a station are not looked into.
    """
    if frame.is_ascii:
        return _Text(frame).report()
    if frame.number is not None and frame.number > 1:
        return Report(frame, station=frame.station, picture=frame.body)  # only the first packet has a body of its own
    return _Body(frame).report()


def alarms(word: int) -> list[str]:
    """The alarms of a state word, in Chinese: those of its bits that are not in their normal state."""
    return [
        f"{row['name_zh']}：{row['one_zh']}"
        for row in read_table(PACKAGE, "alarm_bits.csv")
        if row["normal"] == "0" and word >> int(row["bit"]) & 1
    ]


def bcd_time(digits: str) -> datetime | None:
    """``yyMMddHHmm`` or ``yyMMddHHmmss`` as a time of this century without zone; None where it is none."""
    if len(digits) not in (10, 12) or not digits.isascii() or not digits.isdigit():
        return None
    year, month, day, hour, minute, second = (int(digits[at : at + 2] or 0) for at in range(0, 12, 2))
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone is not in the frame
    except ValueError:
        return None


def bcd_number(digits: str, decimals: int) -> float | None:
    """A BCD value of ``decimals`` places: a leading ``FF`` is a minus sign. None where all digits are ``A`` or all
    ``F``: missing. Raises ``ValueError`` where a digit is none."""
    upper = digits.upper()
    if not upper.strip("A") or not upper.strip("F"):
        return None
    is_negative = upper.startswith("FF")
    number = upper[2:] if is_negative else upper
    if not number.isdigit():
        raise ValueError(digits)
    value = int(number) / float(10**decimals)
    return -value if is_negative else value


@cache
def all_elements() -> dict[str, Element]:
    """The elements by identifier (two upper-case digits)."""
    return {
        row["id"]: Element(
            row["id"],
            row["ascii"],
            row["name_zh"],
            row["unit"],
            int(row["definition"], 16) if row["definition"] else None,
            row["parameter"],
            row["statistic"],
            int(row["period_s"]),
        )
        for row in read_table(PACKAGE, "elements.csv")
    }


@cache
def all_functions() -> dict[str, Function]:
    """The functions by their code (two upper-case digits)."""
    return {
        row["function"]: Function(row["function"], row["name_zh"], row["name_en"], row["body"], row["confirmed"] == "1")
        for row in read_table(PACKAGE, "functions.csv")
    }


@cache
def _by_letters() -> dict[str, Element]:
    return {element.letters.upper(): element for element in all_elements().values()}


class _Body:
    """One pass over a body in hexadecimal coding."""

    def __init__(self, frame: Frame):
        self.frame, self.body, self.at = frame, frame.body, 0
        function = all_functions().get(frame.function)
        self.form = function.body if function else "elements"
        self.moment: datetime | None = None
        self.step_s: int | None = None
        self.kind = self.text = ""
        self.station = frame.station
        self.state: int | None = None
        self.picture = b""
        self.parameters: dict[str, str] = {}
        self.values: list[Value] = []
        self.refusals: list[Refused] = []

    def report(self) -> Report:
        serial = int.from_bytes(self.take(2), "big") if len(self.body) >= 2 else None
        sent_at = bcd_time(self.take(6).hex())
        if self.frame.is_up and len(self.body) > 8:
            self._read()
        return Report(
            self.frame,
            serial,
            sent_at,
            self.station,
            self.kind,
            self.values,
            self.state,
            self.text,
            self.picture,
            self.parameters,
            self.refusals,
            self.moment,
        )

    def take(self, count: int) -> bytes:
        taken = self.body[self.at : self.at + count]
        self.at += count
        return taken

    def rest(self) -> bytes:
        return self.take(max(0, len(self.body) - self.at))

    def refuse(self, kind: str, raw: bytes, **details: str) -> None:
        self.refusals.append(Refused(kind, raw, details, len(raw)))

    def _read(self) -> None:
        if self.form == "manual" or self.body[self.at] == MANUAL:
            self.take(2)
            self.text = _words(self.rest())
            return
        if self.body[self.at : self.at + 2] == bytes((STATION, STATION)):
            self.take(2)
            self.station = self.take(5).hex()
            if self.form in ("elements", "series", "picture"):
                self.kind = self.take(1).decode("latin-1")
        if self.form == "parameters":
            self.parameters = dict(self._parameters())
        elif self.form == "text":
            self.text = _words(self.take(self.take(1)[0])) if self.at < len(self.body) else ""
        elif self.form == "plain":
            self.parameters = {"": self.rest().hex().upper()}
        else:
            while self.at < len(self.body) and self._element():
                pass

    def _element(self) -> bool:
        """Reads one element; False where nothing that follows can be understood."""
        start = self.at
        identifier = self.take(1)[0]
        if identifier == TIME:
            self.take(1)
            digits = self.take(5).hex()
            self.moment = bcd_time(digits)
            if self.moment is None:
                self.refuse("bad_time", self.body[start : self.at], given=digits, allowed="yyMMddHHmm")
            return True
        if identifier == PICTURE:
            self.take(1)
            self.picture = self.rest()
            return False
        if identifier == MANUAL:
            self.take(1)
            self.text = _words(self.rest())
            return False
        code = f"{identifier:02X}"
        if identifier == OWN:
            code += self.take(1).hex().upper()
        if self.at >= len(self.body):
            self.refuse("bad_element", self.body[start:], given=code, allowed="")
            return False
        definition = self.take(1)[0]
        if identifier == RAIN_SERIES:
            return self._twelve(code, start, 1, 0xFF, 10)
        if identifier in LEVEL_SERIES:
            return self._twelve(code, start, 2, 0xFFFF, 100)
        length, decimals = definition >> 3, definition & 7
        if length == 0 or identifier == SPEEDS or self.at + length > len(self.body):
            self.refuse("bad_element", self.body[start:], given=code, allowed=f"{length} B")
            return False
        if code == STEP:
            # 000000 stands before series whose step is fixed: five minutes
            self.step_s = _step_s(self.take(length).hex()) or int(FIVE_MINUTES.total_seconds())
        elif code == STATE:
            self.state = int.from_bytes(self.take(length), "big")
        elif self.form == "series" and self.step_s:
            self._series(code, length, decimals)
        else:
            self._one(code, self.take(length), decimals, self.moment)
        return True

    def _one(self, code: str, raw: bytes, decimals: int, moment: datetime | None) -> None:
        element = all_elements().get(code)
        unit, statistic, period_s = (
            (element.unit, element.statistic, element.period_s) if element else ("", "instant", 0)
        )
        try:
            value = bcd_number(raw.hex(), decimals)
        except ValueError:
            self.refuse("bad_number", raw, given=f"{code} {raw.hex().upper()}", allowed="BCD")
            return
        if code != DURATION:
            self.values.append(Value(code, value, unit, moment, statistic, period_s))

    def _series(self, code: str, length: int, decimals: int) -> None:
        """An element of an even-interval report: its values follow each other to the end of the body."""
        step = timedelta(seconds=self.step_s or 0)
        moment = self.moment
        while self.at + length <= len(self.body) and len(self.values) < MOST_VALUES:
            self._one(code, self.take(length), decimals, moment)
            moment = None if moment is None else moment + step
        if self.at < len(self.body):
            self.refuse("bad_element", self.rest(), given=code, allowed=f"{length} B")

    def _twelve(self, code: str, start: int, width: int, invalid: int, parts: int) -> bool:
        """Twelve five-minute values of the hour that the observation time lies in, the first at five past.

        An hourly report carries either the time of its first value (10:05) or of its end (11:00); both lie in the hour
        from 10:00, which is how that hour is found.
        """
        raw = self.take(12 * width)
        if len(raw) < 12 * width:
            self.refuse("bad_element", self.body[start:], given=code, allowed=f"{12 * width} B")
            return False
        first = None
        if self.moment is not None:
            hour = (self.moment - timedelta(minutes=1)).replace(minute=0)
            first = hour + FIVE_MINUTES
        element = all_elements()[code]
        for place in range(12):
            count = int.from_bytes(raw[place * width : (place + 1) * width], "big")
            moment = None if first is None else first + place * FIVE_MINUTES
            value = None if count == invalid else count / parts
            self.values.append(Value(code, value, element.unit, moment, element.statistic, element.period_s))
        return True

    def _parameters(self) -> Iterator[tuple[str, str]]:
        while self.at + 2 <= len(self.body):
            identifier, definition = self.take(1).hex().upper(), self.take(1)[0]
            length = definition >> 3
            if self.at + length > len(self.body):
                self.refuse("bad_element", self.body[self.at - 2 :], given=identifier, allowed=f"{length} B")
                return
            yield identifier, self.take(length).hex().upper()


class _Text:
    """One pass over a body in ASCII coding: serial, time, then identifiers and values between blanks."""

    def __init__(self, frame: Frame):
        self.frame = frame
        self.text = frame.body.decode("latin-1")

    def report(self) -> Report:
        serial = int(self.text[:4], 16) if _is_hex(self.text[:4]) else None
        report = Report(self.frame, serial, bcd_time(self.text[4:16]), self.frame.station)
        words = self.text[16:].split()
        moment: datetime | None = None
        station, kind, step_s = self.frame.station, "", None
        at = 0
        while at + 1 < len(words):
            name, written = words[at].upper(), words[at + 1]
            at += 2
            if name == "ST":
                station = written.lower()
                if at < len(words) and len(words[at]) == 1:
                    kind = words[at]
                    at += 1
            elif name == "TT":
                moment = bcd_time(written)
            elif name.startswith("DR") and name[2:3] in "DHN" and len(name) <= 5:
                step_s = int(written) if written.isdecimal() else None
            else:
                report.values.extend(self._values(name, written, moment, report.refusals))
        return Report(
            self.frame,
            report.serial,
            report.sent_at,
            station,
            kind,
            report.values,
            refusals=report.refusals,
            observed_at=moment,
            parameters={} if step_s is None else {"step": str(step_s)},
        )

    def _values(self, name: str, written: str, moment: datetime | None, refusals: list[Refused]) -> Iterator[Value]:
        element = _by_letters().get(name)
        code = element.code if element else name
        unit, statistic, period_s = (
            (element.unit, element.statistic, element.period_s) if element else ("", "instant", 0)
        )
        if not written.upper().strip("MAF"):  # M, AAAA or FFFF stand for what is missing
            yield Value(code, None, unit, moment, statistic, period_s)
            return
        try:
            number = float(written)
        except ValueError:
            number = float("nan")
        if not -1e300 < number < 1e300 or "_" in written:
            raw = f"{name} {written}".encode("latin-1", "replace")
            refusals.append(Refused("bad_number", raw, {"given": written, "allowed": "12.34"}, len(raw)))
            return
        yield Value(code, number, unit, moment, statistic, period_s)


def _step_s(digits: str) -> int | None:
    """The step of element 04: three BCD bytes for days, hours, minutes, of which one is not zero [s]."""
    if len(digits) != 6 or not digits.isdigit():
        return None
    days, hours, minutes = (int(digits[at : at + 2]) for at in (0, 2, 4))
    return (days * 24 + hours) * 3600 + minutes * 60


def _words(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _is_hex(text: str) -> bool:
    return len(text) == 4 and not text.strip("0123456789abcdefABCDEF")
