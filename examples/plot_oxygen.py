"""
Oxygen below a town, in winter and in summer
============================================

Treated sewage brings organic matter and ammonium; bacteria eat both and breathe the river's oxygen, the air gives it
back. Warm water holds less, and everything goes faster: the sag is deeper, and nearer to the town.
"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import SOFT, WARM, WATER, both, finish

from riverchief.place import Network, locate
from riverchief.transport import Flow, Kinetics, Physics, Release, Surroundings, simulate
from riverchief.transport.oxygen import oxygen_saturation

DAY = 86_400.0
length = np.r_[10_000.0, np.full(30, 2_000.0)]  # ten kilometres above the town, sixty below
river = Network.build(list(range(31)), [*range(1, 31), -1], length)
physics = Physics.of(river.length_m, velocity_m_s=0.4, dispersion_m2_s=20.0, discharge_m3_s=6.0)
kinetics = Kinetics.of(["DO", "CBODF", "NH4", "NO3"], {"cbodf_oxidation": 0.4, "nitrification": 0.35})
places = [locate(river, reach, 1_000.0) for reach in range(31)]
km = np.r_[-9.0, np.arange(30) * 2.0 + 1.0]


def steady(temperature_c: float) -> np.ndarray:
    """Oxygen along the river [mg/L] after six days of the same."""
    fresh = [0.95 * float(oxygen_saturation(temperature_c)), 2.0, 0.1, 1.0]
    town = locate(river, 1, 0.0)
    found = simulate(
        river,
        physics,
        6 * DAY,
        places,
        kinetics=kinetics,
        surroundings=Surroundings(temperature_c=temperature_c, depth_m=1.6),
        flow=Flow.steady(river, physics.discharge_m3_s),
        # 90 g/s of oxygen demand and 9 g/s of ammonium nitrogen
        releases=[
            Release(town, "CBODF", 90.0 * 6 * DAY, 0.0, 6 * DAY),
            Release(town, "NH4", 9.0 * 6 * DAY, 0.0, 6 * DAY),
        ],
        inflow_mg_l=fresh,
        initial_mg_l=fresh,
        report_every_s=DAY,
    )
    assert np.abs(found.balance.error).max() < 1e-12
    return found.mg_l[-1, :, 0]


curves = {temperature: steady(temperature) for temperature in (8.0, 26.0)}

# %%
# The law's limits for classes II to V as levels behind.
figure, axes = plt.subplots(figsize=(10, 4.6))
for level, name in zip((6.0, 5.0, 3.0, 2.0), ("II", "III", "IV", "V"), strict=True):
    axes.axhline(level, color=SOFT, lw=1)
    axes.annotate(
        f"class {name}", (1.0, level), (-4, 3), ("axes fraction", "data"), "offset points", ha="right", color="#7d8a92"
    )
for temperature, colour in ((8.0, WATER), (26.0, WARM)):
    curve = curves[temperature]
    axes.plot(km, curve, color=colour, lw=2.2)
    axes.axhline(float(oxygen_saturation(temperature)), color=colour, lw=1, ls=":")
    worst = int(np.argmin(curve))
    axes.plot(km[worst], curve[worst], "o", color=colour)
    axes.annotate(
        f"{temperature:.0f} °C: {curve[worst]:.1f} mg/L",
        (km[worst], curve[worst]),
        (0, -16),
        textcoords="offset points",
        ha="right" if km[worst] > 50 else "left",
        color=colour,
        fontweight="bold",
    )
axes.axvline(0, color="#22303a", lw=1)
axes.annotate(both("town", "城镇"), (0, 0.3), (4, 0), textcoords="offset points")
axes.set(xlabel="km below the outfall", ylabel="oxygen, mg/L", ylim=(0, 13), xlim=(-9, 60))
axes.set_title(both("Oxygen below an outfall; dotted: what the water could hold", "排口以下的溶解氧；虚线为饱和值"))

cold, warm = curves[8.0].min(), curves[26.0].min()
finish(
    figure,
    __file__,
    f"The same load takes the oxygen to {cold:.1f} mg/L at 8 °C and to {warm:.1f} mg/L at 26 °C, "
    f"{km[np.argmin(curves[26.0])]:.0f} km below the town instead of {km[np.argmin(curves[8.0])]:.0f}.",
)
