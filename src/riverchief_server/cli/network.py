"""``riverchief network``: what a river network holds and what is wrong with it; what lies up- or downstream of a
reach."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from riverchief.errors import BadInput, Fault
from riverchief.place import strahler_order, trace_downstream, trace_upstream
from riverchief.place.convention import Columns, conventions
from riverchief.place.reading import UNREADABLE, RiverFile, number
from riverchief.place.rows import Rows, read_rows
from riverchief_server.cli import language

ROLES = {
    "id": "column with each reach's id",
    "down": "column with the id of the next reach down; empty at an outlet",
    "from": "column with the node a reach begins at",
    "to": "column with the node a reach ends at",
    "length": "column with the lengths",
    "fraction": "column with the share of the flow where a river divides",
}
FOOT = """distance_m runs along the river between the downstream ends of the two reaches, by the shortest way: the reach
itself is at 0, the next reach down at its own length. --within-km keeps the reaches with distance_m of at most that.
Exit 0: done; 1: the network has faults; 2: bad usage or a file that cannot be read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Two questions, info and trace, with the same way of saying what the columns mean."""
    parser.epilog = FOOT
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    questions = parser.add_subparsers(dest="question", required=True, metavar="info|trace")
    info = questions.add_parser("info", help="reaches, outlets, length, orders, side branches, and every fault")
    trace = questions.add_parser("trace", help="reaches up- or downstream of a reach, with distances", epilog=FOOT)
    trace.add_argument("--reach", required=True, metavar="R", help="id of the reach to trace from")
    direction = trace.add_mutually_exclusive_group(required=True)
    direction.add_argument("--upstream", action="store_const", dest="direction", const="upstream")
    direction.add_argument("--downstream", action="store_const", dest="direction", const="downstream")
    trace.add_argument(
        "--within-km", type=_not_negative, default=np.inf, metavar="X", help="at most X km along the river"
    )
    for question in (info, trace):
        question.add_argument("file", metavar="FILE", help="GeoJSON or CSV, also gzipped; - is standard input")
        question.add_argument("--format", choices=("text", "json"), default="text")
        for role, meaning in ROLES.items():
            question.add_argument(f"--{role}", dest=f"column_{role}", metavar="COLUMN", help=meaning)
        question.add_argument("--length-unit", metavar="UNIT", help="m unless the column's name says km")
        question.add_argument("--convention", metavar="NAME", help=f"column names of {', '.join(conventions())}")
        question.add_argument(
            "--coordinates", metavar="SYSTEM", help="wgs84, cgcs2000, gcj02 or bd09, where not in the file"
        )
        question.add_argument("--turn-lines", action="store_true", help="turn lines that are drawn against the flow")


def run(arguments: argparse.Namespace) -> int:
    """Answer the question; 1 where the network has faults."""
    asked = Columns(
        {role: name for role in ROLES if (name := getattr(arguments, f"column_{role}")) is not None},
        arguments.length_unit,
        arguments.convention,
        arguments.coordinates,
        arguments.turn_lines,
    )
    rows = _read(arguments.file, arguments.coordinates)
    if arguments.question == "trace":
        return _trace(number(rows, asked), arguments)
    return _info(rows, asked, arguments.format)


def _info(rows: Rows, asked: Columns, form: str) -> int:
    faults: tuple[Fault, ...] = ()
    answer: dict[str, Any] = {"reaches": len(rows), "outlets": None, "length_km": None, "max_order": None}
    answer["secondary_edges"] = None
    try:
        river = number(rows, asked)
    except BadInput as refused:
        if any(fault.kind in UNREADABLE for fault in refused.faults):
            raise
        faults = refused.faults
    else:
        _tell_remarks(river)
        network = river.network
        answer |= {
            "outlets": int(np.count_nonzero(network.down < 0)),
            "length_km": round(float(network.length_m.sum()) / 1000, 6),
            "max_order": int(strahler_order(network).max()),
            "secondary_edges": len(network.secondary),
        }
    answer["faults"] = [
        {"kind": fault.kind, "line": fault.line, "column": fault.column, "text": fault.text(language())}
        for fault in faults
    ]
    if form == "json":
        print(json.dumps(answer, ensure_ascii=False))
    else:
        for name, value in answer.items():
            print(f"{name}\t{len(faults) if name == 'faults' else '—' if value is None else value}")
        for fault in faults:
            print(fault.text(language()), file=sys.stderr)
    return 1 if faults else 0


def _trace(river: RiverFile, arguments: argparse.Namespace) -> int:
    _tell_remarks(river)
    network = river.network
    reach = network.index_of(arguments.reach)
    find = trace_upstream if arguments.direction == "upstream" else trace_downstream
    trace = find(network, reach, arguments.within_km * 1000)
    nearest_first = np.lexsort((trace.positions, trace.distance_m))
    ids = network.ids[trace.positions[nearest_first]].tolist()
    # ids go out as text: many are too long for the numbers of a JSON reader
    found = [
        {"id": str(name), "distance_m": round(distance, 3)}
        for name, distance in zip(ids, trace.distance_m[nearest_first].tolist(), strict=True)
    ]
    if arguments.format == "json":
        answer = {"reach": str(network.ids[reach]), "direction": arguments.direction, "reaches": found}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print("id\tdistance_m")
        for one in found:
            print(f"{one['id']}\t{one['distance_m']}")
    return 0


def _read(file: str, coordinates: str | None) -> Rows:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return read_rows(data, file, coordinates)


def _tell_remarks(river: RiverFile) -> None:
    for remark in river.remarks:
        print(remark.text(language()), file=sys.stderr)


def _not_negative(text: str) -> float:
    number_of_km = float(text)
    if not number_of_km >= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a distance of 0 km or more")
    return number_of_km
