"""The sweep's kernel against a slow twin that says plainly what a step is, and the reaches it passes over."""

import numpy as np
import pytest

from riverchief.place import Network, locate
from riverchief.transport import Physics, Release, plan_grid, simulate
from riverchief.transport.sweep import Loads, Mixing, State, Tree, Water, lanes_of, make_ready, move


def slope(d1: float, d2: float, courant: float) -> float:
    """Third order where it is smooth, no more than twice the smaller difference, none at an extreme (Koren 1993)."""
    if d1 * d2 <= 0:
        return 0.0
    a = (1 + courant) / 3
    return float(np.sign(d1)) * min(2 * abs(d1), 2 * abs(d2), a * abs(d1) + (1 - a) * abs(d2))


def slow_step(case: dict, step_s: float) -> None:
    """One step of ``case``, reach by reach, part by part, cell by cell; one species."""
    n, first, c = case["down"].size, case["first"], case["c"]
    came = case["head_load"][:, 0].copy()  # g/s into each head
    behind = case["head_load"][:, 0].copy()  # g/s of the cells above at the step's beginning
    for i in range(n):
        cells = slice(first[i], first[i + 1])
        count, parts = first[i + 1] - first[i], int(case["parts"][i])
        q0, q1, lateral = (float(case[name][i]) for name in ("head_flow", "foot_flow", "lateral"))
        h = step_s / parts
        foot_now, left = q1 * c[cells][-1], 0.0
        for _ in range(parts):
            v = case["volume"][i] / count
            v_new = v + (q0 + lateral - q1) * h / count
            held = case["held_link"][i] * (case["held"][i, 0] - c[cells][0])
            case["in_mass"][0] += held * h
            enters = came[i] + held
            if case["lake"][i]:
                through = q0 + max(lateral, 0.0)
                x = through * h / v
                aim = (enters + case["lateral_load"][i, 0]) / through
                mean = aim + (c[cells][0] - aim) * (1 - np.exp(-x)) / x
                face = np.array([enters - max(-lateral, 0.0) * mean, q1 * mean])
                taken = max(-lateral, 0.0) * mean * h
                lost = np.zeros(1)
            else:
                below = c[case["below"][i]] if case["below"][i] >= 0 else c[cells][-1]
                above = behind[i] / q0 if q0 > 0 else c[cells][0]
                old = np.concatenate([[above], c[cells], [below]])
                face = np.empty(count + 1)
                face[0] = enters
                for j in range(count):
                    q = q0 + (q1 - q0) * (j + 1) / count
                    courant = q * h / v
                    upper = old[j + 1] + 0.5 * (1 - courant) * slope(
                        old[j + 1] - old[j], old[j + 2] - old[j + 1], courant
                    )
                    exchange = case["inner"][i] if j + 1 < count else case["link"][i]
                    face[j + 1] = q * upper - exchange * (old[j + 2] - old[j + 1])
                lost = max(-lateral, 0.0) / count * c[cells]
                taken = lost.sum() * h
            mass = v * c[cells] + h * (face[:-1] - face[1:] + case["lateral_load"][i, 0] / count - lost)
            c[cells] = mass / v_new
            case["taken_mass"][0] += taken
            case["volume"][i] = v_new * count
            left += face[-1] / parts
        main = 1.0
        for source, target, fraction in zip(case["source"], case["target"], case["fraction"], strict=True):
            if source == i:
                came[target] += fraction * left
                behind[target] += fraction * foot_now
                main -= fraction
        if case["down"][i] >= 0:
            came[case["down"][i]] += main * left
            behind[case["down"][i]] += main * foot_now
        else:
            case["out_mass"][0] += main * left * step_s


