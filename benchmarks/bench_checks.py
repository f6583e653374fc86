"""Quality control: ours beside ioos_qc and saqc, how fast and how true.

What: (a) a million points of fifteen minutes with spikes, flat stretches and missing values through range, spike, rate,
stuck and gap; (b) the Logan River's eight labelled files (1.2 million values at six
stations) by the shipped thresholds.

Against whom: ioos_qc 3 (of the bench group) on the tests that are the same; saqc in a Python of its own where
RIVERCHIEF_SAQC_PYTHON names one (it is under the GPL and no dependency of ours).

How: CPU seconds, median of five after one to warm up, flags compared before timing. For (b) a value counts as bad where
the technicians removed it or gave it a qualifier; the tables go to docs/quality-control.md.
"""

import csv
import gzip
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from riverchief.observation.checks import check_series, gap, range_check, rate, spike, stuck, thresholds_for
from riverchief.observation.series import Series

warnings.filterwarnings("ignore")
from ioos_qc import qartod  # noqa: E402 - it warns at import

TITLE = "Quality control"
HERE = Path(__file__).parent
LOGAN = HERE.parents[1] / "shared" / "data" / "logan_river_qc"
REPORT = HERE.parent / "docs" / "quality-control.md"
MARK = ("<!-- measured: begin -->", "<!-- measured: end -->")
FILES = (
    *("TonyGrove2019", "WaterLab2019", "MainStreet2019", "Mendon2019", "BlackSmithFork2019"),
    *("FranklinBasin2014", "TonyGrove2014", "BlackSmithFork2015"),
)
#: The thresholds of the checks of slow faults were chosen on the upper river alone.
TUNED_ON = ("TonyGrove2019", "TonyGrove2014", "FranklinBasin2014", "WaterLab2019")
SLOW = ("ice", "restless", "step")
PARAMETERS = {"temp": "WT", "cond": "EC", "ph": "PH", "do": "DO", "turb": "TURB", "stage": "LEVEL"}
NEAR = 2  # an event counts as found where a flag stands in it or within so many values of it
POINTS = 1_000_000


def cpu_s(work: Callable[[], object], times: int = 5) -> float:
    """CPU seconds of ``work``: the median of ``times`` after one to warm up."""
    work()
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return float(np.median(taken))


def million() -> tuple[np.ndarray, np.ndarray]:
    """A million points with 500 spikes, 30 flat stretches and 1,000 missing values."""
    dice = np.random.default_rng(1)
    times_s = np.arange(POINTS) * 900.0
    values = 10 + 5 * np.sin(np.arange(POINTS) / 96 * 2 * np.pi) + dice.normal(0, 0.1, POINTS)
    values[dice.integers(0, POINTS, 500)] += 50
    for start in dice.integers(0, POINTS - 200, 30):
        values[start : start + 150] = values[start]
    values[dice.integers(0, POINTS, 1000)] = np.nan
    return times_s, values


def speed() -> str:
    """Table (a)."""
    times_s, values = million()
    moments = times_s.astype("datetime64[s]")
    six_h, day_s = 6 * 3600, 24 * 3600
    ours = {
        "range": lambda: range_check(values, hard=(0, 60), soft=(1, 40)).codes,
        "spike": lambda: spike(times_s, values, suspect=3, fail=8).codes,
        "rate": lambda: rate(times_s, values, suspect_per_h=8, fail_per_h=40).codes,
        "stuck": lambda: stuck(times_s, values, suspect_s=six_h, fail_s=day_s, is_trailing=True).codes,
        "gap": lambda: gap(times_s, max_gap_s=1800).codes,
    }
    theirs = {
        "range": lambda: qartod.gross_range_test(values, (0, 60), (1, 40)),
        "spike": lambda: qartod.spike_test(values, 3, 8),
        "rate": lambda: qartod.rate_of_change_test(values, moments, 8 / 3600, 40 / 3600),
        "stuck": lambda: qartod.flat_line_test(values, moments, six_h, day_s, tolerance=1e-12),
    }
    saqc = saqc_flags(times_s, values, 1.0, 40.0, 6.0)
    lines = ["| check | ours, ms | ioos_qc, ms | saqc, ms | flags equal to ioos_qc's |", "|---|---:|---:|---:|---:|"]
    total = [0.0, 0.0, 0.0]
    for name, work in ours.items():
        mine_s = cpu_s(work)
        total[0] += mine_s
        cells = [name, f"{mine_s * 1e3:.1f}", "–", "–", "–"]
        if name in theirs:
            theirs_s = cpu_s(theirs[name], 3)
            total[1] += theirs_s
            mine, other = work(), np.asarray(theirs[name]())
            both = (mine != 2) & (other != 2)
            cells[2], cells[4] = f"{theirs_s * 1e3:.0f}", f"{(mine[both] == other[both]).mean():.4%}"
        if f"{name}_s" in saqc:
            total[2] += float(saqc[f"{name}_s"])
            cells[3] = f"{float(saqc[f'{name}_s']) * 1e3:.0f}"
        lines.append("| " + " | ".join(cells) + " |")
    lines.append(f"| **together** | **{total[0] * 1e3:.0f}** | {total[1] * 1e3:.0f} | {total[2] * 1e3:.0f} | |")
    return (
        "A million points, one core, CPU time. ioos_qc counts samples by the median interval and leaves a spike beside "
        "a missing value and every flat stretch across one unjudged, which is where flags differ; ours takes "
        f"1/{total[1] / total[0]:.0f} of its time with one check more.\n\n" + "\n".join(lines)
    )


