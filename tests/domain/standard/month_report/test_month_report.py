"""The monthly report against a small county worked out by hand.

Clean water (class II): DO 7.0, CODMn 2.0, NH3-N 0.1, TP 0.05, pH 8. What is put over it decides: ammonia 0.1 II, 0.8
III, 1.2 IV (limit of III 1.0: 0.2 times over), 1.8 V, 2.4 worse than V; phosphorus 0.26 is IV (limit 0.2: 0.3 over).
"""

import pytest

from riverchief.errors import BadInput
from riverchief.standard.month_report import month_report, sections_of, tables_of
from riverchief.standard.sheet import read_grid, read_samples

HEAD = "断面,河流,考核级别,水质目标,时间,pH(无量纲),溶解氧(mg/L),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)"
MONTH = "2026-10"


def row(
    section: str, month: str, ammonia: object, phosphorus: object = 0.05, *, river="任河", control="县考", target="III"
):
    return f"{section},{river},{control},{target},{month}-05 08:00,8.0,7.0,2.0,{ammonia},{phosphorus}"


def report(*rows: str, head: str = HEAD, month: str = MONTH, **options):
    text = "\n".join((head, *rows)) + "\n"
    return month_report(sections_of(read_samples(read_grid(text.encode(), "s.csv")), month, **options), month)


def line_of(found, section: str):
    return next(line for line in found.lines if line.section.name == section)


def test_a_month_is_the_mean_of_its_samples_and_its_pollutants_are_against_class_three():
    found = report(row("甲", MONTH, 1.0), row("甲", MONTH, 1.4, 0.47).replace("-05", "-20"))
    line = line_of(found, "甲")
    # ammonia (1.0 + 1.4) / 2 = 1.2, phosphorus (0.05 + 0.47) / 2 = 0.26
    assert line.water_class == "IV"
    assert [(one.item, round(one.multiple, 3)) for one in line.pollutants] == [("TP", 0.3), ("NH3N", 0.2)]
    assert line.meets_target is False


def test_multiples_against_the_target_stand_apart_from_those_against_class_three():
    line = line_of(report(row("甲", MONTH, 0.8, target="II")), "甲")
    # limit of class II is 0.5: (0.8 − 0.5) / 0.5 = 0.6; class III is kept, so there is no main pollutant
    assert line.pollutants == () and {item: round(m, 3) for item, m in line.over_target.items()} == {"NH3N": 0.6}
    assert line.meets_target is False


def test_changes_are_beside_last_month_and_the_same_month_of_last_year():
    found = report(row("甲", "2025-10", 1.8), row("甲", "2026-09", 0.1), row("甲", MONTH, 1.2))
    line = line_of(found, "甲")
    # V to IV is one level better; II (excellent) to IV (lightly polluted) is two levels worse
    assert (line.last_year.water_class, line.change_year.direction) == ("V", 1)
    assert (line.last_month.water_class, line.change_month.direction, line.change_month.size) == ("II", -1, "notable")


def test_class_one_to_two_is_no_change_for_both_are_excellent():
    rows = [row("甲", "2026-09", 0.1), row("甲", MONTH, 0.1)]
    first = rows[0].replace(",7.0,2.0,0.1,0.05", ",8.0,1.5,0.1,0.01")
    line = line_of(report(first, rows[1]), "甲")
    assert (line.last_month.water_class, line.water_class) == ("I", "II")
    assert line.change_month.direction == 0


def test_the_year_so_far_is_the_mean_of_its_months_and_not_of_its_samples():
    # January has four samples of 0.1, October one of 1.9: the mean of months is 1.0 (III), of samples 0.46 (II)
    january = [row("甲", "2026-01", 0.1).replace("-05", f"-0{day}") for day in (1, 2, 3, 4)]
    line = line_of(report(*january, row("甲", MONTH, 1.9)), "甲")
    assert line.so_far.water_class == "III"


def test_a_section_that_was_not_sampled_is_counted_as_not_judged_and_says_why():
    head = HEAD + ",站点情况"
    found = report(
        row("甲", MONTH, 0.1) + ",正常",
        row("乙", MONTH, "").replace(",8.0,7.0,2.0,,0.05", ",,,,,") + ",断流",
        head=head,
    )
    assert line_of(found, "乙").absent == "断流" and line_of(found, "乙").water_class is None
    assert (found.whole.now.shares.judged, found.whole.now.shares.unjudged) == (1, 1)
    assert (found.whole.rate.meeting, found.whole.rate.unknown) == (1, 1)
    assert found.whole.rate.lowest == 50.0


