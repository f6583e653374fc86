"""The engine for millions of samples says what the readable form says, and keeps the promises of the law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.standard import grade_sample, rank_of
from riverchief.standard.censored import above, below
from riverchief.standard.surface_water.engine import STATUS, grade_samples
from riverchief.standard.surface_water.limits import class_items, limits_for
from tests.domain.standard.waters import CLEAN

ITEMS = class_items("river")


def a_value(item: str):
    limits = limits_for("lake")[item]
    ends = [end for end in (*limits.low, *limits.high) if math.isfinite(end)]
    return st.one_of(
        st.sampled_from(ends),  # exactly at a limit
        st.floats(0.0, 3.0 * max(ends)),
        st.sampled_from([math.nan, -1.0, 1e9]),
    )


@st.composite
def columns(draw: st.DrawFn) -> dict[str, np.ndarray]:
    # total nitrogen and faecal coliforms stand apart and must disturb nothing
    items = draw(st.lists(st.sampled_from((*ITEMS, "TN", "FC")), min_size=1, max_size=8, unique=True))
    size = draw(st.integers(1, 6))
    return {item: np.array([draw(a_value(item)) for _ in range(size)]) for item in items}


@st.composite
def bounded(draw: st.DrawFn, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """For each value whether it is itself, an upper bound or a lower bound."""
    sign = st.sampled_from([0, 0, 1, 2])
    return {item: np.array([draw(sign) for _ in column], np.uint8) for item, column in values.items()}


def reported(value: float, sign: int):
    return value if sign == 0 or math.isnan(value) else below(value) if sign == 1 else above(value)


@settings(max_examples=200, deadline=None)
@given(
    columns(),
    st.sampled_from(["river", "lake"]),
    st.sampled_from(["I", "II", "III", "IV", "V"]),
    st.sampled_from(["withhold", "ignore"]),
    st.none() | st.floats(0.0, 35.0),
    st.sampled_from(["half", "limit", "refuse"]),
    st.data(),
)
def test_the_engine_agrees_with_the_readable_form(values, water, target, missing, temperature, rule, data):
    size = next(iter(values.values())).size
    if temperature is not None:
        values = {**values, "WT": np.full(size, temperature)}
    signs = data.draw(bounded(values))
    grades = grade_samples(values, water=water, target=target, missing=missing, bounds=signs, censored=rule)
    for n in range(size):
        sample = {item: reported(float(column[n]), int(signs[item][n])) for item, column in values.items()}
        judged = grade_sample(sample, water=water, target=target, missing=missing, censored=rule)
        assert (grades.classes[n] or None) == judged.water_class
        assert grades.at_best[n] == rank_of(judged.at_best)
        assert set(grades.limiting_items(n)) == set(judged.limiting)
        multiples = {item: m for item, m in zip(grades.items, grades.multiples[:, n], strict=True) if not np.isnan(m)}
        assert multiples == pytest.approx(judged.over_limit)
        assert grades.judgement(n) == judged


@settings(max_examples=200, deadline=None)
@given(columns(), st.data())
def test_worse_water_never_gives_a_better_class(values, data):
    item = data.draw(st.sampled_from(sorted(values)))
    direction = limits_for("lake")[item].direction
    if direction == "range":
        return
    before = grade_samples(values).rank.astype(int)
    factor = 0.5 if direction == "min" else 1.5
    worse = grade_samples({**values, item: values[item] * factor}).rank.astype(int)
    assert np.all((worse >= before) | (worse == 0))


@settings(max_examples=200, deadline=None)
@given(columns(), st.data())
def test_missing_never_improves(values, data):
    # An item that goes missing withholds the class or leaves it; it never makes it better.
    item = data.draw(st.sampled_from(sorted(values)))
    before = grade_samples(values).rank.astype(int)
    gone = grade_samples({**values, item: np.full(before.size, np.nan)})
    assert np.all((gone.rank >= before) | (gone.rank == 0))
    # and no missing value of any item makes a target met that was not
    passes = [grade_samples(values).judgement(n).meets_target for n in range(before.size)]
    still = [gone.judgement(n).meets_target for n in range(before.size)]
    assert all(not (now is True and was is not True) for was, now in zip(passes, still, strict=True))


@settings(max_examples=300, deadline=None)
@given(columns(), st.sampled_from(["half", "limit", "refuse"]), st.data())
def test_a_sign_never_improves(values, rule, data):
    # "<0.9" is never judged better than 0.9, nor ">0.9"
    item = data.draw(st.sampled_from(sorted(values)))
    signs = {item: np.full(values[item].size, data.draw(st.sampled_from([1, 2])), np.uint8)}
    before, after = grade_samples(values, censored=rule), grade_samples(values, bounds=signs, censored=rule)
    assert np.all((after.rank >= before.rank) | (after.rank == 0))
    for n in range(before.rank.size):
        was, now = before.judgement(n).meets_target, after.judgement(n).meets_target
        assert not (now is True and was is not True)


@settings(max_examples=100, deadline=None)
@given(columns(), st.randoms())
def test_the_order_of_rows_never_matters(values, random):
    size = next(iter(values.values())).size
    order = list(range(size))
    random.shuffle(order)
    shuffled = grade_samples({item: column[order] for item, column in values.items()})
    assert shuffled.classes.tolist() == grade_samples(values).classes[order].tolist()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([i for i in ITEMS if limits_for("river")[i].unit == "mg/L"]), st.integers(1, 5))
def test_a_unit_change_at_the_limit_never_changes_a_class(item, rank):
    limit = limits_for("river")[item][("I", "II", "III", "IV", "V")[rank - 1]]
    there_and_back = np.array([limit, limit * 1000.0 * 0.001, limit / 0.001 / 1000.0, limit * 1e6 / 1e6])
    assert len(set(grade_samples({item: there_and_back}).classes.tolist())) == 1


def test_what_is_not_measured_at_a_place_is_not_missing():
    clean = {code: np.full(2, value) for code, value in CLEAN.items()}
    values = {**clean, "TP": np.array([np.nan, np.nan])}
    status = {"TP": np.array([STATUS.index("absent"), STATUS.index("missing")], np.uint8)}
    assert grade_samples(values, status=status).classes.tolist() == ["I", ""]


def test_a_target_for_each_sample():
    grades = grade_samples({"NH3N": np.array([0.75, 0.75])}, target=np.array([2, 3], np.uint8))
    assert grades.multiples[0, 0] == pytest.approx(0.5)
    assert np.isnan(grades.multiples[0, 1])


def test_columns_of_different_lengths_and_two_names_for_one_item_are_refused():
    with pytest.raises(BadInput):
        grade_samples({"NH3N": np.zeros(2), "TP": np.zeros(3)})
    with pytest.raises(BadInput) as refused:
        grade_samples({"NH3N": np.zeros(2), "氨氮": np.zeros(2)})
    assert refused.value.faults[0].kind == "duplicate"
