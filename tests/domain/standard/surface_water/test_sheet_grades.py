"""A whole sheet: lakes among rivers, long sheets with gaps, and what the reader must be told."""

import pytest

from riverchief.errors import BadInput
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.surface_water.sheet_grades import grade_sheet


def graded(text: str, **options):
    return grade_sheet(read_samples(read_grid(text.encode(), "x.csv")), **options)


CORE = "pH,溶解氧,高锰酸盐指数,氨氮"
CLEAN = "7.5,9,1,0.1"


def classes(text: str, **options) -> list[str | None]:
    return [line.water_class for line in graded(text, **options)]


def test_each_row_by_its_own_kind_of_water():
    assert classes(f"断面,水体类型,{CORE},总磷\nA,河流,{CLEAN},0.05\nB,水库,{CLEAN},0.05\n") == ["II", "III"]


def test_a_lake_judged_as_a_river_is_refused_by_row():
    with pytest.raises(BadInput) as refused:
        classes("断面,水体类型,总磷\nA,河流,0.05\nB,水库,0.05\n", water="river")
    assert [(f.kind, f.line) for f in refused.value.faults] == [("lake_as_river", 3)]


def asked_for(text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(BadInput) as refused:
        classes(text)
    return [(fault.details["given"], fault.line) for fault in refused.value.faults]


def test_a_place_that_looks_like_a_lake_is_asked_for_once():
    head = f"断面,{CORE},总磷"
    text = f"{head}\n三合水库,{CLEAN},0.05\n三合水库,{CLEAN},0.05\n水寨子,{CLEAN},0.05\n"
    assert asked_for(text) == [("三合水库", 2)]
    assert classes(text, water="lake") == ["III", "III", "III"]
    assert classes(text, water="river") == ["II", "II", "II"]
    for name in ("太湖湖心", "坝前", "三合取水口", "East Lake", "Mill reservoir"):
        assert asked_for(f"{head}\n{name},{CLEAN},0.05\n") == [(name, 2)]
    for name in ("水寨子", "湖南大桥", "任河入境"):
        assert classes(f"{head}\n{name},{CLEAN},0.05\n") == ["II"]


def test_transparency_and_chlorophyll_ask_for_the_kind_of_water():
    head = f"断面,{CORE},总磷,透明度(m),叶绿素a(mg/L)"
    assert asked_for(f"{head}\nTHL01,{CLEAN},0.05,1.2,\nTHL02,{CLEAN},0.05,,0.01\n") == [("透明度", 2), ("叶绿素a", 3)]
    # a column without a value, as the sheets of automatic stations have it, says nothing; nor does a river by its name
    assert classes(f"{head}\nA,{CLEAN},0.05,*,*\n任河水寨子,{CLEAN},0.05,1.2,0.01\n") == ["II", "II"]
    assert classes(f"水体类型,{head}\n湖库,THL01,{CLEAN},0.05,1.2,\n") == ["III"]


def test_a_kind_of_water_that_nobody_knows_is_refused():
    with pytest.raises(BadInput) as refused:
        classes(f"断面,水体类型,{CORE},总磷\nA,河流,{CLEAN},0.05\nB,湿地,{CLEAN},0.05\n")
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [("unknown_water", 3)]
    assert "湖库" in refused.value.faults[0].details["allowed"]


def test_leaving_a_row_out_of_a_long_sheet_never_makes_a_class_better():
    long = "site,date,parameter,value\nA,1,NH3N,3\nA,1,TP,0.1\nA,1,DO,9\nA,2,NH3N,3\nA,2,TP,0.1\nA,2,DO,9\n"
    assert classes(long) == [">V", ">V"]
    assert classes(long.replace("A,2,NH3N,3\n", "")) == [">V", None]


def test_what_a_place_never_measures_is_not_missing_there():
    rows = [f"{place},1,{item}" for place in "AB" for item in ("DO,9", "NH3N,0.1", "CODMN,1")]
    long = "\n".join(["site,date,parameter,value", *rows, "A,1,TP,0.1", ""])
    assert classes(long) == ["II", "I"]


def test_the_line_and_the_judgement_say_the_same():
    sheet = graded("断面,溶解氧,氨氮,总磷,水质类别\nA,9,0.1,0.020,Ⅱ\nA,9,1.2,0.5,劣Ⅴ\nA,9,-1,0.1,\n")
    for n, line in enumerate(sheet):
        judged = sheet.judgement(n)
        assert (line.water_class, line.limiting) == (judged.water_class, judged.limiting)
        assert line.over_limit == pytest.approx(judged.over_limit)
        assert [item for item, _ in line.excluded] == [left.item for left in judged.excluded]


def test_a_published_class_that_rounding_does_not_explain_changes_nothing():
    assert classes(
        f"断面,{CORE},总磷,水质类别\nA,{CLEAN},0.020,Ⅱ\nA,{CLEAN},0.019,Ⅱ\nA,{CLEAN},0.020,Ⅲ\nA,{CLEAN},0.15,Ⅱ\n"
    ) == ["II", "I", "I", "III"]


def test_negative_faecal_counts_do_not_leak_into_other_rows():
    sheet = graded("断面,总磷,粪大肠菌群\nA,0.1,100\nA,0.1,-5\n")
    assert [dict(line.excluded)["FC"] for line in sheet] == ["apart", "negative"]


def test_a_printed_pH_of_9_beside_a_printed_inferior_class_was_above_9():
    head = "断面,pH,溶解氧,氨氮,总磷,水质类别"
    sheet = graded(f"{head}\nA,9.00,9,0.1,0.01,劣Ⅴ\nA,9.00,9,0.1,0.01,Ⅰ\nA,8.90,9,0.1,0.01,劣Ⅴ\n")
    assert [line.water_class for line in sheet] == [">V", "I", "I"]
    assert "印出值恰为限值" in sheet.judgement(0).explain("zh")
    assert "printed at the limit" in sheet.judgement(0).explain("en")
