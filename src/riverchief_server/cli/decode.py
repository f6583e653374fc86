"""``riverchief decode hj212|sl651 FILE``: frames of a station as JSON, one object a line, refusals included."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta, timezone
from pathlib import Path
from typing import IO, Any

from riverchief.observation.flag import flag_of_hj212
from riverchief.telemetry.hj212 import frame as hj212_frame
from riverchief.telemetry.hj212 import message as hj212_message
from riverchief.telemetry.hj212 import values as hj212_values
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651 import frame as sl651_frame
from riverchief.telemetry.sl651 import report as sl651_report
from riverchief_server.cli import language

CHUNK = 1 << 16
HEX_TEXT = b"0123456789abcdefABCDEF \t\r\n"
CHINA = timezone(timedelta(seconds=hj212_values.CHINA))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief decode``."""
    parser.add_argument("protocol", choices=list(PROTOCOLS))
    parser.add_argument("file", metavar="FILE", help="frames, one a line or glued as they came; - is standard input")
    parser.add_argument("--allow-modbus", action="store_true", help="take HJ 212 frames with CRC-16/MODBUS")


def run(arguments: argparse.Namespace) -> int:
    """Print every frame and refusal; 1 if no frame could be decoded."""
    decoded = 0
    with sys.stdin.buffer if arguments.file == "-" else Path(arguments.file).open("rb") as stream:
        for row in PROTOCOLS[arguments.protocol](stream, arguments):
            decoded += "refused" not in row
            print(json.dumps(row, ensure_ascii=False, allow_nan=False))
    return 0 if decoded else 1


def _hj212(stream: IO[bytes], arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    splitter = hj212_frame.FrameSplitter(allow_modbus=arguments.allow_modbus)
    for chunk in iter(lambda: stream.read(CHUNK), b""):
        yield from map(_hj212_row, splitter.feed(chunk))
    yield from map(_hj212_row, splitter.finish())


def _hj212_row(piece: hj212_frame.Piece) -> dict[str, Any]:
    found = hj212_message.parse(piece) if isinstance(piece, hj212_frame.Frame) else piece
    if isinstance(found, Refused):
        return _refusal(found, found.raw.decode("ascii", "backslashreplace"))
    readings = []
    for value in hj212_values.values(found):
        factor = hj212_values.all_factors().get(value.code)
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
    written = hj212_message.local_time(found.field("DataTime") or "") or found.sent_at
    row = {
        "protocol": "hj212",
        "station": found.mn,
        "time": written.replace(tzinfo=CHINA).isoformat() if written else None,
        "command": found.cn,
        "system": found.st or None,
        "readings": readings,
    }
    if not readings:
        row["fields"] = dict(found.fields())
    return row


def _sl651(stream: IO[bytes], arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Frames as bytes, or as hexadecimal digits one frame a line, whichever the input is."""
    chunk = stream.read(CHUNK)
    if chunk and not chunk.strip(HEX_TEXT):
        text = chunk + stream.read()
        for line in text.splitlines():
            splitter = sl651_frame.FrameSplitter()
            yield from map(_sl651_row, splitter.feed(_from_hex(line)) + splitter.finish())
        return
    splitter = sl651_frame.FrameSplitter()
    while chunk:
        yield from map(_sl651_row, splitter.feed(chunk))
        chunk = stream.read(CHUNK)
    yield from map(_sl651_row, splitter.finish())


def _sl651_row(piece: sl651_frame.Piece) -> dict[str, Any]:
    if isinstance(piece, Refused):
        return _refusal(piece, piece.raw.hex().upper())
    report = sl651_report.parse(piece)
    moment = report.observed_at or report.sent_at
    row: dict[str, Any] = {
        "protocol": "sl651",
        "station": report.station,
        "time": moment.replace(tzinfo=CHINA).isoformat() if moment else None,
        "function": piece.function,
        "direction": "up" if piece.is_up else "down",
        "serial": report.serial,
        "type": report.kind or None,
        "readings": [_sl651_value(value) for value in report.values],
    }
    if report.state is not None:
        row["alarms"] = sl651_report.alarms(report.state)
    if report.picture:
        row["picture"] = {"packet": piece.number, "of": piece.total, "bytes": len(report.picture)}
    if report.text:
        row["text"] = report.text
    if report.parameters:
        row["fields"] = report.parameters
    if report.refusals:
        row["not_understood"] = [refusal.fault.text(language()) for refusal in report.refusals]
    return row


def _sl651_value(value: sl651_report.Value) -> dict[str, Any]:
    element = sl651_report.all_elements().get(value.code)
    return {
        "code": value.code,
        "value": value.value,
        "unit": value.unit or None,
        "flag": None,
        "statistic": value.statistic,
        "parameter": (element.parameter or None) if element else None,
        "quality": "missing" if value.value is None else "unchecked",
        "time": value.time.replace(tzinfo=CHINA).isoformat() if value.time else None,
    }


def _from_hex(line: bytes) -> bytes:
    digits = b"".join(line.split())
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return line


def _refusal(refused: Refused, shown: str) -> dict[str, Any]:
    return {"refused": refused.fault.text(language()), "kind": refused.kind, "bytes": shown}


PROTOCOLS: dict[str, Callable[[IO[bytes], argparse.Namespace], Iterator[dict[str, Any]]]] = {
    "hj212": _hj212,
    "sl651": _sl651,
}
