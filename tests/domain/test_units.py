"""Units are converted once, at the door."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.units import all_units, convert, converter


def test_a_milligram_per_litre_is_a_gram_per_cubic_metre():
    assert convert(1.5, "mg/L", "g/m3") == 1.5


@pytest.mark.parametrize(
    ("given", "unit", "mg_l"), [(25.0, "µg/L", 0.025), (25.0, "μg/L", 0.025), (2.0, "克/升", 2000.0)]
)
def test_concentration_in_other_spellings(given: float, unit: str, mg_l: float):
    assert convert(given, unit, "mg/L") == pytest.approx(mg_l)


def test_temperature_has_an_offset():
    # °C = K − 273.15 = (°F − 32) · 5/9
    assert convert(300.0, "K", "℃") == pytest.approx(26.85)
    assert convert(50.0, "°F", "degC") == pytest.approx(10.0)


def test_missing_stays_missing():
    converted = convert(np.array([1.0, np.nan]), "mg/L", "ug/L")
    assert converted[0] == 1000.0 and np.isnan(converted[1])


def test_there_and_back_is_the_same_for_every_unit():
    for unit in all_units():
        for other in all_units():
            if unit.dimension == other.dimension:
                assert convert(convert(3.0, unit.symbol, other.symbol), other.symbol, unit.symbol) == pytest.approx(3.0)


def test_an_unknown_unit_is_named_with_its_neighbours():
    with pytest.raises(BadInput) as refused:
        convert(1.0, "mg/Litre", "mg/L")
    (fault,) = refused.value.faults
    assert fault.kind == "unknown_unit"
    assert "mg/L" in fault.details["nearest"]


def test_a_length_is_not_a_mass():
    with pytest.raises(BadInput) as refused:
        convert(1.0, "km", "kg")
    assert refused.value.faults[0].kind == "unit_mismatch"


def test_a_written_number_stays_one_at_the_door():
    # 66.09 · 0.001 is 0.06609000000000001 in binary; nobody wrote that
    assert converter("L/s", "m3/s")(66.09) == 0.06609
    assert converter("ug/L", "mg/L")(351) == 0.351
    assert converter("K", "degC")(283.15) == 10.0
    assert converter("mg/L", "mg/L") is None
    assert converter("mg/L", "mg/L", share=0.5)(0.3) == 0.15
