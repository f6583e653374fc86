"""The two checksums of the Chinese protocols, fast without a compiled extension.

**HJ 212** (annex A) is no CRC-16 in the usual sense: it moves only the *upper* byte of the old value into the new one,

    crc = (crc >> 8) XOR byte;  8 times: shift right, XOR 0xA001 where a one fell out

so that its whole memory is that one byte u, and u' = L(u XOR byte) with a map L that is linear over GF(2). The eighth
power of L is the identity, hence the bytes of a message count only by their place modulo eight: they can be folded
with XOR into one word of eight bytes by halving the message as a long integer, and eight look-ups finish the work.
That is also why this checksum does not see two bytes exchanged that stand eight apart.

**SL 651** uses CRC-16/MODBUS as everybody knows it.
"""

from __future__ import annotations

POLYNOMIAL = 0xA001


def hj212_crc(segment: bytes) -> int:
    """The checksum of HJ 212-2005/2017/2025 over the data segment; ``b"123456789"`` gives 0x2F80.

    Equal, for every input, to the loop over bytes and bits that the standard prints.
    """
    length = len(segment)
    if not length:
        return 0xFFFF
    word = int.from_bytes(segment, "big")
    halving = ((length - 1) >> 3).bit_length() - 1
    while halving >= len(_MASKS):
        word = (word >> (64 << halving)) ^ (word & ((1 << (64 << halving)) - 1))
        halving -= 1
    while halving >= 0:
        word = (word >> (64 << halving)) ^ (word & _MASKS[halving])
        halving -= 1
    a, b, c, d, e, f, g = _PLACES
    return _TABLE[
        a[word >> 56]
        ^ b[word >> 48 & 255]
        ^ c[word >> 40 & 255]
        ^ d[word >> 32 & 255]
        ^ e[word >> 24 & 255]
        ^ f[word >> 16 & 255]
        ^ g[word >> 8 & 255]
        ^ word & 255
        ^ _STARTS[length & 7]
    ]


def modbus_crc(frame: bytes) -> int:
    """CRC-16/MODBUS; ``b"123456789"`` gives 0x4B37."""
    crc = 0xFFFF
    table = _TABLE
    for byte in frame:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 255]
    return crc


def _shifted(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ POLYNOMIAL if value & 1 else value >> 1
    return value


_TABLE = [_shifted(value) for value in range(256)]
_POWERS = [list(range(256))]
for _ in range(7):
    _POWERS.append([_TABLE[value] >> 8 for value in _POWERS[-1]])
# A byte that is followed by k others has passed k times through L when the last byte arrives.
_PLACES = [_POWERS[7 - place] for place in range(7)]
_STARTS = [_POWERS[(length - 1) % 8][0xFF] for length in range(8)]
_MASKS = [(1 << (64 << halving)) - 1 for halving in range(16)]  # 512 KiB; a longer message needs longer ones
