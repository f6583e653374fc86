"""
Which outfall was it, and where to sample next
==============================================

Three stations saw a pulse, or did not. Four outfalls could have done it; the answer is a probability for each, with the
time and the mass, and the place where the next sample would settle most of the rest.
"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import SOFT, WARM, WATER, both, finish

from riverchief.example.rivers import toy_river
from riverchief.place import locate
from riverchief.tracing import Assumptions, Candidate, StationSamples, next_samples, trace
from riverchief.transport import Physics, responses, way_from

river = toy_river()
water = Physics.of(river.length_m, velocity_m_s=0.4, dispersion_m2_s=30.0, discharge_m3_s=2.0)
suspects = [
    Candidate.of("tannery", locate(river, 1, 150.0), kind="industrial", parameter="NH3N"),
    Candidate.of("farm", locate(river, 2, 900.0), kind="livestock", parameter="NH3N"),
    Candidate.of("village", locate(river, 3, 300.0), kind="domestic", parameter="NH3N"),
    Candidate.of("works", locate(river, 4, 500.0), kind="sewage_works", parameter="NH3N"),
]
stations = {"bridge": locate(river, 3, 2_500.0), "border": locate(river, 5, 4_800.0), "east": locate(river, 4, 3_900.0)}

# %%
# The truth: the farm lets 60 kg go from 03:00 to 11:00; at 09:00, while it still flows, the office asks.
hours = np.arange(-12.0, 9.5, 1.0)
rng = np.random.default_rng(4)
way = way_from(river.down, river.index_of(2))
samples = []
for name, place in stations.items():
    at = way.position(river.index_of(place.reach))
    added = np.zeros(hours.size)
    if at >= 0:
        share = place.chainage_m / river.length_m[river.index_of(place.reach)]
        [response] = responses(way, water, [at], [share], source_share=900.0 / 2000.0, duration_s=8 * 3600.0)
        added = 60e3 * response.at(3600 * (hours - 3.0)) / 2.0
    values = (0.2 + added) * np.exp(rng.normal(0.0, 0.05, hours.size))
    samples.append(StationSamples.of(name, place, list(3600.0 * hours), values))

found = trace(river, water, suspects, samples, assumptions=Assumptions(noise=0.05))
sites = stations | {"farm brook": locate(river, 2, 1_900.0), "tannery brook": locate(river, 1, 900.0)}
advice = next_samples(found, sites, [1.0])

# %%
# The ranking, and the curves with their band over what was measured.
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(2, 3), layout="constrained")
names = [one.id for one in found.candidates][::-1]
left.barh(
    names,
    [one.probability for one in found.candidates][::-1],
    color=[WARM if n in found.set90 else SOFT for n in names],
)
left.set(xlim=(0, 1), xlabel="probability", axisbelow=True)
left.set_title(both("Who it was", "可能的来源"))
for fit, one, colour in zip(found.stations, samples, (WATER, "#7fb3d5", "#08306b"), strict=True):
    time = fit.time_s / 3600
    right.fill_between(time, fit.p05_mg_l, fit.p95_mg_l, color=colour, alpha=0.25, lw=0)
    right.plot(time, fit.median_mg_l, color=colour, label=fit.station)
    right.plot(one.time_s / 3600, one.value_mg_l, "o", color=colour, mfc="white", ms=5)
right.set(xlabel="hour of the day", ylabel="mg/L")
right.legend(frameon=False)
right.set_title(both("Measured (points) and explained (band: 90 %)", "实测与推算（阴影为 90%）"))

best = found.candidates[0]
finish(
    figure,
    __file__,
    f"It was the {best.id} with a probability of {best.probability:.0%}: {best.mass_kg.median:.0f} kg "
    f"({best.mass_kg.p05:.0f} to {best.mass_kg.p95:.0f}) from {best.time_s.median / 3600:.1f} h on; one sample at the "
    f"{advice[0].site} within an hour would settle {advice[0].share:.0%} of the rest.",
)
