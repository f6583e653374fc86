"""The words of CQL2 text."""

from __future__ import annotations

from riverchief_server.asked import lexing

_WORDS = (
    ("blank", r"[ \t\r\n]+"),
    ("text", r"'(?:[^'\\\x00]|''|\\'|\\(?!'))*'"),
    ("quoted", r'"[^"\x00]+"'),
    ("number", r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])"),
    ("name", r"[^\W\d][\w.:]*"),
    ("mark", r"<>|<=|>=|[=<>(),+\-]"),
)
LEXER = lexing.Lexer(_WORDS, "features")


class Words(lexing.Words):
    """The words of a filter one after the other."""

    def __init__(self, text: str):
        super().__init__(text, LEXER)

    def number(self) -> float:
        """A number with its sign."""
        sign = -1.0 if self.took("mark", "-") else 1.0
        if sign > 0:
            self.took("mark", "+")
        return sign * float(self.take("number").text)

    def words(self) -> str:
        """What stands between quotes."""
        return self.take("text").text[1:-1].replace("''", "'").replace("\\'", "'")