def some_river(seed: int, changing: bool) -> dict:
    """Seven reaches: two springs, a confluence, a division into an arm with a lake, and the mouth."""
    rng = np.random.default_rng(seed)
    down = np.array([2, 2, 4, 5, 5, 6, -1])
    count = rng.integers(1, 6, 7)
    count[3] = 1
    first = np.concatenate([[0], np.cumsum(count)])
    head = np.array([2.0, 1.5, 3.5, 1.0, 2.5, 3.5, 3.5])
    lateral = np.where(rng.random(7) < 0.4, -0.1, 0.2) if changing else np.zeros(7)
    foot = head + lateral + (rng.uniform(-0.05, 0.05, 7) if changing else 0.0)
    lake = np.arange(7) == 3
    below = np.where((down >= 0) & ~lake & (np.arange(7) != 2), first[np.maximum(down, 0)], -1)
    below[4] = -1  # the lesser river of a confluence does not feel the other
    link = np.where(below >= 0, 0.3, 0.0)
    held = np.zeros(7)
    held[1] = 0.4 if changing else 0.0
    return {
        "down": down,
        "first": first,
        "parts": np.where(lake, 1, rng.integers(1, 4, 7)),
        "lake": lake,
        "below": below,
        "link": link,
        "inner": np.where(count > 1, 0.25, 0.0),
        "head_flow": head,
        "foot_flow": foot,
        "lateral": lateral,
        "volume": 200.0 * count * rng.uniform(1, 2, 7),
        "lateral_load": np.maximum(lateral, 0)[:, None] * rng.uniform(0, 5, (7, 1)),
        "head_load": np.array([[6.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]),
        "held_link": held,
        "held": np.full((7, 1), 2.0),
        "source": np.array([2]),
        "target": np.array([3]),
        "fraction": np.array([0.3]),
        "c": rng.uniform(0, 10, first[-1]),
        "in_mass": np.zeros(1),
        "out_mass": np.zeros(1),
        "taken_mass": np.zeros(1),
    }


def run(case: dict, steps: int, step_s: float, species: int = 1) -> None:
    """The kernel on ``case``."""
    loaded = case["lateral_load"].any(axis=1)
    flows = (case["head_flow"], case["foot_flow"], case["lateral"])
    ready = make_ready(case["lake"], case["held_link"], *flows, loaded, case["head_load"])
    edges = (case["source"], case["target"], case["fraction"])
    dry = move(
        steps,
        step_s,
        Tree(case["down"], case["first"], case["parts"], case["lake"], case["below"], *edges),
        Water(*flows, case["volume"]),
        Mixing(case["link"], case["inner"], case["held_link"], case["held"]),
        Loads(loaded, case["lateral_load"], case["head_load"], np.empty(0, np.int64), np.empty((0, 1 + species))),
        State(case["c"], np.zeros(7, np.bool_), ready, case["in_mass"], case["out_mass"], case["taken_mass"]),
        lanes_of(species),
    )
    assert dry == -1


@pytest.mark.parametrize("changing", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_is_its_slow_twin(seed: int, changing: bool):
    fast, slow = some_river(seed, changing), some_river(seed, changing)
    run(fast, 5, 20.0)
    for _ in range(5):
        slow_step(slow, 20.0)
    for name in ("c", "volume", "in_mass", "out_mass", "taken_mass"):
        assert fast[name] == pytest.approx(slow[name], rel=1e-12, abs=1e-12), name


@pytest.mark.parametrize("species", [2, 3, 8, 9])
def test_many_species_move_as_one_does(species: int):
    many, one = some_river(7, True), some_river(7, True)
    for name in ("c", "lateral_load", "head_load", "held"):
        many[name] = np.repeat(many[name].reshape(-1, 1), species, axis=1)
    many["c"] = many["c"].reshape(-1)
    for name in ("in_mass", "out_mass", "taken_mass"):
        many[name] = np.zeros(species)
    run(many, 5, 20.0, species)
    run(one, 5, 20.0)
    assert many["c"].reshape(-1, species) == pytest.approx(np.repeat(one["c"][:, None], species, axis=1), rel=1e-13)


def test_what_is_still_stays_so_and_changes_nothing():
    # a spill into one of two rivers: the other and all above it hold nothing; with a trace everywhere nothing is still
    river = Network.build([1, 2, 3, 4], [2, 4, 4, None], [2000.0] * 4)
    physics = Physics.of(river.length_m, 0.5, 10.0, [2.0, 2.0, 2.0, 4.0])
    found = []
    for trace in (0.0, 1e-30):
        found.append(
            simulate(
                river,
                physics,
                6 * 3600.0,
                [locate(river, 4, 1500.0)],
                releases=[Release(locate(river, 2, 0.0), "TRACER", 1e5, start_s=1800.0)],
                initial_mg_l=trace,
                inflow_mg_l=trace,
                report_every_s=600.0,
                grid=plan_grid(river.down, physics, peclet=5.0),
            )
        )
    assert found[0].mg_l == pytest.approx(found[1].mg_l, rel=1e-12, abs=1e-20)
    assert found[0].mg_l.max() > 1.0
    # reach 1 feels the river below it, reach 3 enters a river that is as large as itself and feels nothing of it
    grid, i = found[0].grid, river.index_of(3)
    assert not found[0].state[grid.first[i] : grid.first[i + 1]].any()
