"""A message of MQTT into readings, by the first route that its topic fits."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from riverchief.errors import BadInput
from riverchief.observation.flag import all_flags, flag_of_hj212
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.telemetry.mqtt.route import Field, Route
from riverchief.telemetry.protocol import Decoded
from riverchief.telemetry.refused import Refused
from riverchief.units import converter

LARGEST_PAYLOAD = 1_000_000
DEEPEST = 40
SECONDS, MILLISECONDS = 1e8, 1e11  # a number above the first is seconds since 1970, above the second milliseconds


class _Refusal(Exception):
    def __init__(self, kind: str, given: object, allowed: str = ""):
        self.kind, self.given, self.allowed = kind, str(given)[:200], allowed
        super().__init__(kind)


def read_message(topic: str, payload: bytes, routes: Sequence[Route], arrived_at: datetime) -> Decoded:
    """The readings of one message; never raises, whatever the payload is.

    ``arrived_at`` (aware) is used where a route says so. Refused are: a topic of no route (``no_route``), a payload
    that is not what the route says (``bad_payload``), and inside it each value with ``bad_number``, ``bad_time``,
    ``needs_timezone``, ``missing_value``, ``unknown_parameter``, ``unknown_unit``, ``unit_mismatch`` or
    ``unknown_flag``.
    """
    decoded = Decoded([], [])
    for route in routes:
        levels = route.matches(topic)
        if levels is not None:
            break
    else:
        decoded.refusals.append(_refused(_Refusal("no_route", topic), payload))
        return decoded
    try:
        for item in _items(route, payload):
            for value, field in _values(route, item, levels):
                try:
                    decoded.readings.append(_reading(route, item, levels, value, field, arrived_at))
                except _Refusal as refusal:
                    decoded.refusals.append(_refused(refusal, payload))
                except BadInput as refused:
                    fault = refused.faults[0]
                    decoded.refusals.append(Refused(fault.kind, payload[:1000], fault.details, len(payload)))
    except _Refusal as refusal:
        decoded.refusals.append(_refused(refusal, payload))
    return decoded


def _items(route: Route, payload: bytes) -> Iterator[Any]:
    """The parts of a payload that hold a reading's fields each."""
    if len(payload) > LARGEST_PAYLOAD:
        raise _Refusal("bad_payload", f"{len(payload)} B", f"<= {LARGEST_PAYLOAD} B")
    if route.payload == "number":
        yield payload.decode("utf-8", "replace").strip()
        return
    try:
        whole = json.loads(payload)
    except (ValueError, RecursionError) as broken:
        raise _Refusal("bad_payload", broken, "JSON") from broken
    if "items" not in route.paths:
        yield whole
        return
    items = _at(whole, route.paths["items"])
    if not isinstance(items, list):
        raise _Refusal("bad_payload", type(items).__name__, f"{route.paths['items']}: []")
    yield from items


def _values(route: Route, item: Any, levels: dict[str, str]) -> Iterator[tuple[Any, Field]]:
    """Each value of an item with what it holds; fields that an item does not have are passed over."""
    if route.payload == "number":
        is_named = "datastream" not in levels
        yield item, Field(levels.get("parameter", "")) if is_named else _datastream(route, levels, item)
        return
    for path, field in route.fields.items():
        value = _at(item, path)
        if value is not None:
            yield value, field
    if route.fields:
        return
    value = _at(item, route.paths.get("value", "value"))
    if "datastream" in levels or "datastream" in route.paths:
        yield value, _datastream(route, levels, item)
    else:
        name = levels.get("parameter") or _at(item, route.paths.get("parameter", "parameter")) or ""
        unit = _at(item, route.paths.get("unit", "unit")) or ""
        yield value, Field(str(name), str(unit))


def _datastream(route: Route, levels: dict[str, str], item: Any) -> Field:
    given = levels.get("datastream")
    if given is None:
        given = str(_at(item, route.paths["datastream"]))
    found = route.datastreams.get(given)
    if found is None:
        raise _Refusal("unknown_datastream", given)
    return found


def _reading(
    route: Route, item: Any, levels: dict[str, str], value: Any, field: Field, arrived_at: datetime
) -> Reading:
    station = field.station or levels.get("station") or route.station
    if not station and route.payload == "json":
        station = str(_at(item, route.paths.get("station", "station")) or "")
    if not station:
        raise _Refusal("missing_value", "station", "{station}")
    parameter = find_parameter(field.parameter)
    scale = converter(field.unit or parameter.unit, parameter.unit)
    number = _number(value)
    return Reading(
        station,
        parameter.code,
        _time(route, item, arrived_at),
        number if number is None or scale is None else scale(number),
        parameter.unit,
        "missing" if number is None else _flag(route, item),
        None,
        route.statistic,
        0,
        route.name,
    )


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _Refusal("bad_number", value, "12.34")
    try:
        number = float(value)
    except (ValueError, OverflowError) as wrong:
        raise _Refusal("bad_number", value, "12.34") from wrong
    if not math.isfinite(number) or (isinstance(value, str) and "_" in value):
        raise _Refusal("bad_number", value, "12.34")
    return number


def _time(route: Route, item: Any, arrived_at: datetime) -> datetime:
    given = None if route.payload == "number" else _at(item, route.paths.get("time", "time"))
    if given is None:
        if route.time == "arrival":
            return arrived_at.astimezone(UTC)
        raise _Refusal("missing_value", route.paths.get("time", "time"), "2021-04-01T04:00:00+08:00")
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            if not SECONDS < given < 1e14:
                raise _Refusal("bad_time", given, "s、ms")
            return datetime.fromtimestamp(given / 1000 if given > MILLISECONDS else given, UTC)
        # an interval of SensorThings ("begin/end") counts from its beginning
        moment = datetime.fromisoformat(str(given).split("/")[0].strip())
        if moment.tzinfo is None:
            if route.timezone_offset_s is None:
                raise _Refusal("needs_timezone", given)
            moment = moment.replace(tzinfo=timezone(timedelta(seconds=route.timezone_offset_s)))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as wrong:
        raise _Refusal("bad_time", given, "2021-04-01T04:00:00+08:00") from wrong


def _flag(route: Route, item: Any) -> str:
    given = _at(item, route.paths["flag"]) if "flag" in route.paths and route.payload == "json" else None
    if given is None:
        return "unchecked"
    word = str(given)
    known = {flag.code for flag in all_flags()}
    found = word if word in known else flag_of_hj212().get(word.upper())
    if found is None:
        raise _Refusal("unknown_flag", word, "、".join(known))
    return found


def _at(item: Any, path: str) -> Any:
    """What stands at ``path`` (dotted; a number is a place in a list); None where nothing does."""
    for step in path.split(".")[:DEEPEST] if path else ():
        if isinstance(item, dict):
            item = item.get(step)
        elif isinstance(item, list) and step.isdecimal() and int(step) < len(item):
            item = item[int(step)]
        else:
            return None
    return item


def _refused(refusal: _Refusal, payload: bytes) -> Refused:
    details = {"given": refusal.given, "allowed": refusal.allowed, "nearest": refusal.allowed}
    return Refused(refusal.kind, payload[:1000], details, len(payload))
