"""
A month by the law
==================

A made-up station measures every four hours for June. Each sample gets its class by GB 3838-2002 from its worst item,
and with it the item that decided: the class never travels without its reason.
"""

from collections import Counter
from datetime import UTC, date

import matplotlib.pyplot as plt
import numpy as np
from drawing import HAS_CHINESE, both, finish
from matplotlib.colors import ListedColormap

from riverchief.example.stations import CHINA, Spill, day
from riverchief.parameter import find_parameter
from riverchief.standard.classes import CLASSES, NOT_JUDGED
from riverchief.standard.surface_water.engine import grade_samples

readings = day(
    "demo",
    date(2026, 6, 1),
    seed=4,
    step_minutes=240,
    days=30,
    rain=2.0,
    spill=Spill(at_h=410.0, peak_mg_l=1.6, spread_h=14.0),
)
times = sorted({reading.time for reading in readings})
items = [code for code in ("DO", "CODMN", "NH3N", "TP") if any(reading.parameter == code for reading in readings)]
values = {code: np.full(len(times), np.nan) for code in (*items, "WT", "PH")}
place = {time: k for k, time in enumerate(times)}
for reading in readings:
    if reading.parameter in values:
        values[reading.parameter][place[reading.time]] = reading.value
grades = grade_samples(values)

# %%
# One row for each item and one for the whole; colours are the law's.
days = np.array([(time.astimezone(CHINA) - times[0].astimezone(CHINA)).total_seconds() / 86_400 + 1 for time in times])
rank = np.vstack([grades.item_rank[grades.items.index(code)] for code in items] + [grades.rank])
rows = [NOT_JUDGED, *CLASSES.values()]
colours = ListedColormap([one.colour for one in rows])
figure, (strips, curve) = plt.subplots(2, 1, figsize=(10, 5.4), sharex=True, height_ratios=[3, 2])
edges = np.append(days, days[-1] + 1 / 6)
mesh = strips.pcolormesh(edges, np.arange(rank.shape[0] + 1), rank, cmap=colours, vmin=-0.5, vmax=6.5)
names = [find_parameter(code).name_zh if HAS_CHINESE else code for code in items]
strips.set_yticks(np.arange(rank.shape[0]) + 0.5, [*names, both("class", "类别")])
strips.grid(False)
bar = figure.colorbar(mesh, ax=strips, ticks=range(7), pad=0.01)
bar.ax.set_yticklabels([one.numeral if HAS_CHINESE else one.code for one in rows])
strips.set_title(both("June, every four hours, by GB 3838-2002", "六月，每四小时，按 GB 3838-2002"))
curve.plot(days, values["NH3N"], color="#22303a", lw=1.5)
for rank_of_limit, limit in enumerate((0.15, 0.5, 1.0, 1.5, 2.0), start=1):
    curve.axhline(limit, color="#b8c4cc", lw=1)
    curve.annotate(rows[rank_of_limit].code, (1.0, limit), (3, -4), ("axes fraction", "data"), "offset points")
curve.set(xlabel="day of the month", ylabel="NH3-N, mg/L", ylim=(0, None), xlim=(1, 31))

bad = np.flatnonzero(grades.rank > 3)
why = Counter(item for sample in bad.tolist() for item in grades.limiting_items(sample))
worst = int(np.argmax(grades.rank))
finish(
    figure,
    __file__,
    f"{bad.size} of {len(times)} samples were worse than class III, {why.most_common(1)[0][1]} of them by "
    f"{why.most_common(1)[0][0]}; the worst, on {times[worst].astimezone(UTC):%d %B}, was class "
    f"{grades.classes[worst]}.",
)
