"""
How long from everywhere to the intake
======================================

One backward pass gives, for every reach upstream of an intake, the mean travel time to it, its spread and what survives
of a substance that decays. A map of risk for a whole basin costs nanoseconds a reach.
"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import SOFT, both, draw_tree, finish, tree

from riverchief.example.rivers import random_rivers
from riverchief.transport import Physics, backward_cumulants, reach_cumulants

network = random_rivers(400, 5).network()
flow = network.accumulate(np.full(network.n, 0.05))
physics = Physics.of(
    network.length_m,
    velocity_m_s=0.35 * (flow / flow.max()) ** 0.1,
    dispersion_m2_s=12.0,
    discharge_m3_s=flow,
    decay_per_s=0.3 / 86_400,
)
intake = network.n - 1 - int(np.argmax(network.size[::-1] < 0.75 * network.n))  # on the main stem
first, seen = backward_cumulants(network.down, network.size, reach_cumulants(physics), intake)

# %%
# Hours for the colour; thick where more than half of the substance is still there on arrival.
hours = np.full(network.n, np.nan)
hours[first : intake + 1] = seen.mean_s / 3600
left = np.zeros(network.n)
left[first : intake + 1] = np.exp(seen.log_survival)
figure, axes = plt.subplots(figsize=(10, 5.2))
drawn = draw_tree(axes, network, cmap="viridis_r", linewidths=np.where(left > 0.5, 3.0, 1.3))
drawn.set_array(hours)
drawn.cmap.set_bad(SOFT)
figure.colorbar(drawn, ax=axes, label=both("hours to the intake", "到取水口的小时数"), pad=0.01)
across, up = tree(network)
axes.plot(across[intake], up[intake], "v", color="#d95f02", ms=11, mec="white", clip_on=False, zorder=5)
axes.annotate("intake", (across[intake], up[intake]), (9, -4), textcoords="offset points", fontweight="bold")
axes.set_title(both("Travel time to the intake; thick: over half survives", "到取水口的时间；粗线：到达时仍剩一半以上"))

soon = np.nansum(network.length_m[hours <= 24]) / 1000
finish(
    figure,
    __file__,
    f"{intake - first + 1} reaches drain to the intake; {soon:.0f} km of river are less than a day away from it.",
)