class Labelled(NamedTuple):
    """One parameter of one file: the raw series, and which values the technicians marked."""

    file: str
    parameter: str
    series: Series
    is_marked: np.ndarray


def labelled() -> Iterator[Labelled]:
    """The labelled series of the Logan River; stage in metres."""
    for file in FILES:
        with gzip.open(LOGAN / f"{file}.csv.gz", "rt", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        times_s = np.array([row["datetime"] for row in rows], "datetime64[s]").astype(float)
        for column, parameter in PARAMETERS.items():
            raw, corrected = (numbers(rows, name) for name in (column, f"{column}_cor"))
            has_qualifier = np.array([row[f"{column}_qual"] != "" for row in rows])
            is_marked = (np.isnan(corrected) | has_qualifier) & ~np.isnan(raw)
            values = raw / 100 if column == "stage" else raw
            flags = tuple("missing" if missing else "unchecked" for missing in np.isnan(raw))
            bounds = np.zeros(len(raw), bool)
            yield Labelled(file, parameter, Series(file, parameter, "", times_s, values, flags, bounds), is_marked)


def numbers(rows: list[dict[str, str]], name: str) -> np.ndarray:
    """A column as numbers, NaN where empty."""
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


class Count:
    """True and false alarms, values and events."""

    def __init__(self) -> None:
        self.values = self.marked = self.flagged = self.hits = self.events = self.found = 0

    def add(self, is_flagged: np.ndarray, is_marked: np.ndarray, is_present: np.ndarray) -> None:
        """Add one series."""
        is_flagged = is_flagged & is_present
        self.values += int(is_present.sum())
        self.marked += int(is_marked.sum())
        self.flagged += int(is_flagged.sum())
        self.hits += int((is_flagged & is_marked).sum())
        near = np.convolve(is_flagged, np.ones(2 * NEAR + 1), "same") > 0
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_marked.astype(int), [0]])))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            self.events += 1
            self.found += bool(near[begin:end].any())

    @property
    def cells(self) -> str:
        """Flagged, precision, recall, events found, false alarms per 10,000 values."""
        precision = f"{self.hits / self.flagged:.2f}" if self.flagged else "–"
        recall = f"{self.hits / self.marked:.3f}" if self.marked else "–"
        false = (self.flagged - self.hits) / max(1, self.values) * 1e4
        return f"{self.flagged:,} | {precision} | {recall} | {self.found}/{self.events} | {false:.1f}"


def truth() -> str:
    """Table (b)."""
    by_check: dict[tuple[str, str], Count] = defaultdict(Count)
    by_peer: dict[tuple[str, str], Count] = defaultdict(Count)
    everything = list(labelled())
    beside = {(each.file, each.parameter): each.series for each in everything}
    for each in everything:
        companions = {name: beside[(each.file, name)] for name in ("WT", "DO") if (each.file, name) in beside}
        checked = check_series(each.series, companions=companions)
        is_present = ~np.isnan(each.series.values)
        for outcome in checked.outcomes:
            if outcome.test not in ("sensor_state", "gap"):
                is_flagged = (outcome.codes == 3) | (outcome.codes == 4)
                by_check[(each.parameter, outcome.test)].add(is_flagged, each.is_marked, is_present)
        mine = (checked.merged.codes == 3) | (checked.merged.codes == 4)
        for peer, is_flagged in [("Riverchief", mine), *peers(each.series)]:
            by_peer[(each.parameter, peer)].add(is_flagged, each.is_marked, is_present)
    halves = {name: halves_of(everything, beside, is_tuned) for name, is_tuned in PARTS.items()}
    head = "flagged | precision | recall | events found | false alarms per 10,000 |\n"
    rule = "---:|---:|---:|---:|---:|\n"
    lines = ["### Each check\n\n| parameter | check | " + head + "|---|---|" + rule]
    lines += [f"| {parameter} | {test} | {count.cells} |\n" for (parameter, test), count in by_check.items()]
    lines += ["\n### All together, beside the peers\n\n| parameter | by | marked | " + head + "|---|---|---:|" + rule]
    for parameter in PARAMETERS.values():
        for (name, peer), count in by_peer.items():
            if name == parameter:
                lines.append(f"| {parameter} | {peer} | {count.marked:,} of {count.values:,} | {count.cells} |\n")
    lines += [
        "\n### Tuned on one part, reported on another\n\n| part | parameter | checks | " + head + "|---|---|---|" + rule
    ]
    for name, counts in halves.items():
        lines += [
            f"| {name} | {parameter} | {which} | {count.cells} |\n" for (parameter, which), count in counts.items()
        ]
    return "".join(lines)


