"""From reports to readings: elements to parameters, the station's clock to UTC, relative levels to levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta

from riverchief.errors import BadInput
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.telemetry.protocol import Decoded
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651.report import LEVEL_SERIES, Report, Value, all_elements
from riverchief.units import converter

CHINA = 8 * 3600


@dataclass(frozen=True)
class Setup:
    """How one station speaks SL 651: data kept per station.

    ``station`` is our name for it (empty: its address); ``parameters`` says what it means by elements of its own and
    ``units`` in which unit it sends them; ``level_bases`` [m] is what the relative levels F5 … FC are to be added to,
    by element; ``utc_offset_s`` [s] its clock.
    """

    station: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    level_bases: Mapping[str, float] = field(default_factory=dict)
    utc_offset_s: int = CHINA
    source: str = "sl651"


class Reader:
    """Makes readings of the reports of one station."""

    def __init__(self, setup: Setup | None = None):
        self.setup = setup or Setup()

    def readings(self, report: Report) -> Decoded:
        """The readings of ``report``; a value that the station marks as missing is a reading flagged ``missing``.

        A relative level is a level only where the setup gives its base (``needs_datum``); an element that nobody but
        the vendor knows is refused (``unknown_factor``) until the setup names its parameter. What the report itself
        refuses comes along.
        """
        decoded = Decoded([], list(report.refusals))
        for value in report.values:
            made = self._reading(report, value)
            if isinstance(made, Reading):
                decoded.readings.append(made)
            elif made is not None:
                decoded.refusals.append(made)
        return decoded

    def _reading(self, report: Report, value: Value) -> Reading | Refused:
        element = all_elements().get(value.code)
        name = self.setup.parameters.get(value.code) or (element.parameter if element else "")
        is_relative = int(value.code[:2], 16) in LEVEL_SERIES if len(value.code) == 2 else False
        base = self.setup.level_bases.get(value.code)
        if is_relative and base is None:
            return _refused("needs_datum", value, value.code)
        if is_relative and not name:
            name = "LEVEL"
        if not name:
            return _refused("unknown_factor", value, value.code)
        if value.time is None:
            return _refused("missing_value", value, "F0F0")
        try:
            parameter = find_parameter(name)
            scale = converter(self.setup.units.get(value.code) or value.unit or parameter.unit, parameter.unit)
        except BadInput as refused:
            return _refused(refused.faults[0].kind, value, f"{value.code} {name}")
        number = value.value
        if number is not None:
            number = number if scale is None else scale(number)
            number = round(number + base, 3) if is_relative and base is not None else number
        return Reading(
            self.setup.station or report.station,
            parameter.code,
            value.time.replace(tzinfo=UTC) - timedelta(seconds=self.setup.utc_offset_s),
            number,
            parameter.unit,
            "unchecked" if number is not None else "missing",
            None,
            value.statistic,
            value.period_s,
            self.setup.source,
        )


def _refused(kind: str, value: Value, given: str) -> Refused:
    raw = f"{value.code}={value.value}".encode()
    return Refused(kind, raw, {"given": given, "allowed": "", "nearest": ""}, len(raw))
