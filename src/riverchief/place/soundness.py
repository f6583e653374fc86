"""What can be wrong with a network, and all of it at once.

Each check looks at the whole input and adds its faults; only a network with none is handed on. The remedies stand in
``docs/guide/network.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, Fault
from riverchief.place.branches import Branches, find_cycles
from riverchief.place.identity import IdMap, Ids, read_ids
from riverchief.place.order import Drained, drain

SideBranches = tuple[Sequence[Any] | NDArray[Any], Sequence[Any] | NDArray[Any], ArrayLike]

OUTLET_MARKS = (0, -1)
AREA_TOLERANCE = 1e-3  # areas are printed rounded; a fall of less than this share is no fall
FRACTION_TOLERANCE = 1e-9
SHOWN_IDS = 20


@dataclass(frozen=True)
class Origin:
    """Where rows were read: file, line of each row, and what the file calls our columns."""

    source: str | None = None
    lines: NDArray[np.int64] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def fault(self, kind: str, row: int | None, column: str | None, **details: str) -> Fault:
        """A fault of one row and our column ``column``, at its place in the file."""
        line = None if row is None else row + 1 if self.lines is None else int(self.lines[row])
        named = None if column is None else self.columns.get(column, column)
        return Fault(kind, self.source, line, named, details)


@dataclass(frozen=True)
class Sound:
    """The input as arrays, free of faults; rows are those of the input."""

    ids: Ids
    down: NDArray[np.int32]
    length_m: NDArray[np.float64]
    branches: Branches
    drained: Drained
    kind: NDArray[np.int8] | None
    storage_m3: NDArray[np.float64] | None
    idmap: IdMap


def check(
    ids: Sequence[Any] | NDArray[Any],
    down_ids: Sequence[Any] | NDArray[Any],
    length_m: ArrayLike,
    secondary: SideBranches | None,
    kind: ArrayLike | None,
    storage_m3: ArrayLike | None,
    grows_downstream: ArrayLike | None,
    origin: Origin,
) -> Sound:
    """The input as arrays, or ``BadInput`` with every fault of it. Parameters as of ``Network.build``."""
    faults: list[Fault] = []
    length = np.atleast_1d(np.asarray(length_m, np.float64))
    known, blank, inexact = read_ids(ids)
    given, ends, inexact_down = read_ids(down_ids)
    if known.size == 0:
        raise BadInput([origin.fault("empty_file", None, None, allowed="id, down, length")])
    others = [np.size(column) for column in (kind, storage_m3, grows_downstream) if column is not None]
    if {given.size, length.size, *others} != {known.size}:
        sizes = ", ".join(map(str, [known.size, given.size, length.size, *others]))
        raise BadInput([origin.fault("uneven_columns", None, None, given=sizes)])
    faults += _id_faults(np.asarray(ids), blank, inexact, "id", origin)
    faults += _id_faults(np.asarray(down_ids), None, inexact_down, "down", origin)

    known, given = _same_type(known, given, blank, ends)
    idmap = IdMap(known)
    usable = ~blank
    usable[inexact] = False
    for row, first in idmap.duplicates():
        if usable[row]:
            at = origin.fault("duplicate", first, None).place or str(first + 1)
            faults.append(origin.fault("duplicate", row, "id", given=str(known[row]), allowed=at))
    down = idmap.rows_of(given)
    down[ends] = -1
    lost = np.flatnonzero((down < 0) & ~ends)
    lost = lost[~np.isin(given[lost], _marks(given))]
    for row in np.setdiff1d(lost, inexact_down).tolist():
        faults.append(origin.fault("dangling_down", row, "down", given=str(given[row]), allowed=str(known[row])))

    for row in np.flatnonzero(~((length > 0) & (length < np.inf))).tolist():
        faults.append(origin.fault("bad_length", row, "length", given=f"{length[row]:g}", allowed=str(known[row])))
    branches = _branches(secondary, known, idmap, down, faults, origin)
    drained = drain(down)
    for cycle in find_cycles(down, branches) if drained.placed < down.size or len(branches) else []:
        shown = [str(known[row]) for row in cycle[:SHOWN_IDS]]
        ring = " → ".join([*shown, "…" if len(cycle) > SHOWN_IDS else shown[0]])
        faults.append(origin.fault("network_cycle", cycle[0], "down", given=ring, allowed=str(len(cycle))))
    faults += _direction_faults(grows_downstream, down, known, origin)
    kinds, volumes = _storage(kind, storage_m3, known, faults, origin)
    if faults:
        raise BadInput(sorted(faults, key=lambda fault: fault.line or 0))
    return Sound(known, down, length, branches, drained, kinds, volumes, idmap)


def _id_faults(
    given: NDArray[Any], blank: NDArray[np.bool_] | None, inexact: NDArray[np.intp], column: str, origin: Origin
) -> list[Fault]:
    faults = [origin.fault("inexact_id", row, column, given=repr(given.tolist()[row])) for row in inexact.tolist()]
    if blank is not None:
        faults += [
            origin.fault("missing_value", row, column, given=origin.columns.get(column, column), allowed="id")
            for row in np.flatnonzero(blank).tolist()
        ]
    return faults


def _same_type(known: Ids, given: Ids, *absent: NDArray[np.bool_]) -> tuple[Ids, Ids]:
    if known.dtype.kind == given.dtype.kind:
        return known, given
    if all(mark.all() for mark, ids in zip(absent, (known, given), strict=True) if ids.dtype.kind == "U"):
        return np.zeros(known.size, np.int64) if known.dtype.kind == "U" else known, np.zeros(given.size, np.int64)
    return known.astype(np.str_), given.astype(np.str_)


def _marks(given: Ids) -> NDArray[Any]:
    marks = np.array(OUTLET_MARKS, np.int64)
    return marks.astype(np.str_) if given.dtype.kind == "U" else marks


def _branches(
    secondary: SideBranches | None,
    known: Ids,
    idmap: IdMap,
    down: NDArray[np.int32],
    faults: list[Fault],
    origin: Origin,
) -> Branches:
    """Side branches in rows; those with faults are left out, so that what follows still can be checked."""
    if secondary is None:
        return Branches(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    sources, targets = (np.asarray(side).tolist() for side in secondary[:2])
    fraction = np.array(secondary[2], np.float64, ndmin=1)
    if not len(sources) == len(targets) == fraction.size:
        lengths = f"{len(sources)}, {len(targets)}, {fraction.size}"
        raise BadInput([origin.fault("uneven_columns", None, None, given=lengths)])
    from_row = np.array([idmap.row_of(reach) for reach in sources], np.int32)
    to_row = np.array([idmap.row_of(reach) for reach in targets], np.int32)
    for side, rows in ((sources, from_row), (targets, to_row)):
        for k in np.flatnonzero(rows < 0).tolist():
            faults.append(origin.fault("dangling_down", None, "down", given=str(side[k]), allowed=str(sources[k])))
    good = (from_row >= 0) & (to_row >= 0)
    from_row, to_row, fraction = from_row[good], to_row[good], fraction[good]
    share = np.zeros(known.size)
    np.add.at(share, from_row, np.where(np.isfinite(fraction), fraction, 0))
    outside = ~((fraction >= 0) & (fraction < 1)) | (share[from_row] >= 1 - FRACTION_TOLERANCE)
    twice = down[from_row] == to_row
    seen: set[tuple[int, int]] = set()
    for k, pair in enumerate(zip(from_row.tolist(), to_row.tolist(), strict=True)):
        if outside[k]:
            text = f"{known[pair[0]]} → {known[pair[1]]}: {fraction[k]:g} (Σ {share[pair[0]]:g})"
            faults.append(origin.fault("bad_fraction", pair[0], "fraction", given=text))
        if twice[k] or pair in seen:
            text = f"{known[pair[0]]} → {known[pair[1]]}"
            faults.append(origin.fault("duplicate", pair[0], "down", given=text, allowed=str(known[pair[0]])))
        seen.add(pair)
    return Branches(from_row, to_row, fraction)


def _direction_faults(
    grows_downstream: ArrayLike | None, down: NDArray[np.int32], known: Ids, origin: Origin
) -> list[Fault]:
    if grows_downstream is None:
        return []
    value = np.array(grows_downstream, np.float64, ndmin=1)
    below = np.where(down >= 0, value[down], np.nan)
    return [
        origin.fault(
            "wrong_direction", row, "down", given=f"{known[row]} ({value[row]:g}) → {known[down[row]]} ({below[row]:g})"
        )
        for row in np.flatnonzero(below < value * (1 - AREA_TOLERANCE)).tolist()
    ]


def _storage(
    kind: ArrayLike | None, storage_m3: ArrayLike | None, known: Ids, faults: list[Fault], origin: Origin
) -> tuple[NDArray[np.int8] | None, NDArray[np.float64] | None]:
    if kind is None:
        return None, None
    kinds = np.array(kind, np.int8, ndmin=1)
    volumes = np.full(known.size, np.nan) if storage_m3 is None else np.array(storage_m3, np.float64, ndmin=1)
    stores = kinds != 0
    for row in np.flatnonzero((kinds < 0) | (kinds > 2)).tolist():
        faults.append(origin.fault("not_one_of", row, "kind", given=str(kinds[row]), allowed="0, 1, 2"))
    for row in np.flatnonzero(stores & ~(np.isfinite(volumes) & (volumes > 0))).tolist():
        faults.append(origin.fault("bad_storage", row, "storage", given=f"{volumes[row]:g}", allowed=str(known[row])))
    volumes[~stores] = np.nan
    return kinds, volumes
