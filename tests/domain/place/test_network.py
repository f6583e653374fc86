"""The network by hand on toy rivers, and by slow twins on random forests."""

import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.example.rivers import island_river, random_rivers, toy_river
from riverchief.place import Network, ReachKind, stem_level, strahler_order
from riverchief.place.pieces import pieces_upstream
from riverchief.place.trace import between, trace_downstream, trace_upstream
from tests.domain.place.twins import Twin, reaches, strahler_of, tree_of

forests = st.builds(
    lambda n, seed, basins, divisions: random_rivers(n, seed, basins=basins, divisions=divisions, lakes=0.1),
    n=st.integers(6, 45),
    seed=st.integers(0, 2**32 - 1),
    basins=st.integers(1, 3),
    divisions=st.sampled_from([0.0, 0.05, 0.3]),
)


def test_the_toy_river_is_numbered_with_its_main_stem_last():
    river = toy_river()
    # 1 and 2 before 3; the subtree of 3 (three reaches) is larger than that of 4 and comes last before 5
    assert river.ids.tolist() == [4, 1, 2, 3, 5]
    assert river.down.tolist() == [4, 3, 3, 4, -1]
    assert river.size.tolist() == [1, 1, 1, 3, 5]
    assert river.ids[river.upstream(river.index_of(3))].tolist() == [1, 2, 3]
    assert river.downstream(river.index_of(1)).tolist() == [[1, 1], [3, 4]]
    assert river.distance_to_outlet_m.tolist() == [5000, 8000, 8000, 5000, 0]
    assert river.distance_m(river.index_of(1), river.index_of(5)) == 8000
    assert np.isnan(river.distance_m(river.index_of(1), river.index_of(4)))
    assert strahler_order(river).tolist() == [1, 1, 1, 2, 2]
    assert stem_level(river).tolist() == [2, 2, 1, 1, 1]
    assert river.accumulate(river.length_m).tolist() == [4000, 1000, 2000, 6000, 15000]


def test_an_island_shares_the_water_and_the_short_way_counts():
    river = island_river()
    one, two, three, four = (river.index_of(reach) for reach in (1, 2, 3, 4))
    assert reaches(river, trace_upstream(river, three).positions) == {1, 3}
    assert river.is_upstream(one, three) and not river.is_upstream(two, three)
    assert river.distance_m(one, four) == 6000
    assert river.distance_m(one, three) == 5000
    assert river.accumulate(np.ones(4))[[one, two, three, four]].tolist() == pytest.approx([1, 1.7, 1.3, 4])
    assert reaches(river, between(river, one, four)) == {1, 2, 3, 4}
    assert between(river, two, three).size == 0


def test_ids_are_whatever_the_file_calls_them():
    for ids, down in [
        (["a", "b", "c"], ["c", "c", None]),
        ([2**62, -(2**62), 7], [7, 7, -1]),
        (np.array([10.0, 20.0, 30.0]), np.array([30.0, 30.0, np.nan])),
        (["15001100013295", "015", "x"], ["x", "x", ""]),
    ]:
        network = Network.build(ids, down, [1.0, 1.0, 1.0])
        assert network.index_of(ids[2]) == 2
        assert network.positions(ids).tolist() == [network.index_of(reach) for reach in ids]
        with pytest.raises(BadInput) as refused:
            network.index_of("nobody")
        assert refused.value.faults[0].kind == "unknown_reach"


def test_lakes_carry_their_storage_into_the_new_order():
    network = Network.build(
        [1, 2, 3], [2, 3, -1], [1.0, 1.0, 1.0], kind=[0, ReachKind.LAKE, 0], storage_m3=[np.nan, 5e6, 1.0]
    )
    assert network.kind.tolist() == [0, 1, 0]
    assert network.storage_m3[1] == 5e6 and np.isnan(network.storage_m3[[0, 2]]).all()


