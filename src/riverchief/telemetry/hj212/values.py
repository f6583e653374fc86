"""From messages to readings: factor codes to parameters, letters to flags, the station's units to ours.

The trap is the unit. The table of HJ 212 gives mercury, cadmium, arsenic, lead … in µg/L for waste water, while
surface-water stations send mg/L under the same codes, and no frame says which. So the unit of such a factor comes from
the station's :class:`Setup`; without it the value is refused (``needs_unit``), not guessed, and the raw frame waits to
be read again once somebody has looked at the instrument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from riverchief.errors import BadInput
from riverchief.observation.flag import flag_of_hj212
from riverchief.observation.reading import Reading
from riverchief.parameter import all_parameters, find_parameter
from riverchief.table import read_table
from riverchief.telemetry.hj212.message import PACKAGE, Message, all_commands, local_time
from riverchief.telemetry.protocol import Decoded
from riverchief.telemetry.refused import Refused
from riverchief.units import converter, find_unit

CHINA = 8 * 3600
SURFACE_WATER, AMBIENT_AIR = "21", "22"


@dataclass(frozen=True)
class Setup:
    """How one station speaks HJ 212: data kept per station, not code.

    ``station`` is our name for it (empty: its MN); ``units`` says in which unit it sends a factor, ``parameters`` what
    it means by factor codes of its own; ``minute_s`` [s] is the period of its minute data (CN 2051, MinInterval);
    ``utc_offset_s`` [s] its clock; ``assume_units`` takes the usual unit where ``units`` is silent, for looking at
    frames of stations nobody has set up, never for judging.
    """

    station: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    minute_s: int = 600
    utc_offset_s: int = CHINA
    allow_modbus: bool = False
    assume_units: bool = False
    source: str = "hj212"


class Factor(NamedTuple):
    """One row of ``factors.csv``: ``unit`` is HJ 212's, ``surface_unit`` and ``ambient_unit`` what stations of ST 21
    and 22 send where that differs; empty where only the station can say."""

    code: str
    medium: str
    name_zh: str
    unit: str
    surface_unit: str
    ambient_unit: str
    emission_unit: str
    parameter: str

    def usual_unit(self, st: str) -> str:
        """The unit that stations of system ``st`` usually send; empty where nobody can say."""
        special = {SURFACE_WATER: self.surface_unit, AMBIENT_AIR: self.ambient_unit}.get(st, "")
        return special or self.unit

    @property
    def is_trap(self) -> bool:
        """Whether stations send this factor in different units under the same code."""
        return bool(self.surface_unit or self.ambient_unit) or not self.unit


class Value(NamedTuple):
    """One value as a message gives it, in the protocol's own words: ``statistic`` is ours, ``letter`` is HJ 212's flag
    (None: not sent), ``unit`` the usual one (None: only the station can say), ``time`` in UTC (None: none given)."""

    code: str
    statistic: str
    value: float | None
    unit: str | None
    letter: str | None
    time: datetime | None


@cache
def all_factors() -> dict[str, Factor]:
    """The factors by code, those of the 2005 edition under their old codes too."""
    found: dict[str, Factor] = {}
    old: dict[str, Factor] = {}
    for row in read_table(PACKAGE, "factors.csv"):
        factor = Factor(
            row["code"],
            row["medium"],
            row["name_zh"],
            row["unit"],
            row["unit_st21"],
            row["unit_st22"],
            row["emission_unit"],
            row["parameter"],
        )
        found[factor.code] = factor
        if row["code_2005"]:
            old.setdefault(row["code_2005"], factor)
    return old | found


@cache
def all_suffixes() -> dict[str, str]:
    """From the endings of HJ 212 (``Rtd``, ``Avg`` …) to our statistics."""
    return {row["suffix"]: row["statistic"] for row in read_table(PACKAGE, "suffixes.csv")}


def values(message: Message, utc_offset_s: int = CHINA) -> list[Value]:
    """Every value of ``message`` with its code, as it was sent: to be looked at (:class:`Reader` makes readings)."""
    found: list[Value] = []
    moment = _moment(message.field("DataTime") or "", utc_offset_s)
    for group in message.content.split(";"):
        items = [item.partition("=") for item in group.split(",")]
        letters = {key.strip()[:-5]: value.strip() for key, _, value in items if key.strip().endswith("-Flag")}
        times = {key.strip()[:-11]: value.strip() for key, _, value in items if key.strip().endswith("-SampleTime")}
        for key, _, written in items:
            code, dash, suffix = key.strip().rpartition("-")
            statistic = all_suffixes().get(suffix)
            if not dash or statistic is None:
                continue
            factor = all_factors().get(code)
            unit = "" if factor is None else factor.usual_unit(message.st)
            if statistic == "sum":
                unit = "" if factor is None else factor.emission_unit
            when = _moment(times[code], utc_offset_s) if code in times else moment
            found.append(Value(code, statistic, _number(written), unit or None, letters.get(code), when))
    return found


class _Plan(NamedTuple):
    """What to do with the values of one key such as ``w21003-Rtd``: ``kind`` is one of the numbers below."""

    kind: int
    parameter: str = ""
    unit: str = ""
    statistic: str = ""
    period_s: int = 0
    scale: Callable[[float], float] | None = None
    slot: int = 0  # the same for all keys of one parameter and statistic
    refusal: Refused | None = None


class _Layout(NamedTuple):
    """What a message with these very keys in this very order says, where nothing in it is out of the ordinary: for each
    value the places of its number and of its flag (0: it has none) among the tokens, and its plan."""

    rows: tuple[tuple[int, int, _Plan], ...] = ()


VALUE, FLAG, SAMPLED, TIME, IGNORED, REFUSED = range(6)
MOST_LAYOUTS = 16  # of one station and command: it sends the same keys in the same order all its life
LARGEST = 1e300
MOST_KEYS = 4096  # a station that invents keys must not fill the memory


class Reader:
    """Makes readings of the messages of one station; remembers what each of its keys means."""

    def __init__(self, setup: Setup | None = None):
        self.setup = setup or Setup()
        self._plans: dict[tuple[str, str], dict[str, _Plan]] = {}
        self._slots: dict[tuple[str, str], int] = {}
        self._layouts: dict[tuple[str, ...], _Layout | None] = {}

    def readings(self, message: Message) -> Decoded:
        """The readings of ``message``: of its real-time, minute, hour or day values; none of a message of another kind.

        A factor that stands twice in a message counts once; the second is refused (``duplicate``) and not taken for a
        correction.
        """
        command = all_commands().get(message.cn)
        if command is None or command.period_s is None:
            return Decoded([], [])
        # A key that opens a group keeps its semicolon, so that equal keys mean equal groups.
        tokens = message.content.replace(";", "=;").replace(",", "=").split("=")
        keys = (message.st, message.cn, *tokens[::2])
        layout = self._layouts.get(keys)
        if layout is not None:
            quick = self._as_before(message, tokens, layout)
            if quick is not None:
                return Decoded(quick, [])
        decoded = self._read(message)
        if not decoded.refusals and keys not in self._layouts and len(self._layouts) < MOST_LAYOUTS:
            self._layouts[keys] = self._layout_of(message, tokens)
        return decoded

    def _as_before(self, message: Message, tokens: list[str], layout: _Layout) -> list[Reading] | None:
        """The readings of a message that is laid out as one before was; None where it must be looked at closely."""
        setup, letters = self.setup, flag_of_hj212()
        station, source = setup.station or message.mn, setup.source
        moment = _moment(tokens[1].strip(), setup.utc_offset_s)
        if moment is None or "_" in message.content:
            return None
        readings: list[Reading] = []
        make, flag = tuple.__new__, "unchecked"
        try:
            for at, flag_at, (_, parameter, unit, statistic, period_s, scale, _, _) in layout.rows:
                number = float(tokens[at])
                if not -LARGEST < number < LARGEST:
                    return None
                if scale is not None:
                    number = scale(number)
                flag = letters[tokens[flag_at]] if flag_at else "unchecked"
                fields = (station, parameter, moment, number, unit, flag, None, statistic, period_s, source)
                readings.append(make(Reading, fields))
        except (ValueError, KeyError):
            return None
        return readings

    def _layout_of(self, message: Message, tokens: list[str]) -> _Layout | None:
        """The layout of ``message``, which was just read without a refusal; None where its time does not come first
        and once, or a group has two flags or times of its own."""
        if len(tokens) % 2:
            return None
        plans = self._plans[message.st, message.cn]
        rows: list[tuple[int, int, _Plan]] = []
        begin, flag_at = 0, 0
        for place in range(0, len(tokens), 2):
            key = tokens[place]
            if key.startswith(";"):
                rows[begin:] = [(at, flag_at, plan) for at, _, plan in rows[begin:]]
                begin, flag_at = len(rows), 0
            plan = plans.get(key.removeprefix(";"))
            if plan is None or (plan.kind == TIME) != (place == 0) or plan.kind in (SAMPLED, REFUSED):
                return None
            if plan.kind == FLAG:
                if flag_at:
                    return None
                flag_at = place + 1
            elif plan.kind == VALUE:
                rows.append((place + 1, 0, plan))
        rows[begin:] = [(at, flag_at, plan) for at, _, plan in rows[begin:]]
        return _Layout(tuple(rows))

    def _read(self, message: Message) -> Decoded:
        """The readings of a message of any layout, whatever is wrong with it."""
        readings: list[Reading] = []
        refusals: list[Refused] = []
        setup, letters = self.setup, flag_of_hj212()
        station, source, offset_s = setup.station or message.mn, setup.source, setup.utc_offset_s
        plans = self._plans.setdefault((message.st, message.cn), {})
        moment: datetime | None = None
        seen: set[int] = set()
        make = tuple.__new__
        # One pass; a reading is made at once and amended in the rare case that its group goes on to say that it is not
        # normal or was sampled at a time of its own.
        for group in message.content.split(";"):
            start, flag, when = len(readings), "unchecked", moment
            for item in group.split(","):
                key, _, written = item.partition("=")
                plan = plans.get(key) or self._plan(key, message, plans)
                kind, parameter, unit, statistic, period_s, scale, slot, refusal = plan
                if kind == VALUE:
                    try:
                        number = float(written)
                    except ValueError:
                        number = LARGEST
                    if not -LARGEST < number < LARGEST or "_" in written:
                        refusals.append(_refused("bad_number", item, written, "12.34"))
                    elif slot in seen:
                        refusals.append(_refused("duplicate", item, key, key))
                    else:
                        seen.add(slot)
                        if scale is not None:
                            number = scale(number)
                        fields = (
                            station,
                            parameter,
                            when,
                            number,
                            unit,
                            "unchecked",
                            None,
                            statistic,
                            period_s,
                            source,
                        )
                        readings.append(make(Reading, fields))
                elif kind == FLAG:
                    said = letters.get(written) or letters.get(written.strip().upper(), "")
                    if not said:
                        refusals.append(_refused("unknown_flag", item, written, "、".join(letters)))
                    if flag == "unchecked":
                        # of several flags the first that is not normal stands; one nobody knows spoils the group
                        flag = said
                elif kind == TIME:
                    moment = when = _moment(written.strip(), offset_s)
                    if moment is None:
                        refusals.append(_refused("bad_time", item, written, "yyyyMMddHHmmss"))
                elif kind == SAMPLED:
                    when = _moment(written.strip(), offset_s) or when
                elif refusal is not None:
                    refusals.append(refusal)
            if start < len(readings) and (flag != "unchecked" or when is not moment or when is None):
                made = readings[start:]
                del readings[start:]
                if when is None:
                    refusals.extend(_refused("missing_value", group, "DataTime", "yyyyMMddHHmmss") for _ in made)
                elif flag:
                    readings.extend(reading._replace(flag=flag, time=when) for reading in made)
        return Decoded(readings, refusals)

    def _plan(self, key: str, message: Message, plans: dict[str, _Plan]) -> _Plan:
        plan = self._planned(key.strip(), message)
        if len(plans) < MOST_KEYS:
            plans[key] = plan
        return plan

    def _planned(self, key: str, message: Message) -> _Plan:
        code, dash, suffix = key.rpartition("-")
        if not dash:
            return _Plan(TIME if key == "DataTime" else IGNORED)
        if suffix in ("Flag", "SampleTime"):
            return _Plan(FLAG if suffix == "Flag" else SAMPLED)
        statistic = all_suffixes().get(suffix)
        if statistic is None:
            return _Plan(IGNORED)
        factor = all_factors().get(code)
        name = self.setup.parameters.get(code) or (factor.parameter if factor else "") or _by_hj_code().get(code, "")
        if not name:
            return _Plan(REFUSED, refusal=_refused("unknown_factor", key, code, ""))
        try:
            parameter = find_parameter(name)
            unit, canonical = self._unit(code, factor, message.st), parameter.unit
            if statistic == "sum":
                unit = factor.emission_unit if factor else ""
                canonical = {"mass": "kg", "volume": "m3"}[find_unit(unit).dimension] if unit else ""
                if not unit:
                    return _Plan(IGNORED)  # the sum of a temperature says nothing
            if not unit:
                return _Plan(REFUSED, refusal=_refused("needs_unit", key, code, self._choices(factor)))
            scale = converter(unit, canonical)
        except BadInput as refused:
            return _Plan(REFUSED, refusal=_refused(refused.faults[0].kind, key, name, parameter_unit(name)))
        slot = self._slots.setdefault((parameter.code, statistic), len(self._slots))
        return _Plan(VALUE, parameter.code, canonical, statistic, self._period_s(message.cn, statistic), scale, slot)

    def _unit(self, code: str, factor: Factor | None, st: str) -> str:
        unit = self.setup.units.get(code, "")
        if not unit and factor is not None and (self.setup.assume_units or not factor.is_trap):
            unit = factor.usual_unit(st)
        return unit

    def _period_s(self, cn: str, statistic: str) -> int:
        if statistic in ("instant", "instant_reference"):
            return 0
        return self.setup.minute_s if cn == "2051" else all_commands()[cn].period_s or 0

    @staticmethod
    def _choices(factor: Factor | None) -> str:
        units = () if factor is None else (factor.unit, factor.surface_unit, factor.ambient_unit)
        return "、".join(dict.fromkeys(filter(None, units))) or "mg/L、ug/L"


@cache
def _by_hj_code() -> dict[str, str]:
    return {parameter.hj_code: parameter.code for parameter in all_parameters() if parameter.hj_code}


def parameter_unit(name: str) -> str:
    """The canonical unit of a parameter, empty where there is no such parameter: for the words of a refusal."""
    try:
        return find_parameter(name).unit
    except BadInput:
        return ""


def _number(written: str) -> float | None:
    """A finite number in plain digits, else None."""
    try:
        number = float(written)
    except ValueError:
        return None
    return number if -1e300 < number < 1e300 and "_" not in written else None


@lru_cache(maxsize=4096)
def _moment(digits: str, utc_offset_s: int) -> datetime | None:
    local = local_time(digits)
    if local is None:
        return None
    try:
        return local.replace(tzinfo=UTC) - timedelta(seconds=utc_offset_s)
    except OverflowError:
        return None


def _refused(kind: str, item: str, given: str, allowed: str) -> Refused:
    raw = item.encode("utf-8", "surrogatepass")
    return Refused(kind, raw, {"given": given, "allowed": allowed, "nearest": allowed}, len(raw))
