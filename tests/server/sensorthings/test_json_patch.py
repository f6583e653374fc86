"""A patch of a document: whole or not at all, by RFC 6902; what cannot be is the asker's fault, whatever it is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief_server.sensorthings.write.json_patch import json_patch, merge_patch

BUOY = {"name": "浮标", "properties": {"depths": [1, 2], "on": True, "a/b": 1, "m~n": 2}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["", "/", "/name", "/properties/depths/-", "/properties/depths/9", "/a~1b", "name", "/name/x", 3]
)
OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "append", 1, None])},
    optional={"path": PATHS, "from": PATHS, "value": JSON},
)


@pytest.mark.parametrize(
    ("operations", "wanted"),
    [
        ([{"op": "add", "path": "/properties/depths/1", "value": 9}], [1, 9, 2]),  # RFC 6902 §4.1: before the index
        ([{"op": "add", "path": "/properties/depths/-", "value": 9}], [1, 2, 9]),
        ([{"op": "remove", "path": "/properties/depths/0"}], [2]),
        ([{"op": "replace", "path": "/properties/depths/1", "value": 7}], [1, 7]),
        ([{"op": "move", "from": "/properties/depths/0", "path": "/properties/depths/1"}], [2, 1]),
        ([{"op": "copy", "from": "/properties/depths/0", "path": "/properties/depths/-"}], [1, 2, 1]),
    ],
)
def test_an_operation_does_what_the_standard_says(operations: list, wanted: list):
    assert json_patch(BUOY, operations)["properties"]["depths"] == wanted
    assert BUOY["properties"]["depths"] == [1, 2]


def test_a_slash_and_a_tilde_are_written_as_the_standard_writes_them():
    changed = json_patch(
        BUOY, [{"op": "remove", "path": "/properties/a~1b"}, {"op": "remove", "path": "/properties/m~0n"}]
    )
    assert changed["properties"] == {"depths": [1, 2], "on": True}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "test", "path": "/properties/on", "value": 1}],  # JSON's true is not 1
        [{"op": "remove", "path": "/nothing"}],
        [{"op": "replace", "path": "/nothing", "value": 1}],
        [{"op": "add", "path": "/properties/depths/7", "value": 1}],
        [{"op": "add", "path": "/name"}],
        [{"op": "move", "from": "/properties", "path": "/properties/depths/0"}],
        [{"op": "add", "path": "/name/first", "value": 1}],
        [{"op": "shout", "path": "/name"}],
        [1],
        {"op": "add"},
        [{"op": "test", "path": "/name", "value": "浮标"}] * 1001,
    ],
)
def test_what_cannot_be_is_refused(operations: object):
    with pytest.raises(BadInput) as refused:
        json_patch(BUOY, operations)
    assert refused.value.faults[0].kind == "sta_bad_patch"


@given(st.lists(OPERATION, max_size=3) | JSON)
def test_nothing_breaks_it(operations: object):
    with suppress(BadInput):
        json_patch(BUOY, operations)
    assert BUOY["properties"]["depths"] == [1, 2]


def test_a_merge_patch_takes_away_by_null():
    assert merge_patch({"a": 1, "b": {"c": 1, "d": 2}}, {"a": None, "b": {"c": None}}) == {"b": {"d": 2}}
