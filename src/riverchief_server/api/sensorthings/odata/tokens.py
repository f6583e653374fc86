"""Cuts a filter into its words."""

from __future__ import annotations

import re
from typing import NamedTuple

from riverchief.errors import BadInput, Fault

LONGEST = 8000
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|z|[+\- ]\d\d:?\d\d)?"
_WORDS = (
    ("blank", r"[ \t\r\n]+"),
    ("period", rf"{_TIME}/{_TIME}"),
    ("time", _TIME),
    ("date", r"\d{4}-\d\d-\d\d(?![\w:])"),
    ("clock", r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?"),
    ("duration", r"duration'[^']*'"),
    ("geometry", r"(?:geography|geometry)'[^']*'"),
    ("text", r"'(?:[^']|'')*'"),
    ("number", r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])"),
    ("name", r"@?[^\W\d][\w]*(?:\.[^\W\d][\w]*)*"),
    ("mark", r"[(),/\-]"),
)
_PATTERN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _WORDS))


class Token(NamedTuple):
    """One word: its kind, its text and where it begins."""

    kind: str
    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """The words of ``text``, with an ``end`` behind the last. Raises ``sta_syntax`` where there is no word."""
    if len(text) > LONGEST:
        raise BadInput([Fault("sta_too_long", details={"given": str(len(text)), "allowed": str(LONGEST)})])
    found = []
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise syntax(text, at)
        kind = match.lastgroup or ""
        if kind != "blank":
            found.append(Token(kind, match.group(), at))
        at = match.end()
    return [*found, Token("end", "", len(text))]


def syntax(text: str, at: int) -> BadInput:
    """The refusal of ``text``, which cannot be read from ``at`` on."""
    return BadInput([Fault("sta_syntax", details={"given": text[at : at + 40] or "—", "allowed": str(at + 1)})])
