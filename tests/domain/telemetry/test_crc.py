"""Checksums: the fast ways give what the slow definitions give, for every input."""

from hypothesis import given
from hypothesis import strategies as st

from riverchief.telemetry.crc import hj212_crc, modbus_crc


def by_the_standard(segment: bytes) -> int:
    """HJ 212-2017 annex A, bit by bit: the old value's upper byte meets the next byte."""
    crc = 0xFFFF
    for byte in segment:
        crc = (crc >> 8) ^ byte
        for _ in range(8):
            fell_out = crc & 1
            crc >>= 1
            if fell_out:
                crc ^= 0xA001
    return crc


def modbus_bit_by_bit(frame: bytes) -> int:
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def test_the_vectors_everybody_has():
    assert hj212_crc(b"123456789") == 0x2F80
    assert modbus_crc(b"123456789") == 0x4B37


def test_the_example_of_annex_a():
    segment = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    assert (hj212_crc(segment), modbus_crc(segment)) == (0x1C80, 0x0759)


@given(st.binary(max_size=2100))
def test_folding_gives_what_the_loop_gives(segment):
    assert hj212_crc(segment) == by_the_standard(segment)


def test_every_length_around_the_folds():
    for length in [*range(70), 127, 128, 129, 1023, 1024, 1025, 600_001]:
        segment = bytes((7 * place + 13) % 251 for place in range(length))
        assert hj212_crc(segment) == by_the_standard(segment), length


@given(st.binary(max_size=300))
def test_modbus_by_table_is_modbus_by_bits(frame):
    assert modbus_crc(frame) == modbus_bit_by_bit(frame)


def test_two_bytes_eight_apart_may_be_exchanged_unseen():
    # Why the length, the letters and the range are checked as well: this checksum is weaker than its 16 bits.
    assert hj212_crc(b"w21003-Rtd=1.234") == hj212_crc(b"w21003-Rtd=1.234")
    one, other = b"ABCDEFGHIJKLMNOP", b"IBCDEFGHAJKLMNOP"
    assert hj212_crc(one) == hj212_crc(other)
    assert modbus_crc(one) != modbus_crc(other)
