"""Messages into frames: uploads as a station sends them, replies and commands as a centre does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.table import read_table
from riverchief.telemetry.crc import hj212_crc
from riverchief.telemetry.hj212.message import PACKAGE, Message, all_commands

LONGEST_SEGMENT = 1024  # of the standard; what is longer goes out in several packets
VERSIONS = {"2005": 0, "2017": 4, "2025": 8}
INTERACTION = "91"
ANSWER, PARTS = 1, 2


class Group(NamedTuple):
    """The values of one factor: endings to numbers as they are to be written, and the letter of its flag."""

    code: str
    values: Mapping[str, str]
    letter: str | None = "N"


def frame(segment: str) -> bytes:
    """``segment`` as a frame: ``##``, its length in bytes, itself, its checksum, CR LF.

    Raises :class:`~riverchief.errors.BadInput` (``out_of_range``) above the 9,999 bytes that four digits can say.
    """
    body = segment.encode("utf-8")
    if len(body) > 9999:
        raise BadInput([Fault("out_of_range", details={"given": f"{len(body)} B", "allowed": "<= 9999 B"})])
    return b"##%04d%b%04X\r\n" % (len(body), body, hj212_crc(body))


def encode(message: Message) -> bytes:
    """``message`` as one frame; fields that are empty are left out."""
    return frame(f"{_header(message)}CP=&&{message.content}&&")


def encode_parts(message: Message) -> list[bytes]:
    """``message`` as one frame, or as several with PNUM and PNO where it is longer than the standard allows.

    It is cut between groups, and each part repeats DataTime, as stations do, so that it can be read alone too.
    """
    whole = encode(message)
    if len(whole) - 12 <= LONGEST_SEGMENT:
        return [whole]
    groups = message.content.strip(";").split(";")
    lead = [groups.pop(0)] if groups[0].startswith("DataTime=") else []
    flag = (message.flag or 0) | PARTS
    room = LONGEST_SEGMENT - len(f"{_header(message._replace(flag=flag, pnum=9999, pno=9999))}CP=&&&&".encode())
    parts: list[list[str]] = [list(lead)]
    for group in groups:
        if len(";".join([*parts[-1], group]).encode()) > room and len(parts[-1]) > len(lead):
            parts.append(list(lead))
        parts[-1].append(group)
    return [
        encode(message._replace(flag=flag, pnum=len(parts), pno=number, content=";".join(part)))
        for number, part in enumerate(parts, start=1)
    ]


def upload(
    cn: str,
    *,
    mn: str,
    st: str,
    time: datetime,
    groups: Sequence[Group],
    qn: str = "",
    pw: str = "123456",
    version: str = "2017",
    wants_answer: bool = True,
) -> list[bytes]:
    """Real-time, minute, hour or day data as a station uploads them; ``time`` is in the station's own zone."""
    content = [f"DataTime={time:%Y%m%d%H%M%S}"]
    for group in groups:
        items = [f"{group.code}-{ending}={value}" for ending, value in group.values.items()]
        if group.letter is not None:
            items.append(f"{group.code}-Flag={group.letter}")
        content.append(",".join(items))
    flag = VERSIONS[version] | (ANSWER if wants_answer else 0)
    return encode_parts(Message(mn, cn, st, qn, pw, flag, content=";".join(content)))


def command(
    cn: str,
    mn: str,
    *,
    st: str,
    qn: str,
    pw: str,
    arguments: Mapping[str, str] | None = None,
    version: str = "2017",
) -> bytes:
    """A command down to the station ``mn``: 1012 sets its clock, 2051/2061/2031 fetch history, 1062 its interval …

    ``qn`` numbers the request (:func:`qn_of`); the station answers with it. Raises
    :class:`~riverchief.errors.BadInput`: ``unknown_command``, or ``unknown_argument`` for a field that ``commands.csv``
    does not name, or a value that would break the frame (``bad_argument``).
    """
    known = all_commands().get(cn)
    if known is None or known.direction == "up":
        names = [f"{row.cn} {row.name_zh}" for row in all_commands().values() if row.direction != "up"]
        raise BadInput([unknown_name("unknown_command", cn, names)])
    given = dict(arguments or {})
    allowed = [name for group in known.arguments.split(";") for name in group.split(",") if name]
    faults = [unknown_name("unknown_argument", name, allowed) for name in given if name not in allowed]
    faults += [
        Fault("bad_argument", column=name, details={"given": value})
        for name, value in given.items()
        if set(value) & set("&;,#=\r\n")
    ]
    if faults:
        raise BadInput(faults)
    groups = (
        ",".join(f"{name}={given[name]}" for name in group.split(",") if name in given)
        for group in known.arguments.split(";")
    )
    content = ";".join(filter(None, groups))
    return encode(Message(mn, cn, st, qn, pw, VERSIONS[version] | ANSWER, content=content))


