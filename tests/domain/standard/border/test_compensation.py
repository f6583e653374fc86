"""Border sections: who owes whom (Chongqing's rule of 2018, as reported)."""

import json

import pytest

from riverchief.errors import BadInput
from riverchief.standard import grade_sample
from riverchief.standard.border import Border, make_ledger, settle_month
from tests.domain.standard.waters import CLEAN

REN = Border("水寨子", "城口县", "万源市", "II")
TWO = {**CLEAN, "TP": 0.05}
ONE = {**CLEAN, "TP": 0.015}
THREE = {**CLEAN, "TP": 0.15}


def month(label: str, values: dict, before: str | None, border: Border = REN):
    return settle_month(border, label, grade_sample(values, target=border.target), before)


def test_clean_and_better_downstream_pays():
    result = month("2024-05", ONE, "II")
    assert (result.payer, result.receiver, result.amount_yuan) == ("万源市", "城口县", 1_000_000)
    said = result.explain("zh")
    assert said.startswith("2024-05 水寨子（目标Ⅱ类）：本月Ⅰ类，对照Ⅱ类；达到水质功能类别且水质提升，下游补偿上游")
    assert "万源市补偿城口县 100 万元" in said


def test_clean_but_worse_upstream_pays():
    result = month("2024-05", TWO, "I")
    assert (result.payer, result.receiver, result.amount_yuan) == ("城口县", "万源市", 1_000_000)


def test_clean_and_unchanged_nobody_pays():
    result = month("2024-05", TWO, "II")
    assert (result.payer, result.amount_yuan, result.open) == ("", 0, False)


def test_missing_its_class_the_amount_is_worked_out_separately():
    result = month("2024-05", THREE, "II")
    assert (result.meets, result.payer, result.amount_yuan, result.open) == (False, "城口县", None, False)


@pytest.mark.parametrize(("values", "before"), [({**CLEAN, "TP": None}, "II"), (TWO, None)])
def test_what_is_not_known_is_not_settled(values: dict, before: str | None):
    result = month("2024-05", values, before)
    assert (result.open, result.payer, result.amount_yuan) == (True, "", None)


def test_the_press_is_not_the_document_and_the_sentence_says_so():
    assert "未经原文核实" in month("2024-05", ONE, "II").explain("zh")


def test_a_ledger_for_each_pair_of_neighbours():
    qian = Border("土堡寨", "城口县", "宣汉县", "II")
    results = [
        month("2024-06", TWO, "I"),
        month("2024-05", ONE, "II"),
        month("2024-07", ONE, "II"),
        month("2024-08", THREE, "II"),
        month("2024-09", {"TP": None}, "II"),
        month("2024-05", TWO, "II", qian),
    ]
    ren, other = make_ledger(results)
    assert (ren.downstream, other.downstream) == ("万源市", "宣汉县")
    assert [r.month for r in ren.months] == ["2024-05", "2024-06", "2024-07", "2024-08", "2024-09"]
    assert (ren.owed_by_downstream, ren.owed_by_upstream, ren.balance_yuan) == (2e6, 1e6, 1e6)
    assert [r.month for r in ren.separately] == ["2024-08"]
    assert [r.month for r in ren.still_open] == ["2024-09"]


def test_a_result_is_plain_json_and_an_unknown_rule_is_refused():
    assert json.loads(json.dumps(month("2024-05", ONE, "II").as_dict()))["border"]["section"] == "水寨子"
    with pytest.raises(BadInput):
        settle_month(REN, "2024-05", grade_sample(ONE), "II", rule="nowhere")
