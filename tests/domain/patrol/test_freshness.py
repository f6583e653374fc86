"""How fresh our eyes on a reach are."""

from datetime import UTC, datetime, timedelta

import pytest

from riverchief.patrol.freshness import NEVER, days_since, freshness_levels, freshness_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "level"), [(0, "fresh"), (7, "fresh"), (8, "ageing"), (15, "ageing"), (16, "stale"), (None, NEVER)]
)
def test_the_limits_belong_to_the_better_level(days: int | None, level: str):
    assert freshness_of(days) == level


def test_whole_days_and_never_negative():
    assert days_since(NOW - timedelta(hours=47), NOW) == 1
    assert days_since(NOW + timedelta(hours=1), NOW) == 0
    assert days_since(None, NOW) is None


def test_the_table_rises_and_its_last_level_has_no_end():
    *limits, last = [row.up_to_days for row in freshness_levels()]
    assert limits == sorted(limits) and last is None
