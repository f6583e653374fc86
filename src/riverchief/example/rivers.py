"""Toy rivers whose answers can be worked out by hand, and random basins of any size from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.place.kernel import kernel
from riverchief.place.network import Network, ReachKind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rivers:
    """The columns of a network in file order, as a user would bring them; :meth:`network` numbers them.

    ``down_ids`` holds -1 at outlets; ``secondary`` is (from ids, to ids, fractions of the flow).
    """

    ids: Ints
    down_ids: Ints
    length_m: Floats
    kind: NDArray[np.int8]
    storage_m3: Floats
    secondary: tuple[Ints, Ints, Floats]

    def network(self) -> Network:
        """The checked and numbered network."""
        return Network.build(
            self.ids,
            self.down_ids,
            self.length_m,
            secondary=self.secondary if self.secondary[0].size else None,
            kind=self.kind if self.kind.any() else None,
            storage_m3=self.storage_m3,
        )


def toy_river() -> Network:
    """Two brooks meet, a third joins further down. Lengths [m] in brackets; the mouth is below 5.

    ::

        1 [1000] ─┐
                  ├─ 3 [3000] ─┐
        2 [2000] ─┘            ├─ 5 [5000] ─▶
                    4 [4000] ──┘

    Upstream of 5: everything; the way from 1's downstream end to 5's is 3000 + 5000 = 8000 m.
    """
    return Network.build([1, 2, 3, 4, 5], [3, 3, 5, 5, -1], [1000.0, 2000.0, 3000.0, 4000.0, 5000.0])


def island_river() -> Network:
    """A river that parts round an island and meets again; 30 % of the water takes the longer, northern branch.

    ::

                 ┌─ 3 [5000, 0.3] ─┐
        1 [1000] ┤                 ├─ 4 [4000] ─▶
                 └─ 2 [2000, 0.7] ─┘

    Upstream of 3 are 1 and 3; from 1's downstream end to 4's the short way is 2000 + 4000 = 6000 m.
    """
    return Network.build(
        [1, 2, 3, 4], [2, 4, 4, -1], [1000.0, 2000.0, 5000.0, 4000.0], secondary=([1], [3], np.array([0.3]))
    )


def random_rivers(
    n: int, seed: int, *, basins: int = 1, in_line: float = 0.2, lakes: float = 0.0, divisions: float = 0.0
) -> Rivers:
    """``n`` reaches in ``basins`` random basins, rows and ids shuffled.

    Each basin is a topologically random channel network (every binary tree equally likely; Shreve 1966, J. Geol.
    74:17), drawn by the cycle lemma, with a share of reaches that only continue another. The largest basin holds about
    half of the reaches of a forest. Lengths are lognormal about 2 km.

    Parameters
    ----------
    in_line
        Share of reaches with one tributary [-]: a border, a gauge or a lake cuts a reach in two.
    lakes
        Share of reaches that are lakes, with lognormal volumes about 1e6 m³.
    divisions
        Side branches per reach [-], from a random reach to any other that does not make the water run in a circle.
    """
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.choice(np.arange(1, max(n // 2, basins)), basins - 1, replace=False))
    sizes = np.diff(np.concatenate([[0], cuts, [n]])).astype(int)
    parts, start = [], 0
    for size in sizes.tolist():
        tree = _random_basin(size, rng, in_line)
        parts.append(np.where(tree >= 0, tree + start, -1))
        start += size
    down = np.concatenate(parts)
    source, target, fraction = _random_divisions(down, round(divisions * n), rng)
    ids = rng.permutation(n).astype(np.int64)
    down_ids = np.where(down >= 0, ids[down], -1)
    kind = np.where(rng.random(n) < lakes, ReachKind.LAKE, ReachKind.RIVER).astype(np.int8)
    rows = rng.permutation(n)
    return Rivers(
        ids=ids[rows],
        down_ids=down_ids[rows],
        length_m=2000.0 * np.exp(0.6 * rng.standard_normal(n)),
        kind=kind,
        storage_m3=np.where(kind > 0, 1e6 * np.exp(rng.standard_normal(n)), np.nan),
        secondary=(ids[source], ids[target], fraction),
    )


def _random_basin(n: int, rng: np.random.Generator, in_line: float) -> Ints:
    """Downstream row of each reach of one random tree in preorder, -1 at the outlet (row 0)."""
    singles = round(in_line * n)
    if (n - singles) % 2 == 0:  # a tree of forks and heads alone has an odd number of reaches
        singles += 1
    forks = (n - singles - 1) // 2
    if forks < 0 or forks * 2 + 1 + singles != n:
        return np.arange(-1, n - 1, dtype=np.int64)
    word = np.concatenate([np.zeros(forks + 1, np.int64), np.ones(singles, np.int64), np.full(forks, 2, np.int64)])
    rng.shuffle(word)
    height = np.cumsum(word - 1)  # ends at -1: exactly one rotation is the preorder word of a tree
    turn = int(np.argmin(height)) + 1
    return _tree_of_word(np.concatenate([word[turn:], word[:turn]]))


@kernel
def _tree_of_word(word: Ints) -> Ints:
    """Downstream rows from the number of tributaries of each reach in preorder."""
    n = word.size
    down = np.full(n, -1, np.int64)
    open_rows = np.empty(n + 1, np.int64)
    missing = np.empty(n + 1, np.int64)
    top = -1
    for i in range(n):
        if top >= 0:
            down[i] = open_rows[top]
            missing[top] -= 1
            if missing[top] == 0:
                top -= 1
        if word[i] > 0:
            top += 1
            open_rows[top] = i
            missing[top] = word[i]
    return down


def _random_divisions(down: Ints, wanted: int, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Side branches along a random topological order, so that none closes a circle; 5–45 % of the flow in sum per
    source."""
    n = down.size
    if wanted == 0 or n < 3:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    # in preorder every reach comes after the one it flows into; shift basins and brothers by a random amount a level
    rank = np.zeros(n)
    for i in range(n):
        rank[i] = (rank[down[i]] if down[i] >= 0 else 0.0) - rng.random()
    pairs: dict[tuple[int, int], None] = {}
    for _ in range(20 * wanted):
        a, b = rng.integers(0, n, 2).tolist()
        if rank[a] > rank[b]:
            a, b = b, a
        if a != b and down[a] != b and down[a] >= 0:
            pairs[(a, b)] = None
        if len(pairs) == wanted:
            break
    source = np.array([a for a, _ in pairs], np.int64)
    target = np.array([b for _, b in pairs], np.int64)
    share = rng.uniform(0.05, 0.45, n)
    return source, target, share[source] / np.bincount(source, minlength=n)[source]
