"""Cuts a filter into its words and takes them one after the other; what a word is, each language says itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from riverchief.errors import BadInput, Fault

LONGEST = 8000


class Token(NamedTuple):
    """One word: its kind, its text and where it begins."""

    kind: str
    text: str
    at: int


class Lexer:
    """The words of one language: (kind, pattern) in the order they are tried; those of kind ``blank`` are dropped.

    ``face`` begins the kinds of its refusals in ``faults.csv``: ``<face>_syntax``, ``<face>_too_long``.
    """

    def __init__(self, words: Sequence[tuple[str, str]], face: str):
        self._pattern = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in words))
        self._face = face

    def tokens(self, text: str) -> list[Token]:
        """The words of ``text``, with an ``end`` behind the last. Raises ``BadInput`` where there is no word."""
        if len(text) > LONGEST:
            details = {"given": str(len(text)), "allowed": str(LONGEST)}
            raise BadInput([Fault(f"{self._face}_too_long", details=details)])
        found = []
        at = 0
        while at < len(text):
            match = self._pattern.match(text, at)
            if match is None:
                raise self.syntax(text, at)
            kind = match.lastgroup or ""
            if kind != "blank":
                found.append(Token(kind, match.group(), at))
            at = match.end()
        return [*found, Token("end", "", len(text))]

    def syntax(self, text: str, at: int) -> BadInput:
        """The refusal of ``text``, which cannot be read from ``at`` on."""
        details = {"given": text[at : at + 40] or "—", "allowed": str(at + 1)}
        return BadInput([Fault(f"{self._face}_syntax", details=details)])


class Words:
    """The words of a text one after the other."""

    def __init__(self, text: str, lexer: Lexer):
        self.text = text
        self.tokens = lexer.tokens(text)
        self.position = 0
        self._lexer = lexer

    @property
    def here(self) -> Token:
        """The next word."""
        return self.tokens[self.position]

    def refusal(self) -> BadInput:
        """The refusal of the text from here on."""
        return self._lexer.syntax(self.text, self.here.at)

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
