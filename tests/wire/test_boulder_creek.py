"""Oxygen in Boulder Creek, Colorado, on 21 August 1987, as QUAL2Kw 5.1 computes it from its published inputs.

The inputs are those of the file that comes with the program (BC_1987-08-21.q2k, MIT): channel, inflows and their day,
reaeration, rates, plants. Three things QUAL2Kw works out that we do not: the water's temperature from the weather and
the light that gets into it (boulder_creek_day.csv); how much nitrogen the plants have stored, how many have grown in
the five days of its run, and what they give back to the water as detritus; what the sediment gives and takes (its
diagenesis). A run of QUAL2Kw printed these for each segment, and they are written here as inputs; ours is everything
that flows and reacts, and how plants follow the light. QUAL2Kw makes each segment one mixed tank (upwind, Δx 425 and
850 m), so here each is one too.

Both go round the day: where the creek is shallow it swings by 8 °C and 9 mg/L. Held against each other are daily means.
"""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from riverchief.place import Network, locate
from riverchief.transport import Flow, Kinetics, Physics, Surroundings, plan_grid, simulate
from riverchief.transport.kinetics import Reaction
from riverchief.transport.oxygen import SECONDS_PER_DAY as DAY
from riverchief.transport.plants import light_share, standing_crop

QUARTER = 900.0
SPECIES = ("DO", "CBODS", "CBODF", "ORGN", "NH4")

HERE = Path(__file__).parent
WIDTH = 12.5  # m, all of it


def columns(name: str) -> dict[str, np.ndarray]:
    """A table beside this file, column by column."""
    with (HERE / name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}


# One row for each segment: its lower end [km from the mouth], channel, reaeration at 20 °C; what bed and plants bring
# of the five [g/m²/d] (bed_…), what CBOD and ammonium took of oxygen, and the sediment alone; QUAL2Kw's answers [mg/L],
# daily means of the five; the share of full growth that the plants' nitrogen allows, how many there are in the
# published run and after 20 days, and what they make of oxygen.
SEGMENTS = columns("boulder_creek_segments.csv")
# One row for each quarter of an hour: headwater (published); light that gets into the water [W/m²], temperature of the
# 17 segments [°C] (QUAL2Kw).
QUARTERS = columns("boulder_creek_day.csv")
STEPS = QUARTERS["hour"].size
ANSWERS = np.stack([SEGMENTS[code.lower()] for code in SPECIES], axis=1)
BROUGHT = np.stack([SEGMENTS[f"bed_{code.lower()}"] for code in SPECIES], axis=1)
WARM = np.stack([QUARTERS[f"t{k}"] for k in range(1, 18)], axis=1)
FASTER = 1.07 ** (WARM - 20)  # plants, in warm water
# Want of oxygen slows what breathes: share of full speed by QUAL2Kw's mean oxygen, a little less for its swings.
HELD = 0.99 - np.exp(-0.6 * ANSWERS[:, 0])
# Headwater of 0.7135 m³/s; Boulder's sewage works (0.75 m³/s) enter at the top with groundwater (0.0156 m³/s), a side
# stream at 10.2 km (0.6212 m³/s), groundwater everywhere; an irrigation canal takes 1.9 m³/s at 6.6 km. mg/L of the
# five.
HEADWATER = (8.280, 1.34, 1.34, 1.651, 0.0876)
SEWAGE = (3.579, 13.098, 13.098, 4.908, 11.002)
SEWAGE_SWING = {
    0: (0.4217, 0.3694),
    4: (2.743, 0.7146),
}  # of oxygen and ammonium, and the part of the day it is highest
SIDE_STREAM = (4.0, 1.318, 1.318, 2.399, 4.774)
GROUNDWATER = (4.0, 1.0, 1.0, 0.5, 0.5)
# Bottom algae: dry matter that grows in full light at 20 °C [g/m²/d], respires and dies [1/d], all with θ 1.07; grams
# of oxygen for one of it (2.69 · 0.4); light at the bed that lets half of it grow, 2.09 langley/d [W/m²].
GROWTH, RESPIRATION, DEATH, OXYGEN, HALF_LIGHT = 49.3845, 0.48434, 0.40579, 1.076, 1.013


