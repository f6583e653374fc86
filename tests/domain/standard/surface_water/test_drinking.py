"""Drinking-water sources: 三合水库 and the townships; manganese first."""

import pytest

from riverchief.errors import BadInput
from riverchief.standard import Compliance, grade_sample
from riverchief.standard.censored import above, below
from riverchief.standard.surface_water.drinking import (
    judge_source,
    kind_of_source,
    programmes,
    source_kinds,
    source_rate,
)
from riverchief.standard.surface_water.limits import ground_limits

CLEAN = {
    "PH": 7.5, "DO": 8.0, "CODMN": 2.0, "BOD5": 2.0, "NH3N": 0.1, "TP": 0.02, "CU": 0.001, "ZN": 0.01, "F": 0.2,
    "SE": 0.0005, "AS": 0.001, "HG": 0.00002, "CD": 0.0005, "CR6": 0.004, "PB": 0.002, "CN": 0.002, "PHENOL": 0.0005,
    "OIL": 0.01, "LAS": 0.05, "S2": 0.01, "SO4": 30, "CL": 5, "NO3N": 1.0, "FE": 0.05, "MN": 0.02,
}  # fmt: skip


def test_a_township_source_has_29_items_of_which_4_are_not_judged():
    kind = source_kinds()["township"]
    assert len(kind.due()) + len(kind.not_judged) == 29


def test_a_source_complies_when_every_item_does():
    judged = judge_source({**CLEAN, "TN": 3.0, "COD": 30}, "township")
    assert judged.complies is True
    assert {left.item for left in judged.excluded if left.kind == "not_for_sources"} >= {"TN", "COD"}


def test_manganese_over_a_tenth_of_a_milligram_fails_the_source():
    judged = judge_source({**CLEAN, "MN": 0.15}, "township")
    assert judged.complies is False
    (manganese,) = judged.over
    assert (manganese.item, manganese.clause, manganese.over_limit) == ("MN", "表2第5项", pytest.approx(0.5))
    assert "锰 0.15 mg/L，超过限值 0.1 mg/L（GB 3838-2002 表2第5项，超标 0.5 倍）" in judged.explain("zh")


def test_missing_never_passes():
    judged = judge_source({**CLEAN, "MN": None}, "township")
    assert judged.complies is None
    assert judged.missing == ("MN",)
    without = {code: value for code, value in CLEAN.items() if code != "FE"}
    assert judge_source(without, "township").missing == ("FE",)
    assert judge_source({"MN": 0.05}, "township", items=["MN"]).complies is True


def test_table_3_counts_for_the_county_and_not_for_a_township():
    assert judge_source({**CLEAN, "铊": 0.0002}, "county").complies is False
    township = judge_source({**CLEAN, "铊": 0.0002}, "township")
    assert township.complies is True
    assert [left.item for left in township.excluded if left.kind == "not_in_standard"] == ["TL"]


def test_a_reservoir_is_held_to_lake_phosphorus():
    assert judge_source({**CLEAN, "TP": 0.06}, "county").complies is False
    assert judge_source({**CLEAN, "TP": 0.06}, "township").complies is True


def test_manganese_of_a_river_is_shown_apart_and_never_decides():
    judged = grade_sample({"DO": 9.0, "CODMN": 1.0, "NH3N": 0.1, "MN": 0.35})
    assert judged.water_class == "I"
    (manganese,) = judged.apart
    assert (manganese.item, manganese.over, manganese.over_limit) == ("MN", True, pytest.approx(2.5))
    assert [(left.item, left.kind) for left in judged.excluded] == [("MN", "source_water_only")]


def test_rates_by_count_and_by_volume():
    rate = source_rate([(True, 900.0), (True, 100.0), (False, 1000.0), (None, 50.0)])
    assert (rate.compliant, rate.judged, rate.unknown) == (2, 3, 1)
    assert rate.by_count == pytest.approx(66.67, abs=0.01)
    assert rate.by_volume == pytest.approx(50.0)
    assert source_rate([(True, None), (False, 10.0)]).by_volume is None
    assert source_rate([]).by_count is None


def test_an_unknown_kind_is_refused():
    with pytest.raises(BadInput):
        judge_source(CLEAN, "well")


def test_how_much_of_the_programme_was_there_is_said():
    judged = judge_source(CLEAN, kind_of_source("lake", "county"))
    assert (judged.complies, judged.programme, judged.measured, judged.expected) == (True, "surface_61", 25, 61)
    assert len(judged.absent) == 36 and "w24004" in judged.absent
    assert "评价25项，应测61项，缺36项" in judged.explain("zh")
    assert judge_source(CLEAN, "county", programme="surface_109").expected == 109


def test_the_programmes_count_what_the_notices_count():
    # table 1 without COD 23, table 2 5, preferred 33; 24 + 5 + 80; 24 + 5
    assert [len(programmes()[name].codes) for name in ("surface_61", "surface_109", "surface_29")] == [61, 109, 29]


def test_groundwater_has_its_own_limits():
    values = dict.fromkeys(ground_limits(), 0.0) | {"PH": 6.2}
    judged = judge_source(values, kind_of_source("ground"))
    assert [(e.item, e.operator, e.lower) for e in judged.over] == [("PH", "not in", 6.5)]  # 6-9 would pass it
    assert judged.edition == "GB/T 14848-2017" and judged.verification == "own_knowledge"


def test_a_bound_never_passes_a_source():
    for value, complies in ((below(0.05), True), (below(0.2), None), (above(0.2), False), (above(0.05), None)):
        assert judge_source({**CLEAN, "MN": value}, "county").complies is complies


def test_a_background_value_is_taken_off_and_said():
    judged = judge_source({**CLEAN, "MN": 0.25}, "county", backgrounds={"锰": 0.2})
    assert judged.complies is True
    manganese = next(e for e in judged.evidence if e.item == "MN")
    assert (manganese.value, manganese.background) == (pytest.approx(0.05), pytest.approx(0.2))
    assert "实测 0.25，扣除本底值 0.2" in manganese.explain("zh")
    assert Compliance.from_dict(judged.as_dict()) == judged
