"""The query language (OGC 18-088 §9.3.3.5): what is refused, what functions say, and that SQL says the same."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief_server.sensorthings.odata.evaluate import evaluate
from riverchief_server.sensorthings.odata.expression import Period
from riverchief_server.sensorthings.odata.functions import all_functions
from riverchief_server.sensorthings.odata.parser import parse_filter
from riverchief_server.sensorthings.odata.path import parse_path
from riverchief_server.sensorthings.odata.query import parse_expand, parse_query
from riverchief_server.sensorthings.odata.times import read_time, write_time
from tests.server.sensorthings.conftest import LOCATION, STREAM, THING, Face, made, number_in

NOW = 1_795_478_400_000


def value(text: str, **members: Any) -> Any:
    """What a filter says where members have these values."""
    return evaluate(parse_filter(text), lambda path: [members.get("_".join(path))], NOW)


class TestTheLanguage:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("1 add 2 mul 3 eq 7", True),
            ("(1 add 2) mul 3 eq 9", True),
            ("not 1 eq 2 and true", True),
            ("1 eq 2 or 3 eq 3 and 4 eq 5", False),
            ("-(3) lt -2", True),
            ("7 mod 4 eq 3 and -7 mod 4 eq -3", True),
            ("1 div 0 eq 1", None),
            ("'O''Brien' eq 'O''Brien'", True),
            ("'b' in ('a', 'b')", True),
            ("contains('abc','b') and substringof('b','abc')", True),
            ("startswith('abc','ab') and endswith('abc','bc') and endswith('abc','')", True),
            ("length('河长') eq 2 and indexof('abc','c') eq 3 and indexof('abc','x') eq 0", True),
            ("substring('abcdef',1,2) eq 'bc' and substring('abcdef',4) eq 'ef'", True),
            (
                "toupper('aé') eq 'AÉ' and tolower('AB') eq 'ab' and trim(' a ') eq 'a' and concat('a','b') eq 'ab'",
                True,
            ),
            ("year(2026-11-24T08:15:30.250Z) eq 2026 and month(2026-11-24T08:15:30Z) eq 11", True),
            ("day(2026-11-24T00:15:00+08:00) eq 23 and hour(2026-11-24T08:15:00Z) eq 8", True),
            ("minute(2026-11-24T08:15:30Z) eq 15 and second(2026-11-24T08:15:30.5Z) eq 30", True),
            ("fractionalseconds(2026-11-24T08:15:30.250Z) eq 0.25", True),
            ("date(2026-11-24T08:15:00Z) eq 2026-11-24 and time(2026-11-24T08:15:00Z) eq 08:15:00", True),
            ("totaloffsetminutes(2026-11-24T08:15:00+08:00) eq 0", True),
            ("2026-11-24T00:00:00Z add duration'PT1H' eq 2026-11-24T01:00:00Z", True),
            ("now() gt mindatetime() and now() lt maxdatetime()", True),
            ("round(2.5) eq 3 and round(-2.5) eq -3 and floor(-1.2) eq -2 and ceiling(-1.2) eq -1", True),
            ("geo.distance(geography'POINT(0 0)', geography'POINT(3 4)') eq 5", True),
            ("geo.length(geography'LINESTRING(0 0, 0 2)') eq 2", True),
            ("st_within(geography'POINT(1 1)', geography'POLYGON((0 0,2 0,2 2,0 2,0 0))')", True),
            ("st_relate(geography'POINT(1 1)', geography'POINT(1 1)', 'T********')", True),
        ],
    )
    def test_says(self, text: str, said: bool | None):
        assert value(text) is said

    def test_every_function_of_table_23_is_said_somewhere_here(self):
        source = Path(__file__).read_text(encoding="utf-8")
        unsaid = [name for name in all_functions() if f"{name}(" not in source]
        assert unsaid == []

    def test_the_other_relations_of_shapes(self):
        square, point = "geography'POLYGON((0 0,2 0,2 2,0 2,0 0))'", "geography'POINT(5 5)'"
        assert value(f"st_disjoint({square},{point}) and not st_intersects({square},{point})") is True
        assert value(f"st_contains({square},geography'POINT(1 1)') and st_equals({square},{square})") is True
        assert value(f"st_touches({square},geography'POLYGON((2 0,4 0,4 2,2 2,2 0))')") is True
        assert value(f"st_overlaps({square},geography'POLYGON((1 1,3 1,3 3,1 3,1 1))')") is True
        assert (
            value(f"st_crosses(geography'LINESTRING(-1 1,3 1)',{square}) and geo.intersects({square},{square})") is True
        )

    def test_a_period_is_before_what_begins_when_it_has_ended(self):
        day = Period(read_time("2026-11-24T00:00:00Z"), read_time("2026-11-25T00:00:00Z"))
        assert value("t le 2026-11-25T00:00:00Z", t=day) is True
        assert value("t lt 2026-11-24T12:00:00Z", t=day) is False
        assert value("t ge 2026-11-24T00:00:00Z", t=day) is True
        assert value("t eq 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z", t=day) is True

    def test_of_what_is_not_known_nothing_is_known_but_that(self):
        assert value("x gt 1", x=None) is None
        assert value("not (x gt 1)", x=None) is None
        assert value("x eq null", x=None) is True
        assert value("x ne null", x=1) is True
        assert value("x gt 1 or true", x=None) is True

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "name eq",
            "eq 1",
            "(1 eq 1",
            "1 eq 1)",
            "name eq 'x",
            "foo(1)",
            "length()",
            "a/",
            "2026-13-40T00:00:00Z eq 1",
            "§",
            "1 1",
        ],
    )
    def test_what_is_no_filter_is_refused(self, text: str):
        with pytest.raises(BadInput):
            parse_filter(text)

    @pytest.mark.parametrize("text", ["(" * 5000, "not " * 5000 + "true", "-" * 5000 + "1", "1 add " * 1500 + "1"])
    def test_no_depth_brings_the_reader_down(self, text: str):
        with pytest.raises(BadInput):
            parse_filter(text)

    def test_a_long_chain_is_no_depth(self):
        assert value(" or ".join(["1 eq 2"] * 700 + ["1 eq 1"])) is True

    @given(st.text(max_size=60))
    def test_anything_is_read_or_refused(self, text: str):
        for read in (parse_filter, parse_query, parse_expand, parse_path):
            with suppress(BadInput):
                assert read(text) is not None

    @given(st.integers(-5_000_000_000_000, 9_000_000_000_000))
    def test_a_time_written_is_the_time_read(self, t: int):
        assert read_time(write_time(t)) == t

    def test_blanks_for_plus_signs_are_coped_with(self):
        """requests writes a blank as ``+``; and a plus sign that was not escaped arrives as a blank."""
        assert parse_query("$filter=result+gt+5").filter == parse_filter("result gt 5")
        assert parse_filter("t gt 2026-11-24T08:00:00 08:00") == parse_filter("t gt 2026-11-24T00:00:00Z")

    def test_directions_in_any_case(self):
        """frost-sta-client writes DESC; istSOS4 answers 500."""
        for way in ("desc", "DESC", "Desc"):
            assert parse_query(f"$orderby=phenomenonTime {way}").orderby[0].descending

    def test_a_relation_that_is_expanded_twice_is_expanded_once_with_both(self):
        """What pygeoapi asks: ``Observations($select=…;$orderby=…),Observations/FeatureOfInterest(…)``."""
        found = parse_expand("Observations($select=result;$top=1),Observations/FeatureOfInterest($select=feature)")
        assert found["Observations"].top == 1
        assert found["Observations"].expand["FeatureOfInterest"].select == ("feature",)

    @pytest.mark.parametrize(
        "query",
        ["$top=-1", "$top=x", "$skip=-1", "$count=maybe", "$foo=1", "$top=1&$top=2", "$expand=A(", "$expand=A/"],
    )
    def test_what_is_no_option_is_refused(self, query: str):
        with pytest.raises(BadInput):
            parse_query(query)


THINGS = [
    {"name": "甲", "n": 1, "when": "a", "flag": True},
    {"name": "B b", "n": 2.5, "when": "b", "flag": False},
    {"name": "O'Brien", "n": -3, "when": None, "flag": None},
    {"name": "  blank ", "n": None, "when": "b", "flag": True},
    {"name": "", "n": 0, "when": "é", "flag": False},
]
RESULTS = [(0, 1.0), (1, 2.5), (2, -3.0), (36, 0.0), (37, 4.5), (40, None)]
TEXTS = st.sampled_from(
    [
        "'甲'",
        "'b'",
        "'O''Brien'",
        "''",
        "' '",
        "'B b'",
        "properties/when",
        "name",
        "concat(name,'b')",
        "trim(name)",
        "substring(name,1,2)",
        "tolower(properties/when)",
    ]
)
NUMBERS = st.sampled_from(
    [
        "1",
        "2.5",
        "-3",
        "0",
        "properties/n",
        "length(name)",
        "properties/n add 1",
        "properties/n mul 2",
        "properties/n mod 2",
        "properties/n div properties/n",
        "floor(properties/n)",
        "round(properties/n)",
        "ceiling(properties/n)",
        "indexof(name,'b')",
        "-properties/n",
    ]
)
SIGNS = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])
ATOMS = st.one_of(
    st.tuples(TEXTS, st.sampled_from(["eq", "ne"]), TEXTS).map(" ".join),
    st.tuples(NUMBERS, SIGNS, NUMBERS).map(" ".join),
    st.tuples(st.sampled_from(["startswith", "endswith", "contains", "substringof"]), TEXTS, TEXTS).map(
        lambda p: f"{p[0]}({p[1]},{p[2]})"
    ),
    st.sampled_from(
        [
            "properties/flag eq true",
            "properties/flag",
            "properties/n eq null",
            "properties/when ne null",
            "true",
            "properties/n in (1,2.5)",
        ]
    ),
)
FILTERS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda p: f"not ({p})"),
    ),
    max_leaves=6,
)
TIMES = st.sampled_from(
    [
        "phenomenonTime",
        "resultTime",
        "2026-11-01T00:00:00Z",
        "2026-11-01T01:30:00Z",
        "2026-11-02",
        "phenomenonTime add duration'PT36H'",
    ]
)
CLOCKS = st.sampled_from(
    [
        "day(phenomenonTime)",
        "hour(phenomenonTime)",
        "month(resultTime)",
        "year(phenomenonTime)",
        "minute(phenomenonTime)",
        "second(phenomenonTime)",
        "result",
        "result mul 2",
        "1",
        "2",
        "0",
    ]
)
OBSERVATION_FILTERS = st.recursive(
    st.one_of(
        st.tuples(TIMES, SIGNS, TIMES).map(" ".join),
        st.tuples(CLOCKS, SIGNS, CLOCKS).map(" ".join),
        st.sampled_from(
            [
                "result eq null",
                "resultTime ne null",
                "date(phenomenonTime) eq 2026-11-02",
                "time(phenomenonTime) ge 12:00:00",
                "resultQuality/qartod eq 2",
                "Datastream/name eq '浮标浊度'",
            ]
        ),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda p: f"not ({p})"),
    ),
    max_leaves=5,
)
OFTEN = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.django_db
class TestSqlSaysWhatPythonSays:
    def test_of_things(self, admin: Face):
        rows = {}
        for one in THINGS:
            properties = {key: one[key] for key in ("n", "when", "flag") if one[key] is not None}
            address = made(admin, "Things", {**THING, "name": one["name"], "properties": properties})
            rows[number_in(address)] = one

        @OFTEN
        @given(FILTERS)
        def agree(text: str) -> None:
            expression = parse_filter(text)
            wanted = [
                key for key, one in rows.items() if evaluate(expression, lambda path, o=one: [o[path[-1]]], NOW) is True
            ]  # type: ignore[misc]
            mine = f"({text}) and id ge {min(rows)}"
            assert [row["@iot.id"] for row in admin.values("Things", filter=mine)] == wanted

        agree()

    def test_of_observations(self, admin: Face, buoy: dict[str, str]):
        begin = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
        rows = {}
        for hours, result in RESULTS:
            t = begin + hours * 3_600_000
            told = None if hours % 2 else t + 1000 * hours
            body = {"phenomenonTime": write_time(t), "result": result}
            made(
                admin,
                f"{buoy['stream']}/Observations",
                body if told is None else {**body, "resultTime": write_time(told)},
            )
            rows[t] = {"phenomenonTime": t, "resultTime": told, "result": result, "qartod": 2, "name": STREAM["name"]}

        @OFTEN
        @given(OBSERVATION_FILTERS, st.sampled_from(["", "phenomenonTime desc", "result", "resultTime desc"]))
        def agree(text: str, order: str) -> None:
            expression = parse_filter(text)
            wanted = {
                t for t, one in rows.items() if evaluate(expression, lambda path, o=one: [o[path[-1]]], NOW) is True
            }  # type: ignore[misc]
            options = {"filter": text, "top": "2", **({"orderby": order} if order else {})}
            found = [
                read_time(row["phenomenonTime"])
                for row in admin.all_values(f"{buoy['stream']}/Observations", **options)
            ]
            assert (set(found), len(found)) == (wanted, len(wanted))
            everywhere = admin.get("Observations", filter=text, count="true")
            assert everywhere["@iot.count"] == len(wanted)

        agree()

    def test_of_shapes(self, admin: Face):
        near = made(admin, "Locations", LOCATION)
        far = made(admin, "Locations", {**LOCATION, "location": {"type": "Point", "coordinates": [0, 0]}})
        made(admin, "Things", {**THING, "Locations": [{"@iot.id": number_in(near)}]})
        mine = f"id ge {number_in(near)}"
        square = "geography'POLYGON((108 31,109 31,109 32,108 32,108 31))'"
        for text, wanted in (
            (f"st_within(location,{square})", [near]),
            (f"not geo.intersects(location,{square})", [far]),
            ("geo.distance(location,geography'POINT(108.5 31.9)') lt 0.1", [near]),
            ("geo.distance(geography'POINT(0 1)',location) le 1", [far]),
            (f"st_within(location,{square}) or startswith(name,'锚')", [near, far]),
        ):
            found = admin.values("Locations", filter=f"{mine} and ({text})")
            assert [row["@iot.id"] for row in found] == [number_in(one) for one in wanted], text
        things = admin.values("Things", filter=f"st_within(Locations/location,{square}) and name eq '浮标一号'")
        assert len(things) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "nosuch eq 1",
            "Thing/name eq 'x'",
            "name gt 5 add 'x'",
            "st_within(name,geography'POINT(0 0)')",
            "location eq 1",
            "geo.distance(location,geography'POINT(0 0)')",
        ],
    )
    def test_what_has_no_meaning_is_refused_and_named(self, admin: Face, text: str):
        assert admin.refused("Locations", filter=text)[0] == 400

    def test_no_text_becomes_sql(self, admin: Face):
        made(admin, "Things", THING)
        for evil in ("x' OR '1'='1", "'; DROP TABLE sta_thing; --", "%s", "%", "\\"):
            text = evil.replace("'", "''")
            assert admin.values("Things", filter=f"name eq '{text}'") == []
            assert admin.values("Things", filter=f"properties/a eq '{text}'") == []
        assert admin.values("Things", filter="properties/river eq '任河'")
        assert admin.refused("Things", orderby="name); DROP TABLE sta_thing")[0] == 400
        assert admin.refused("Things?$skiptoken=bm90IGpzb24")[0] == 400
