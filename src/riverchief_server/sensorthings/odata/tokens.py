"""The words of OData's filters."""

from __future__ import annotations

from riverchief_server.asked.lexing import Lexer

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
LEXER = Lexer(_WORDS, "sta")
syntax = LEXER.syntax
