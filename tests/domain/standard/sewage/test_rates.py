"""三率: collection, treatment and compliance, with what entered the works beside them."""

import json

import pytest

from riverchief.standard.sewage import WorksPeriod, three_rates


def test_the_collection_rate_of_the_worked_example():
    # 18.25e6 m3 · 96 mg/L = 1752e6 g; 365 · 150 000 · 45 g = 2463.75e6 g -> 71.1 %
    rates = three_rates([WorksPeriod("A", treated_m3=18.25e6, bod_in_mg_l=96, population=150_000)])
    assert rates.collection.percent == pytest.approx(71.1, abs=0.05)
    assert rates.collection.numerator == pytest.approx(1.752e6)  # kg
    assert rates.bod_in_mg_l == 96
    assert "进水浓度 BOD5 96 mg/L" in rates.explain("zh")


def test_an_unverified_constant_is_said():
    rates = three_rates([WorksPeriod("A", treated_m3=18.25e6, bod_in_mg_l=96, population=150_000)])
    assert "未经核实" in rates.collection.explain("zh")


def test_several_works_are_added_up_and_their_influent_is_weighed_by_volume():
    rates = three_rates(
        [
            WorksPeriod("A", treated_m3=300.0, discharged_m3=400.0, bod_in_mg_l=100.0, population=1.0, days=10),
            WorksPeriod("B", treated_m3=100.0, discharged_m3=100.0, bod_in_mg_l=20.0, population=1.0, days=10),
        ]
    )
    assert rates.treatment.percent == pytest.approx(80.0)
    assert rates.bod_in_mg_l == pytest.approx(80.0)  # (300 · 100 + 100 · 20) / 400


def test_one_unknown_input_leaves_the_rate_open_and_names_it():
    rates = three_rates([WorksPeriod("A", treated_m3=300.0, discharged_m3=400.0), WorksPeriod("B", treated_m3=100.0)])
    assert (rates.treatment.percent, rates.treatment.missing) == (None, ("treated", "discharged"))
    assert rates.collection.percent is None
    assert "进水浓度 未知" in rates.explain("zh")


def test_compliance_by_volume_where_known_else_by_days():
    by_volume = three_rates([WorksPeriod("A", verdicts=((True, 900.0), (False, 100.0), (None, 50.0)))]).compliance
    assert (by_volume.percent, by_volume.unit) == (90.0, "m3")
    assert "1 天无法判定" in by_volume.remark
    by_days = three_rates([WorksPeriod("A", verdicts=((True, None), (True, 100.0), (False, 100.0)))]).compliance
    assert (by_days.percent, by_days.unit) == (pytest.approx(66.67, abs=0.01), "d")
    assert three_rates([WorksPeriod("A")]).compliance.percent is None


def test_more_than_everything_is_doubted():
    rates = three_rates([WorksPeriod("A", treated_m3=500.0, discharged_m3=400.0)])
    assert "请核对" in rates.treatment.remark


def test_rates_are_plain_json():
    assert json.loads(json.dumps(three_rates([WorksPeriod("A")]).as_dict()))["works"] == ["A"]
