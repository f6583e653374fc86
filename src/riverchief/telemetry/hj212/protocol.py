"""HJ 212 as the house sees it: who speaks, what is answered, what is understood, what can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from riverchief.observation.flag import flag_of_hj212
from riverchief.observation.reading import Reading
from riverchief.telemetry import protocol
from riverchief.telemetry.hj212 import encode
from riverchief.telemetry.hj212.frame import Frame, FrameSplitter, check
from riverchief.telemetry.hj212.message import Message, local_time, parse
from riverchief.telemetry.hj212.speak import heartbeats, uploads
from riverchief.telemetry.hj212.values import CHINA, Reader, Setup, all_factors, values
from riverchief.telemetry.protocol import HISTORY, SET_CLOCK, Decoded, Example, Heard, Order, Protocol, Reply
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sent import Sent

WRONG_PW, WRONG_MN = 3, 4
ANSWERS = ("9011", "9012", "9013", "9014")
ASKS_THE_TIME = "1013"
NOT_KEPT = ("9011", "9012", "9013", "9014", "9015", ASKS_THE_TIME)
COMMAND_OF = {"real-time": "2011", "minute": "2051", "hour": "2061", "day": "2031"}
BEATS_AFTER, BEAT_EVERY_S = timedelta(seconds=60), 1800.0


class Line(protocol.Line):
    """One station, or a concentrator that speaks for several: each frame names its MN and carries its password."""

    def splitter(self, is_lenient: bool) -> FrameSplitter:
        return FrameSplitter(allow_modbus=is_lenient)

    def heard(self, frame: Frame) -> Heard | Refused:
        message = parse(frame)
        return message if isinstance(message, Refused) else Heard(frame.raw, message.mn, message.pw, message)

    def sent_at(self, heard: Heard) -> datetime | None:
        message: Message = heard.said
        return None if message.resent else message.sent_at

    def is_kept(self, heard: Heard) -> bool:
        return heard.said.cn not in NOT_KEPT

    def answers(self, heard: Heard, now_s: float) -> Callable[[datetime], list[bytes]] | None:
        message: Message = heard.said
        reply = encode.acknowledgement(message)
        if message.cn == ASKS_THE_TIME:
            # the notice is answered first, as the standard has it
            lead = [] if reply is None else [reply]
            return lambda now: [*lead, encode.set_clock(message.mn, now, st=message.st, pw=message.pw)]
        return None if reply is None else lambda now: [reply]

    def denial(self, heard: Heard, why: str) -> bytes | None:
        if heard.said.cn in ANSWERS:
            return None
        return encode.request_reply(heard.said, WRONG_MN if why == protocol.UNKNOWN else WRONG_PW)

    def without_password(self, heard: Heard) -> bytes:
        if not heard.password:
            return heard.raw
        return heard.raw.replace(b"PW=" + heard.password.encode("latin-1", "replace"), b"PW=")

    def order(self, order: Order, last: Heard, now: datetime, number: str) -> bytes | None:
        message: Message = last.said
        who = {"st": message.st, "qn": number, "pw": message.pw}
        if order.command == SET_CLOCK:
            return encode.command("1012", message.mn, arguments={"SystemTime": f"{now:%Y%m%d%H%M%S}"}, **who)
        if order.begin is None or order.end is None:
            return None
        return encode.fetch_history(COMMAND_OF[order.of], message.mn, order.begin, order.end, **who)

    def reply(self, heard: Heard) -> Reply | None:
        message: Message = heard.said
        if message.cn not in ("9011", "9012"):
            return None
        name = "QnRtn" if message.cn == "9011" else "ExeRtn"
        written = message.field(name) or ""
        is_refused = message.cn == "9011" and written != "1"
        words = f"{name}={written} {_meaning(name, written)}".strip()
        return Reply(message.qn or message.field("QN") or "", words, is_refused or message.cn == "9012")

    def is_acknowledged(self, heard: Heard) -> tuple[bool, str] | None:
        message: Message = heard.said
        if message.cn in ("9013", "9014"):
            return True, ""
        if message.cn != "9011":
            return None
        written = message.field("QnRtn") or ""
        return False, f"QnRtn={written} {_meaning('QnRtn', written)}".strip()


class Decoder(protocol.Decoder):
    """One station's messages; those in several packets (PNUM, PNO) wait for each other."""

    def __init__(self, station: str, setup: Mapping[str, Any]):
        super().__init__(station, setup)
        self._reader = Reader(Setup(station=station, **protocol.chosen(Setup, setup)))

    def decode(self, name: str, content: bytes, arrived_at: datetime) -> Decoded:
        message = self._message(content)
        if isinstance(message, Refused):
            return Decoded([], [message])
        if not message.is_part:
            return self._reader.readings(message)
        number, of = message.pno or 0, message.pnum or 0
        if not 1 <= number <= of:
            return Decoded([], [Refused("bad_part", content, {"given": f"{number}/{of}"}, len(content))])
        return Decoded([], [], ((message.mn, message.cn, message.qn or message.field("DataTime") or ""), number, of))

    def join(self, contents: Sequence[bytes], arrived_at: datetime, missing: tuple[int, ...] = ()) -> Decoded:
        messages = [found for raw in contents if not isinstance(found := self._message(raw), Refused)]
        content = ";".join(filter(None, (message.content.strip(";") for message in messages)))
        return self._reader.readings(messages[0]._replace(content=content, pnum=None, pno=None))

    def _message(self, content: bytes) -> Message | Refused:
        frame = check(content, allow_modbus=self._reader.setup.allow_modbus)
        return frame if isinstance(frame, Refused) else parse(frame)


