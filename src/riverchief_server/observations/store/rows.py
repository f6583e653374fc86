"""What goes into the store and comes out of it: one reading as a row, many as columns.

Columns are the fast way: parallel numpy arrays, no object a reading. A row is what a person or a judgement looks at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from math import isinf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.table import read_table

FEW = 100
EVER = 2**53  # later than any time, and exact in a float
OPERATORS = ("", "<", ">")
# 1800 to 2300: what lies outside is a broken clock and not a measurement
FIRST_MS, LAST_MS = -5_364_662_400_000, 10_413_792_000_000


class StoredReading(NamedTuple):
    """One row: ``t``, ``arrived`` in ms since 1970 UTC, ``v`` canonical or ``None``, censored as (operator, bound).

    ``flag`` is in force and ``flag_by`` says which check or person set it (empty: the source itself); ``sent`` is the
    flag the source sent (empty: the same). ``revision`` counts the earlier versions; ``since`` is when this version
    came into force, where that was later than its arrival.
    """

    series: int
    t: int
    v: float | None
    flag: str
    operator: str = ""
    bound: float | None = None
    arrived: int = 0
    message: int | None = None
    flag_by: str = ""
    sent: str = ""
    revision: int = 0
    since: int | None = None


class PutReport(NamedTuple):
    """What became of the rows handed in: ``new`` keys, ``same`` as in force, ``changed`` (the old one kept beside)."""

    new: int
    same: int
    changed: int

    def plus(self, other: PutReport) -> PutReport:
        """Both reports together."""
        return PutReport(self.new + other.new, self.same + other.same, self.changed + other.changed)


class Columns(NamedTuple):
    """Readings as parallel arrays of one length.

    ``series`` int32; ``t``, ``arrived``, ``since`` [ms since 1970 UTC], ``message`` int64 (0: none); ``v`` and
    ``bound`` float64 in the canonical unit (NaN: none); ``flag`` and ``sent`` numbers of ``flag_numbers.csv``;
    ``flag_by`` a number of the table ``flag_source``; ``operator`` an index of ``OPERATORS``; ``revision`` int32.
    """

    series: NDArray[np.int32]
    t: NDArray[np.int64]
    v: NDArray[np.float64]
    flag: NDArray[np.int16]
    operator: NDArray[np.int16]
    bound: NDArray[np.float64]
    arrived: NDArray[np.int64]
    message: NDArray[np.int64]
    flag_by: NDArray[np.int32]
    sent: NDArray[np.int16]
    revision: NDArray[np.int32]
    since: NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many readings."""
        return len(self.t)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Columns:
        """The readings that ``chosen`` (a mask, indices or a slice) picks."""
        return Columns(*(column[chosen] for column in self))  # type: ignore[arg-type]


DTYPES: dict[str, type[np.generic]] = {
    "series": np.int32,
    "t": np.int64,
    "v": np.float64,
    "flag": np.int16,
    "operator": np.int16,
    "bound": np.float64,
    "arrived": np.int64,
    "message": np.int64,
    "flag_by": np.int32,
    "sent": np.int16,
    "revision": np.int32,
    "since": np.int64,
}


def columns(
    series: NDArray[np.integer] | int,
    t: NDArray[np.integer],
    v: NDArray[np.floating],
    *,
    arrived: NDArray[np.integer] | int,
    flag: NDArray[np.integer] | int = 1,
    operator: NDArray[np.integer] | int = 0,
    bound: NDArray[np.floating] | float = np.nan,
    message: NDArray[np.integer] | int = 0,
    flag_by: NDArray[np.integer] | int = 0,
    sent: NDArray[np.integer] | int | None = None,
) -> Columns:
    """Columns to be kept; a number stands for a whole column of it. ``flag`` 1 is ``unchecked``."""
    given = {
        "series": series,
        "t": t,
        "v": v,
        "flag": flag,
        "operator": operator,
        "bound": bound,
        "arrived": arrived,
        "message": message,
        "flag_by": flag_by,
        "sent": flag if sent is None else sent,
        "revision": 0,
        "since": 0,
    }
    size = len(t)
    return Columns(*(_column(given[name], dtype, size) for name, dtype in DTYPES.items()))


def _column(value: Any, dtype: type[np.generic], size: int) -> NDArray[Any]:
    """``value`` as a column; a number is not written out a million times, but for few it is quicker to."""
    if isinstance(value, np.ndarray) and value.shape == (size,):
        return value if value.dtype == dtype else value.astype(dtype)
    if size <= FEW and not isinstance(value, np.ndarray):
        return _few(value, dtype.__name__, size)
    return np.broadcast_to(np.asarray(value, dtype), (size,))


