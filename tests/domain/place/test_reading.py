"""Networks from files: any column names, every fault with its line and column, assumptions told."""

import gzip
import json

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.place import Network
from riverchief.place.convention import Columns
from riverchief.place.reading import read_network
from tests.domain.place.twins import reaches


def read(text, **columns):
    options = {
        name: columns.pop(name)
        for name in ("length_unit", "convention", "coordinates", "turn_lines")
        if name in columns
    }
    names = {name.rstrip("_"): column for name, column in columns.items()}
    return read_network(text if isinstance(text, bytes) else text.encode(), "rivers", Columns(names, **options))


def refused(text, **columns):
    with pytest.raises(BadInput) as told:
        read(text, **columns)
    return [(fault.kind, fault.line, fault.column) for fault in told.value.faults]


def features(*reaches_, crs=None):
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": line and {"type": "LineString", "coordinates": line},
            }
            for properties, line in reaches_
        ],
    }
    if crs:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(collection, indent=1)


def same(network: Network, ids, down, length_m):
    by_id = {reach: k for k, reach in enumerate(ids)}
    assert [ids[by_id[reach]] for reach in network.ids.tolist()] == network.ids.tolist()
    for i, reach in enumerate(network.ids.tolist()):
        below = network.ids[network.down[i]] if network.down[i] >= 0 else None
        assert below == down[by_id[reach]]
        assert network.length_m[i] == pytest.approx(length_m[by_id[reach]])


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("id,down,length_m\n1,3,1000\n2,3,2000\n3,,3000\n", {}),
        ("编号;下游;河长_km\n1;3;1\n2;3;2\n3;;3\n", {"id": "编号", "down": "下游", "length": "河长_km"}),
        ("编号,下游,长度_km\n1,3,1\n2,3,2\n3,0,3\n".encode("gb18030"), {}),
        ("HYRIV_ID\tNEXT_DOWN\tLENGTH_KM\tUPLAND_SKM\n1\t3\t1\t5\n2\t3\t2\t5\n3\t0\t3\t10\n", {}),
        ("name,a,b,km\n1,x,z,1\n2,y,z,2\n3,z,sea,3\n", {"id": "name", "from_": "a", "to": "b", "length": "km"}),
        ("name,down,cm\n1,3,100000\n2,3,200000\n3,-1,300000\n", {"id": "name", "length": "cm", "length_unit": "cm"}),
        (gzip.compress(b"id,down,length_m\n1,3.0,1000\n2,3.0,2000\n3,nan,3000\n"), {}),
        ("﻿id,to,length\r\n1,3,1000\r\n2,3,2000\r\n3,,3000\r\n", {}),
    ],
    ids=["plain", "named", "gb18030", "hydrorivers", "nodes", "centimetres", "gzip and floats", "windows"],
)
def test_the_same_river_by_many_columns(text, columns):
    same(read(text, **columns).network, [1, 2, 3], [3, 3, None], [1000, 2000, 3000])


def test_edges_without_ids_are_called_by_their_from_node():
    network = read("a,b,m\nx,z,1\ny,z,1\nz,sea,1\n", from_="a", to="b", length="m").network
    same(network, ["x", "y", "z"], ["z", "z", None], [1, 1, 1])


def test_all_faults_come_with_line_and_column():
    text = "id,next,len,kind,storage_m3\n1,2,x,,\n2,1,5,pond,\n2,9,,lake,\n4,,-1,lake,0\n9007199254740993.0,,5,,\n"
    assert refused(text, id="id", down="next", length="len") == [
        ("bad_number", 2, "len"),
        ("network_cycle", 2, "next"),
        ("not_one_of", 3, "kind"),
        ("missing_value", 4, "len"),
        ("duplicate", 4, "id"),
        ("dangling_down", 4, "next"),
        ("bad_storage", 4, "storage_m3"),
        ("bad_length", 5, "len"),
        ("bad_storage", 5, "storage_m3"),
        ("inexact_id", 6, "id"),
    ]


def test_a_line_break_in_a_cell_does_not_shift_the_lines():
    assert refused('id,name,down,length_m\n1,"a\nb",,1\n2,c,7,1\n') == [("dangling_down", 4, "down")]


def test_ids_shortened_by_a_spreadsheet_are_refused():
    text = "id,down,length_m\n1.50011E+13,,1\n"
    assert refused(text) == [("inexact_id", 2, "id")]
    # and not a second time as a dangling end
    assert refused("id,down,length_m\n1,1.50011E+13,1\n") == [("inexact_id", 2, "down")]
    # a name that merely looks a little like a number is a name
    assert read("id,down,length_m\n1E5,,1\n").network.ids.tolist() == ["1E5"]


