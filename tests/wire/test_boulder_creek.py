"""Oxygen in Boulder Creek, Colorado, on 21 August 1987, as QUAL2Kw 5.1 computes it from its published inputs.

The inputs are those of the file that comes with the program (BC_1987-08-21.q2k, MIT): channel, inflows, reaeration,
rates. Three things QUAL2Kw works out that we do not: the water's temperature from the weather, what bottom algae and
detritus give and take, and what the sediment gives and takes (its diagenesis). A run of QUAL2Kw printed their daily
means for each segment, which are written here as inputs; ours is everything that flows and reacts. QUAL2Kw makes each
segment one mixed tank (upwind, Δx 425 and 850 m), so here each is one too.

It goes round the day in steps of eleven minutes; temperature and light of ours do not change with the hour, so we are
held against its daily means. A mean of products is not the product of means: in the cold hours there is more ammonium
and less reaeration, and where the creek is shallow it swings by 8 °C and 7 mg/L. That is what is left, up to 0.17 mg/L.
"""

import numpy as np
import pytest

from riverchief.place import Network, locate
from riverchief.transport import Flow, Kinetics, Physics, Surroundings, plan_grid, simulate
from riverchief.transport.kinetics import Reaction

DAY = 86_400.0
SPECIES = ("DO", "CBODS", "CBODF", "ORGN", "NH4")

# One row for each segment: its lower end [km from the mouth]; discharge [m³/s], depth [m], reaeration at 20 °C [1/d],
# elevation [m], mean temperature [°C]; what bed and plants bring [g/m²/d] of oxygen, slow and fast CBOD, organic and
# ammonium nitrogen; the oxygen that CBOD and ammonium took; then QUAL2Kw's answers [mg/L]: the five, daily means.
SEGMENTS = np.array(
    [
        line.split()
        for line in """\
13.175 1.4791 0.3265 11.83 1675 17.72 4.234 4.877 3.347 1.826 -0.991 -18.650 5.569 7.35 7.69 3.345 5.592
12.75 1.4947 0.3286 11.76 1673 17.68 4.511 4.333 2.994 1.843 -1.014 -17.900 5.353 7.20 7.86 3.325 5.401
11.9 1.5260 0.3328 11.63 1671 17.59 4.914 3.576 2.406 1.872 -1.055 -16.517 5.141 6.86 8.14 3.289 5.048
11.05 1.5572 0.3370 11.49 1668 17.51 5.185 3.049 1.914 1.893 -1.089 -15.323 5.073 6.52 8.35 3.257 4.725
10.2 1.5885 0.3411 11.36 1664 17.43 5.338 2.681 1.508 1.901 -1.112 -14.338 5.093 6.18 8.51 3.227 4.428
9.35 2.2097 0.4353 8.50 1661 16.75 5.394 2.367 1.148 1.859 -1.102 -16.316 4.763 4.66 6.67 3.007 4.351
8.5 2.2410 0.4391 8.43 1658 16.72 5.505 2.272 1.016 1.866 -1.123 -15.461 4.779 4.46 6.76 2.986 4.134
7.65 2.2722 0.4428 8.37 1655 16.70 5.568 2.201 0.896 1.863 -1.140 -14.735 4.829 4.27 6.83 2.965 3.931
6.8 2.3035 0.4466 8.30 1652 16.67 5.593 2.148 0.788 1.855 -1.153 -14.109 4.900 4.09 6.89 2.944 3.738
5.95 0.4347 0.1614 21.09 1649 16.65 5.551 0.776 0.800 1.839 -1.173 -5.017 5.330 4.00 6.89 2.953 3.604
5.1 0.4660 0.1626 22.11 1646 16.55 5.343 0.780 0.504 1.800 -1.207 -4.357 6.575 3.61 6.76 2.981 2.971
4.25 0.4972 0.1692 21.34 1644 16.46 5.408 0.805 0.366 1.748 -1.270 -3.767 7.253 3.28 6.60 2.989 2.436
3.4 0.5285 0.1756 20.64 1641 16.39 5.479 0.829 0.290 1.706 -1.308 -3.243 7.663 3.02 6.42 2.984 1.983
2.55 0.5597 0.1818 20.00 1639 16.34 5.506 0.850 0.248 1.675 -1.321 -2.804 7.932 2.80 6.25 2.970 1.601
1.7 0.5910 0.1879 19.41 1636 16.29 5.493 0.870 0.225 1.653 -1.317 -2.437 8.119 2.62 6.08 2.951 1.278
0.85 0.6222 0.1938 18.86 1634 16.25 5.465 0.888 0.212 1.632 -1.305 -2.126 8.258 2.47 5.92 2.929 1.003
0 0.6535 0.1997 18.36 1631 16.22 5.433 0.903 0.206 1.608 -1.289 -1.860 8.367 2.34 5.77 2.904 0.770
""".splitlines()
    ],
    float,
)
WIDTH = 12.5  # m, all of it
# Headwater of 0.7135 m³/s; Boulder's sewage works enter at the top with groundwater (0.7656 m³/s), a side stream at
# 10.2 km (0.6212 m³/s), groundwater everywhere; an irrigation canal takes 1.9 m³/s at 6.6 km. mg/L of the five.
HEADWATER = (8.280, 1.34, 1.34, 1.651, 0.0876)
SEWAGE = (3.579, 13.098, 13.098, 4.908, 11.002)
SIDE_STREAM = (4.0, 1.318, 1.318, 2.399, 4.774)
GROUNDWATER = (4.0, 1.0, 1.0, 0.5, 0.5)


