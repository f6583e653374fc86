"""Cells that no sheet program runs: text that begins as a formula is written as text."""

from __future__ import annotations

RUN = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """``text`` as it may stand in a cell of a workbook or CSV: what begins as a formula gets an apostrophe before it.

    A single dash, and a number with its sign, are left as they are. Source: OWASP, CSV injection.
    """
    if text.startswith(RUN) and len(text) > 1 and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
