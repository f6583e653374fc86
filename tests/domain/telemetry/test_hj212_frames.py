"""Frames out of a stream: slow, split, glued, oversized, hostile; what comes out never depends on how it was cut."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.telemetry.crc import modbus_crc
from riverchief.telemetry.hj212.encode import frame
from riverchief.telemetry.hj212.frame import LONGEST, Frame, FrameSplitter, check
from riverchief.telemetry.refused import Refused

ONE = "ST=21;CN=2011;PW=123456;MN=A1;Flag=5;CP=&&DataTime=20210301111100;w21003-Rtd=0.09,w21003-Flag=N&&"
TWO = "ST=21;CN=2011;PW=123456;MN=A1;Flag=5;CP=&&DataTime=20210301111200;w21003-Rtd=0.10,w21003-Flag=N&&"


def split(*chunks: bytes) -> list[Frame | Refused]:
    splitter = FrameSplitter()
    return [piece for chunk in chunks for piece in splitter.feed(chunk)] + splitter.finish()


def kinds(pieces: list[Frame | Refused]) -> list[str]:
    return [piece.kind if isinstance(piece, Refused) else piece.segment.decode() for piece in pieces]


def test_whole_frames_glued_frames_and_frames_without_line_ends():
    assert kinds(split(frame(ONE))) == [ONE]
    assert kinds(split(frame(ONE) + frame(TWO))) == [ONE, TWO]
    assert kinds(split(frame(ONE).rstrip() + frame(TWO).rstrip())) == [ONE, TWO]


def test_one_byte_at_a_time():
    assert kinds(split(*[bytes([byte]) for byte in frame(ONE) + frame(TWO)])) == [ONE, TWO]


def test_a_frame_comes_out_as_soon_as_it_is_whole():
    splitter = FrameSplitter()
    raw = frame(ONE).rstrip()
    assert splitter.feed(raw[:-1]) == []
    assert kinds(splitter.feed(raw[-1:])) == [ONE]


def test_a_checksum_in_small_letters_is_right():
    raw = frame(ONE)
    assert kinds(split(raw[:-6] + raw[-6:].lower())) == [ONE]


def test_a_wrong_length_with_a_right_checksum_is_taken_and_said():
    for length in (b"0001", b"0042", b"9999"):
        pieces = split(b"##" + length + frame(ONE)[6:] + frame(TWO))
        assert kinds(pieces) == [ONE, TWO], length
        assert [piece.length_is_right for piece in pieces] == [False, True]


def test_a_wrong_checksum_costs_only_its_own_frame():
    raw = frame(ONE)
    broken = raw.replace(b"0.09", b"0.19")
    assert kinds(split(frame(TWO) + broken + frame(TWO))) == [TWO, "bad_crc", TWO]
    assert kinds(split(broken.rstrip() + frame(TWO))) == ["bad_crc", TWO]


def test_a_frame_that_was_cut_off_costs_only_itself():
    assert kinds(split(frame(ONE)[:50] + frame(TWO))) == ["bad_length", TWO]
    assert kinds(split(frame(ONE)[:50])) == ["bad_length"]
    assert kinds(split(frame(ONE) + b"##01")) == [ONE, "not_a_frame"]


def test_a_modbus_checksum_is_named_and_taken_where_allowed():
    body = ONE.encode()
    raw = b"##%04d%b%04X\r\n" % (len(body), body, modbus_crc(body))
    assert kinds(split(raw)) == ["modbus_crc"]
    assert kinds(FrameSplitter(allow_modbus=True).feed(raw)) == [ONE]


def test_noise_between_frames_is_one_refusal_and_line_ends_are_none():
    pieces = split(b"\r\n\r\nhello" + frame(ONE) + b"\r\n\r\n \x00" + frame(TWO) + b"#" * 1000 + frame(ONE))
    assert kinds(pieces) == ["not_a_frame", ONE, TWO, "not_a_frame", ONE]
    assert [piece.size for piece in pieces if isinstance(piece, Refused)] == [5, 1000]


def test_a_run_of_marks_hides_no_frame():
    assert kinds(split(b"###" + frame(ONE)[2:])) == ["not_a_frame", ONE]


def test_memory_stays_flat_under_a_flood():
    # 10 MB stand for the gigabyte of the issue: the splitter must keep some kilobytes of it whatever it is
    for flood in (b"\xff" * 65536, b"#" * 65536, b"##9999" + b"a" * 65530):
        splitter = FrameSplitter()
        tracemalloc.start()
        for _ in range(160):
            splitter.feed(flood)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3_000_000
        assert len(splitter._rest) <= splitter.max_bytes
        assert splitter.feed(b"\r\n" + frame(ONE))[-1] == Frame(frame(ONE).rstrip(), ONE.encode())


def test_the_longest_frame_of_four_digits_passes():
    body = "ST=21;CN=2011;MN=A1;CP=&&" + "x" * (9999 - 27) + "&&"
    assert len(frame(body).rstrip()) == LONGEST
    assert kinds(split(frame(body))) == [body]


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [frame(ONE), frame(TWO), frame(ONE).rstrip(), frame(ONE)[:40], b"\r\n", b"##", b"#", b"##0012"]
        ),
        st.binary(max_size=30),
        st.binary(max_size=12).map(lambda body: b"##%04d" % len(body) + body),
    ),
    max_size=8,
)


@settings(max_examples=400)
@given(PIECES, st.data())
def test_the_cut_into_chunks_does_not_matter(pieces, data):
    stream = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert split(*chunks) == split(stream)


@settings(max_examples=300)
@given(st.integers(0, 200), st.integers(0, 255), st.integers(0, 3))
def test_a_mutated_frame_is_a_frame_or_a_refusal_and_never_hides_the_next(place, byte, how):
    raw = bytearray(frame(ONE))
    place %= len(raw)
    if how == 0:
        raw[place] = byte
    elif how == 1:
        del raw[place]
    elif how == 2:
        raw.insert(place, byte)
    else:
        raw[place:] = raw[place : place + 3]
    pieces = split(bytes(raw) + b"\r\n" + frame(TWO))
    assert kinds(pieces)[-1] == TWO


@pytest.mark.parametrize("raw", [b"", b"##", b"##0000", b"##00000000", b"##abcd", b"0101QN=", b"##0004CP=&zzzz"])
def test_check_refuses_what_is_none(raw):
    assert isinstance(check(raw), Refused) or raw == b"##0000FFFF"


def test_an_empty_segment_has_the_checksum_it_starts_with():
    assert check(b"##0000FFFF") == Frame(b"##0000FFFF", b"", True)
