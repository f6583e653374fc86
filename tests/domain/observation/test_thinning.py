"""A thinned series keeps what a chart must show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.observation.thinning import METHODS, breaks, first_of_each, stretch_of, thin

QUARTER = 900_000
FIVE_YEARS = 5 * 365 * 96


def river() -> tuple[np.ndarray, np.ndarray]:
    t = QUARTER * np.arange(FIVE_YEARS)
    v = 5 + np.sin(t / 3e9) + np.random.default_rng(2).normal(0, 0.2, len(t))
    v[123_456] = 80.0  # one reading of a spill
    v[50_000:60_000] = np.nan
    return t, v


def test_five_years_become_two_thousand_points_and_the_spill_is_among_them():
    t, v = river()
    kept = thin(t, v, 2000).kept
    assert len(kept) <= 2002
    assert 123_456 in kept
    assert np.nanmin(v[kept]) == np.nanmin(v)


def test_every_stretch_keeps_its_extremes():
    t, v = river()
    kept = thin(t, v, 1000).kept
    width = (t[-1] - t[0]) / 500 + 1e-9
    stretch = ((t - t[0]) / width).astype(int)
    for number in range(500):
        here, shown = v[stretch == number], v[kept[stretch[kept] == number]]
        if np.isnan(here).all():
            assert np.isnan(shown).all() and len(shown) == 1
        else:
            assert (shown.min(), shown.max()) == (np.nanmin(here), np.nanmax(here))


@pytest.mark.parametrize("method", METHODS)
def test_a_gap_stays_a_gap(method: str):
    t, v = river()
    kept = thin(t, v, 1000, method).kept
    assert np.isnan(v[kept[(kept > 51_000) & (kept < 59_000)]]).all()
    assert ((kept > 51_000) & (kept < 59_000)).any()


@pytest.mark.parametrize("method", METHODS)
@given(
    steps=st.lists(st.integers(1, 10_000), min_size=5, max_size=200),
    points=st.integers(4, 60),
    seed=st.integers(0, 9),
)
def test_indices_ascend_and_are_few(method: str, steps: list[int], points: int, seed: int):
    t = np.cumsum(np.array(steps))
    v = np.random.default_rng(seed).normal(size=len(t))
    v[:: seed + 2] = np.nan
    thinned = thin(t, v, points, method)
    assert (np.diff(thinned.kept) > 0).all()
    assert len(thinned.kept) <= max(points + 2, 4)
    assert thinned.was_thinned == (len(t) > points)


def test_triangles_keep_the_ends_and_the_corner():
    # a flat line with one corner: the corner has the largest triangle of its bucket (Steinarsson 2013, section 4.2)
    t = np.arange(1000)
    v = np.zeros(1000)
    v[437] = 1.0
    kept = thin(t, v, 50, "triangles").kept
    assert {0, 437, 999} <= set(kept.tolist())


def test_too_few_points_or_another_method_is_refused():
    t, v = np.arange(10), np.zeros(10)
    with pytest.raises(BadInput):
        thin(t, v, 3)
    with pytest.raises(BadInput, match="extremes"):
        thin(t, v, 5, "average")


def test_a_line_breaks_a_usual_step_after_the_reading_before_a_gap():
    # every quarter of an hour; two steps are lost (within two and a half usual ones), then a day
    t = QUARTER * np.array([0, 1, 2, 4, 5, 6, 102, 103])
    assert breaks(t).tolist() == [7 * QUARTER]
    # narrower than what is drawn: no break
    assert breaks(t, stretch=100 * QUARTER).tolist() == []
    assert breaks(t[:2]).tolist() == []


def test_a_thinned_series_is_broken_only_where_readings_are_missing():
    t, _ = river()
    with_hole = np.concatenate((t[:90_000], t[95_000:]))
    stretch = stretch_of(with_hole, 2000)
    assert breaks(with_hole, stretch).tolist() == [t[90_000]]
    assert stretch_of(t[:100], 2000) == 0.0


def test_of_marks_that_would_lie_on_each_other_one_is_left():
    t = QUARTER * np.arange(100)
    marked = np.isin(np.arange(100), [3, 4, 5, 60, 99])
    assert first_of_each(t, marked, 0.0).tolist() == [3, 4, 5, 60, 99]
    assert first_of_each(t, marked, 10 * QUARTER).tolist() == [3, 60, 99]
    assert first_of_each(t, np.zeros(100, bool), 10.0).tolist() == []
