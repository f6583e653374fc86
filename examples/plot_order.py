"""
A river is an order
===================

Reaches are numbered so that everything upstream of a reach is one contiguous run that ends at it. "Upstream of X" is
then a slice in memory and a ``BETWEEN`` in a database; no search, no recursion.
"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import SOFT, WARM, WATER, both, draw_tree, finish, tree

from riverchief.example.rivers import random_rivers
from riverchief.place import strahler_order

network = random_rivers(90, 11).network()
order = strahler_order(network)

# a tributary of middling size, and all that drains into it: one slice
reach = int(np.argmin(np.abs(network.size - 25)))
upstream = np.arange(network.n)[network.upstream(reach)]

# %%
# Left the river, right the array: the same reaches, in one piece.
figure, (river, array) = plt.subplots(1, 2, figsize=(10, 5), width_ratios=[3, 1])
inside = np.zeros(network.n, bool)
inside[upstream] = True
draw_tree(river, network, colors=np.where(inside, WARM, WATER), linewidths=0.8 + 1.1 * order)
across, up = tree(network)
for i in (0, reach, network.n - 1):
    river.annotate(str(i), (across[i], up[i]), (5, -2), textcoords="offset points", fontweight="bold")
river.set_title(both(f"Upstream of reach {reach}", f"{reach} 号河段以上"))

array.barh(np.arange(network.n), network.length_m / 1000, color=np.where(inside, WARM, SOFT), height=0.9)
array.axhspan(upstream[0] - 0.5, reach + 0.5, color=WARM, alpha=0.12, lw=0)
array.set(xlabel="length, km", ylabel="position in the order", ylim=(-1, network.n))
array.set_title(both("… is a slice", "是连续的一段"))

finish(
    figure,
    __file__,
    f"Upstream of reach {reach} are the positions {upstream[0]} to {reach}: {upstream.size} reaches, "
    f"{network.length_m[upstream].sum() / 1000:.0f} km of river, found without looking at one of them.",
)