@settings(max_examples=80, deadline=None)
@given(forests)
def test_every_answer_equals_the_slow_twins(rivers):
    network, twin = rivers.network(), Twin(rivers)
    ids = network.ids.tolist()
    assert sorted(ids) == sorted(rivers.ids.tolist())
    flows = network.down >= 0
    assert (network.down[flows] > np.flatnonzero(flows)).all()
    assert (network.secondary.source < network.secondary.target).all()
    share = np.bincount(network.secondary.source, network.secondary.fraction, network.n)
    assert network.main_fraction == pytest.approx(1 - share)
    for i, reach in enumerate(ids):
        assert network.index_of(reach) == i
        upstream = trace_upstream(network, i)
        assert reaches(network, upstream.positions) == twin.upstream(reach)
        downstream = trace_downstream(network, i)
        way = dict(zip(network.ids[downstream.positions].tolist(), downstream.distance_m.tolist(), strict=True))
        assert way == pytest.approx(twin.distances_down(reach))
        for j in range(network.n):
            expected = way.get(ids[j])
            assert network.is_upstream(i, j) == (expected is not None)
            assert network.distance_m(i, j) == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
        assert (np.diff(upstream.positions) > 0).all()
        for j, distance in zip(upstream.positions.tolist(), upstream.distance_m.tolist(), strict=True):
            assert distance == pytest.approx(network.distance_m(j, i))
    values = {reach: float(k + 1) for k, reach in enumerate(sorted(ids))}
    total = network.accumulate([values[reach] for reach in ids])
    assert dict(zip(ids, total.tolist(), strict=True)) == pytest.approx(twin.accumulate(values))
    # what enters leaves at the outlets: divisions share, they never lose
    assert total[~flows].sum() == pytest.approx(sum(values.values()), rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(forests, st.floats(0, 20000))
def test_upstream_within_a_distance_is_one_query_over_numbers(rivers, within):
    network = rivers.network()
    below = network.distance_to_outlet_m
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE reach (position INTEGER PRIMARY KEY, distance_to_outlet_m REAL)")
    database.executemany("INSERT INTO reach VALUES (?, ?)", enumerate(below.tolist()))
    for i in range(network.n):
        pieces = pieces_upstream(network, i, network.length_m, below)
        each = list(zip(pieces.first.tolist(), pieces.last.tolist(), pieces.offset.tolist(), strict=True))
        where = " OR ".join(["position BETWEEN ? AND ? AND distance_to_outlet_m - ? <= ?"] * len(each))
        values = [value for piece in each for value in (*piece, within)]
        found = database.execute(f"SELECT position FROM reach WHERE {where} ORDER BY position", values).fetchall()
        assert [position for (position,) in found] == trace_upstream(network, i, within).positions.tolist()


@settings(max_examples=60, deadline=None)
@given(forests)
def test_order_and_runs_of_the_tree(rivers):
    network = rivers.network()
    children = tree_of(network)
    for i in range(network.n):
        walked = [i]
        while network.down[walked[-1]] >= 0:
            walked.append(int(network.down[walked[-1]]))
        runs = network.downstream(i)
        assert [p for a, b in runs.tolist() for p in range(a, b + 1)] == walked
        assert network.outlet[i] == walked[-1]
        below = sum(network.length_m[p] for p in walked[1:])
        assert network.distance_to_outlet_m[i] == pytest.approx(below)
        if not len(network.secondary):
            assert len(runs) <= np.log2(network.n) + 1
            assert not children[i] or i - 1 == max(children[i], key=lambda c: (network.size[c], c))
    assert strahler_order(network).tolist() == [strahler_of(children, i) for i in range(network.n)]


@settings(max_examples=60, deadline=None)
@given(forests)
def test_the_schedule_goes_with_the_water_and_keeps_few_reaches_waiting(rivers):
    network = rivers.network()
    turn = np.empty(network.n, int)
    turn[network.sched] = np.arange(network.n)
    assert sorted(network.sched.tolist()) == list(range(network.n))
    flows = np.flatnonzero(network.down >= 0)
    assert (turn[flows] < turn[network.down[flows]]).all()
    assert (turn[network.secondary.source] < turn[network.secondary.target]).all()
    if not len(network.secondary):
        waiting, most = 0, 0
        children = tree_of(network)
        for i in network.sched.tolist():
            waiting += 1 - len(children[i])
            most = max(most, waiting)
        # one more for each basin that is done: its outlet's row waits for nobody but is counted here
        assert most <= np.log2(network.n) + 1 + np.count_nonzero(network.down < 0)


def test_interlacing_side_branches_still_get_an_order():
    # two rivers 1→2 and 3→4 meet in 5; each feeds the other: 1 → 4 and 3 → 2. No order of {1,2} and {3,4} will do.
    network = Network.build([1, 2, 3, 4, 5], [2, 5, 4, 5, -1], [1.0] * 5, secondary=([1, 3], [4, 2], [0.2, 0.4]))
    assert (network.secondary.source < network.secondary.target).all()
    at = {reach: network.index_of(reach) for reach in (1, 2, 3, 4, 5)}
    assert reaches(network, trace_upstream(network, at[2]).positions) == {1, 2, 3}
    # 2 gets 0.8 of 1 and 0.4 of 3; 4 gets 0.2 of 1 and 0.6 of 3
    total = network.accumulate([{1: 10.0, 3: 100.0}.get(reach, 0.0) for reach in network.ids.tolist()])
    assert total[[at[2], at[4], at[5]]].tolist() == pytest.approx([48, 62, 110])