@lru_cache(maxsize=1024)
def _few(value: float, dtype: str, size: int) -> NDArray[Any]:
    """A short column of one number; most of a batch are of a few, so each is made once and never written to."""
    made = np.full(size, value, dtype)
    made.setflags(write=False)
    return made


def empty() -> Columns:
    """No readings."""
    return Columns(*(np.empty(0, dtype) for dtype in DTYPES.values()))


def joined(parts: Sequence[Columns]) -> Columns:
    """All ``parts`` behind each other."""
    if len(parts) == 1:
        return parts[0]
    return Columns(*map(np.concatenate, zip(*parts, strict=True))) if parts else empty()


def from_rows(rows: Iterable[StoredReading], source_numbers: Mapping[str, int]) -> Columns:
    """``rows`` as columns; ``source_numbers`` has the number of every ``flag_by`` in them."""
    listed = list(rows)
    if not listed:
        return empty()
    numbers = flag_numbers()
    for row in listed:
        for flag in (row.flag, row.sent):
            if flag and flag not in numbers:
                raise BadInput([unknown_name("unknown_flag", flag, list(numbers))])
        if row.operator not in OPERATORS:
            raise BadInput([Fault("not_one_of", details={"given": row.operator, "allowed": "< >"})])
    return columns(
        np.array([row.series for row in listed], np.int32),
        np.array([row.t for row in listed], np.int64),
        np.array([np.nan if row.v is None else row.v for row in listed], np.float64),
        flag=np.array([numbers[row.flag] for row in listed], np.int16),
        operator=np.array([OPERATORS.index(row.operator) for row in listed], np.int16),
        bound=np.array([np.nan if row.bound is None else row.bound for row in listed], np.float64),
        arrived=np.array([row.arrived for row in listed], np.int64),
        message=np.array([row.message or 0 for row in listed], np.int64),
        flag_by=np.array([source_numbers[row.flag_by] for row in listed], np.int32),
        sent=np.array([numbers[row.sent or row.flag] for row in listed], np.int16),
    )


def to_rows(kept: Columns, source_names: Mapping[int, str]) -> list[StoredReading]:
    """``kept`` as rows; ``source_names`` has the name of every number in ``flag_by``."""
    flags = flag_codes()
    made = []
    for row in zip(*(column.tolist() for column in kept), strict=True):
        series, t, v, flag, operator, bound, arrived, message, flag_by, sent, revision, since = row
        made.append(
            StoredReading(
                series,
                t,
                v if v == v else None,  # NaN is the one number that differs from itself
                flags[flag],
                OPERATORS[operator],
                bound if bound == bound else None,
                arrived,
                message or None,
                source_names[flag_by],
                "" if sent == flag else flags[sent],
                revision,
                since or None,
            )
        )
    return made


def check(batch: Columns) -> None:
    """Raises :class:`~riverchief.errors.BadInput` where a time lies outside 1800 to 2300 or a value is infinite."""
    if batch.size == 1 and FIRST_MS <= batch.t[0] < LAST_MS and not (isinf(batch.v[0]) or isinf(batch.bound[0])):
        return
    faults = []
    wrong = (batch.t < FIRST_MS) | (batch.t >= LAST_MS)
    if wrong.any():
        given = str(int(batch.t[wrong.argmax()]))
        faults.append(Fault("out_of_range", details={"given": f"t = {given} ms", "allowed": "1800 – 2300"}))
    for name, values in (("v", batch.v), ("bound", batch.bound)):
        if np.isinf(values).any():
            faults.append(Fault("bad_number", details={"given": f"{name} = inf", "allowed": "a finite number"}))
    if faults:
        raise BadInput(faults)


def months_of(t: NDArray[np.int64]) -> NDArray[np.int64]:
    """The month in UTC of each time [ms since 1970], counted from January 1970."""
    return t.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)


@cache
def flag_numbers() -> dict[str, int]:
    """The number under which the store keeps each flag. A number is never given to another flag."""
    return {row["flag"]: int(row["number"]) for row in read_table(__package__, "flag_numbers.csv")}


@cache
def flag_codes() -> tuple[str, ...]:
    """The flags by their number."""
    by_number = {number: flag for flag, number in flag_numbers().items()}
    return tuple(by_number[number] for number in range(len(by_number)))


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware time."""
    return round(moment.timestamp() * 1000)


def from_ms(t: int) -> datetime:
    """The aware UTC time of ``t`` milliseconds since 1970."""
    return datetime.fromtimestamp(t / 1000, tz=UTC)
