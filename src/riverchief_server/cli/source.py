"""``riverchief source FILE``: whether drinking-water sources comply, by what not, and on how much of what is due."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.standard import Compliance
from riverchief.standard.rounding import show_multiple
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.sheet.samples import Samples
from riverchief.standard.surface_water.drinking import judge_source, kind_of_source, programmes, source_kinds
from riverchief.standard.surface_water.kind_of_water import read_water
from riverchief.table import read_table
from riverchief_server.cli import language
from riverchief_server.cli.tables import add_output_arguments, add_sheet_arguments, read_input, stated_units, write_rows

COLUMNS = ("place", "time", "complies", "over", "multiples", "judged", "measured", "of", "missing", "edition")
VERDICTS = {True: "yes", False: "no", None: "unknown"}
TYPES = ("river", "lake", "ground")


class Judged(NamedTuple):
    """One sampling of one source."""

    place: str
    time: str
    verdict: Compliance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief source``."""
    parser.add_argument("file", metavar="FILE", help="CSV, CSV.GZ or XLSX, long or wide; - is standard input")
    parser.add_argument("--kind", choices=TYPES, required=True, help="where the water comes from")
    parser.add_argument("--level", choices=["county", "township"], default="county", help="whose source it is")
    parser.add_argument("--programme", choices=list(programmes()), help="what is due; default: the month's of the kind")
    parser.add_argument("--censored", default="half", help="below the detection limit: half (default), limit, refuse")
    parser.add_argument(
        "--background", action="append", default=[], metavar="ITEM=VALUE", help="a background value to take off"
    )
    parser.add_argument("--explain", action="store_true", help="add the evidence: a sentence, in JSON every item")
    add_sheet_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge the sheet and write the answer."""
    content, name = read_input(arguments.file)
    samples = read_samples(
        read_grid(content, name, sheet=arguments.sheet),
        stated_units(arguments.unit),
        leave_out=arguments.leave_out,
        now=dt.datetime.now(dt.UTC),
    )
    kind = kind_of_source(arguments.kind, arguments.level)
    _check_waters(samples, kind)
    backgrounds = _backgrounds(arguments.background)
    judged = [
        Judged(
            samples.places[n],
            samples.times[n],
            judge_source(
                samples.reported(n),
                kind,
                censored=arguments.censored,
                programme=arguments.programme,
                backgrounds=backgrounds,
            ),
        )
        for n in range(len(samples))
    ]
    for note in samples.notes:
        print(note.text(language()), file=sys.stderr)
    if arguments.format == "json":
        write_rows(_json_rows(judged, arguments.explain), COLUMNS, "json", arguments.output)
        return 0
    sentences = [one.verdict.explain(language()) for one in judged] if arguments.explain else None
    if arguments.format == "csv":
        rows = [_row(one) for one in judged]
        if sentences:
            rows = [{**row, "explanation": said} for row, said in zip(rows, sentences, strict=True)]
        write_rows(rows, (*COLUMNS, "explanation") if sentences else COLUMNS, "csv", arguments.output)
        return 0
    words = {row["column"]: row[language()] for row in read_table(__package__ or "", "source_words.csv")}
    shown = [_shown(one, words) for one in judged]
    write_rows(shown, COLUMNS, "table", arguments.output, sentences, [words[column] for column in COLUMNS])
    return 0


def _check_waters(samples: Samples, kind: str) -> None:
    """A row that says it is a lake is not judged as a river."""
    faults = []
    for n, said in enumerate(samples.waters):
        at = (samples.source, samples.lines[n], None)
        try:
            if read_water(said) == "lake" and source_kinds()[kind].water == "river":
                faults.append(Fault("lake_as_river", *at, {"given": said}))
        except BadInput as refused:
            faults.append(Fault(refused.faults[0].kind, *at, refused.faults[0].details))
    if faults:
        raise BadInput(faults)


def _backgrounds(given: Sequence[str]) -> dict[str, float]:
    found = {}
    for text in given:
        item, _, value = text.partition("=")
        try:
            found[find_parameter(item).code] = float(value)
        except ValueError:
            raise BadInput(
                [Fault("bad_number", "--background", details={"given": text, "allowed": "MN=0.05"})]
            ) from None
    return found


def _row(one: Judged) -> dict[str, Any]:
    """A row for machines."""
    return {
        "place": one.place,
        "time": one.time,
        "complies": VERDICTS[one.verdict.complies],
        "over": "+".join(e.item for e in one.verdict.over),
        "multiples": "+".join(
            f"{e.item}:{show_multiple(e.over_limit)}" for e in one.verdict.over if e.over_limit is not None
        ),
        "judged": len(one.verdict.evidence),
        "measured": one.verdict.measured,
        "of": one.verdict.expected,
        "missing": "+".join(one.verdict.missing),
        "edition": one.verdict.edition,
    }


def _shown(one: Judged, words: dict[str, str]) -> dict[str, Any]:
    """A row for people, in their language."""
    tongue = language()
    joint = "、" if tongue == "zh" else ", "

    def names(codes: Sequence[str]) -> str:
        return joint.join(find_parameter(code).name(tongue) for code in codes)

    return _row(one) | {
        "complies": words[VERDICTS[one.verdict.complies]],
        "over": names([e.item for e in one.verdict.over]),
        "multiples": joint.join(
            f"{find_parameter(e.item).name(tongue)}({show_multiple(e.over_limit)})"
            for e in one.verdict.over
            if e.over_limit is not None
        ),
        "missing": names(one.verdict.missing),
    }


def _json_rows(judged: Sequence[Judged], explain: bool) -> Iterator[dict[str, Any]]:
    for one in judged:
        verdict = one.verdict
        row: dict[str, Any] = {
            "place": one.place,
            "time": one.time,
            "complies": verdict.complies,
            "over": [
                {
                    "item": e.item,
                    "name": find_parameter(e.item).name(language()),
                    "value": e.value,
                    "limit": e.limit,
                    "multiple": None if e.over_limit is None else float(show_multiple(e.over_limit)),
                }
                for e in verdict.over
            ],
            "judged": len(verdict.evidence),
            "measured": verdict.measured,
            "of": verdict.expected,
            "missing": list(verdict.missing),
            "absent": list(verdict.absent),
            "excluded": [{"item": left.item, "reason": left.kind} for left in verdict.excluded],
            "edition": verdict.edition,
            "explanation": verdict.explain(language()),
        }
        if explain:
            row["verdict"] = verdict.as_dict()
        yield row