def test_long_and_zero_led_ids_stay_what_they_are():
    network = read("id,down,length_m\n15001100013295001,007,1\n007,,1\n").network
    assert sorted(network.ids.tolist()) == ["007", "15001100013295001"]
    assert read("id,down,length_m\n15001100013295001,,1\n").network.ids.tolist() == [15001100013295001]


def test_columns_that_are_not_there_are_named_all():
    text = "a,b\n1,2\n"
    assert refused(text, id="c", down="d") == [
        ("unknown_column", 1, "id"),
        ("unknown_column", 1, "down"),
        ("missing_column", 1, None),
    ]
    assert refused("x,y\n1,2\n") == [("missing_column", 1, None), ("missing_column", 1, None)]
    assert refused("id,down,length_m\n1,,1\n", convention="nhd") == [("unknown_convention", None, None)]
    assert refused("id,down,length_m\n1,,1\n", length_unit="s") == [("unit_mismatch", None, "length_unit")]


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"type":"Point"}', "id,down,length_m\n", b"\x1f\x8bxx", b"\xff\xff\xff"]
)
def test_what_is_no_table_is_refused(text):
    (fault,) = refused(text)
    assert fault[0] in ("unreadable", "empty_file")


def test_a_short_row_is_a_fault():
    assert refused("id,down,length_m\n1,,1\n2,1\n") == [("uneven_row", 3, None)]


def test_divided_by_nodes_with_shares():
    # 1 ends in node b, which 2 (0.7) and 3 (0.3) leave; both end in c
    text = "id,from,to,length,fraction\n1,a,b,1,\n3,b,c,1,0.3\n2,b,c,1,0.7\n4,c,d,1,1\n"
    river = read(text)
    network = river.network
    at = {reach: network.index_of(reach) for reach in (1, 2, 3, 4)}
    assert network.down[at[1]] == at[2] and network.secondary.fraction.tolist() == [0.3]
    assert network.accumulate(np.ones(4))[[at[2], at[3], at[4]]].tolist() == pytest.approx([1.7, 1.3, 4])
    assert river.remarks == ()
    assert refused(text.replace("0.7", "0.6")) == [("shares_not_one", 3, "fraction")]


def test_divided_in_one_cell():
    network = read("id,down,length_m,fraction\n1,2;3,1,0.2;0.8\n2,4,1,\n3,4,1,\n4,,1,\n").network
    assert network.down[network.index_of(1)] == network.index_of(3)
    assert network.secondary.fraction.tolist() == [0.2]


def test_unknown_shares_are_equal_and_told_and_a_minor_path_gets_none():
    river = read("id,from,to,length\n1,a,b,1\n2,b,c,1\n3,b,c,1\n")
    assert river.network.secondary.fraction.tolist() == [0.5]
    assert [remark.kind for remark in river.remarks] == ["shares_assumed"]
    river = read("NHDPlusID,FromNode,ToNode,LengthKM,Divergence\n1,a,b,1,0\n2,b,c,1,2\n3,b,c,1,1\n")
    network = river.network
    assert network.down[network.index_of(1)] == network.index_of(3)
    assert network.secondary.fraction.tolist() == [0.0]


EAST = [[108.0, 32.0], [108.01, 32.0]]
ON = [[108.01, 32.0], [108.02, 32.0]]
NORTH = [[108.01, 32.01], [108.01, 32.0]]


def test_lines_alone_make_a_network_with_measured_lengths():
    river = read(features(({"id": "a"}, EAST), ({"id": "n"}, NORTH), ({"id": "b"}, ON)))
    network = river.network
    assert reaches(network, range(*network.upstream(network.index_of("b")).indices(9))) == {"a", "n", "b"}
    assert network.length_m[network.index_of("n")] == pytest.approx(1108.7, abs=1)  # 0.01° of a meridian at 32° N
    assert [remark.kind for remark in river.remarks] == ["lengths_measured"]


