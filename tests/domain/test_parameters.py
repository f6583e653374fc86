"""One parameter, many spellings."""

import pytest

from riverchief.errors import BadInput
from riverchief.parameter import all_parameters, find_parameter
from riverchief.units import find_unit


@pytest.mark.parametrize("spelling", ["NH3N", "氨氮", "NH3-N", " nh3-n ", "w21003", "ammonia nitrogen"])
def test_ammonia_by_any_name(spelling: str):
    assert find_parameter(spelling).code == "NH3N"


def test_an_unknown_parameter_is_named_with_its_neighbours():
    with pytest.raises(BadInput) as refused:
        find_parameter("氨淡")
    assert "氨氮" in refused.value.faults[0].details["nearest"]


def test_every_parameter_has_a_known_unit_and_both_names():
    for parameter in all_parameters():
        assert find_unit(parameter.unit).symbol == parameter.unit
        assert parameter.name_zh and parameter.name_en
