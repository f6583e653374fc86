"""A whole sheet: lakes among rivers, long sheets with gaps, and what the reader must be told."""

import pytest

from riverchief.errors import BadInput
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.surface_water.sheet_grades import grade_sheet


def graded(text: str, **options):
    return grade_sheet(read_samples(read_grid(text.encode(), "x.csv")), **options)


def classes(text: str, **options) -> list[str | None]:
    return [line.water_class for line in graded(text, **options)]


def test_each_row_by_its_own_kind_of_water():
    assert classes("断面,水体类型,总磷\nA,河流,0.05\nB,水库,0.05\n") == ["II", "III"]


def test_a_lake_judged_as_a_river_is_refused_by_row():
    with pytest.raises(BadInput) as refused:
        classes("断面,水体类型,总磷\nA,河流,0.05\nB,水库,0.05\n", water="river")
    assert [(f.kind, f.line) for f in refused.value.faults] == [("lake_as_river", 3)]


def test_a_place_that_looks_like_a_lake_is_judged_as_one_and_noted_once():
    text = "断面,总磷\n三合水库,0.05\n三合水库,0.05\n水寨子,0.05\n"
    assert classes(text) == ["III", "III", "II"]
    assert [note.kind for note in graded(text).notes] == ["looks_like_lake"]
    assert classes(text, water="river") == ["II", "II", "II"]


def test_leaving_a_row_out_of_a_long_sheet_never_makes_a_class_better():
    long = "site,date,parameter,value\nA,1,NH3N,3\nA,1,TP,0.1\nA,2,NH3N,3\nA,2,TP,0.1\n"
    assert classes(long) == [">V", ">V"]
    assert classes(long.replace("A,2,NH3N,3\n", "")) == [">V", None]


def test_what_a_place_never_measures_is_not_missing_there():
    long = "site,date,parameter,value\nA,1,NH3N,0.1\nA,1,TP,0.1\nB,1,NH3N,0.1\n"
    assert classes(long) == ["II", "I"]


def test_the_line_and_the_judgement_say_the_same():
    sheet = graded("断面,氨氮,总磷,水质类别\nA,0.1,0.020,Ⅱ\nA,1.2,0.5,劣Ⅴ\nA,-1,0.1,\n")
    for n, line in enumerate(sheet):
        judged = sheet.judgement(n)
        assert (line.water_class, line.limiting) == (judged.water_class, judged.limiting)
        assert line.over_limit == pytest.approx(judged.over_limit)
        assert [item for item, _ in line.excluded] == [left.item for left in judged.excluded]


def test_a_published_class_that_rounding_does_not_explain_changes_nothing():
    assert classes("断面,总磷,水质类别\nA,0.020,Ⅱ\nA,0.019,Ⅱ\nA,0.020,Ⅲ\nA,0.15,Ⅱ\n") == ["II", "I", "I", "III"]


def test_negative_faecal_counts_do_not_leak_into_other_rows():
    sheet = graded("断面,总磷,粪大肠菌群\nA,0.1,100\nA,0.1,-5\n")
    assert [dict(line.excluded)["FC"] for line in sheet] == ["apart", "negative"]
