"""Columns as the bytes of PostgreSQL's binary COPY format, made by numpy and not a row at a time.

A row is the number of its fields (int16) and, for each, its length (int32) and its bytes; length -1 is NULL. Rows with
the same fields missing have one layout, so they are written as one structured array and then put back in order.
Source: PostgreSQL manual, COPY, "Binary Format".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from riverchief_server.observations.store.rows import Columns

HEAD = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TAIL = struct.pack(">h", -1)
DTYPES = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "float8": ">f8"}
# what the column holds where there is nothing: NaN, or message 0
OPTIONAL = ("v", "bound", "message")


def copy_bytes(batch: Columns, written: Mapping[str, str]) -> bytes:
    """``batch`` for ``COPY reading (written) FROM STDIN (FORMAT BINARY)``; ``written`` has the type of each column."""
    missing = np.zeros(batch.size, np.int8)
    for k, name in enumerate(OPTIONAL):
        column = getattr(batch, name)
        missing |= (np.isnan(column) if column.dtype == np.float64 else column == 0).astype(np.int8) << k
    patterns = np.unique(missing)
    if len(patterns) == 1:
        return b"".join((HEAD, _rows(batch, written, int(patterns[0])).tobytes(), TAIL))
    rows = {int(pattern): _rows(batch.take(missing == pattern), written, int(pattern)) for pattern in patterns}
    begins = np.flatnonzero(np.concatenate(([True], missing[1:] != missing[:-1])))
    taken = dict.fromkeys(rows, 0)
    parts = [HEAD]
    for pattern, length in zip(missing[begins].tolist(), np.diff(np.append(begins, batch.size)).tolist(), strict=True):
        first = taken[pattern]
        taken[pattern] = first + length
        parts.append(rows[pattern][first : first + length].tobytes())
    return b"".join((*parts, TAIL))


def _rows(batch: Columns, written: Mapping[str, str], missing: int) -> NDArray[np.void]:
    """Rows of one layout: bit k of ``missing`` says that ``OPTIONAL[k]`` is NULL in all of them."""
    absent = {name for k, name in enumerate(OPTIONAL) if missing >> k & 1}
    fields = [("fields", ">i2")]
    for name, kind in written.items():
        fields.append((f"{name} length", ">i4"))
        if name not in absent:
            fields.append((name, DTYPES[kind]))
    made = np.empty(batch.size, np.dtype(fields))
    made["fields"] = len(written)
    for name, kind in written.items():
        made[f"{name} length"] = -1 if name in absent else np.dtype(DTYPES[kind]).itemsize
        if name not in absent:
            made[name] = getattr(batch, name)
    return made
