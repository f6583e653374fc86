"""What every command says about a river: the columns of its file, and the state of its water."""

from __future__ import annotations

import argparse
import re

from riverchief.errors import BadInput, Fault
from riverchief.place.convention import Columns, conventions
from riverchief.place.reading import RiverFile
from riverchief.transport.conditions import Conditions, read_conditions
from riverchief.units import find_unit

ROLES = ("id", "down", "from", "to", "length", "fraction")
QUANTITIES = {
    "discharge": "discharge [m³/s]",
    "velocity": "mean velocity [m/s]",
    "dispersion": "longitudinal dispersion [m²/s]",
    "decay": "first-order decay [1/d], default 0",
    "storage-ratio": "dead zones over channel, A_s/A [-], default 0",
    "exchange": "exchange with dead zones [1/s], default 0",
    "width": "width [m]",
    "depth": "depth [m]",
    "slope": "slope [-]",
    "roughness": "Manning's n, default 0.04",
    "area": "drainage area [km²]",
    "mean-discharge": "mean annual discharge [m³/s]",
}
ERRORS = ("velocity", "dispersion", "decay", "discharge")


def add_river_arguments(parser: argparse.ArgumentParser) -> None:
    """``--velocity``, ``--discharge`` …, their errors, and the columns of NETWORK."""
    state = parser.add_argument_group("the river")
    for name, meaning in QUANTITIES.items():
        state.add_argument(f"--{name}", metavar="X|COLUMN", help=meaning)
    state.add_argument("--gauge", action="append", default=[], metavar="REACH=M3_S", help="discharge now at a reach")
    for name in ERRORS:
        state.add_argument(f"--{name}-error", metavar="E", help=f"standard error of {name}: 0.15 is ±15 %%")
    columns = parser.add_argument_group("columns of NETWORK")
    for role in ROLES:
        columns.add_argument(f"--{role}", dest=f"column_{role}", metavar="COLUMN")
    columns.add_argument("--length-unit", metavar="UNIT")
    columns.add_argument("--convention", metavar="NAME", help=f"one of {', '.join(conventions())}")
    columns.add_argument("--coordinates", metavar="SYSTEM", help="wgs84, cgcs2000, gcj02 or bd09")
    columns.add_argument("--turn-lines", action="store_true", help="turn lines that are drawn against the flow")


class AskedRiver:
    """Those options as numbers; what is wrong among them is added to ``faults``."""

    def __init__(self, arguments: argparse.Namespace, faults: list[Fault]):
        self.columns = Columns(
            {role: name for role in ROLES if (name := getattr(arguments, f"column_{role}")) is not None},
            arguments.length_unit,
            arguments.convention,
            arguments.coordinates,
            arguments.turn_lines,
        )
        self.quantities = {
            name.replace("-", "_"): value
            for name in QUANTITIES
            if (value := getattr(arguments, name.replace("-", "_"))) is not None
        }
        self.errors = {
            name: read_quantity(value, f"{name}-error", "-", "none", faults)
            for name in ERRORS
            if (value := getattr(arguments, f"{name}_error")) is not None
        }
        self.gauges: dict[str, float] = {}
        for text in arguments.gauge:
            reach, equals, flow = text.rpartition("=")
            if not equals:
                faults.append(Fault("not_one_of", column="gauge", details={"given": text, "allowed": "REACH=12.5"}))
                continue
            self.gauges[reach] = read_quantity(flow, "gauge", "m3/s", "flow", faults)

    def conditions(self, river: RiverFile) -> Conditions:
        """The state of ``river`` as asked for, priors for the rest; raises ``BadInput`` as ``read_conditions`` does."""
        return read_conditions(river, self.quantities, gauges=self.gauges, errors=self.errors)


def read_quantity(text: str, column: str, unit: str, dimension: str, faults: list[Fault]) -> float:
    """``12``, ``12 t``, ``0.5mg/L`` in ``unit``; a fault, and 1, for what is none. The forecast checks ranges."""
    found = re.match(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)\s*$", text)
    if found is None:
        faults.append(
            Fault("bad_number", column=column, details={"given": text, "allowed": f"12.5 {unit}".strip(" -")})
        )
        return 1.0
    value = float(found[1])
    if not found[2]:
        return value
    try:
        given = find_unit(found[2])
    except BadInput as refused:
        faults += [fault.at(column=column) for fault in refused.faults]
        return 1.0
    if given.dimension != dimension:
        faults.append(Fault("unit_mismatch", column=column, details={"given": found[2], "allowed": unit}))
        return 1.0
    return value * given.factor / find_unit(unit).factor
