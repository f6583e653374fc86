"""Routes: a topic pattern and where in the payload things stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import find_parameter
from riverchief.units import converter, find_unit

PAYLOADS = ("json", "number")
NAMES = ("station", "parameter", "datastream")
PATHS = ("station", "parameter", "datastream", "time", "value", "unit", "flag", "items")
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Field:
    """What one field of a payload, or one datastream, holds: a parameter, in which unit, at which station (empty: the
    topic or the payload says it)."""

    parameter: str
    unit: str = ""
    station: str = ""


@dataclass(frozen=True)
class Route:
    """How the messages of some topics are read.

    ``topic`` is a pattern of levels: ``{station}``, ``{parameter}`` or ``{datastream}`` stand for a level and give it
    its meaning, ``+`` for any level, ``#`` at the end for the rest; ``v1.1/Datastreams({datastream})/Observations`` is
    SensorThings'. ``payload`` is ``json`` or ``number``. ``paths`` say where in the JSON things stand (dotted, a number
    for a place in a list); ``items`` is the list that holds one reading each. ``fields`` are parameters by the path of
    their value, for payloads with several values; ``datastreams`` by their id. ``time`` is ``measured`` (the payload
    must say it) or ``arrival``. ``timezone_offset_s`` [s] holds for times without a zone (None: they are refused).
    """

    name: str
    topic: str
    payload: str = "json"
    paths: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    datastreams: Mapping[str, Field] = field(default_factory=dict)
    station: str = ""
    time: str = "measured"
    timezone_offset_s: int | None = None
    statistic: str = "instant"

    @cached_property
    def subscription(self) -> str:
        """The topic filter to subscribe to: MQTT has wild cards for whole levels only."""
        return "/".join("+" if PLACE.search(level) else level for level in self.topic.split("/"))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern as a regular expression whose groups are the names of the levels."""
        levels = self.topic.split("/")
        parts = [self._level(level) for level in levels if level != "#"]
        rest = r"(?:/.*)?" if levels[-1] == "#" else ""
        return re.compile("/".join(parts) + rest)

    def matches(self, topic: str) -> dict[str, str] | None:
        """What the levels of ``topic`` mean here; None where it is not of this route."""
        found = self.pattern.fullmatch(topic)
        return None if found is None else found.groupdict()

    @staticmethod
    def _level(level: str) -> str:
        if level == "+":
            return r"[^/]+"
        parts = PLACE.split(level)  # text, name, text, name, text …
        return "".join(f"(?P<{part}>[^/]+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))


def route_from(mapping: Mapping[str, Any]) -> Route:
    """A route from the JSON form in which a source's mapping is kept, with the names of :class:`Route`'s fields.

    Raises :class:`~riverchief.errors.BadInput` with every fault: ``missing_value``, ``not_one_of``, ``unknown_role``,
    ``unknown_parameter``, ``unknown_unit``, ``unit_mismatch``.
    """
    faults: list[Fault] = []
    topic, payload = str(mapping.get("topic", "")), str(mapping.get("payload", "json"))
    if not topic:
        faults.append(
            Fault("missing_value", column="topic", details={"given": "topic", "allowed": "river/{station}/+"})
        )
    if payload not in PAYLOADS:
        faults.append(Fault("not_one_of", column="payload", details={"given": payload, "allowed": "、".join(PAYLOADS)}))
    for name in PLACE.findall(topic):
        if name not in NAMES:
            faults.append(unknown_name("unknown_role", name, NAMES, column="topic"))
    if "#" in topic and not topic.endswith("/#") and topic != "#":
        faults.append(Fault("not_one_of", column="topic", details={"given": topic, "allowed": "…/#"}))
    paths = {str(name): str(path) for name, path in dict(mapping.get("paths", {})).items()}
    faults += [unknown_name("unknown_role", name, PATHS, column="paths") for name in paths if name not in PATHS]
    time = str(mapping.get("time", "measured"))
    if time not in ("measured", "arrival"):
        faults.append(Fault("not_one_of", column="time", details={"given": time, "allowed": "measured、arrival"}))
    fields = _fields(mapping.get("fields", {}), "fields", faults)
    datastreams = _fields(mapping.get("datastreams", {}), "datastreams", faults)
    if faults:
        raise BadInput(faults)
    return Route(
        str(mapping.get("name", topic)),
        topic,
        payload,
        paths,
        fields,
        datastreams,
        str(mapping.get("station", "")),
        time,
        mapping.get("timezone_offset_s"),
        str(mapping.get("statistic", "instant")),
    )


def _fields(given: Mapping[str, Any], where: str, faults: list[Fault]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for path, entry in dict(given).items():
        made = Field(str(entry.get("parameter", "")), str(entry.get("unit", "")), str(entry.get("station", "")))
        try:
            parameter = find_parameter(made.parameter)
            if made.unit:
                converter(find_unit(made.unit).symbol, parameter.unit)
        except BadInput as refused:
            faults.extend(fault.at(column=f"{where}.{path}") for fault in refused.faults)
        found[str(path)] = made
    return found
