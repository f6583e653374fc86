"""四舍六入五成双: the digits as written decide, not how a computer stores them."""

import numpy as np
import pytest

from riverchief.standard.rounding import round_half_even, show_multiple


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.675, 2, 2.68),  # stored as 2.67499999999999982236431605997495353221893310546875
        (2.665, 2, 2.66),
        (0.125, 2, 0.12),
        (0.135, 2, 0.14),
        (2.5, 0, 2.0),
        (3.5, 0, 4.0),
        (1.2500001, 1, 1.3),
        (7.204, 2, 7.2),
    ],
)
def test_half_goes_to_the_even_digit(value: float, decimals: int, expected: float):
    assert round_half_even(value, decimals) == expected


def test_columns_round_like_single_values_and_missing_stays_missing():
    rounded = round_half_even(np.array([0.125, np.nan, 0.135]), 2)
    assert rounded[[0, 2]].tolist() == [0.12, 0.14]
    assert np.isnan(rounded[1])


def test_what_would_vanish_keeps_a_digit():
    assert round_half_even(0.00042, 2, keep_a_digit=True) == 0.0004
    assert round_half_even(0.0, 2, keep_a_digit=True) == 0.0
    assert round_half_even(np.array([0.00042, 1.234]), 2, keep_a_digit=True).tolist() == [0.0004, 1.23]


@pytest.mark.parametrize(("multiple", "shown"), [(0.3, "0.3"), (0.25, "0.2"), (12.04, "12.0"), (0.02, "0.02")])
def test_a_multiple_never_prints_as_nothing(multiple: float, shown: str):
    assert show_multiple(multiple) == shown
