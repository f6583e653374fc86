"""Filters on the toy county: what each form finds, that SQL and Python agree, and what is refused.

The toy county has the reaches A (2 km), B (3 km, on 支沟), C (4 km), D (1 km); see toy_county.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverchief_server.places.models import Reach
from tests.server.api.features.conftest import Face
from tests.server.conftest import NOW, feed

EVERYTHING = ["A", "B", "C", "D"]
SMALL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestComparison:
    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ("length_m > 2000", ["B", "C"]),
            ("length_m >= 2000 AND river = '玩具河'", ["A", "C"]),
            ("river <> '玩具河'", ["B"]),
            ("NOT river = '玩具河'", ["B"]),
            ("length_m < 2000 OR code = 'B'", ["B", "D"]),
            ("length_m BETWEEN 2000 AND 3000", ["A", "B"]),
            ("length_m NOT BETWEEN 2000 AND 3000", ["C", "D"]),
            ("code IN ('A', 'D', 'Z')", ["A", "D"]),
            ("code NOT IN ('A', 'D', 'Z')", ["B", "C"]),
            ("downstream IS NULL", ["D"]),
            ("downstream IS NOT NULL", ["A", "B", "C"]),
            ("geometry IS NOT NULL", EVERYTHING),
            ("geometry IS NULL", []),
            ("name LIKE '%A段'", ["A"]),
            ("name LIKE '玩具河·_段'", EVERYTHING),
            ("code LIKE 'a'", []),
            ("CASEI(code) LIKE CASEI('a%')", ["A"]),
            ("code ILIKE 'a%'", ["A"]),
            ("(code NOT ILIKE 'a%') AND (river <> '支沟')", ["C", "D"]),
            ("CASEI(code) IN (CASEI('a'), 'b')", ["A", "B"]),
            ("name NOT LIKE '%A%'", ["B", "C", "D"]),
            ("schematic = true", EVERYTHING),
            ("schematic", EVERYTHING),
            ("NOT schematic", []),
            ("order BETWEEN first AND 1", ["A", "B"]),
            ("code = downstream", []),
            ("'A' = code", ["A"]),
            ("true", EVERYTHING),
            ("false OR code = 'A'", ["A"]),
            ("width_m = 5", []),
            # unknown is not false: neither the condition nor its contrary holds (SQL's three values)
            ("NOT width_m = 5", []),
            ("downstream < 'D'", ["A", "B"]),
        ],
    )
    def test_finds(self, face: Face, said: str, found: list[str]):
        assert sorted(face.ids("reaches", filter=said)) == found

    def test_letters_of_every_alphabet_are_folded(self, face: Face):
        Reach.objects.filter(code="A").update(name="Ångström Река")
        for said in ("CASEI(name) = CASEI('ÅNGSTRÖM РЕКА')", "CASEI(name) LIKE CASEI('ång_TRÖM р%')"):
            assert face.ids("reaches", filter=said) == ["A"]

    def test_wildcards_of_the_database_mean_themselves(self, face: Face):
        """Not one of these is a wildcard of CQL2, and each of them is one somewhere else."""
        for pattern in ("*", "?", "[A]", "A*", r"\%", r"\_", ".*"):
            assert face.ids("reaches", filter=f"code LIKE '{pattern}'") == []

    def test_a_chain_of_a_thousand_terms(self, face: Face):
        said = " OR ".join(["code='Z'"] * 650 + ["code='A'"])
        assert face.ids("reaches", filter=said) == ["A"]

    def test_upstream_is_one_interval(self, face: Face):
        """Reaches are numbered so that everything upstream is a run ending at the reach (design 3.1)."""
        c = face.get("collections/reaches/items/C")["properties"]
        assert sorted(face.ids("reaches", filter=f"order BETWEEN {c['first']} AND {c['order']}")) == ["A", "B", "C"]


class TestSpatial:
    @pytest.mark.parametrize(
        ("said", "found"),
        [
            # A runs from 108.00 to 108.02 at 32°, C on to 108.06, D to 108.07; B comes down from the north
            ("S_INTERSECTS(geometry, BBOX(108.03, 31.9, 108.04, 32.1))", ["C"]),
            ("S_INTERSECTS(geometry, POINT(108.02 32.0))", ["A", "B", "C"]),
            ("S_WITHIN(geometry, BBOX(107.9, 31.9, 108.021, 32.1))", ["A", "B"]),
            ("S_CONTAINS(BBOX(107.9, 31.9, 108.021, 32.1), geometry)", ["A", "B"]),
            ("S_CONTAINS(geometry, POINT(108.05 32.0))", ["C"]),
            ("S_DISJOINT(geometry, BBOX(108.03, 31.9, 108.04, 32.1))", ["A", "B", "D"]),
            ("NOT S_INTERSECTS(geometry, BBOX(108.03, 31.9, 108.04, 32.1))", ["A", "B", "D"]),
            ("S_TOUCHES(geometry, LINESTRING(108.06 32.0, 108.06 33))", ["C", "D"]),
            ("S_CROSSES(geometry, LINESTRING(108.04 31.9, 108.04 32.1))", ["C"]),
            ("S_EQUALS(geometry, LINESTRING(108.07 32, 108.06 32))", ["D"]),
            ("S_OVERLAPS(geometry, LINESTRING(108.05 32, 108.065 32))", ["C", "D"]),
            ("S_INTERSECTS(POINT(1 2), BBOX(0, 0, 2, 2))", EVERYTHING),
            ("S_INTERSECTS(POINT(1 2), BBOX(5, 5, 6, 6))", []),
            ("S_INTERSECTS(geometry, POINT EMPTY)", []),
            ("S_DISJOINT(geometry, POINT EMPTY)", EVERYTHING),
        ],
    )
    def test_finds(self, face: Face, said: str, found: list[str]):
        assert sorted(face.ids("reaches", filter=said)) == found

    def test_the_box_of_a_request(self, face: Face):
        assert face.ids("reaches", bbox="108.03,31.9,108.04,32.1") == ["C"]
        assert face.ids("reaches", bbox="108.03,31.9,-50,108.04,32.1,50") == ["C"]
        assert face.ids("reaches", bbox="170,-10,-170,10") == []
        assert sorted(face.ids("reaches", bbox="100,30,-170,40")) == EVERYTHING
        assert face.ids("stations", bbox="108.04,31.9,108.06,32.1") == ["W1", "M1"]

    def test_box_and_filter_and_property_must_all_hold(self, face: Face):
        assert face.ids("reaches", bbox="107,31,109,33", filter="length_m > 1000", river="支沟") == ["B"]


class TestTemporal:
    @pytest.fixture
    def judged(self, face: Face) -> Face:
        """The stations have measured, the last time at NOW (2026-11-24 04:00 UTC)."""
        feed("M1", [0.1, 0.2])
        return face

    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ("T_AFTER(last_reading_at, TIMESTAMP('2026-11-24T03:59:59Z'))", ["M1"]),
            ("T_AFTER(last_reading_at, TIMESTAMP('2026-11-24T04:00:00Z'))", []),
            ("T_BEFORE(last_reading_at, TIMESTAMP('2026-11-24T12:00:01+08:00'))", ["M1"]),
            ("T_BEFORE(last_reading_at, DATE('2026-11-24'))", []),
            ("T_BEFORE(last_reading_at, DATE('2026-11-25'))", ["M1"]),
            ("T_DURING(last_reading_at, INTERVAL('2026-11-01', '2026-11-30'))", ["M1"]),
            ("T_DURING(last_reading_at, INTERVAL('2026-11-24', '..'))", ["M1"]),
            ("T_DURING(last_reading_at, INTERVAL('..', '2026-11-23'))", []),
            ("T_INTERSECTS(last_reading_at, DATE('2026-11-24'))", ["M1"]),
            ("T_DISJOINT(last_reading_at, DATE('2026-11-24'))", []),
            ("T_EQUALS(last_reading_at, TIMESTAMP('2026-11-24T04:00:00Z'))", ["M1"]),
            ("T_MEETS(INTERVAL('2026-01-01T00:00:00Z', last_reading_at), TIMESTAMP('2026-11-24T04:00:00Z'))", ["M1"]),
            ("last_reading_at >= TIMESTAMP('2026-11-24T04:00:00Z')", ["M1"]),
            ("last_reading_at > DATE('2026-11-24')", ["M1"]),
            ("last_reading_at = '2026-11-24T04:00:00Z'", ["M1"]),
            ("last_reading_at BETWEEN '2026-11-24' AND '2026-11-25'", ["M1"]),
            ("last_reading_at >= '2026-11-24T'", ["M1"]),
            ("last_reading_at IS NULL", ["W1"]),
        ],
    )
    def test_finds(self, judged: Face, said: str, found: list[str]):
        assert judged.ids("stations", filter=said) == found

    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ("2026-11-24T04:00:00Z", ["W1", "M1"]),
            ("2026-11-24T12:00:00+08:00", ["W1", "M1"]),
            ("2026-11-24", ["W1", "M1"]),
            ("2026-11-24T04:00:01Z/..", ["W1"]),
            ("../2026-11-24T03:00:00Z", ["W1"]),
            ("/2026-11-25T00:00:00Z", ["W1", "M1"]),
            ("2026-11-01/2026-11-30", ["W1", "M1"]),
            ("2025-11-01/2025-11-30", ["W1"]),
        ],
    )
    def test_datetime_matches_what_has_no_time_too(self, judged: Face, said: str, found: list[str]):
        """Part 1, /req/core/fc-time-response C: W1 has not measured, so no time leaves it out."""
        assert judged.ids("stations", datetime=said) == found

    def test_datetime_does_not_matter_where_nothing_is_dated(self, face: Face):
        assert sorted(face.ids("reaches", datetime="1990-01-01")) == EVERYTHING

    def test_a_property_that_is_a_time(self, judged: Face):
        assert judged.ids("stations", last_reading_at="2026-11-24T04:00:00Z") == ["M1"]
        assert judged.ids("stations", last_reading_at="2026-11-24") == ["M1"]
        assert judged.ids("stations", last_reading_at="2026-11-23") == []

    @pytest.mark.parametrize("name", [f"T_{one}" for one in ("AFTER", "BEFORE", "CONTAINS", "DISJOINT", "DURING")])
    def test_one_of_before_during_after_and_the_ends_holds(self, judged: Face, name: str):
        """Each relation and its contrary part the stations that have a time."""
        said = f"{name}(last_reading_at, INTERVAL('2026-11-01T00:00:00Z', '2026-11-24T04:00:00Z'))"
        dated = " AND last_reading_at IS NOT NULL"
        both = judged.ids("stations", filter=f"{said}{dated}") + judged.ids("stations", filter=f"NOT {said}{dated}")
        assert both == ["M1"]


# Allen's relations as the standard draws them (21-065r2, table 8), of whole numbers a0 <= a1 and b0 <= b1.
ALLEN: dict[str, Callable[[int, int, int, int], bool]] = {
    "t_after": lambda a0, a1, b0, b1: a0 > b1,
    "t_before": lambda a0, a1, b0, b1: a1 < b0,
    "t_contains": lambda a0, a1, b0, b1: a0 < b0 and b1 < a1,
    "t_disjoint": lambda a0, a1, b0, b1: not (set(range(a0, a1 + 1)) & set(range(b0, b1 + 1))),
    "t_during": lambda a0, a1, b0, b1: b0 < a0 and a1 < b1,
    "t_equals": lambda a0, a1, b0, b1: (a0, a1) == (b0, b1),
    "t_finishedby": lambda a0, a1, b0, b1: a0 < b0 and a1 == b1,
    "t_finishes": lambda a0, a1, b0, b1: b0 < a0 and a1 == b1,
    "t_intersects": lambda a0, a1, b0, b1: bool(set(range(a0, a1 + 1)) & set(range(b0, b1 + 1))),
    "t_meets": lambda a0, a1, b0, b1: a1 == b0,
    "t_metby": lambda a0, a1, b0, b1: a0 == b1,
    "t_overlappedby": lambda a0, a1, b0, b1: b0 < a0 < b1 < a1,
    "t_overlaps": lambda a0, a1, b0, b1: a0 < b0 < a1 < b1,
    "t_startedby": lambda a0, a1, b0, b1: a0 == b0 and b1 < a1,
    "t_starts": lambda a0, a1, b0, b1: a0 == b0 and a1 < b1,
}
SPANS = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(sorted)


class TestRelationsOfTime:
    @SMALL
    @given(a=SPANS, b=SPANS)
    def test_each_is_what_the_standard_draws(self, face: Face, a: list[int], b: list[int]):
        def interval(one: list[int]) -> str:
            return f"INTERVAL('2026-01-0{one[0]}T00:00:00Z', '2026-01-0{one[1]}T00:00:00Z')"

        terms = [f"({name}({interval(a)}, {interval(b)}))" for name in ALLEN]
        for name, term in zip(ALLEN, terms, strict=True):
            assert bool(face.ids("reaches", filter=term, limit="1")) == ALLEN[name](*a, *b), name


# Filters put together at random, and what they mean in Python: None is SQL's unknown.
ROWS = {
    "A": {"code": "A", "river": "玩具河", "length_m": 2000.0, "downstream": "C"},
    "B": {"code": "B", "river": "支沟", "length_m": 3000.0, "downstream": "C"},
    "C": {"code": "C", "river": "玩具河", "length_m": 4000.0, "downstream": "D"},
    "D": {"code": "D", "river": "玩具河", "length_m": 1000.0, "downstream": None},
}
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
Meaning = Callable[[dict[str, Any]], bool | None]


def compared(name: str, sign: str, value: Any) -> tuple[str, Meaning]:
    said = f"'{value}'" if isinstance(value, str) else str(value)
    return (
        f"{name} {sign} {said}",
        lambda row: None if row[name] is None else SIGNS[sign](row[name], value),
    )


def negated(one: tuple[str, Meaning]) -> tuple[str, Meaning]:
    def holds(row: dict[str, Any]) -> bool | None:
        inner = one[1](row)
        return None if inner is None else not inner

    return f"NOT ({one[0]})", holds


def both(one: tuple[str, Meaning], other: tuple[str, Meaning]) -> tuple[str, Meaning]:
    def holds(row: dict[str, Any]) -> bool | None:
        values = (one[1](row), other[1](row))
        return False if False in values else None if None in values else True

    return f"({one[0]} AND {other[0]})", holds


def either(one: tuple[str, Meaning], other: tuple[str, Meaning]) -> tuple[str, Meaning]:
    def holds(row: dict[str, Any]) -> bool | None:
        values = (one[1](row), other[1](row))
        return True if True in values else None if None in values else False

    return f"({one[0]} OR {other[0]})", holds


LEAVES = st.one_of(
    st.builds(compared, st.sampled_from(["code", "downstream"]), st.sampled_from(list(SIGNS)), st.sampled_from("ABCD")),
    st.builds(compared, st.just("length_m"), st.sampled_from(list(SIGNS)), st.sampled_from([1000, 2500, 4000.0])),
    st.builds(lambda: ("downstream IS NULL", lambda row: row["downstream"] is None)),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.builds(negated, inner), st.builds(both, inner, inner), st.builds(either, inner, inner)),
    max_leaves=8,
)


class TestSqlAndPython:
    @SMALL
    @given(FILTERS)
    def test_agree(self, face: Face, one: tuple[str, Meaning]):
        said, meaning = one
        assert sorted(face.ids("reaches", filter=said)) == [code for code, row in ROWS.items() if meaning(row) is True]


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameters", "says"),
        [
            ({"colour": "red"}, "there is no parameter 'colour'; possible here: f, lang, limit, bbox"),
            ({"limit": "0"}, "'limit=0' is outside the allowed range: 1 … 10000"),
            ({"limit": "ten"}, "'limit=ten' is outside"),
            ({"bbox": "1,2,3"}, "the box '1,2,3' cannot be used; allowed: west,south,east,north"),
            ({"bbox": "1,2,3,x"}, "cannot be used"),
            ({"bbox": "0,0,nan,1"}, "cannot be used"),
            ({"bbox": "0,0,500,1"}, "cannot be used"),
            ({"datetime": "yesterday"}, "'yesterday' is not a time"),
            ({"datetime": "../.."}, "is not a time"),
            ({"datetime": "2026-02-01/2026-01-01"}, "is not a time"),
            ({"filter": "colour = 'red'"}, "there is no property 'colour'; nearest:"),
            ({"filter": "lenght_m > 5"}, "nearest: length_m"),
            ({"filter": "river = 5"}, "'river' cannot be used with '5.0'"),
            ({"filter": "length_m LIKE '5%'"}, "'length_m' cannot be used with 'LIKE'"),
            ({"filter": "river LIKE code"}, "'LIKE' cannot be used with"),
            ({"filter": "length_m"}, "'length_m' cannot be used with 'and, or, not'"),
            ({"filter": "river = 'x' AND code"}, "'code' cannot be used with"),
            ({"filter": "geometry = 'x'"}, "'geometry' cannot be used with 'S_…, IS NULL'"),
            ({"filter": "S_INTERSECTS(river, POINT(1 2))"}, "'river' cannot be used with 'S_INTERSECTS'"),
            ({"filter": "S_INTERSECTS(geometry, geometry)"}, "cannot be used with 'S_INTERSECTS'"),
            ({"filter": "T_AFTER(river, DATE('2026-11-24'))"}, "'river' cannot be used with 'T_AFTER'"),
            ({"filter": "INTERVAL('..', '..') IS NULL"}, "'INTERVAL' cannot be used"),
            ({"filter_lang": "cql2-json"}, "'filter-lang=cql2-json' is not one of: cql2-text, cql-text"),
            (
                {"crs": "http://www.opengis.net/def/crs/EPSG/0/4490"},
                "is not one of: http://www.opengis.net/def/crs/OGC",
            ),
            ({"bbox_crs": "x"}, "'bbox-crs=x' is not one of"),
            ({"sortby": "colour"}, "there is no property 'colour'"),
            ({"sortby": "code,name,river,kind"}, "is outside the allowed range: 1 … 3"),
            ({"length_m": "long"}, "'length_m=long' is not a number"),
            ({"schematic": "maybe"}, "'schematic=maybe' is not one of: true, false"),
            ({"after": "!"}, "'!' is no place in a list"),
            ({"after": "WyJ4Il0"}, "is no place in a list"),
            ({"f": "xml"}, "'f=xml' is not one of: json, html"),
        ],
    )
    def test_says_what_is_wrong_and_what_is_allowed(self, face: Face, parameters: dict[str, str], says: str):
        assert says in face.refused("collections/reaches/items", **parameters)

    def test_every_fault_is_named_at_once(self, face: Face):
        said = face.refused("collections/reaches/items", limit="0", bbox="1", filter="a =")
        assert [line.split()[0] for line in said.splitlines()] == ["'limit=0'", "the", "the"]
        assert len(said.splitlines()) == 3

    def test_a_parameter_twice_is_no_guess(self, face: Face):
        assert "given twice" in face.refused("collections/reaches/items?river=a&river=b")

    def test_what_is_no_text_is_refused(self, face: Face):
        assert "is not text in UTF-8" in face.refused("collections/reaches/items?river=%ff")
        assert "is not text in UTF-8" in face.refused("collections/reaches/items?river=a%00b")

    def test_a_polygon_that_crosses_itself_is_the_askers_fault(self, face: Face):
        bow = "POLYGON((107 31, 109 33, 109 31, 107 33, 107 31))"
        for question in ("S_OVERLAPS", "S_WITHIN", "S_INTERSECTS"):
            answer = face.send(f"collections/reaches/items?filter={question}(geometry,{bow})".replace(" ", "+"))
            assert answer.status in (200, 400), question

    def test_what_an_asker_says_never_becomes_sql(self, face: Face):
        for said in ("x' OR '1'='1", 'x"; --', "%s", "%", "{}", "\\x"):
            assert face.ids("reaches", river=said) == []
            quoted = said.replace("'", "''")
            assert face.ids("reaches", filter=f"river = '{quoted}'") == []

    @settings(SMALL, max_examples=100)
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    def test_any_text_is_answered_or_refused(self, face: Face, said: str):
        for parameters in ({"filter": said}, {"river": said}, {"bbox": said}, {"datetime": said}, {"after": said}):
            assert face.send(f"collections/reaches/items?{urlencode(parameters)}").status in (200, 400)


def test_now_is_what_these_tests_think_it_is():
    assert NOW.isoformat() == "2026-11-24T04:00:00+00:00"
