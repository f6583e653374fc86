"""The reaches' own ids: read whatever a file calls them, find a reach by its id.

Ids are whole numbers or text. Numbers that lie close together are found in a plain table, others in a hash table (open
addressing, Fibonacci hashing: Knuth, TAOCP vol. 3, 6.4), text in a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riverchief.place.kernel import kernel

LARGEST_EXACT_FLOAT = 2**53
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
Ids = NDArray[np.int64] | NDArray[np.str_]
Rows = NDArray[np.int32]


def read_ids(values: Sequence[Any] | NDArray[Any]) -> tuple[Ids, NDArray[np.bool_], NDArray[np.intp]]:
    """``values`` as 64-bit integers if all are whole numbers, else as text.

    Returns the ids, which of them are absent (None, NaN, blank text), and the rows whose float is no whole number or is
    2**53 or beyond, where neighbouring integers become the same float.
    """
    given = np.asarray(values)
    if given.dtype.kind in "iu":
        return given.astype(np.int64, copy=False), np.zeros(given.size, np.bool_), np.empty(0, np.intp)
    if given.dtype.kind == "f":
        return _from_floats(given.astype(np.float64, copy=False))
    words = [_word(value) for value in given.tolist()]
    absent = np.array([word is None for word in words], np.bool_)
    if all(isinstance(word, int | float) for word in words if word is not None):
        inexact = [row for row, word in enumerate(words) if isinstance(word, float) and not _is_exact(word)]
        whole = [
            0 if word is None or (isinstance(word, float) and not _is_exact(word)) else int(word) for word in words
        ]
        return np.array(whole, np.int64), absent, np.array(inexact, np.intp)
    return np.array(["" if word is None else str(word) for word in words], np.str_), absent, np.empty(0, np.intp)


class IdMap:
    """Row or position of each id; built for one array of ids, moved along when the reaches are renumbered."""

    __slots__ = ("_distinct", "_ids", "_low", "_rows", "_words")

    def __init__(self, ids: Ids):
        self._ids = ids
        self._words: dict[str, int] | None = None
        self._rows: Rows = np.empty(0, np.int32)
        self._low: int | None = None
        if ids.dtype.kind == "U":
            self._words = {}
            for row, word in enumerate(ids.tolist()):
                self._words.setdefault(word, row)
            self._distinct = len(self._words)
            return
        low, high = (int(ids.min()), int(ids.max())) if ids.size else (0, -1)
        if high - low < 2 * ids.size:
            self._low = low
            self._rows = np.full(high - low + 1, -1, np.int32)
            self._distinct = _fill_table(ids, low, self._rows)
        else:
            self._rows, self._distinct = _fill_hash(ids, 1 << (2 * ids.size - 1).bit_length())

    def duplicates(self) -> list[tuple[int, int]]:
        """(row, row of the first with the same id) for every id that is repeated."""
        if self._distinct == self._ids.size:
            return []
        first = self.rows_of(self._ids)
        return [(int(row), int(first[row])) for row in np.flatnonzero(first != np.arange(first.size))]

    def row_of(self, reach: int | str) -> int:
        """The row of one id, -1 where nobody has it. Text of digits finds a number, and a number finds text."""
        if self._words is not None:
            return self._words.get(str(reach), -1)
        try:
            number = int(reach)
        except (ValueError, TypeError):
            return -1
        if self._low is not None:
            at = number - self._low
            return int(self._rows[at]) if 0 <= at < self._rows.size else -1
        if not -(2**63) <= number < 2**63:
            return -1
        return int(_look_up(self._ids, self._rows, number))

    def rows_of(self, reaches: Ids) -> Rows:
        """As :meth:`row_of` for an array of the same type as the ids."""
        if self._words is not None:
            find = self._words.get
            return np.array([find(str(word), -1) for word in reaches.tolist()], np.int32)
        if reaches.dtype.kind == "U":
            return np.array([self.row_of(word) for word in reaches.tolist()], np.int32)
        if self._low is not None:
            found = np.empty(reaches.size, np.int32)
            _look_up_table(self._rows, self._low, reaches, found)
            return found
        return _look_up_many(self._ids, self._rows, reaches)

    def renumber(self, ids: Ids, position: Rows) -> None:
        """Follow the reaches to their new places: ``ids`` in the new order, ``position`` of each old row."""
        self._ids = ids
        if self._words is not None:
            self._words = {word: int(position[row]) for word, row in self._words.items()}
        else:
            _move(self._rows, position)


def _from_floats(given: NDArray[np.float64]) -> tuple[Ids, NDArray[np.bool_], NDArray[np.intp]]:
    absent = np.isnan(given)
    exact = (np.abs(given) < LARGEST_EXACT_FLOAT) & (given == np.floor(given))
    return np.where(exact, given, 0).astype(np.int64), absent, np.flatnonzero(~exact & ~absent)


def _word(value: Any) -> int | float | str | None:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return str(value).strip() or None


def _is_exact(number: float) -> bool:
    return abs(number) < LARGEST_EXACT_FLOAT and number == int(number)


@kernel
def _fill_table(ids: NDArray[Any], low: int, rows: Rows) -> int:
    distinct = 0
    for row in range(ids.size):
        at = ids[row] - low
        if rows[at] < 0:
            rows[at] = row
            distinct += 1
    return distinct


@kernel
def _look_up_table(rows: Rows, low: int, wanted: NDArray[Any], found: Rows) -> None:
    for k in range(wanted.size):
        # unsigned, because the way from one end of the 64 bits to the other does not fit into a signed number
        at = np.uint64(wanted[k]) - np.uint64(low)
        found[k] = rows[at] if wanted[k] >= low and at < np.uint64(rows.size) else -1


@kernel
def _slot(ids: NDArray[Any], rows: Rows, number: int) -> int:
    mask = rows.size - 1
    mixed = np.uint64(number) * GOLDEN
    at = int(np.int64(mixed >> np.uint64(20)) & mask)
    while rows[at] >= 0 and ids[rows[at]] != number:
        at = (at + 1) & mask
    return at


@kernel
def _fill_hash(ids: NDArray[Any], slots: int) -> tuple[Rows, int]:
    rows = np.full(slots, -1, np.int32)
    distinct = 0
    for row in range(ids.size):
        at = _slot(ids, rows, ids[row])
        if rows[at] < 0:
            rows[at] = row
            distinct += 1
    return rows, distinct


@kernel
def _look_up(ids: NDArray[Any], rows: Rows, number: int) -> int:
    return int(rows[_slot(ids, rows, number)])


@kernel
def _look_up_many(ids: NDArray[Any], rows: Rows, wanted: NDArray[Any]) -> Rows:
    found = np.empty(wanted.size, np.int32)
    for k in range(wanted.size):
        found[k] = rows[_slot(ids, rows, wanted[k])]
    return found


@kernel
def _move(rows: Rows, position: Rows) -> None:
    for at in range(rows.size):
        if rows[at] >= 0:
            rows[at] = position[rows[at]]
