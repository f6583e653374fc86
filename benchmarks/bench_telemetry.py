"""Decoding: frames a second on one core.

What: HJ 212 uploads of 5, 11 and 20 factors through the whole path (stream → frames with checksum → messages → readings
in our units), SL 651 timed reports likewise, and the checksum of HJ 212 alone.

Against whom: no Python package decodes either protocol, so the path stands beside *the plain way*: the standard's loop
with a table of 256, ``split`` and a dictionary, as a careful program has it; the checksum also beside the standard's
own loop over bits, which most public programs have.

How: values of both ways are compared first; streams are fed in chunks of 64 KiB; CPU time, best of five.
"""

import time
from collections.abc import Callable
from datetime import date, datetime

from riverchief.example.stations import day, frames
from riverchief.telemetry.crc import hj212_crc
from riverchief.telemetry.hj212.encode import Group, upload
from riverchief.telemetry.hj212.frame import FrameSplitter
from riverchief.telemetry.hj212.message import parse
from riverchief.telemetry.hj212.values import Reader, Setup
from riverchief.telemetry.sl651.frame import FrameSplitter as Sl651Splitter
from riverchief.telemetry.sl651.report import parse as parse_report
from riverchief.telemetry.sl651.values import Reader as Sl651Reader

TITLE = "Telemetry: decoding HJ 212 and SL 651"
WATER = ["w01010", "w01001", "w01009", "w01014", "w01003", "w01019", "w21003", "w21011", "w21001", "w01018", "w01012"]
MORE = ["w20122", "w20123", "w21017", "w20125", "w20124", "w21016", "w23002", "w21019", "w22001"]
COUNT = 4_000
CHUNK = 65_536
BAR = 40_000
TABLE = []
for number in range(256):
    for _ in range(8):
        number = (number >> 1) ^ 0xA001 if number & 1 else number >> 1
    TABLE.append(number)


def best_s(work: Callable[[], object]) -> float:
    """The shortest CPU time of five."""
    taken = []
    for _ in range(5):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def by_bits(segment: bytes) -> int:
    """The checksum as the standard prints it."""
    crc = 0xFFFF
    for byte in segment:
        crc = (crc >> 8) ^ byte
        for _ in range(8):
            fell_out = crc & 1
            crc >>= 1
            if fell_out:
                crc ^= 0xA001
    return crc


def by_table(segment: bytes) -> int:
    """The checksum with a table of 256."""
    crc = 0xFFFF
    for byte in segment:
        crc = TABLE[(crc >> 8) ^ byte]
    return crc


def plain(stream: bytes) -> list[dict[str, float]]:
    """The plain way: lines, the checksum by a table of 256, ``split`` and a dictionary."""
    found = []
    for line in stream.split(b"\r\n"):
        if not line or int(line[-4:], 16) != by_table(line[6:-4]):
            continue
        text = line[6:-4].decode()
        content = text[text.index("&&") + 2 : text.rindex("&&")]
        values = {}
        for group in content.split(";"):
            for item in group.split(","):
                key, value = item.split("=")
                if key.endswith("-Rtd"):
                    values[key] = float(value)
        found.append(values)
    return found


def messages(stream: bytes) -> int:
    """Frames and messages only."""
    splitter = FrameSplitter()
    return sum(
        parse(piece) is not None
        for at in range(0, len(stream), CHUNK)
        for piece in splitter.feed(stream[at : at + CHUNK])
    )


def readings(stream: bytes) -> list[list[float | None]]:
    """The whole path."""
    splitter, reader = FrameSplitter(), Reader(Setup(units=dict.fromkeys(MORE, "mg/L"), assume_units=True))
    found = []
    for at in range(0, len(stream), CHUNK):
        for piece in splitter.feed(stream[at : at + CHUNK]):
            found.append([reading.value for reading in reader.readings(parse(piece)).readings])
    return found


def hj212_stream(codes: list[str]) -> bytes:
    """So many uploads a second apart."""
    moment = datetime.fromisoformat("2024-04-01T00:00:00")
    groups = [Group(code, {"Rtd": f"{1.5 + place / 7:.3f}"}) for place, code in enumerate(codes)]
    (frame,) = upload("2011", mn="A110000_0001", st="21", time=moment, groups=groups, qn="20240401000000123")
    return frame * COUNT


def run() -> str:
    """The report's section."""
    lines = [
        "| frame | bytes | frames → messages, /s | frames → readings, /s | plain way, /s | times faster |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    rates = {}
    for codes in (WATER[:5], WATER, WATER + MORE):
        stream = hj212_stream(codes)
        mine, other = readings(stream), plain(stream)
        assert [list(each.values()) for each in other] == mine, "both ways must give the same values"
        parsed_s, whole_s = best_s(lambda s=stream: messages(s)), best_s(lambda s=stream: readings(s))
        plain_s = best_s(lambda s=stream: plain(s))
        rates[len(codes)] = COUNT / whole_s
        lines.append(
            f"| HJ 212, {len(codes)} factors | {len(stream) // COUNT} | {COUNT / parsed_s:,.0f} "
            f"| {COUNT / whole_s:,.0f} | {COUNT / plain_s:,.0f} | {plain_s / whole_s:.1f} |"
        )
    said = day("A", date(2024, 4, 1), parameters=["WT", "LEVEL", "FLOW", "BATTERY"])
    stream = b"".join(sent.payload for sent in frames(said, "sl651", address="0012345678")) * 20
    whole_s = best_s(lambda: sl651(stream))
    lines.append(f"| SL 651, 4 elements | {len(stream) // 1920} | – | {1920 / whole_s:,.0f} | – | – |")
    segment = hj212_stream(WATER)[6:-6][: len(hj212_stream(WATER)) // COUNT - 12]
    assert hj212_crc(segment) == by_table(segment) == by_bits(segment)
    each_us = [
        best_s(lambda w=way: [w(segment) for _ in range(300)]) / 300 * 1e6 for way in (hj212_crc, by_table, by_bits)
    ]
    return (
        "\n".join(lines)
        + f"\n\nThe checksum of {len(segment)} bytes: folded {each_us[0]:.1f} µs, by table {each_us[1]:.1f} µs, by "
        f"bits {each_us[2]:.0f} µs. The bar of the issue is {BAR:,} frames a second on one core; a station of eleven "
        f"factors makes {rates[11]:,.0f}."
    )


def sl651(stream: bytes) -> int:
    """The whole path of SL 651."""
    splitter, reader = Sl651Splitter(), Sl651Reader()
    return sum(
        len(reader.readings(parse_report(piece)).readings)
        for at in range(0, len(stream), CHUNK)
        for piece in splitter.feed(stream[at : at + CHUNK])
    )
