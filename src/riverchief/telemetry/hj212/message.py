"""The data segment of a frame: who speaks (MN), what about (ST, CN), when (QN), and the content of CP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from riverchief.table import read_table
from riverchief.telemetry.hj212.frame import Frame, check
from riverchief.telemetry.refused import Refused

PACKAGE = "riverchief.telemetry.hj212"
OPENS, CLOSES = "CP=&&", "&&"
LONGEST_NAME = 64  # MN has 14 digits in 2005 and 24 signs in 2017; stations send longer ones


class Message(NamedTuple):
    """One data segment, taken apart. Fields that were not sent are empty (``flag``, ``pnum``, ``pno``: None).

    ``content`` is what stands between the ``&&`` of CP; ``resent`` is the mark RF=1 by which stations of the 2025
    edition name data that they send again (seen second-hand).
    """

    mn: str
    cn: str
    st: str = ""
    qn: str = ""
    pw: str = ""
    flag: int | None = None
    pnum: int | None = None
    pno: int | None = None
    content: str = ""
    resent: bool = False

    @property
    def wants_answer(self) -> bool:
        """Bit 0 of Flag: the receiver must reply."""
        return bool((self.flag or 0) & 1)

    @property
    def is_part(self) -> bool:
        """Whether this is one of several packets (PNUM, PNO) that belong together."""
        return self.pnum is not None and self.pnum > 1 and self.pno is not None

    @property
    def sent_at(self) -> datetime | None:
        """QN as a time without zone; None where there is none or it is not one."""
        return local_time(self.qn)

    def fields(self) -> Iterator[tuple[str, str]]:
        """Every ``key=value`` of the content, in order; a key may come twice."""
        for group in self.content.split(";"):
            for item in group.split(","):
                key, equals, value = item.partition("=")
                if equals:
                    yield key.strip(), value.strip()

    def field(self, key: str) -> str | None:
        """The first value of ``key`` in the content, whatever the case of its letters."""
        wanted = key.casefold()
        return next((value for name, value in self.fields() if name.casefold() == wanted), None)


class Command(NamedTuple):
    """One row of ``commands.csv``: ``period_s`` [s] is what its values stand for (None: it carries none), ``arguments``
    are the fields it takes downwards, ``reply`` is the kind of answer it is due (``request``, ``notice``, ``data``)."""

    cn: str
    group: str
    name_zh: str
    name_en: str
    direction: str
    edition: str
    period_s: int | None
    arguments: str
    reply: str


@cache
def all_commands() -> dict[str, Command]:
    """The commands by their CN."""
    return {
        row["cn"]: Command(
            row["cn"],
            row["group"],
            row["name_zh"],
            row["name_en"],
            row["direction"],
            row["edition"],
            int(row["period_s"]) if row["period_s"] else None,
            row["arguments"],
            row["reply"],
        )
        for row in read_table(PACKAGE, "commands.csv")
    }


def parse(frame: Frame) -> Message | Refused:
    """The message in ``frame``; lenient about order, case, blanks and stray commas of the fields before CP.

    Refuses a segment without ``CP=&&…&&`` (``no_content``), or without MN or CN (``no_sender``).
    """
    text = _text(frame.segment)
    start = text.find(OPENS)
    end = text.rfind(CLOSES)
    if start < 0 or end < start + len(OPENS):
        return Refused("no_content", frame.raw, {}, len(frame.raw))
    mn = cn = st = qn = pw = ""
    flag = pnum = pno = None
    resent = False
    for part in text[:start].split(";"):
        key, _, value = part.partition("=")
        match key:
            case "QN":
                qn = value
            case "ST":
                st = value
            case "CN":
                cn = value
            case "PW":
                pw = value
            case "MN":
                mn = value
            case "Flag":
                flag = _number(value)
            case "PNUM":
                pnum = _number(value)
            case "PNO":
                pno = _number(value)
            case "":
                pass
            case _:
                # a field in other letters, or with a comma before it: ";,MN=…" was seen
                other, value = key.strip(" ,").upper(), value.strip(" ,")
                mn, cn, st = (value, cn, st) if other == "MN" else (mn, value, st) if other == "CN" else (mn, cn, st)
                st = value if other == "ST" else st
                qn = value if other == "QN" else qn
                pw = value if other == "PW" else pw
                flag = _number(value) if other == "FLAG" else flag
                resent = resent or (other == "RF" and value == "1")
    mn, cn = mn.strip(" ,"), cn.strip(" ,")
    if not mn or len(mn) > LONGEST_NAME or not (len(cn) == 4 and cn.isdecimal()):
        return Refused("no_sender", frame.raw, {"given": f"MN={mn[:LONGEST_NAME]};CN={cn[:8]}"}, len(frame.raw))
    return Message(mn, cn, st, qn, pw.strip(" ,"), flag, pnum, pno, text[start + len(OPENS) : end], resent)


def decode(raw: bytes, *, allow_modbus: bool = False) -> Message | Refused:
    """The message in ``raw``, one frame with or without its CR LF."""
    frame = check(raw, allow_modbus=allow_modbus)
    return frame if isinstance(frame, Refused) else parse(frame)


def local_time(digits: str) -> datetime | None:
    """``yyyyMMddHHmmss`` with or without milliseconds, as a time without zone; None where it is none.

    Of longer digits those after the milliseconds are ignored, for stations pad them; hour 24 is midnight of the next.
    """
    if len(digits) < 14 or not digits.isascii() or not digits.isdigit() or len(digits) > 20:
        return None
    hour = int(digits[8:10])
    try:
        moment = datetime(  # noqa: DTZ001 - the station's zone is not in the frame
            int(digits[:4]),
            int(digits[4:6]),
            int(digits[6:8]),
            0 if hour == 24 else hour,
            int(digits[10:12]),
            int(digits[12:14]),
            int(digits[14:17].ljust(3, "0")) * 1000 if len(digits) > 14 else 0,
        )
        return moment + timedelta(days=1) if hour == 24 else moment
    except (ValueError, OverflowError):
        return None


def _text(segment: bytes) -> str:
    """ASCII as a rule; names inside may be UTF-8 (2025) or GB18030; what is neither is kept byte by byte."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return segment.decode(encoding)
        except UnicodeDecodeError:
            continue
    return segment.decode("latin-1")


def _number(digits: str) -> int | None:
    digits = digits.strip(" ,")
    return int(digits) if digits.isdecimal() and len(digits) <= 4 else None