def test_a_river_of_five_sections_keeps_its_method_when_one_is_silent():
    five = [row(name, "2026-09", 0.1) for name in "甲乙丙丁戊"]
    october = [row(name, MONTH, 0.1) for name in "甲乙丙"] + [row("丁", MONTH, 2.4)]
    river = report(*five, *october).rivers[0]
    # by shares: 3 of 4 judged are good and a quarter is worse than V
    assert river.now.method == "shares" and (river.now.shares.judged, river.now.shares.unjudged) == (4, 1)


def test_rivers_and_levels_of_control_are_lists_of_their_own():
    found = report(
        row("甲", MONTH, 0.1, control="国考、市考", target="II"),
        row("乙", MONTH, 1.2, control="市考"),
        row("丙", MONTH, 0.1, river="前河"),
    )
    assert [(group.name, len(group.lines)) for group in found.rivers] == [("任河", 2), ("前河", 1)]
    assert {group.name: (group.rate.meeting, group.rate.failing) for group in found.controls} == {
        "国考": (1, 0),
        "市考": (1, 1),
        "县考": (1, 0),
    }


def test_what_a_station_measured_in_a_month_is_not_averaged_with_what_was_sampled_by_hand():
    head = HEAD + ",数据来源"
    found = report(
        row("甲", MONTH, 1.2, "") + ",自动",
        row("甲", MONTH, 0.1, 0.05).replace("-05 ", "-06 ") + ",手工",
        head=head,
    )
    line = line_of(found, "甲")
    # ammonia is the station's 1.2 alone; phosphorus, which it does not measure, is the laboratory's
    assert line.water_class == "IV" and line.source == "4/1"


def test_the_order_of_the_sources_does_not_matter():
    head = HEAD + ",数据来源"
    rows = [row("甲", MONTH, 1.2, "") + ",自动", row("甲", MONTH, 0.1, 0.05).replace("-05 ", "-06 ") + ",手工"]
    assert (
        line_of(report(*rows, head=head), "甲").water_class == line_of(report(*rows[::-1], head=head), "甲").water_class
    )


def test_too_few_items_are_no_class_but_what_they_prove_is_said():
    text = "断面,时间,氨氮(mg/L)\n甲,2026-10-05,1.8\n"
    found = month_report(sections_of(read_samples(read_grid(text.encode(), "s.csv")), MONTH), MONTH)
    line = found.lines[0]
    assert line.water_class is None and line.judgement.at_best == "V" and line.meets_target is False
    assert "不优于Ⅴ类" in tables_of(found, "", "zh").tables[-1].rows[0]


def test_every_fault_of_the_targets_is_named():
    with pytest.raises(BadInput) as refused:
        report(row("甲", MONTH, 0.1, target="七类"), row("乙", MONTH, 0.1), row("乙", MONTH, 0.1, target="II"))
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [("not_one_of", 2), ("contradicts", 4)]


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "October", ""])
def test_a_month_that_is_none_is_refused(month: str):
    with pytest.raises(BadInput, match="2026-10"):
        month_report([], month)


def test_the_words_are_all_there_in_both_languages_and_the_note_stands_once():
    found = report(row("甲", MONTH, 1.2, 0.26), row("乙", MONTH, 0.1))
    zh, en = tables_of(found, "城口县", "zh"), tables_of(found, "Chengkou", "en")
    assert zh.title == "城口县地表水水质月报（2026年10月）" and "October 2026" in en.title
    assert "总磷(0.3)、氨氮(0.2)" in zh.tables[-1].rows[0]
    assert sum("转述" in note for note in zh.notes) <= 1
    text = en.sentence + "".join("".join((table.heading, *table.columns)) for table in en.tables)
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in text)
    assert len(zh.tables) == len(en.tables)


def test_the_quarter_is_shown_in_the_month_in_which_it_ends():
    rows = [row("甲", month, value) for month, value in (("2026-07", 0.8), ("2026-08", 0.8), ("2026-09", 1.8))]
    # (0.8 + 0.8 + 1.8) / 3 = 1.13: IV
    assert line_of(report(*rows, month="2026-09"), "甲").quarter.water_class == "IV"
    assert line_of(report(*rows, month="2026-08"), "甲").quarter is None
