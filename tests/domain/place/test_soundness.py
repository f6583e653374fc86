"""Every fault of a network is named, all at once."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.place import Network


def faults(*columns, **options):
    with pytest.raises(BadInput) as refused:
        Network.build(*columns, **options)
    return refused.value.faults


def kinds(*columns, **options):
    return sorted(fault.kind for fault in faults(*columns, **options))


def test_all_faults_come_at_once():
    found = kinds([1, 2, 3, 3, 5, 6.5], [2, 3, 1, 9, 0, np.nan], [1, 0, -1, np.nan, 5, 5])
    assert found == sorted(
        ["network_cycle", "bad_length", "bad_length", "bad_length", "duplicate", "dangling_down", "inexact_id"]
    )


def test_a_cycle_names_its_reaches_in_flow_order():
    (cycle,) = faults(["a", "b", "c", "d"], ["b", "c", "a", "a"], [1, 1, 1, 1])
    assert cycle.details["given"] == "a → b → c → a"


def test_two_cycles_are_two_faults_and_a_reach_into_itself_is_one():
    assert kinds([1, 2, 3, 4, 5], [2, 1, 3, 5, -1], [1] * 5) == ["network_cycle", "network_cycle"]


def test_a_side_branch_can_close_a_cycle():
    (cycle,) = faults([1, 2, 3], [2, 3, -1], [1, 1, 1], secondary=([2], [1], [0.1]))
    assert cycle.kind == "network_cycle" and cycle.details["given"] == "1 → 2 → 1"


def test_a_duplicate_says_where_the_first_is():
    (twice,) = faults([7, 7], [-1, -1], [1, 1])
    assert (twice.kind, twice.line, twice.details["allowed"]) == ("duplicate", 2, "1")


def test_ids_that_a_float_cannot_hold_are_refused():
    # 2**53 + 1 as a float is 2**53: the neighbour's id
    (lost,) = faults(np.array([float(2**53 + 1), 2.0]), [-1, -1], [1, 1])
    assert lost.kind == "inexact_id" and "9007199254740992" in lost.text()
    assert Network.build([2**53 + 1, 2], [-1, -1], [1, 1]).index_of(2**53 + 1) >= 0


def test_a_mark_for_the_outlet_is_no_dangling_end_and_a_real_zero_is_a_reach():
    assert Network.build([5, 6], [6, 0], [1, 1]).down.tolist() == [1, -1]
    assert Network.build([0, 6], [-1, 0], [1, 1]).down.tolist() == [1, -1]


def test_a_shrinking_catchment_is_a_wrong_direction():
    (wrong,) = faults([1, 2], [2, -1], [1, 1], grows_downstream=[50.0, 20.0])
    assert wrong.kind == "wrong_direction"
    assert Network.build([1, 2], [2, -1], [1, 1], grows_downstream=[np.nan, 20.0]).n == 2


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        (([1], [3], [1.2]), ["bad_fraction"]),
        (([1], [3], [np.nan]), ["bad_fraction"]),
        (([1, 1], [3, 4], [0.6, 0.5]), ["bad_fraction", "bad_fraction"]),
        (([1], [2], [0.1]), ["duplicate"]),
        (([1], [9], [0.1]), ["dangling_down"]),
    ],
)
def test_bad_side_branches(branch, expected):
    assert kinds([1, 2, 3, 4], [2, 4, 4, -1], [1] * 4, secondary=branch) == expected


def test_a_lake_needs_a_volume():
    assert kinds([1], [-1], [1], kind=[1], storage_m3=[0.0]) == ["bad_storage"]
    assert kinds([1], [-1], [1], kind=[7]) == ["bad_storage", "not_one_of"]


def test_nothing_is_no_network():
    assert kinds([], [], []) == ["empty_file"]
    assert kinds([1, 2], [-1], [1]) == ["uneven_columns"]
    assert kinds([1, 2], [2, -1], [1, 1], kind=[0]) == ["uneven_columns"]
