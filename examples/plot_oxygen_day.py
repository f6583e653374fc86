"""
A shallow creek through a day
=============================

Plants on the bed make oxygen as long as there is light, and breathe all day long; water that the sun warms holds less.
What a station reads at noon is not what fish have at night: why a creek is judged by more than one sample a day.
"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import DEEP, SOFT, WARM, WATER, both, finish

from riverchief.place import Network, locate
from riverchief.transport import Flow, Kinetics, Physics, Surroundings, simulate
from riverchief.transport.oxygen import oxygen_saturation
from riverchief.transport.plants import light_share, standing_crop

HOUR, DAY = 3600.0, 86_400.0
hour = np.arange(48) / 2 + 0.25
light = 280.0 * np.maximum(np.sin(np.pi * (hour - 6) / 13), 0.0)[:, None]  # W/m², up at six, down at seven
light[(hour < 6) | (hour > 19)] = 0.0
temperature = 18.0 + 4.0 * np.cos(2 * np.pi * (hour - 16.5) / 24)[:, None]
DEPTH, EXTINCTION, HALF_LIGHT = 0.35, 0.8, 24.0

length = np.full(10, 2_000.0)
creek = Network.build(list(range(10)), [*range(1, 10), -1], length)
physics = Physics.of(creek.length_m, velocity_m_s=0.1, dispersion_m2_s=5.0, discharge_m3_s=0.8)
kinetics = Kinetics.of(
    ["DO", "CBODF"],
    {"photosynthesis": 30.0, "plant_respiration": 0.35, "cbodf_oxidation": 0.3, "sediment_demand": 1.0},
    light={"photosynthesis": HALF_LIGHT},
)

# %%
# As many plants as such days keep alive: 28 g/m² a day in full light, of which half is breathed, grazed or dies a day.
growth = 28.0 * 1.07 ** (temperature - 20) * light_share(light * np.exp(-EXTINCTION * DEPTH), HALF_LIGHT)
crop = standing_crop(np.full(48, HOUR / 2), growth, 0.5 * 1.07 ** (temperature - 20))
days = {
    both("with plants", "有底生植物"): (crop, WATER),
    both("bare bed", "无植物"): (0.0 * crop, WARM),
}
fresh = [8.0, 4.0]
figure, (sky, axes) = plt.subplots(2, 1, figsize=(10, 5.6), sharex=True, height_ratios=[1, 2.4])
lows = {}
for name, (plants, colour) in days.items():
    found = simulate(
        creek,
        physics,
        4 * DAY,
        [locate(creek, 9, 1_000.0)],
        kinetics=kinetics if plants.any() else Kinetics.of(["DO", "CBODF"], kinetics.rates | {"photosynthesis": 0.0}),
        surroundings=Surroundings(
            temperature_c=temperature,
            depth_m=DEPTH,
            light_w_m2=light,
            extinction_per_m=EXTINCTION,
            plants_g_m2=plants,
            time_s=HOUR / 2 * np.arange(48),
            period_s=DAY,
        ),
        flow=Flow.steady(creek, physics.discharge_m3_s),
        inflow_mg_l=fresh,
        initial_mg_l=fresh,
        report_every_s=HOUR / 2,
    )
    assert np.abs(found.balance.error).max() < 1e-12
    last = found.mg_l[-49:, 0, 0]
    lows[name] = (last.min(), last.max(), float(np.argmin(last)) / 2)
    axes.plot(np.arange(49) / 2, last, color=colour, lw=2.2)
    axes.annotate(name, (14.0, last[28]), (0, 10), textcoords="offset points", color=colour, fontweight="bold")

# %%
# Above: light and temperature. Dotted below: what the water could hold.
sky.fill_between(hour, light[:, 0], color="#f2c14e", alpha=0.5, lw=0)
sky.set(ylabel="light, W/m²")
warm = sky.twinx()
warm.plot(hour, temperature[:, 0], color=WARM, lw=1.6)
warm.set(ylabel="water, °C")
warm.grid(visible=False)
axes.plot(hour, oxygen_saturation(temperature[:, 0]), color=DEEP, lw=1, ls=":")
axes.axhline(5.0, color=SOFT, lw=1)
axes.annotate("class III", (0.2, 5.0), (0, 3), textcoords="offset points", color="#7d8a92")
axes.set(xlabel="hour of the day", ylabel="oxygen, mg/L", xlim=(0, 24), ylim=(0, 17), xticks=range(0, 25, 3))
sky.set_title(both("Oxygen of a shallow creek through a day", "浅水小河一天的溶解氧"))

low, high, when = lows[next(iter(lows))]
bare = lows[list(lows)[1]]
finish(
    figure,
    __file__,
    f"With plants the creek swings between {low:.1f} mg/L at {when:.0f} h and {high:.1f} mg/L in one day; "
    f"without them it stays between {bare[0]:.1f} and {bare[1]:.1f} mg/L.",
)