PARTS = {"upper river (tuned on)": True, "lower river and tributary (held out)": False}


def halves_of(
    everything: list[Labelled], beside: dict[tuple[str, str], Series], is_tuned: bool
) -> dict[tuple[str, str], Count]:
    """Each parameter without and with the checks of slow faults, over the files that were tuned on or the others."""
    counts: dict[tuple[str, str], Count] = defaultdict(Count)
    for each in everything:
        if (each.file in TUNED_ON) != is_tuned:
            continue
        companions = {name: beside[(each.file, name)] for name in ("WT", "DO") if (each.file, name) in beside}
        outcomes = check_series(each.series, companions=companions).outcomes
        is_present = ~np.isnan(each.series.values)
        for which, left_out in (("without slow", SLOW), ("all", ())):
            is_flagged = np.zeros(len(is_present), bool)
            for outcome in outcomes:
                if outcome.test not in ("sensor_state", "gap", *left_out):
                    is_flagged |= (outcome.codes == 3) | (outcome.codes == 4)
            counts[(each.parameter, which)].add(is_flagged, each.is_marked, is_present)
    return dict(sorted(counts.items(), key=lambda item: list(PARAMETERS.values()).index(item[0][0])))


def peers(series: Series) -> Iterator[tuple[str, np.ndarray]]:
    """What the peers flag by the same thresholds; saqc finds outliers by its own score, which needs none."""
    limits = thresholds_for(series.parameter, interval_s=series.interval_s)
    values, moments = series.values, series.times_s.astype("datetime64[s]")
    low = -1e9 if limits.soft_low is None else limits.soft_low
    high = 1e9 if limits.soft_high is None else limits.soft_high
    span = (
        -1e9 if limits.hard_low is None else min(limits.hard_low, low),
        1e9 if limits.hard_high is None else limits.hard_high,
    )
    flags = [qartod.gross_range_test(values, span, (low, high))]
    if limits.spike_suspect:
        flags.append(qartod.spike_test(values, limits.spike_suspect, limits.spike_fail, method="differential"))
    if limits.rate_suspect_per_h and limits.rate_fail_per_h:
        per_s = limits.rate_suspect_per_h / 3600, limits.rate_fail_per_h / 3600
        flags.append(qartod.rate_of_change_test(values, moments, *per_s))
    hours = limits.stuck_suspect_h or 24.0
    stuck_s = int(hours * 3600), int((limits.stuck_fail_h or 72.0) * 3600)
    flags.append(qartod.flat_line_test(values, moments, *stuck_s, tolerance=1e-12))
    codes = np.array([np.asarray(each) for each in flags])
    yield "ioos_qc", ((codes == 3) | (codes == 4)).any(axis=0)
    saqc = saqc_flags(series.times_s, values, low, high, hours)
    if saqc:
        yield "saqc", saqc["range"] | saqc["stuck"] | saqc["spike"]


def saqc_flags(times_s: np.ndarray, values: np.ndarray, low: float, high: float, hours: float) -> dict[str, np.ndarray]:
    """What saqc says, from its own process; empty where there is none."""
    python = os.environ.get("RIVERCHIEF_SAQC_PYTHON")
    if not python:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.npz"), Path(folder, "out.npz")
        np.savez(source, times_s=times_s, values=values, low=low, high=high, hours=hours)
        subprocess.run([python, str(HERE / "saqc_process.py"), str(source), str(target)], check=True)
        return dict(np.load(target))


def run() -> str:
    """Table (a) as the report's section; table (b) into docs/quality-control.md."""
    if LOGAN.exists():
        text = REPORT.read_text(encoding="utf-8")
        before, after = text.split(MARK[0])[0], text.split(MARK[1])[1]
        measured = f"{MARK[0]}\n\n{truth()}\n{MARK[1]}"
        REPORT.write_text(before + measured + after, encoding="utf-8")
    else:
        print(f"SHARED DATA MISSING: {LOGAN} is not there; docs/quality-control.md is left as it is", file=sys.stderr)
    return speed() + "\n\nPrecision and recall on the Logan River: `docs/quality-control.md`."