def set_clock(mn: str, now: datetime, *, st: str, pw: str, version: str = "2017") -> bytes:
    """Command 1012: the station's clock is set to ``now``, which is in the station's own zone."""
    system_time = f"{now:%Y%m%d%H%M%S}"
    return command("1012", mn, st=st, qn=qn_of(now), pw=pw, arguments={"SystemTime": system_time}, version=version)


def fetch_history(
    cn: str, mn: str, begin: datetime, end: datetime, *, st: str, qn: str, pw: str, version: str = "2017"
) -> bytes:
    """Commands 2051, 2061, 2031 (minutes, hours, days) and 2041: the station sends again what it has from ``begin`` to
    ``end``, which are in its own zone."""
    period = {"BeginTime": f"{begin:%Y%m%d%H%M%S}", "EndTime": f"{end:%Y%m%d%H%M%S}"}
    return command(cn, mn, st=st, qn=qn, pw=pw, arguments=period, version=version)


def qn_of(now: datetime) -> str:
    """The number of a request: ``yyyyMMddHHmmsszzz``."""
    return f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"


def acknowledgement(message: Message) -> bytes | None:
    """What a centre answers to ``message``, once it is safely stored; None where no answer is due.

    9014 for data, 9013 for notices (a heart-beat, a request to be calibrated). Due where bit 0 of Flag asks for it, and
    to heart-beats always. The 2005 edition names the request inside CP, the later ones in QN.
    """
    known = all_commands().get(message.cn)
    if known is None or not known.reply:
        return None
    if not message.wants_answer and message.cn != "9015":
        return None
    return encode(_reply(message, "9013" if known.reply == "notice" else "9014"))


def request_reply(message: Message, qn_rtn: int) -> bytes:
    """9011: whether the request of ``message`` will be carried out; ``qn_rtn`` is a row of ``returns.csv``."""
    return encode(_reply(message, "9011", f"QnRtn={_known('QnRtn', qn_rtn)}"))


def execution_reply(message: Message, exe_rtn: int) -> bytes:
    """9012: how the request of ``message`` went; ``exe_rtn`` is a row of ``returns.csv``."""
    return encode(_reply(message, "9012", f"ExeRtn={_known('ExeRtn', exe_rtn)}"))


@cache
def all_returns() -> dict[tuple[str, int], tuple[str, str]]:
    """What a QnRtn or ExeRtn means: Chinese and English."""
    return {
        (row["field"], int(row["value"])): (row["name_zh"], row["name_en"])
        for row in read_table(PACKAGE, "returns.csv")
    }


def _known(field: str, value: int) -> int:
    if (field, value) not in all_returns():
        allowed = "、".join(str(number) for name, number in all_returns() if name == field)
        raise BadInput([Fault("not_one_of", column=field, details={"given": str(value), "allowed": allowed})])
    return value


def _reply(message: Message, cn: str, content: str = "") -> Message:
    version = (message.flag or 0) & 0xFC
    if version == VERSIONS["2005"] and message.qn:
        content = ";".join(filter(None, (f"QN={message.qn}", content)))
        return Message(message.mn, cn, INTERACTION, "", message.pw, version, content=content)
    return Message(message.mn, cn, INTERACTION, message.qn, message.pw, version, content=content)


def _header(message: Message) -> str:
    mn, cn, st, qn, pw, flag, pnum, pno, _, resent = message
    head = f"{f'QN={qn};' if qn else ''}{f'ST={st};' if st else ''}{f'CN={cn};' if cn else ''}"
    head += f"{f'PW={pw};' if pw else ''}MN={mn};"
    for name, number in (("Flag", flag), ("PNUM", pnum), ("PNO", pno)):
        if number is not None:
            head += f"{name}={number};"
    return head + "RF=1;" if resent else head
