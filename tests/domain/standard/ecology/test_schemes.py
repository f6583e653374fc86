"""Ecological quality and river health: declared schemes, and the caveat that belongs to them."""

import math

import pytest

from riverchief.errors import BadInput
from riverchief.standard.ecology import change_of, ei_part, score_health, score_index
from riverchief.table import read_table


def test_EI_of_the_worked_example():
    # 0.35·62 + 0.25·81 + 0.15·38 + 0.15·(100 − 6) + 0.10·(100 − 4) = 71.35 -> 良
    found = score_index("ei", {"BIO": 62, "VEG": 81, "WAT": 38, "STRESS": 6, "LOAD": 4})
    assert found.score == pytest.approx(71.35)
    assert found.grade_zh == "良"


def test_EQI_of_the_worked_example():
    # 0.36·66 + 0.35·72 + 0.19·58 + 0.10·(100 − 14) = 68.58 -> 二类
    found = score_index("eqi", {"PATTERN": 66, "FUNCTION": 72, "BIODIV": 58, "STRESS": 14})
    assert found.score == pytest.approx(68.58)
    assert found.grade_zh == "二类"
    assert "不得作为权威结论" in found.explain("zh") and "caution" in found.explain("en")


@pytest.mark.parametrize(("score", "grade"), [(54.76, "三类"), (57.38, "二类"), (73.88, "一类"), (32.73, "四类")])
def test_EQI_grades_fit_published_values(score: float, grade: str):
    values = {"PATTERN": score, "FUNCTION": score, "BIODIV": score, "STRESS": 100 - score}
    assert score_index("eqi", values).grade_zh == grade


def test_a_missing_index_leaves_the_score_open():
    found = score_index("ei", {"BIO": 62, "VEG": None})
    assert (found.score, found.grade_zh) == (None, "")
    assert found.missing == ("VEG", "WAT", "STRESS", "LOAD")


def test_sizes_of_change():
    assert [change_of("ei", 60, after).zh for after in (60.9, 62, 57, 70)] == [
        "无明显变化", "略有变化", "明显变化", "显著变化",
    ]  # fmt: skip
    assert change_of("eqi", 60, math.nan) is None


def test_a_part_of_EI_by_hand():
    # all forest: 511.2642131067 · 0.35 · 10 / 10
    land = dict.fromkeys(("grass", "water_wetland", "cropland", "built", "unused"), 0.0)
    assert ei_part("HQ", {"forest": 10.0, **land}, area=10.0) == pytest.approx(511.2642131067 * 0.35)
    assert math.isnan(ei_part("HQ", {"forest": 10.0}, area=10.0))


def river_scores(score: float) -> dict[str, float]:
    rows = read_table("riverchief.standard.ecology", "river_health.csv")
    return {row["indicator"]: score for row in rows if row["kind"] == "river" and row["required"] == "1"}


def test_river_health_is_the_weighted_sum_of_its_layers():
    # 盆 60, 水 80, 生物 70, 社会 90 -> 0.2·60 + 0.3·80 + 0.2·70 + 0.3·90 = 77 -> 健康
    rows = read_table("riverchief.standard.ecology", "river_health.csv")
    by_layer = {"盆": 60.0, "水": 80.0, "生物": 70.0, "社会服务功能": 90.0}
    scores = {r["indicator"]: by_layer[r["layer"]] for r in rows if r["kind"] == "river" and r["required"] == "1"}
    found = score_health("river", scores)
    assert found.score == pytest.approx(77.0)
    assert found.grade_zh.startswith("健康")
    assert "不得作为权威结论" in found.explain("zh")


def test_an_optional_indicator_shares_its_layer():
    scores = river_scores(80.0)
    with_optional = score_health("river", {**scores, "水鸟状况": 40.0})
    assert with_optional.layers["生物"] == pytest.approx(60.0)
    weighted = score_health("river", {**scores, "水鸟状况": 40.0}, weights={"水鸟状况": 3.0})
    assert weighted.layers["生物"] == pytest.approx(50.0)


def test_a_missing_required_indicator_leaves_the_score_open():
    scores = river_scores(80.0)
    del scores["公众满意度"]
    found = score_health("river", scores)
    assert (found.score, found.missing) == (None, ("公众满意度",))


def test_unknown_names_are_refused():
    with pytest.raises(BadInput):
        score_health("river", {"风景": 90.0})
    with pytest.raises(BadInput):
        score_index("ei", {"BIOO": 1.0})
    with pytest.raises(BadInput):
        ei_part("AIR", {})
