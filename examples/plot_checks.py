"""
What a station sent, and what may be believed
=============================================

Two made-up days of a station with an hour of maintenance, a spike, a stuck probe and a silence. Nothing is deleted:
every value keeps a flag, and the name of the check that set it.
"""

from datetime import date

import matplotlib.pyplot as plt
import numpy as np
from drawing import INK, SOFT, WARM, WATER, both, finish

from riverchief.example.stations import CHINA, day, usual_faults
from riverchief.observation.checks import check_readings

readings = day("demo", date(2026, 6, 1), seed=3, days=2, faults=usual_faults(3))
checked = {one.series.parameter: one for one in check_readings(readings)}
shown = [code for code in ("DO", "EC", "NH3N", "TURB") if code in checked]
looks = {
    "good": (SOFT, "."),
    "unchecked": (SOFT, "."),
    "suspect": (WARM, "o"),
    "bad": ("#c0392b", "X"),
    "maintenance": (WATER, "s"),
    "missing": (INK, "|"),
}

# %%
# One panel a parameter; what a check objects to carries its name.
figure, panels = plt.subplots(len(shown), 1, figsize=(10, 1.75 * len(shown) + 0.6), sharex=True)
for axes, code in zip(panels, shown, strict=True):
    one = checked[code]
    midnight = min(reading.time for reading in one.series.readings).astimezone(CHINA)
    times_s = np.asarray(one.series.times_s, float)
    hours = (times_s - times_s[0]) / 3600
    flags, tests = np.array(one.flags), np.array(one.tests)
    values = np.asarray(one.series.values, float)
    for flag in dict.fromkeys(flags.tolist()):
        colour, mark = looks.get(flag, (INK, "o"))
        here = flags == flag
        axes.plot(hours[here], values[here], mark, color=colour, ms=3 if mark == "." else 5, label=flag, zorder=2)
    for test in dict.fromkeys(test for test in tests.tolist() if test):
        first = int(np.flatnonzero(tests == test)[0])
        axes.annotate(
            test, (hours[first], values[first]), (6, 6), textcoords="offset points", color="#c0392b", fontweight="bold"
        )
    axes.set(ylabel=code)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
panels[-1].set(xlabel=f"hours from {midnight:%Y-%m-%d %H:%M}", xlim=(0, 48))
panels[0].set_title(both("Two days of a station, every value with its flag", "某站两天的数据，每个值都有标记"))

objected = sum(count for one in checked.values() for (flag, test), count in one.counts().items() if test)
total = sum(len(one.flags) for one in checked.values())
named = sorted({test for one in checked.values() for test in one.tests if test})
finish(
    figure,
    __file__,
    f"Of {total:,} values {objected} met an objection ({', '.join(named)}); all {total:,} are still there.",
)
