"""Ids of every kind find their reach: dense numbers by table, scattered numbers by hash, text by dictionary."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.place.identity import IdMap, read_ids

whole = st.integers(-(2**63), 2**63 - 1)


@settings(deadline=None)
@given(st.lists(whole, min_size=1, max_size=60), st.lists(whole, max_size=20))
def test_scattered_numbers_are_found_and_others_are_not(ids, others):
    table = IdMap(np.array(ids, np.int64))
    wanted = ids + others
    expected = [ids.index(number) if number in ids else -1 for number in wanted]
    assert table.rows_of(np.array(wanted, np.int64)).tolist() == expected
    assert [table.row_of(number) for number in wanted] == expected
    assert table.row_of(2**63) == -1
    repeated = [(row, ids.index(number)) for row, number in enumerate(ids) if ids.index(number) != row]
    assert table.duplicates() == repeated


@settings(deadline=None)
@given(st.integers(-1000, 2**62), st.permutations(range(12)))
def test_dense_numbers_are_found_next_to_the_ends_of_the_table(low, turn):
    ids = [low + k for k in turn]
    table = IdMap(np.array(ids, np.int64))
    wanted = [*ids, low - 1, low + 12, -(2**63), 2**63 - 1]
    assert table.rows_of(np.array(wanted, np.int64)).tolist() == [*range(12), -1, -1, -1, -1]
    assert [table.row_of(number) for number in wanted] == [*range(12), -1, -1, -1, -1]


def test_text_and_numbers_find_each_other_where_they_are_written_alike():
    numbers, words = IdMap(np.array([7, 12], np.int64)), IdMap(np.array(["7", "012"], np.str_))
    assert [numbers.row_of("12"), numbers.row_of("x"), numbers.row_of("12.5")] == [1, -1, -1]
    assert [words.row_of(7), words.row_of("012"), words.row_of(12)] == [0, 1, -1]


def test_after_renumbering_ids_lead_to_positions():
    for ids in (np.array([5, 6, 7]), np.array([5, 10**12, -3]), np.array(["a", "b", "c"])):
        table = IdMap(ids)
        table.renumber(ids[[2, 0, 1]], np.array([1, 2, 0], np.int32))
        assert [table.row_of(reach) for reach in ids.tolist()] == [1, 2, 0]


@pytest.mark.parametrize(
    ("given_", "ids", "absent", "inexact"),
    [
        ([1, None, 3], [1, 0, 3], [1], []),
        ([1.0, float("nan"), 2.5], [1, 0, 0], [1], [2]),
        (["a", None, "", 3], ["a", "", "", "3"], [1, 2], []),
        (np.array([1.0, 2.0**53]), [1, 0], [], [1]),
        (np.array([2**40], np.uint64), [2**40], [], []),
    ],
)
def test_ids_are_read_from_whatever_holds_them(given_, ids, absent, inexact):
    read, blank, lossy = read_ids(given_)
    assert read.tolist() == ids
    assert np.flatnonzero(blank).tolist() == absent
    assert lossy.tolist() == inexact
