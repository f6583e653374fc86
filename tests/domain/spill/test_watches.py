"""Places to warn are read from a sheet; limits are those of the law."""

import pytest

from riverchief.errors import BadInput
from riverchief.example.rivers import toy_river
from riverchief.place.listed import read_place
from riverchief.place.reading import read_network
from riverchief.spill.watches import class_limit, read_watches


def test_a_chinese_sheet():
    text = "编号,河段,里程,类型,名称,水质目标,限值\nQ1,3,100,intake,一水厂,II,\n"
    text += "Q2,5,200,section,出境,,0.7\nP1,5,1,outfall,,,\n"
    watches, others = read_watches(text.encode("gb18030"), "x.csv", toy_river(), parameter="氨氮")
    assert [(w.id, w.location.reach, w.location.chainage_m, w.name, w.limit_mg_l) for w in watches] == [
        ("Q1", 3, 100.0, "一水厂", 0.5),
        ("Q2", 5, 200.0, "出境", 0.7),
    ]
    assert others == 1


def test_positions_are_snapped_where_the_network_has_lines():
    text = 'id,down,wkt\n1,2,"LINESTRING (108 32, 108.1 32)"\n2,,"LINESTRING (108.1 32, 108.2 32)"\n'
    file = read_network(text.encode(), "net.csv")
    watches, _ = read_watches(b"id,lon,lat\nA,108.15,32.001\n", "p.csv", file.network, centrelines=file.centrelines)
    assert str(watches[0].location.reach) == "2"
    assert watches[0].location.chainage_m == pytest.approx(file.network.length_m[1] / 2, rel=1e-3)


def test_no_columns_no_places():
    with pytest.raises(BadInput) as refused:
        read_watches(b"name,where\nA,there\n", "p.csv", toy_river())
    assert [fault.kind for fault in refused.value.faults] == ["missing_column"] * 3


def test_limits_of_the_law():
    # GB 3838-2002 table 1: NH3-N III 1.0; total phosphorus II 0.1 in rivers; table 2: manganese 0.1; mercury III 0.0001
    assert class_limit("NH3N", "III") == 1.0
    assert class_limit("TP", "II") == 0.1
    assert class_limit("锰", "III") == 0.1
    assert class_limit("HG", "III") == 0.0001
    for parameter, name in (("DO", "III"), ("PH", "III"), ("FC", "III"), ("NH3N", "VI"), ("EC", "III")):
        with pytest.raises(BadInput):
            class_limit(parameter, name)


@pytest.mark.parametrize(("text", "reach", "chainage"), [("3:1250", 3, 1250.0), ("3", 3, 0.0), ("3:0", 3, 0.0)])
def test_a_place_is_written_reach_colon_chainage(text: str, reach: int, chainage: float):
    found = read_place(toy_river(), text)
    assert (found.reach, found.chainage_m) == (reach, chainage)


@pytest.mark.parametrize(
    ("text", "kind"), [("3:x", "bad_number"), ("9:1", "unknown_reach"), ("3:5000", "out_of_range")]
)
def test_a_place_that_is_none_is_refused(text: str, kind: str):
    with pytest.raises(BadInput) as refused:
        read_place(toy_river(), text)
    assert refused.value.faults[0].kind == kind