def inflow() -> np.ndarray:
    """What comes in through the day, (quarters, reaches, species) [mg/L]."""
    middle = (np.arange(STEPS) + 0.5) / STEPS
    water = np.tile(np.array(GROUNDWATER, float), (STEPS, 18, 1))
    water[:, 0], water[:, 1], water[:, 6] = HEADWATER, SEWAGE, SIDE_STREAM
    water[:, 0, 0], water[:, 0, 3] = QUARTERS["headwater_do"], QUARTERS["headwater_orgn"]
    for species, (swing, highest) in SEWAGE_SWING.items():
        water[:, 1, species] += 0.75 / 0.7656 * swing * np.cos(2 * np.pi * (middle - highest))
    return water


def bottom_algae() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Oxygen they make in full light at 20 °C by segment and through the day [g/m²/d], and how many there are at rest,
    through the day [g/m²]."""
    light = QUARTERS["light_w_m2"][:, None] * np.exp(-SEGMENTS["extinction_per_m"] * SEGMENTS["depth_m"])
    full = GROWTH * SEGMENTS["plant_nitrogen"]
    grows = full * FASTER * light_share(light, HALF_LIGHT)
    loss = (HELD * RESPIRATION + DEATH) * FASTER
    return OXYGEN * full, OXYGEN * grows, standing_crop(np.full(STEPS, QUARTER), grows, loss)


def boulder_creek(brought: np.ndarray, rates: dict[str, float], plants: bool = True, days: int = 4) -> np.ndarray:
    """What the 17 segments come to, daily means (segments, species) [mg/L], with ``brought`` (segments, species)
    [g/m²/d] by the bed without plants' oxygen if ``plants``, and ``rates`` in place of the file's."""

    def with_top(values: np.ndarray) -> np.ndarray:
        # a short reach in front: the creek above the sewage works
        return np.concatenate([values[..., :1], values], axis=-1)

    length = np.append(10.0, -np.diff(SEGMENTS["end_km"], prepend=13.6) * 1000)
    flow = np.append(0.7135, SEGMENTS["discharge_m3_s"])
    deep, warm = with_top(SEGMENTS["depth_m"]), with_top(WARM)
    creek = Network.build(list(range(18)), [*range(1, 18), -1], length)
    speed = flow / (deep * WIDTH)
    physics = Physics.of(length, speed, 1.0, flow, residence_s=np.where(length > 10, length / speed, np.nan))
    head = np.zeros(18)
    head[0] = flow[0]
    steady = Flow(
        QUARTER * np.arange(STEPS * days),
        *(np.tile(column, (STEPS * days, 1)) for column in (flow, head, np.diff(flow, prepend=flow[0]))),
    )
    makes, _, at_rest = bottom_algae()
    crop = at_rest * SEGMENTS["plants_g_m2"] / at_rest.mean(axis=0)
    published = {
        "reaeration": with_top(SEGMENTS["reaeration_per_d"]),
        "cbods_hydrolysis": 1.93545 * (1.047 / 1.07) ** (warm.mean(axis=0) - 20),  # in the file θ 1.047, here 1.07
        "cbods_oxidation": 1.18385,
        "cbods_settling": 0.0,
        "cbodf_oxidation": 0.5447,
        "orgn_hydrolysis": 0.8365,
        "orgn_settling": 0.24964 / 1.024 ** (warm.mean(axis=0) - 20),
        "nitrification": 2.1554,
        "sediment_demand": 0.0,  # in what the bed brings
        "photosynthesis": with_top(makes) if plants else 0.0,
        "plant_respiration": OXYGEN * RESPIRATION,
    }
    chosen = Kinetics.of(SPECIES, published | rates, light={"photosynthesis": HALF_LIGHT})
    beds = [
        Reaction(f"bed_{code}", code, "supply", None, "g/m2/d", -50, 50, 1.0, (), "", "底部", "bed", "QUAL2Kw")
        for code in SPECIES
    ]
    of_bed = {bed.code: np.append(0.0, brought[:, j]) for j, bed in enumerate(beds)}
    around = Surroundings(
        temperature_c=warm,
        depth_m=deep,
        elevation_m=with_top(SEGMENTS["elevation_m"]),
        light_w_m2=QUARTERS["light_w_m2"][:, None],
        extinction_per_m=with_top(SEGMENTS["extinction_per_m"]),
        plants_g_m2=with_top(crop) if plants else 0.0,
        time_s=QUARTER * np.arange(STEPS),
        period_s=DAY,
    )
    found = simulate(
        creek,
        physics,
        days * DAY,
        [locate(creek, i, length[i] / 2) for i in range(1, 18)],
        kinetics=replace(chosen, reactions=(*chosen.reactions, *beds), rates={**chosen.rates, **of_bed}),
        surroundings=around,
        flow=steady,
        inflow_mg_l=np.tile(inflow(), (days, 1, 1)),
        initial_mg_l=HEADWATER,
        report_every_s=QUARTER,
        # reactions must not wait longer than the 20 minutes that water stays in a tank
        grid=plan_grid(creek.down, physics, longest_step_s=300.0),
    )
    assert np.abs(found.balance.error).max() < 1e-12
    last, before = found.mg_l[-97:-1], found.mg_l[-193:-97]
    assert last == pytest.approx(before, abs=0.003)  # day after day the same
    return last.mean(axis=0)


def without_plants() -> np.ndarray:
    """What the sediment takes of oxygen, and bed and plants bring of the rest."""
    brought = BROUGHT.copy()
    brought[:, 0] = -SEGMENTS["sediment_do"]
    return brought


def test_oxygen_is_qual2kws_to_a_tenth_of_a_milligram_in_every_segment():
    ours = boulder_creek(without_plants(), {})
    difference = np.abs(ours - ANSWERS)
    assert difference[:, 0].max() < 0.1
    # slow and fast CBOD, organic and ammonium nitrogen, of some 2-7, 6-8, 3 and 1-6 mg/L
    assert (difference[:, 1:].max(axis=0) < [0.05, 0.09, 0.04, 0.05]).all()


def test_plants_that_follow_the_light_are_qual2kws():
    _, made, at_rest = bottom_algae()
    assert made.mean(axis=0) == pytest.approx(SEGMENTS["photosynthesis_do"], rel=0.015)
    # run for 20 days, QUAL2Kw has come to rest; the published run of five days is within 7 % of that
    assert at_rest.mean(axis=0) == pytest.approx(SEGMENTS["plants_at_rest_g_m2"], rel=0.03)


def test_oxygen_by_qual2kws_own_demands_is_its_oxygen():
    # what is ours here: flow, abstraction, mixing, reaeration, saturation. All demands and supplies are even over the
    # day; what that costs shows below the canal, where the creek is shallow.
    brought = BROUGHT.copy()
    brought[:, 0] += SEGMENTS["taken_do"]
    none = {"cbods_oxidation": 0.0, "nitrification": 0.0, "cbodf_oxidation": 0.02}
    difference = np.abs(boulder_creek(brought, none, plants=False)[:, 0] - ANSWERS[:, 0])
    assert difference[:9].max() < 0.02 and difference.max() < 0.2


def test_another_rate_would_be_seen():
    faster = boulder_creek(without_plants(), {"nitrification": 2.1554 * 1.3})
    assert (ANSWERS[:, 0] - faster[:, 0]).max() > 0.3