def test_a_line_drawn_against_the_flow_is_a_fault_unless_turning_is_asked_for():
    rows = [({"id": 1, "down": 2, "length_m": 1000}, EAST), ({"id": 2, "down": None, "length_m": 1000}, ON)]
    rows.append(({"id": 3, "down": 2, "length_m": 1000}, NORTH[::-1]))
    line = features(*rows).split('"id": 3')[0].count("\n") + 1
    (fault,) = refused(features(*rows))
    # the fault names the line on which the feature begins
    assert fault[0] == "drawn_against_flow" and 0 < line - fault[1] <= 4
    river = read(features(*rows), turn_lines=True)
    turned = river.centrelines.lines[river.network.index_of(3)]
    assert list(turned.coords) == [(108.01, 32.01), (108.01, 32.0)]
    assert [remark.kind for remark in river.remarks] == ["lines_turned"]


def test_where_all_lines_are_drawn_upstream_the_one_that_is_not_is_the_fault():
    rows = [
        ({"id": 1, "down": 2, "length_m": 944}, EAST[::-1]),
        ({"id": 2, "down": None, "length_m": 944}, ON[::-1]),
        ({"id": 3, "down": 2, "length_m": 944}, [[108.0, 32.01], [108.01, 32.0]][::-1]),
    ]
    river = read(features(*rows))
    assert [remark.kind for remark in river.remarks] == ["lines_drawn_upstream"]
    rows.append(({"id": 4, "down": 2, "length_m": 1109}, NORTH))
    with pytest.raises(BadInput) as told:
        read(features(*rows))
    assert [(fault.kind, fault.details["given"]) for fault in told.value.faults] == [("drawn_against_flow", "4")]


def test_a_shrinking_catchment_is_told_with_its_line():
    text = "COMID,NextDownID,lengthkm,uparea\n1,2,1,50\n2,0,1,40\n"
    assert refused(text) == [("wrong_direction", 2, "NextDownID")]


def test_lengths_a_thousand_times_the_lines_are_doubted():
    river = read(features(({"id": 1, "down": None, "length_m": 944_000}, EAST)))
    assert [remark.kind for remark in river.remarks] == ["unit_doubtful"]


def test_coordinates_are_shifted_at_the_door():
    row = {"id": 1, "down": None, "length_m": 944}
    there = read(features((row, EAST)), coordinates="gcj02").centrelines.lines[0].coords[0]
    assert 0.001 < abs(there[0] - 108.0) < 0.01
    assert read(features((row, EAST), crs="urn:ogc:def:crs:EPSG::4490")).centrelines.lines[0].coords[0] == (108.0, 32.0)
    assert refused(features((row, EAST), crs="EPSG:3857")) == [("unknown_coordinates", None, "crs")]
    assert refused(features((row, [[500000.0, 3500000.0], [500100.0, 3500000.0]]))) == [("out_of_range", 4, "geometry")]


def test_wkt_in_a_csv_column():
    river = read('id,down,length_m,WKT\n1,,100,"LINESTRING (108 32, 108.001 32)"\n2,1,50,\n')
    assert river.centrelines.lines[river.network.index_of(1)].length == pytest.approx(0.001)
    assert refused("id,down,length_m,WKT\n1,,100,LINE\n") == [("bad_geometry", 2, "WKT")]


def test_points_and_catchments_are_not_drawn_but_their_columns_count():
    text = features(({"id": 1, "down": None, "length_m": 5}, EAST)).replace("LineString", "MultiPoint")
    river = read(text)
    assert river.network.n == 1 and river.centrelines is None
    # next to lines a point is a mistake
    mixed = json.loads(features(({"id": 1, "down": 2, "length_m": 5}, EAST), ({"id": 2, "length_m": 5}, ON)))
    mixed["features"][1]["geometry"] = {"type": "Point", "coordinates": [108.0, 32.0]}
    assert refused(json.dumps(mixed)) == [("bad_geometry", 1, "geometry")]


def test_a_line_in_two_parts_is_merged_and_one_with_a_gap_refused():
    row = {"id": 1, "down": None, "length_m": 5}

    def parts(*lines):
        text = json.loads(features((row, EAST)))
        text["features"][0]["geometry"] = {"type": "MultiLineString", "coordinates": lines}
        return json.dumps(text)

    assert len(read(parts(EAST, ON)).centrelines.lines[0].coords) == 3
    assert refused(parts(EAST, [[109.0, 32.0], [109.1, 32.0]])) == [("bad_geometry", 1, "geometry")]


def test_other_columns_come_along_in_post_order():
    river = read("id,down,length_m,name\n3,,1,mouth\n1,3,1,head\n")
    assert river.column("NAME") == ["head", "mouth"]
    with pytest.raises(BadInput):
        river.column("nome")
