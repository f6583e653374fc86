"""The history of a case is a chain: each entry carries the hash of the one before, so that a changed past shows.

The hash is SHA-256 over the canonical JSON (sorted keys, no blanks, UTF-8) of the entry's facts and the previous hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

FIRST = "0" * 64


def chain_hash(previous: str, facts: Mapping[str, str | int | float | list[str] | None]) -> str:
    """The hash of an entry with ``facts`` after the entry whose hash is ``previous`` (``FIRST`` for the first)."""
    text = json.dumps({"previous": previous, **facts}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_broken(entries: Iterable[tuple[str, Mapping[str, str | int | float | list[str] | None]]]) -> int | None:
    """The position of the first entry ``(hash, facts)`` that does not follow from the one before, if any."""
    previous = FIRST
    for position, (stated, facts) in enumerate(entries):
        if chain_hash(previous, facts) != stated:
            return position
        previous = stated
    return None
