"""
A spill, and who must be told when
==================================

600 kg fall into a brook within half an hour. Each intake and border downstream gets a time of arrival, a height and a
time of passage, each with the range that not knowing velocity, dispersion and decay exactly leaves open.
"""

import matplotlib.pyplot as plt
from drawing import SOFT, WARM, WATER, both, finish

from riverchief.place import Network, locate
from riverchief.spill import Spill, Watch, forecast_spill
from riverchief.transport import Physics

river = Network.build(
    ["brook", "upper", "middle", "lower"],
    ["middle", "middle", "lower", None],
    [6_000.0, 15_000.0, 18_000.0, 25_000.0],
)
flow = {"brook": 1.5, "upper": 6.0, "middle": 8.0, "lower": 9.5}
physics = Physics.of(
    river.length_m,
    velocity_m_s=[{"brook": 0.35}.get(reach, 0.5) for reach in river.ids],
    dispersion_m2_s=15.0,
    discharge_m3_s=[flow[reach] for reach in river.ids],
    decay_per_s=0.15 / 86_400,
    storage_ratio=0.15,
    exchange_per_s=2e-4,
)
places = [
    Watch("bridge", locate(river, "middle", 2_000.0), "section", "bridge", 1.0),
    Watch("intake", locate(river, "middle", 16_000.0), "intake", "waterworks", 1.0),
    Watch("border", locate(river, "lower", 25_000.0), "section", "border", 1.0),
]
spill = Spill(locate(river, "brook", 1_000.0), mass_kg=600.0, duration_s=1800.0)
forecast = forecast_spill(river, spill, places, physics)

# %%
# The curves without errors, and below them the 90 % ranges of arrival and peak.
figure, axes = plt.subplots(figsize=(10, 4.8))
for place, colour in zip(forecast.places, ("#7fb3d5", WATER, "#08306b"), strict=True):
    axes.fill_between(place.curve_s / 3600, place.curve_mg_l, color=colour, alpha=0.25, lw=0)
    axes.plot(place.curve_s / 3600, place.curve_mg_l, color=colour, lw=2)
    peak = place.peak_mg_l
    axes.errorbar(
        place.peak_s.median / 3600,
        peak.median,
        xerr=[[(place.peak_s.median - place.peak_s.p05) / 3600], [(place.peak_s.p95 - place.peak_s.median) / 3600]],
        yerr=[[peak.median - peak.p05], [peak.p95 - peak.median]],
        color=colour,
        capsize=3,
    )
    axes.annotate(
        f"{place.watch.name}, {place.distance_m / 1000:.0f} km",
        (place.peak_s.median / 3600, peak.p95),
        (4, 6),
        textcoords="offset points",
        color=colour,
        fontweight="bold",
    )
axes.axhline(1.0, color=WARM, lw=1)
axes.annotate(
    both("limit 1 mg/L", "限值"), (0.995, 1.0), (0, 3), ("axes fraction", "data"), "offset points", ha="right"
)
axes.axvspan(0, 0.5, color=SOFT, alpha=0.6, lw=0)
axes.set(xlabel="hours after the spill began", ylabel="mg/L", ylim=(0, 16), xlim=(0, 42))
axes.set_title(
    both(
        "A spill of 600 kg passes three places; bars: 90 % range of the peak",
        "600 kg 泄漏经过三处；横竖线为峰值的 90% 范围",
    )
)

intake = forecast.places[1]
finish(
    figure,
    __file__,
    f"The spill reaches the waterworks after {intake.arrival_s.p05 / 3600:.0f} to {intake.arrival_s.p95 / 3600:.0f} h, "
    f"peaks at {intake.peak_mg_l.median:.1f} mg/L ({intake.peak_mg_l.p05:.1f} to {intake.peak_mg_l.p95:.1f}) and "
    f"exceeds 1 mg/L there with a probability of {intake.probability_above:.0%}.",
)
