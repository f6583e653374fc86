"""How rows become edges: by the id of the next reach, by from- and to-nodes, or by where the lines touch.

Where several reaches leave one node the river divides: one branch is the tree's, the others are side branches, and each
reach that arrives there divides in the same shares.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from riverchief.place.identity import LARGEST_EXACT_FLOAT

ABSENT = {"", "nan", "null", "none", "na", "n/a"}
SAME_NODE_DEG = 1e-6  # 0.1 m: two line ends that near are one node
FRACTION_TOLERANCE = 1e-6
SEPARATORS = ";|"
WHOLE = re.compile(r"-?[0-9]+")
POINT_ZERO = re.compile(r"-?[0-9]+\.0*")
SHORTENED = re.compile(r"[0-9]\.?[0-9]*[eE]\+[0-9]{2,}")


@dataclass
class Edges:
    """``down[row]`` for each row, and the side branches. ``bad_shares`` are rows whose branches do not sum to 1;
    ``assumed`` counts divisions whose shares the file does not give."""

    down: list[Any]
    source: list[Any] = field(default_factory=list)
    target: list[Any] = field(default_factory=list)
    fraction: list[float] = field(default_factory=list)
    bad_shares: list[tuple[int, str]] = field(default_factory=list)
    assumed: int = 0

    def divide(self, source: Any, branches: Sequence[Any], shares: Sequence[float]) -> Any:
        """Send ``source`` into several branches; the largest share (the first of equals) is the tree's and returned."""
        main = max(range(len(branches)), key=lambda k: (shares[k], -k))
        for k, branch in enumerate(branches):
            if k != main:
                self.source.append(source)
                self.target.append(branch)
                self.fraction.append(shares[k])
        return branches[main]


def plain_id(cell: Any) -> Any:
    """A cell as an id: None where it is blank, an integer where it is written as one and stays exact, else text.

    A float from 2**53 up stays a float for ``Network.build`` to refuse.
    """
    if isinstance(cell, float):
        return None if cell != cell else int(cell) if _is_exact(cell) else cell
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell if -(2**63) <= cell < 2**63 else str(cell)
    text = "" if cell is None else str(cell).strip()
    if text.casefold() in ABSENT:
        return None
    if WHOLE.fullmatch(text):
        number = int(text)
        return number if str(number) == text and -(2**63) <= number < 2**63 else text
    if POINT_ZERO.fullmatch(text):  # a table whose whole numbers went through floats
        return int(float(text)) if _is_exact(float(text)) else float(text)
    return text


def is_worn(cell: Any) -> bool:
    """Whether a spreadsheet has shortened a long id to something like 1.50011E+13, whose last digits are gone."""
    return isinstance(cell, str) and SHORTENED.fullmatch(cell.strip()) is not None


def by_down(ids: Sequence[Any], cells: Sequence[Any], fractions: Sequence[Any] | None) -> Edges:
    """Edges from a column that names the next reach down; ``12;15`` names both branches of a division, main or not.

    ``fractions`` holds as many shares (``0.7;0.3``), or nothing where the file gives none.
    """
    edges = Edges([None] * len(ids))
    for row, cell in enumerate(cells):
        separator = next((mark for mark in SEPARATORS if isinstance(cell, str) and mark in cell), None)
        if separator is None:
            edges.down[row] = plain_id(cell)
            continue
        branches = [plain_id(part) for part in cell.split(separator)]
        branches = [branch for branch in dict.fromkeys(branches) if branch is not None]
        given = None if fractions is None else _shares(fractions[row], separator)
        _branch_off(edges, row, ids[row], branches, given)
    return edges


def by_nodes(
    ids: Sequence[Any],
    starts: Sequence[Any],
    ends: Sequence[Any],
    fractions: Sequence[float | None] | None = None,
    divergence: Sequence[Any] | None = None,
    area: NDArray[np.float64] | None = None,
) -> Edges:
    """Edges from the nodes each reach runs from and to.

    At a node that several reaches leave, ``fractions`` (each leaving reach's share of the node's flow) decides; else
    ``divergence`` (NHDPlus: 1 main, 2 minor; the minor path gets no share); else the branches share equally and the one
    with the largest ``area``, else the first row, is the tree's.
    """
    leaving: dict[Any, list[int]] = defaultdict(list)
    for row, node in enumerate(starts):
        leaving[node].append(row)
    edges = Edges([None] * len(ids))
    ways: dict[Any, tuple[list[Any], list[float]]] = {}
    for node, rows in leaving.items():
        if len(rows) > 1 and node is not None:
            ways[node] = _ways(rows, ids, fractions, divergence, area, edges)
    for row, node in enumerate(ends):
        rows = leaving.get(node, []) if node is not None else []
        if len(rows) == 1:
            edges.down[row] = ids[rows[0]]
        elif rows:
            edges.down[row] = edges.divide(ids[row], *ways[node])
    return edges