def boulder_creek(brought: np.ndarray, rates: dict[str, float]) -> np.ndarray:
    """What the 17 segments come to, (segments, species) [mg/L], with ``brought`` (segments, species) [g/m²/d] and
    ``rates`` in place of the file's."""
    ends, discharge, depth, reaeration, elevation, warm = SEGMENTS[:, :6].T
    # a short reach in front: the creek above the sewage works
    length = np.append(10.0, -np.diff(ends, prepend=13.6) * 1000)
    flow = np.append(0.7135, discharge)
    deep, high, warm = (np.append(column[0], column) for column in (depth, elevation, warm))
    creek = Network.build(list(range(18)), [*range(1, 18), -1], length)
    speed = flow / (deep * WIDTH)
    physics = Physics.of(length, speed, 1.0, flow, residence_s=np.where(length > 10, length / speed, np.nan))
    inflow = np.tile(GROUNDWATER, (18, 1)).astype(float)
    inflow[0], inflow[1], inflow[6] = HEADWATER, SEWAGE, SIDE_STREAM
    head = np.zeros(18)
    head[0] = flow[0]
    steady = Flow(np.zeros(1), flow[None], head[None], np.diff(flow, prepend=flow[0])[None])
    published = {
        "reaeration": np.append(reaeration[0], reaeration),
        "cbods_hydrolysis": 1.93545 * (1.047 / 1.07) ** (warm - 20),  # the file has θ 1.047, our table 1.07
        "cbods_oxidation": 1.18385,
        "cbods_settling": 0.0,
        "cbodf_oxidation": 0.5447,
        "orgn_hydrolysis": 0.8365,
        "orgn_settling": 0.24964 / 1.024 ** (warm - 20),
        "nitrification": 2.1554,
        "sediment_demand": 0.0,  # in what the bed brings
    }
    chosen = Kinetics.of(SPECIES, published | rates)
    beds = [
        Reaction(f"bed_{code}", code, "supply", None, "g/m2/d", -50, 50, 1.0, (), "", "底部", "bed", "QUAL2Kw")
        for code in SPECIES
    ]
    of_bed = {bed.code: np.append(0.0, brought[:, j]) for j, bed in enumerate(beds)}
    found = simulate(
        creek,
        physics,
        4 * DAY,
        [locate(creek, i, length[i] / 2) for i in range(1, 18)],
        kinetics=Kinetics(SPECIES, (*chosen.reactions, *beds), {**chosen.rates, **of_bed}),
        surroundings=Surroundings(temperature_c=warm, depth_m=deep, elevation_m=high),
        flow=steady,
        inflow_mg_l=inflow,
        initial_mg_l=HEADWATER,
        report_every_s=DAY,
        # reactions must not wait longer than the 20 minutes that water stays in a tank
        grid=plan_grid(creek.down, physics, longest_step_s=300.0),
    )
    assert np.abs(found.balance.error).max() < 1e-12
    assert found.mg_l[-1] == pytest.approx(found.mg_l[-2], abs=1e-6)  # steady
    return found.mg_l[-1]


def test_oxygen_by_qual2kws_own_demands_is_its_oxygen():
    # what is ours here: flow, abstraction, mixing, reaeration, saturation
    brought = SEGMENTS[:, 6:11].copy()
    brought[:, 0] += SEGMENTS[:, 11]
    ours = boulder_creek(brought, {"cbods_oxidation": 0.0, "nitrification": 0.0, "cbodf_oxidation": 0.02})
    difference = ours[:, 0] - SEGMENTS[:, 12]
    assert np.abs(difference[:9]).max() < 0.02  # above the canal, where it is deep
    assert np.abs(difference).max() < 0.17


def test_what_reacts_is_what_qual2kw_makes_of_it():
    ours, theirs = boulder_creek(SEGMENTS[:, 6:11], {}), SEGMENTS[:, 12:]
    difference = np.abs(ours - theirs)
    assert np.count_nonzero(difference[:, 0] < 0.1) >= 12 and difference[:, 0].max() < 0.16
    # slow and fast CBOD, organic and ammonium nitrogen, of some 2-7, 6-8, 3 and 1-6 mg/L
    assert (difference[:, 1:].max(axis=0) < [0.04, 0.04, 0.035, 0.09]).all()


def test_another_rate_would_be_seen():
    faster = boulder_creek(SEGMENTS[:, 6:11], {"nitrification": 2.1554 * 1.3})
    assert (SEGMENTS[:, 12] - faster[:, 0]).max() > 0.3
