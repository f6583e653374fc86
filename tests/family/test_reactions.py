"""Every row of the reaction tables is sound, and the family conserves what it must."""

import numpy as np
import pytest

from riverchief.parameter import find_parameter
from riverchief.table import read_table
from riverchief.transport.kinetics import Kinetics, all_reactions, all_species
from riverchief.transport.oxygen import reaeration

UNITS = {"decay": "1/d", "reaeration": "1/d", "settling": "m/d", "demand": "g/m2/d", "supply": "g/m2/d"} | {
    "light": "g/m2/d",
    "crop": "g/g/d",
}


@pytest.mark.parametrize("row", all_reactions().values(), ids=lambda row: row.code)
def test_a_reaction_names_known_species_and_sensible_numbers(row):
    species = all_species()
    assert row.species in species and all(product in species for product, _ in row.makes)
    assert row.unit == UNITS[row.kind]
    assert row.rate is None or row.low <= row.rate <= row.high
    assert 1.0 <= row.theta <= 1.15
    assert row.oxygen in ("", "needs", "hinders")
    assert row.zh and row.en and row.source
    assert (row.light_w_m2 is not None and row.light_w_m2 > 0) == (row.kind == "light")


@pytest.mark.parametrize("row", all_reactions().values(), ids=lambda row: row.code)
def test_a_substance_that_makes_another_of_its_element_loses_no_gram(row):
    elements = {"ORGN": "N", "NH4": "N", "NO3": "N", "ORGP": "P", "PO4": "P", "MN": "Mn", "MNP": "Mn", "CBODS": "O"}
    elements["CBODF"] = "O"
    mine = elements.get(row.species)
    made = sum(grams for product, grams in row.makes if elements.get(product) == mine)
    assert made in (0.0, 1.0)


@pytest.mark.parametrize("row", all_species().values(), ids=lambda row: row["code"])
def test_a_species_that_is_measured_names_its_parameter(row):
    assert row["parameter"] == "" or find_parameter(row["parameter"]).code == row["parameter"]


@pytest.mark.parametrize("code", [row["code"] for row in read_table("riverchief.transport", "reaeration.csv")])
def test_reaeration_grows_with_velocity_and_falls_with_depth(code: str):
    assert reaeration(0.6, 1.0, code) > reaeration(0.3, 1.0, code) > reaeration(0.3, 2.0, code)


@pytest.mark.parametrize("code", list(all_species()))
def test_every_species_can_be_computed_alone(code: str):
    one = Kinetics.of([code])
    k, b = one.system(np.array([20.0]), np.array([1.0]), np.array([0.3]), np.array([0.0]))
    assert k.shape == (1, 1, 1) and k[0, 0, 0] <= 0 and np.isfinite(b).all()
