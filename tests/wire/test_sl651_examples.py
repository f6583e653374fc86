"""Every SL 651 frame that was found in public, with its status and, where somebody decoded it, its values."""

import csv
import json
import random
import re
from collections import Counter
from functools import cache

import pytest

from riverchief.telemetry.crc import modbus_crc
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651.frame import Frame, FrameSplitter, check
from riverchief.telemetry.sl651.report import parse
from riverchief.telemetry.sl651.values import Reader
from tests.shared_data import shared


@cache
def examples() -> list[dict[str, str]]:
    with shared("standards/sl651_examples.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_all_97_frames_have_the_status_stated():
    statuses = Counter()
    for row in examples():
        raw = bytes.fromhex(row["frame_hex"])
        splitter = FrameSplitter()
        (piece,) = splitter.feed(raw) + splitter.finish()
        status = "ok" if isinstance(piece, Frame) else {"bad_crc": "bad", "unfinished": "no_crc_in_source"}[piece.kind]
        assert status == row["status"], row["no"]
        statuses[status] += 1
    assert statuses == {"ok": 84, "bad": 8, "no_crc_in_source": 5}


def test_every_good_frame_is_understood_to_its_end():
    for row in examples():
        if row["status"] == "ok":
            report = parse(check(bytes.fromhex(row["frame_hex"])))
            assert report.refusals == [], row["no"]
            assert report.frame.function == row["function_hex"]
            assert report.frame.is_up == (row["direction"] == "up")


def stated_numbers(text: str) -> list[float | None]:
    """``[0.5 - 1.0]`` is three, ``missing`` is None, ``0x00000001`` is a state and not a value."""
    if text.startswith("0x"):
        return []
    if text.startswith("["):
        return [None if word == "-" else float(word) for word in text[1:-1].split()]
    return [None if text == "missing" else float(text)]


def test_the_24_frames_that_somebody_decoded_say_the_same_here():
    compared = 0
    for row in examples():
        if not row["decoded_here"]:
            continue
        report = parse(check(bytes.fromhex(row["frame_hex"])))
        stated: list[tuple[str, float | None]] = []
        for name, text in re.findall(r"(\w+)=(\[[^]]*\]|[^;]+)", row["decoded_here"]):
            match name:
                case "serial":
                    assert report.serial == int(text)
                case "sent":
                    assert f"{report.sent_at:%y%m%d%H%M%S}" == text
                case "station":
                    assert report.station == text
                case "class":
                    assert report.kind == text
                case "obs":
                    pass
                case _:
                    stated += [(name, number) for number in stated_numbers(text)]
        assert [(value.code, value.value) for value in report.values] == stated, row["no"]
        compared += 1
    assert compared == 24


def test_the_frames_of_the_public_parser():
    lines = shared("data/hj212_sl651_frames/sl651_frames.jsonl").read_text(encoding="utf-8").splitlines()
    for line in map(json.loads, lines):
        assert isinstance(check(bytes.fromhex(line["hex"])), Frame) == line["crc_ok"]
    assert len(lines) == 3


def test_the_first_packet_of_a_picture_begins_with_a_jpeg():
    first = next(row for row in examples() if row["function_hex"] == "36")
    report = parse(check(bytes.fromhex(first["frame_hex"])))
    assert (report.frame.total, report.frame.number, report.frame.is_last) == (13, 1, False)
    assert report.picture[:4] == b"\xff\xd8\xff\xe0" and report.picture[6:10] == b"JFIF"


@pytest.mark.parametrize("size", [1, 5, 100_000])
def test_all_of_them_glued_come_out_of_one_stream(size):
    stream = b"".join(bytes.fromhex(row["frame_hex"]) for row in examples() if row["status"] == "ok")
    splitter = FrameSplitter()
    pieces = [piece for at in range(0, len(stream), size) for piece in splitter.feed(stream[at : at + size])]
    assert Counter(type(piece) for piece in pieces + splitter.finish()) == {Frame: 84}


def test_five_thousand_mutated_frames_are_each_taken_or_refused_with_a_reason():
    dice = random.Random(651)
    frames = [bytes.fromhex(row["frame_hex"]) for row in examples() if row["status"] == "ok"]
    taken = 0
    for _ in range(5_000):
        raw = bytearray(dice.choice(frames))
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(14, len(raw) - 2)
            raw[place] = dice.randrange(256)
        raw[-2:] = modbus_crc(bytes(raw[:-2])).to_bytes(2, "big")
        piece = check(bytes(raw))
        if isinstance(piece, Refused):
            assert piece.why
            continue
        decoded = Reader().readings(parse(piece))
        assert all(refusal.why for refusal in decoded.refusals)
        taken += 1
    assert taken > 4000