def by_lines(ids: Sequence[Any], lines: NDArray[Any], area: NDArray[np.float64] | None) -> Edges:
    """Edges from where lines touch: drawn with the water, each begins at the node where the lines above it end."""
    first, last = _line_ends(lines)
    places: dict[tuple[float, float], int] = {}

    def node(at: NDArray[np.float64]) -> int | None:
        if not np.isfinite(at).all():
            return None
        x, y = (np.round(at / SAME_NODE_DEG)).tolist()
        # a point near the border of its cell may have been met in the next cell: look there too
        near = next((places[x + i, y + j] for i in (0, -1, 1) for j in (0, -1, 1) if (x + i, y + j) in places), None)
        return places.setdefault((x, y), len(places)) if near is None else near

    return by_nodes(ids, [node(at) for at in first], [node(at) for at in last], area=area)


def node_ids(starts: Sequence[Any], ends: Sequence[Any]) -> list[Any]:
    """Ids for reaches that have none: the from-node where each is left by one reach, ``from-to`` where it is not."""
    count = Counter(starts)
    return [a if count[a] == 1 and a is not None else f"{a}-{b}" for a, b in zip(starts, ends, strict=True)]


def drawn_against(lines: NDArray[Any], down: NDArray[np.int64]) -> tuple[bool, NDArray[np.bool_]]:
    """Whether all lines are drawn upstream (as in MERIT-Basins), and which lines are then still against the rest.

    ``down`` holds rows, -1 at outlets. A line counts as drawn the wrong way where it meets its neighbours only
    backwards.
    """
    first, last = _line_ends(lines)
    rows = np.flatnonzero(down >= 0)
    below = down[rows]

    def touch(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
        near: NDArray[np.bool_] = np.abs(a[rows] - b[below]).max(axis=1) <= 2 * SAME_NODE_DEG
        return near

    end_start, start_end = touch(last, first), touch(first, last)
    all_backward = bool(np.count_nonzero(start_end & ~end_start) > np.count_nonzero(end_start & ~start_end))
    good, bad = np.zeros(lines.size, np.int64), np.zeros(lines.size, np.int64)
    if all_backward:
        first, last = last, first
        end_start, start_end = start_end, end_start
    np.add.at(good, rows[end_start], 1)
    np.add.at(good, below[end_start], 1)
    for where, turned in (
        (start_end & ~end_start, (rows, below)),
        (touch(first, first) & ~end_start, (rows,)),
        (touch(last, last) & ~end_start, (below,)),
    ):
        for side in turned:
            np.add.at(bad, side[where], 1)
    return all_backward, bad > good


def _branch_off(edges: Edges, row: int, reach: Any, branches: list[Any], given: list[float | None] | None) -> None:
    if len(branches) < 2:
        edges.down[row] = branches[0] if branches else None
        return
    if given is None or all(share is None for share in given):
        edges.assumed += 1
        edges.down[row] = edges.divide(reach, branches, [1 / len(branches)] * len(branches))
        return
    shares = [np.nan if share is None else share for share in given]
    if len(shares) != len(branches) or not abs(sum(shares) - 1) <= FRACTION_TOLERANCE or min(shares) < 0:
        edges.bad_shares.append((row, f"{reach} → {'、'.join(map(str, branches))}: Σ {sum(shares):g}"))
        shares = [1 / len(branches)] * len(branches)
    edges.down[row] = edges.divide(reach, branches, shares)


def _ways(
    rows: list[int],
    ids: Sequence[Any],
    fractions: Sequence[float | None] | None,
    divergence: Sequence[Any] | None,
    area: NDArray[np.float64] | None,
    edges: Edges,
) -> tuple[list[Any], list[float]]:
    """The reaches that leave one node, the main one first of equals, and their shares."""
    given = [None if fractions is None else fractions[row] for row in rows]
    if any(share is not None for share in given):
        shares = [np.nan if share is None else share for share in given]
        if not abs(sum(shares) - 1) <= FRACTION_TOLERANCE or min(shares) < 0:
            said = f"{'、'.join(str(ids[row]) for row in rows)}: Σ {sum(shares):g}"
            edges.bad_shares.append((rows[0], said))
            shares = [1 / len(rows)] * len(rows)
        return [ids[row] for row in rows], shares
    edges.assumed += 1
    if divergence is not None:
        minor = [str(divergence[row]).strip() in ("2", "2.0") for row in rows]
        if minor.count(False) == 1:
            return [ids[row] for row in rows], [0.0 if small else 1.0 for small in minor]
    if area is not None:
        rows = sorted(rows, key=lambda row: -np.nan_to_num(area[row]))
    return [ids[row] for row in rows], [1 / len(rows)] * len(rows)


def _shares(cell: Any, separator: str) -> list[float | None] | None:
    parts = [] if cell is None else str(cell).split(separator)
    try:
        return [float(part) for part in parts] or None
    except ValueError:
        return None if all(part.strip().casefold() in ABSENT for part in parts) else [None, np.nan]


def _line_ends(lines: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and last coordinate of each line, shape (n, 2); NaN where there is no line."""
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    return (
        np.column_stack([shapely.get_x(first), shapely.get_y(first)]),
        np.column_stack([shapely.get_x(last), shapely.get_y(last)]),
    )


def _is_exact(number: float) -> bool:
    return abs(number) < LARGEST_EXACT_FLOAT and number == int(number)
