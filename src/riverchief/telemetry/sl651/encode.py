"""Frames of SL 651 going out: reports as a station sends them, confirmations and queries as a centre does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.telemetry.crc import modbus_crc
from riverchief.telemetry.sl651.frame import ACK, ENQ, EOT, ESC, ETB, ETX, HEX_START, NAK, STX, SYN, Frame
from riverchief.telemetry.sl651.report import Report, all_elements, all_functions

LONGEST_BODY = 0xFFF
STAY, LEAVE, GO_ON, AGAIN = ESC, EOT, ACK, NAK


class Item(NamedTuple):
    """A value to be sent: ``code`` is an identifier of ``elements.csv``; None is sent as missing (all ``AA``).

    ``definition`` overrides the table's definition byte.
    """

    code: str
    value: float | None
    definition: int | None = None


def report(
    function: str,
    *,
    station: str,
    centre: int,
    serial: int,
    sent_at: datetime,
    observed_at: datetime,
    kind: str,
    items: Sequence[Item],
    password: str,
) -> bytes:
    """A report (30 … 34) as a station sends it; times are the station's own.

    Raises :class:`~riverchief.errors.BadInput`: ``unknown_command``, ``unknown_element``, or ``out_of_range`` where a
    value does not fit its element.
    """
    station_digits = _address(station)
    body = serial.to_bytes(2, "big") + bytes.fromhex(f"{sent_at:%y%m%d%H%M%S}")
    body += b"\xf1\xf1" + station_digits + kind.encode("ascii")
    body += b"\xf0\xf0" + bytes.fromhex(f"{observed_at:%y%m%d%H%M}")
    body += b"".join(map(_element, items))
    return frame(function, body, station=station, centre=centre, password=password)


def pictures(
    content: bytes,
    *,
    station: str,
    centre: int,
    serial: int,
    sent_at: datetime,
    observed_at: datetime,
    password: str,
    kind: str = "H",
    packet: int = 256,
) -> list[bytes]:
    """A picture (function 36) in packets of about ``packet`` bytes, as a station sends it in mode M3."""
    body = serial.to_bytes(2, "big") + bytes.fromhex(f"{sent_at:%y%m%d%H%M%S}")
    body += b"\xf1\xf1" + _address(station) + kind.encode("ascii")
    body += b"\xf0\xf0" + bytes.fromhex(f"{observed_at:%y%m%d%H%M}") + b"\xf3\xf3" + content
    parts = [body[at : at + packet] for at in range(0, len(body), packet)]
    return [
        frame(
            "36",
            part,
            station=station,
            centre=centre,
            password=password,
            end=ETX if number == len(parts) else ETB,
            packet=(len(parts), number),
        )
        for number, part in enumerate(parts, start=1)
    ]


def confirmation(received: Frame, told: Report, now: datetime, end: int = STAY) -> bytes | None:
    """What a centre answers to a report once it is safely stored; None where none is due (a keep-alive, a reply).

    ``end`` is :data:`STAY` (stay on line), :data:`LEAVE`, :data:`GO_ON` or :data:`AGAIN` (send it again); ``now`` is in
    the station's own zone. The serial number is the report's.
    """
    known = all_functions().get(received.function)
    if known is None or not known.is_confirmed or not received.is_up:
        return None
    body = (told.serial or 0).to_bytes(2, "big") + bytes.fromhex(f"{now:%y%m%d%H%M%S}")
    return frame(
        received.function,
        body,
        station=received.station,
        centre=received.centre,
        password=received.password,
        end=end,
        is_up=False,
    )


def repeat(received: Frame, serial: int, number: int, now: datetime) -> bytes:
    """What a centre sends to have packet ``number`` of the report of ``received`` again: its head names the packet, its
    end mark is NAK. ``serial`` is the report's, ``now`` in the station's own zone.

    That NAK asks for a repeat is the standard's table 10; that the packet is named by SYN and its three bytes, as in
    the packet itself, is our reading, for no recording of such a frame was found.
    """
    return frame(
        received.function,
        serial.to_bytes(2, "big") + bytes.fromhex(f"{now:%y%m%d%H%M%S}"),
        station=received.station,
        centre=received.centre,
        password=received.password,
        end=NAK,
        is_up=False,
        packet=(received.total or 1, number),
    )


def query(function: str, *, station: str, centre: int, now: datetime, password: str, arguments: bytes = b"") -> bytes:
    """A command down to a station: 37 real-time data, 3A chosen elements, 4A set the clock to ``now``, 51 query it …

    ``now`` is in the station's own zone; ``arguments`` are the bytes that the function takes after it. Commands carry
    serial number 0.
    """
    body = bytes(2) + bytes.fromhex(f"{now:%y%m%d%H%M%S}") + arguments
    return frame(function, body, station=station, centre=centre, password=password, end=ENQ, is_up=False)


def history_arguments(begin: datetime, end: datetime, step_minutes: int, code: str) -> bytes:
    """The arguments of function 38: hours ``begin`` to ``end`` in the station's zone, the step, and the element."""
    if not 0 < step_minutes < 60:
        raise BadInput([Fault("out_of_range", details={"given": f"{step_minutes} min", "allowed": "1 … 59"})])
    known = _known_element(code)
    definition = known if known is not None else 0
    period = bytes.fromhex(f"{begin:%y%m%d%H}{end:%y%m%d%H}")
    return period + bytes.fromhex(f"04180000{step_minutes:02d}{code}{definition:02X}")


