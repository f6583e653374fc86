"""One observation from its body: what goes into the store, and what is particular about it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from riverchief.errors import BadInput, Fault
from riverchief.sheet.times import is_future
from riverchief_server.observations.arrival import from_the_future
from riverchief_server.observations.store import flag_numbers, from_ms
from riverchief_server.observations.store.rows import FIRST_MS, LAST_MS, OPERATORS
from riverchief_server.sensorthings.quality import read_quality
from riverchief_server.sensorthings.write.arrivals import UNTOLD, Arrivals
from riverchief_server.sensorthings.write.body import ends
from riverchief_server.sensorthings.write.streams import Stream

CENSORED = re.compile(r"\s*([<>])\s*=?\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*")
GREATEST = 1e300


class Measured(NamedTuple):
    """A result as the store keeps it: a value, or a bound with its operator, or what is no number (``other``)."""

    v: float
    operator: int = 0
    bound: float = float("nan")
    other: Any = None


def read_result(result: Any, quality: Any, stream: Stream) -> Measured:
    """The result of an observation. A series of the register takes numbers, ``"<0.025"``, and null for a missing one.

    Raises ``sta_bad_result``.
    """
    if isinstance(result, float | int) and not isinstance(result, bool):
        if not abs(result) < GREATEST:
            raise _bad_result(result)
        return Measured(float(result))
    censored = _censored(result, quality, stream)
    if censored is not None:
        return censored
    if result is None:
        return Measured(float("nan"))
    if stream.is_of_register:
        raise _bad_result(result)
    return Measured(float("nan"), other=result)


def arrival_of(
    stream: Stream, values: dict[str, Any], feature: int | None, now: int, *, flag: int | None = None
) -> Arrivals:
    """The one observation that ``values`` (of a draft) describe.

    Without a time of the phenomenon it is that of the result, else now; without a time of the result none is told
    (18-088 §10.2.2.3). ``flag`` is the one in force where the body says none.
    """
    begin, end = ends(values.get("phenomenonTime", values.get("resultTime", now)))
    check_time(begin)
    if stream.is_of_register and is_future(from_ms(begin), from_ms(now)):
        raise BadInput([from_the_future(from_ms(begin))])
    told = values.get("resultTime", UNTOLD)
    quality = values.get("resultQuality")
    measured = read_result(values.get("result"), quality, stream)
    said = read_quality(quality)
    special: dict[str, Any] = {}
    if end is not None:
        special["phenomenon_end"] = end
    if "validTime" in values:
        special["valid_begin"], valid_end = ends(values["validTime"])
        special["valid_end"] = special["valid_begin"] if valid_end is None else valid_end
    if measured.other is not None:
        special["result"] = measured.other
    if quality is not None and said is None:
        special["quality"] = quality
    if values.get("parameters") is not None:
        special["parameters"] = values["parameters"]
    if feature is not None:
        special["feature_id"] = feature
    if said is None:
        said = flag_numbers()["missing"] if _is_missing(measured, stream) else flag
    return Arrivals(
        stream.series,
        np.array([begin], np.int64),
        np.array([measured.v], np.float64),
        np.array([told], np.int64),
        now,
        flag=flag_numbers()["unchecked"] if said is None else said,
        operator=measured.operator,
        bound=np.array([measured.bound], np.float64),
        special={0: special} if special else {},
    )


def check_time(t: int) -> None:
    """Raises ``out_of_range`` for a time that is a broken clock and not a measurement."""
    if not FIRST_MS <= t < LAST_MS:
        raise BadInput(
            [Fault("out_of_range", column="phenomenonTime", details={"given": str(t), "allowed": "1800–2300"})]
        )


def _is_missing(measured: Measured, stream: Stream) -> bool:
    return stream.is_of_register and measured.v != measured.v and not measured.operator


def _censored(result: Any, quality: Any, stream: Stream) -> Measured | None:
    """``"<0.025"``, or no result and a quality that says ``{"censored": {"operator": "<", "limit": 0.025}}``."""
    if isinstance(result, str) and stream.is_of_register:
        found = CENSORED.fullmatch(result)
        if found:
            return Measured(float("nan"), OPERATORS.index(found[1]), float(found[2]))
    said = quality.get("censored") if isinstance(quality, dict) else None
    if result is None and isinstance(said, dict):
        operator, limit = said.get("operator"), said.get("limit")
        if operator in OPERATORS[1:] and (limit is None or isinstance(limit, float | int)):
            return Measured(float("nan"), OPERATORS.index(operator), float("nan") if limit is None else float(limit))
    return None


def _bad_result(result: Any) -> BadInput:
    details = {"given": str(result)[:60], "allowed": '1.21, "<0.025", null'}
    return BadInput([Fault("sta_bad_result", column="result", details=details)])
