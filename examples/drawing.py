"""What the figures of the gallery have in common: a hand, colours, and where they go."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from riverchief.place import Network

WATER, DEEP, WARM, SOFT, INK = "#1f78b4", "#08306b", "#d95f02", "#b8c4cc", "#22303a"
_CHINESE = (
    "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "SimHei",
)  # fmt: skip
HAS_CHINESE = [name for name in _CHINESE if name in {font.name for font in font_manager.fontManager.ttflist}]

mpl.rcParams.update(
    {
        "font.family": [*HAS_CHINESE[:1], "DejaVu Sans"],
        "font.size": 10,
        "figure.dpi": 110,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": SOFT,
        "axes.labelcolor": INK,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "axes.unicode_minus": False,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.grid": True,
        "grid.color": "#e6ebee",
        "legend.frameon": False,
    }
)


def both(english: str, chinese: str) -> str:
    """A title in both languages, or in English alone where this machine has no Chinese font."""
    return f"{english}   {chinese}" if HAS_CHINESE else english


def finish(figure: Figure, file: str, sentence: str) -> Path:
    """Print the sentence; write the figure beside the others of this run, under the name of its example."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "riverchief-gallery"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{Path(file).stem.removeprefix('plot_')}.png"
    figure.savefig(target)
    plt.close(figure)
    print(sentence)
    print(target, file=sys.stderr)
    return target


def tree(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Across and up for the lower end of each reach, (n,) each: springs side by side, up is distance from the mouth
    [km]. A reach lies in the middle of the springs above it, so no two rivers cross."""
    across = np.empty(network.n)
    springs = np.zeros(network.n)
    total = np.zeros(network.n)
    count = 0
    for i in range(network.n):  # post-order: all that flow into a reach come before it
        if springs[i] == 0:
            springs[i], total[i], count = 1, count, count + 1
        across[i] = total[i] / springs[i]
        if network.down[i] >= 0:
            springs[network.down[i]] += springs[i]
            total[network.down[i]] += total[i]
    return across, network.distance_to_outlet_m / 1000


def draw_tree(axes, network: Network, **style) -> LineCollection:
    """The network as a tree: each reach goes down from its upper end, then over to the one it flows into."""
    across, up = tree(network)
    lines = []
    for i in range(network.n):
        top, below = up[i] + network.length_m[i] / 1000, network.down[i]
        over = [(across[below], up[i])] if below >= 0 else []
        lines.append([(across[i], top), (across[i], up[i]), *over])
    drawn = LineCollection(lines, capstyle="round", joinstyle="round", **style)
    axes.add_collection(drawn)
    axes.autoscale()
    axes.set(ylabel="km above the mouth", xticks=[])
    axes.grid(False, axis="x")
    axes.spines["bottom"].set_visible(False)
    return drawn