def frame(
    function: str,
    body: bytes,
    *,
    station: str,
    centre: int,
    password: str,
    end: int = ETX,
    is_up: bool = True,
    packet: tuple[int, int] | None = None,
) -> bytes:
    """One frame in hexadecimal coding. Raises :class:`~riverchief.errors.BadInput`: ``unknown_command``,
    ``out_of_range``, ``bad_address``."""
    if function not in all_functions():
        raise BadInput([unknown_name("unknown_command", function, list(all_functions()))])
    lead = b"" if packet is None else (packet[0] << 12 | packet[1]).to_bytes(3, "big")
    length = len(lead) + len(body)
    if length > LONGEST_BODY:
        raise BadInput([Fault("out_of_range", details={"given": f"{length} B", "allowed": f"<= {LONGEST_BODY} B"})])
    ends = bytes([centre]) + _address(station) if is_up else _address(station) + bytes([centre])
    raw = HEX_START + ends + bytes.fromhex(password) + bytes.fromhex(function)
    raw += ((0 if is_up else 0x8000) | length).to_bytes(2, "big")
    raw += bytes([STX if packet is None else SYN]) + lead + body + bytes([end])
    return raw + modbus_crc(raw).to_bytes(2, "big")


def bcd(value: float | None, length: int, decimals: int) -> bytes:
    """``value`` as BCD of ``length`` bytes with ``decimals`` places; None is missing (all ``AA``), a minus sign is
    ``FF``.

    Raises :class:`~riverchief.errors.BadInput` (``out_of_range``) where it does not fit.
    """
    if value is None:
        return b"\xaa" * length
    digits = str(round(abs(value) * 10**decimals))
    room = 2 * length - (2 if value < 0 else 0)
    if len(digits) > room:
        raise BadInput([Fault("out_of_range", details={"given": str(value), "allowed": f"{room} BCD"})])
    return bytes.fromhex(("FF" if value < 0 else "") + digits.zfill(room))


def _element(item: Item) -> bytes:
    definition = item.definition if item.definition is not None else _known_element(item.code)
    if definition is None:
        raise BadInput([Fault("bad_element", details={"given": item.code, "allowed": "definition"})])
    return bytes.fromhex(item.code) + bytes([definition]) + bcd(item.value, definition >> 3, definition & 7)


def _known_element(code: str) -> int | None:
    known = all_elements().get(code)
    if known is None:
        raise BadInput([unknown_name("unknown_element", code, list(all_elements()))])
    return known.definition


def _address(station: str) -> bytes:
    try:
        address = bytes.fromhex(station)
    except ValueError:
        address = b""
    if len(address) != 5:
        raise BadInput([Fault("bad_address", details={"given": station})])
    return address
