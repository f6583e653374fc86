"""The history is a chain: a past that was changed shows, wherever it was changed."""

import pytest

from riverchief.case.history import FIRST, chain_hash, first_broken

FACTS = [{"to": "reported", "order": 1}, {"to": "registered", "order": 2}, {"to": "dispatched", "order": 3}]


def chained() -> list[tuple[str, dict]]:
    entries, previous = [], FIRST
    for facts in FACTS:
        previous = chain_hash(previous, facts)
        entries.append((previous, facts))
    return entries


def test_a_history_as_it_was_written_is_whole():
    assert first_broken(chained()) is None
    assert first_broken([]) is None


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_changed_entry_shows_where_it_is(changed: int):
    entries = chained()
    entries[changed] = (entries[changed][0], entries[changed][1] | {"to": "closed"})
    assert first_broken(entries) == changed


def test_an_entry_taken_out_shows():
    entries = chained()
    assert first_broken([entries[0], entries[2]]) == 1


def test_the_order_of_the_facts_does_not_matter():
    assert chain_hash(FIRST, {"a": 1, "b": 2}) == chain_hash(FIRST, {"b": 2, "a": 1})
