"""Clauses are stored as the law numbers them, in Chinese; this says them in English."""

from __future__ import annotations

import re

_WORDS = (
    (re.compile(r"表\s*(\d+)"), r"table \1 "),
    (re.compile(r"第\s*([\d.]+)\s*(?:项|条)"), r"item \1 "),
    (re.compile(r"附录\s*([A-Z])"), r"annex \1 "),
)


def in_english(clause: str) -> str:
    """``表1第7项`` is ``table 1 item 7``; what is not recognised stays as it is."""
    for pattern, words in _WORDS:
        clause = pattern.sub(words, clause)
    return " ".join(clause.split())