def speak(readings: Sequence[Reading], address: str, password: str) -> list[Sent]:
    """``readings`` as the station ``address`` uploads them, with heart-beats between."""
    sent = uploads(readings, mn=address, pw=password, version="2025")
    if sent:
        begin, end = sent[0].at + BEATS_AFTER, sent[-1].at
        sent += heartbeats(begin, end, mn=address, pw=password, every_s=BEAT_EVERY_S)
    return sent


def describe(heard: Heard, language: str) -> dict[str, Any]:
    """What stands in ``heard``, in the protocol's own words and ours beside them."""
    message: Message = heard.said
    readings = []
    for value in values(message):
        factor = all_factors().get(value.code)
        row: dict[str, Any] = {
            "code": value.code,
            "value": value.value,
            "unit": value.unit,
            "flag": value.letter,
            "statistic": value.statistic,
            "parameter": (factor.parameter or None) if factor else None,
        }
        if value.letter is not None:
            row["quality"] = flag_of_hj212().get(value.letter.upper())
        readings.append(row)
    written = local_time(message.field("DataTime") or "") or message.sent_at
    row = {
        "station": message.mn,
        "time": written.replace(tzinfo=timezone(timedelta(seconds=CHINA))).isoformat() if written else None,
        "command": message.cn,
        "system": message.st or None,
        "readings": readings,
    }
    if not readings:
        row["fields"] = dict(message.fields())
    return row


def _meaning(name: str, written: str) -> str:
    known = encode.all_returns().get((name, int(written) if written.isdecimal() else -1), ("", ""))
    return f"{known[0]} {known[1]}".strip()


PROTOCOL = Protocol(
    line=Line,
    decoder=Decoder,
    setup=Setup,
    speak=speak,
    describe=describe,
    orders=(SET_CLOCK, HISTORY),
    explains=True,
    examples=(
        Example(
            encode.frame(
                "QN=20210301111100112;ST=21;CN=2011;PW=123456;MN=Z1;Flag=9;"
                "CP=&&DataTime=20210301111100;w21003-Rtd=0.09,w21003-Flag=N;w01001-Rtd=7.9,w01001-Flag=N&&"
            ),
            {"NH3N": 0.09, "PH": 7.9},
        ),
    ),
)
