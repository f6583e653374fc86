"""Cuts the value of an option at marks that stand outside of everything."""

from __future__ import annotations

from riverchief_server.sensorthings.odata.tokens import syntax


def split_outside(text: str, mark: str) -> list[str]:
    """``text`` cut at every ``mark`` that stands in no parentheses and no quotes. Raises ``sta_syntax``."""
    parts, begin, depth, quoted = [], 0, 0, False
    for at, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth < 0:
                raise syntax(text, at)
        elif letter == mark and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    if depth or quoted:
        raise syntax(text, len(text))
    return [*parts, text[begin:]]
