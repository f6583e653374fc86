"""``riverchief decode PROTOCOL FILE``: messages of a station as JSON, one object a line, refusals included."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from riverchief.telemetry.protocol import Heard, Row, protocols
from riverchief.telemetry.refused import Refused
from riverchief_server.cli import language

CHUNK = 1 << 16
HEX_TEXT = b"0123456789abcdefABCDEF \t\r\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief decode``."""
    parser.add_argument("protocol", choices=[row.name for row in protocols().values() if row.listens])
    parser.add_argument("file", metavar="FILE", help="frames, one a line or glued as they came; - is standard input")
    parser.add_argument("--allow-modbus", action="store_true", help="take HJ 212 frames with CRC-16/MODBUS")


def run(arguments: argparse.Namespace) -> int:
    """Print every frame and refusal; 1 if no frame could be decoded."""
    decoded, row = 0, protocols()[arguments.protocol]
    with sys.stdin.buffer if arguments.file == "-" else Path(arguments.file).open("rb") as stream:
        for heard in _messages(stream, row, is_lenient=arguments.allow_modbus):
            shown = _shown(heard, row)
            decoded += "refused" not in shown
            print(json.dumps(shown, ensure_ascii=False, allow_nan=False))
    return 0 if decoded else 1


def _messages(stream: IO[bytes], row: Row, *, is_lenient: bool) -> Iterator[Heard | Refused]:
    """What stands in ``stream``: bytes as they came, or of a binary protocol also hexadecimal digits, one frame a
    line."""
    make = row.does.line
    assert make is not None, row.name
    line, chunk = make(is_lenient=is_lenient), stream.read(CHUNK)
    if row.is_binary and chunk and not chunk.strip(HEX_TEXT):
        for digits in (chunk + stream.read()).splitlines():
            line = make(is_lenient=is_lenient)
            yield from line.feed(_from_hex(digits))
            yield from line.finish()
        return
    while chunk:
        yield from line.feed(chunk)
        chunk = stream.read(CHUNK)
    yield from line.finish()


def _shown(heard: Heard | Refused, row: Row) -> dict[str, Any]:
    if isinstance(heard, Refused):
        raw = heard.raw.hex().upper() if row.is_binary else heard.raw.decode("ascii", "backslashreplace")
        return {"refused": heard.fault.text(language()), "kind": heard.kind, "bytes": raw}
    told = row.does.describe(heard, language()) if row.does.describe else {"station": heard.identity}
    return {"protocol": row.name, **told}


def _from_hex(line: bytes) -> bytes:
    digits = b"".join(line.split())
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return line
