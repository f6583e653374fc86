"""Raw bytes for a person to look at: bounded, without passwords, and without signs that could play tricks."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

BYTES_SHOWN = 4096
BYTES_A_LINE = 16
PASSWORD = re.compile(rb"(?i)\b(PW=)[^;&\r\n]{1,64}")
HIDDEN = rb"\1******"
#: Category C*: controls, formats (which turn the direction of writing), halves of characters, what is not assigned.
KEPT = "\n\t"


class Look(NamedTuple):
    """``text`` to show; ``is_binary`` where it is a dump of bytes; ``size`` of the whole, ``shown`` bytes of it."""

    text: str
    is_binary: bool
    size: int
    shown: int


def look_at(content: bytes) -> Look:
    """``content`` as text where it is text (UTF-8, else GB 18030), else as a dump: place, bytes in hex, letters.

    At most :data:`BYTES_SHOWN` bytes; the passwords of HJ 212 are stars; characters that cannot be seen are written as
    their number.
    """
    part = PASSWORD.sub(HIDDEN, content[:BYTES_SHOWN])
    shown = min(len(content), BYTES_SHOWN)
    text = _text(part, is_cut=len(content) > BYTES_SHOWN)
    if text is None:
        return Look(_dump(part), True, len(content), shown)
    return Look("".join(map(_visible, text.replace("\r\n", "\n"))), False, len(content), shown)


def first_line(content: bytes, length: int = 160) -> str:
    """The beginning of ``content`` on one line."""
    look = look_at(content[:1024])
    return " ".join(look.text.split())[:length]


def _text(part: bytes, *, is_cut: bool) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        # the cut may go through a character
        for end in (len(part), *(range(len(part) - 1, len(part) - 4, -1) if is_cut else ())):
            try:
                text = part[:end].decode(encoding)
            except UnicodeDecodeError:
                continue
            return text if _is_readable(text) else None
    return None


def _is_readable(text: str) -> bool:
    odd = sum(1 for letter in text if unicodedata.category(letter)[0] == "C" and letter not in "\r\n\t")
    return odd * 20 <= len(text)


def _visible(letter: str) -> str:
    if letter in KEPT or unicodedata.category(letter)[0] != "C":
        return letter
    return f"\\u{{{ord(letter):x}}}"


def _dump(part: bytes) -> str:
    lines = []
    for start in range(0, len(part), BYTES_A_LINE):
        line = part[start : start + BYTES_A_LINE]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
        lines.append(f"{start:06x}  {line.hex(' '):<{3 * BYTES_A_LINE - 1}}  {letters}")
    return "\n".join(lines)
