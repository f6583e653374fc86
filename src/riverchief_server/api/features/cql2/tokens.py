"""Cuts a filter into its words."""

from __future__ import annotations

import re
from typing import NamedTuple

from riverchief.errors import BadInput, Fault

LONGEST = 8000
_WORDS = (
    ("blank", r"[ \t\r\n]+"),
    ("text", r"'(?:[^'\\\x00]|''|\\'|\\(?!'))*'"),
    ("quoted", r'"[^"\x00]+"'),
    ("number", r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])"),
    ("name", r"[^\W\d][\w.:]*"),
    ("mark", r"<>|<=|>=|[=<>(),+\-]"),
)
_PATTERN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _WORDS))


class Token(NamedTuple):
    """One word: its kind, its text and where it begins."""

    kind: str
    text: str
    at: int


class Words:
    """The words of a text one after the other."""

    def __init__(self, text: str):
        self.text = text
        self.tokens = tokens_of(text)
        self.position = 0

    @property
    def here(self) -> Token:
        """The next word."""
        return self.tokens[self.position]

    def refusal(self) -> BadInput:
        """The refusal of the text from here on."""
        return syntax(self.text, self.here.at)

    def take(self, kind: str, text: str = "") -> Token:
        """The next word, which must be this."""
        token = self.here
        if token.kind != kind or (text and token.text.lower() != text):
            raise self.refusal()
        self.position += 1
        return token

    def took(self, kind: str, text: str) -> bool:
        """Whether the next word was ``text``, which is behind us then."""
        if self.here.kind == kind and self.here.text.lower() == text:
            self.position += 1
            return True
        return False

    def number(self) -> float:
        """A number with its sign."""
        sign = -1.0 if self.took("mark", "-") else 1.0
        if sign > 0:
            self.took("mark", "+")
        return sign * float(self.take("number").text)

    def words(self) -> str:
        """What stands between quotes."""
        return self.take("text").text[1:-1].replace("''", "'").replace("\\'", "'")


def tokens_of(text: str) -> list[Token]:
    """The words of ``text``, with an ``end`` behind the last. Raises ``features_syntax`` where there is no word."""
    if len(text) > LONGEST:
        raise BadInput([Fault("features_too_long", details={"given": str(len(text)), "allowed": str(LONGEST)})])
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
    return BadInput([Fault("features_syntax", details={"given": text[at : at + 40] or "—", "allowed": str(at + 1)})])
