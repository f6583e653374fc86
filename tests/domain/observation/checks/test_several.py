"""Checks across parameters and stations."""

import numpy as np
import pytest

from riverchief.observation.checks import neighbour, oxygen, oxygen_saturation_mg_l, part_of_whole

NAN = float("nan")
HOUR = 3600.0


@pytest.mark.parametrize(("temperature_c", "published_mg_l"), [(0, 14.62), (10, 11.29), (20, 9.09), (30, 7.56)])
def test_oxygen_at_saturation_is_that_of_benson_and_krause(temperature_c, published_mg_l):
    # Benson and Krause 1984, fresh water, 1 atm, as tabulated by the USGS; HJ 2.3's short formula holds to 2 %
    assert oxygen_saturation_mg_l(temperature_c) == pytest.approx(published_mg_l, rel=0.02)


def test_more_oxygen_than_the_water_can_hold():
    # saturation at 20 °C: 468 / 51.6 = 9.07 mg/L
    outcome = oxygen([9.0, 14.0, 23.0, 9.0, NAN], [20, 20, 20, NAN, 20])
    assert outcome.codes.tolist() == [1, 3, 4, 2, 9]


def test_a_part_is_not_more_than_its_whole():
    outcome = part_of_whole([0.5, 1.14, 1.2, 0.5, NAN], [1.0, 1.0, 1.0, NAN, 1.0], tolerance_share=0.1, tolerance=0.05)
    assert outcome.codes.tolist() == [1, 1, 3, 2, 9]


def test_the_neighbour_is_read_at_the_travel_time():
    upstream_times = np.arange(0, 100) * HOUR
    upstream = 10 + np.sin(np.arange(100) / 5)
    times = np.arange(12, 90) * HOUR + 600
    lag_s = 6 * HOUR
    values = 10 + np.sin((times - lag_s) / HOUR / 5)
    options = {"difference": 0.05, "max_gap_s": 2 * HOUR}
    assert (neighbour(times, values, upstream_times, upstream, lag_s=lag_s, **options).codes == 1).all()
    assert (neighbour(times, values, upstream_times, upstream, lag_s=0, **options).codes == 3).mean() > 0.7
    broken = values.copy()
    broken[[5, 7]] = [14, NAN]
    found = neighbour(times, broken, upstream_times, upstream, lag_s=lag_s, **options).codes
    assert (found[5], found[7], (found == 1).sum()) == (3, 9, 76)


def test_a_neighbour_with_nothing_to_say():
    outcome = neighbour([0, 10, 20], [1, 1, 1], [0, 20], [1, NAN], lag_s=0, difference=1, max_gap_s=100)
    assert outcome.codes.tolist() == [1, 2, 2]
    far = neighbour([10], [5], [0, 20], [1, 1], lag_s=0, difference=1, max_gap_s=15)
    assert far.codes.tolist() == [2]
    share = neighbour([10], [119], [0, 20], [100, 100], lag_s=0, difference=1, share=0.2, max_gap_s=50)
    assert share.codes.tolist() == [1]
