"""CQL2 text as OGC 21-065r2 writes it: what can be read, what it means, and that nothing brings the reader down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief_server.api.features.cql2.expression import Call, Interval, Literal, Operation, Property
from riverchief_server.api.features.cql2.parser import DEEPEST, parse_filter
from riverchief_server.api.features.cql2.times import moment_of, read_time, write_time
from riverchief_server.asked.lexing import LONGEST


def number(value: float) -> Literal:
    return Literal(float(value), "number")


def text(value: str) -> Literal:
    return Literal(value, "text")


A, B, C = (Operation("=", (Property(name), number(1))) for name in "abc")


class TestGrammar:
    @pytest.mark.parametrize(
        ("said", "meant"),
        [
            ("a=1", A),
            ('"a" = 1.0', A),
            ("a <> -1.5e2", Operation("<>", (Property("a"), number(-150)))),
            ("a >= b", Operation(">=", (Property("a"), Property("b")))),
            ("名称 = '任河'", Operation("=", (Property("名称"), text("任河")))),
            ("n = 'it''s' ", Operation("=", (Property("n"), text("it's")))),
            (r"n = 'it\'s' ", Operation("=", (Property("n"), text("it's")))),
            ("ok = TRUE", Operation("=", (Property("ok"), Literal(True, "truth")))),
            ("eo:cloud.cover < 1", Operation("<", (Property("eo:cloud.cover"), number(1)))),
            ("a is null", Operation("null", (Property("a"),))),
            ("a IS NOT NULL", Operation("not", (Operation("null", (Property("a"),)),))),
            ("a between 1 and 2", Operation("between", (Property("a"), number(1), number(2)))),
            ("a NOT IN (1,2)", Operation("not", (Operation("in", (Property("a"), number(1), number(2))),))),
            ("a like 'x%'", Operation("like", (Property("a"), text("x%")))),
            ("casei(a) = 'x'", Operation("=", (Call("casei", (Property("a"),)), text("x")))),
            ("T_AFTER(t, DATE('1970-01-02'))", Call("t_after", (Property("t"), Literal(86_400_000, "day")))),
            (
                "T_DURING(t, INTERVAL('..', '1970-01-01T00:00:01Z'))",
                Call("t_during", (Property("t"), Interval(None, Literal(1000, "time")))),
            ),
        ],
    )
    def test_a_predicate_is_read(self, said: str, meant: object):
        assert parse_filter(said) == meant

    def test_and_binds_tighter_than_or_and_not_tighter_than_both(self):
        assert parse_filter("a=1 OR b=1 AND c=1") == Operation("or", (A, Operation("and", (B, C))))
        assert parse_filter("(a=1 OR b=1) AND c=1") == Operation("and", (Operation("or", (A, B)), C))
        assert parse_filter("NOT a=1 AND b=1") == Operation("and", (Operation("not", (A,)), B))

    @pytest.mark.parametrize(
        ("said", "wkt"),
        [
            ("S_INTERSECTS(geometry, POINT(1 2))", "POINT (1 2)"),
            ("s_within(geometry,BBOX(0,0,1,2))", "POLYGON ((1 0, 1 2, 0 2, 0 0, 1 0))"),
            ("S_EQUALS(geometry, MULTIPOINT ((1.0 -0.5), (2 3)))", "MULTIPOINT ((1 -0.5), (2 3))"),
            ("S_CROSSES(geometry, LINESTRING Z (0 0 5, 1 1 5))", "LINESTRING (0 0, 1 1)"),
            ("S_DISJOINT(geometry, POINT EMPTY)", "POINT EMPTY"),
        ],
    )
    def test_shapes_are_well_known_text_without_heights(self, said: str, wkt: str):
        call = parse_filter(said)
        assert isinstance(call, Call) and call.arguments[0] == Property("geometry")
        assert isinstance(call.arguments[1], Literal) and call.arguments[1].value.wkt == wkt

    def test_a_box_over_the_date_line_is_two(self):
        call = parse_filter("S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))")
        assert isinstance(call, Call) and isinstance(call.arguments[1], Literal)
        assert call.arguments[1].value.area == 2 * 10 * 20

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            ("", "features_syntax"),
            ("a =", "features_syntax"),
            ("a = 1 b", "features_syntax"),
            ("a = 'x", "features_syntax"),
            ("a NOT 1", "features_syntax"),
            ("a IN ()", "features_syntax"),
            ("a = 1; DROP TABLE places_place", "features_syntax"),
            ("a + 1 = 2", "features_syntax"),
            ("INTERVAL(1, 2) = 3", "features_syntax"),
            ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", "bad_geometry"),
            ("S_INTERSECTS(geometry, POINT(1))", "bad_geometry"),
            ("S_INTERSECTS(geometry, BBOX(0, 0, 1))", "features_bad_box"),
            ("S_INTERSECTS(geometry, BBOX(0, 5, 1, 4))", "features_bad_box"),
            ("S_NEAR(geometry, POINT(1 2))", "features_unknown_function"),
            ("CASEI(a, b) = 'x'", "features_arguments"),
            ("a > TIMESTAMP('2026-13-01T00:00:00Z')", "bad_time"),
            ("a > TIMESTAMP('2026-11-24')", "bad_time"),
            ("a > DATE('24.11.2026')", "bad_time"),
            ("a > TIMESTAMP('9999-12-31T23:59:59-14:00')", "bad_time"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_its_reason(self, said: str, reason: str):
        with pytest.raises(BadInput) as refused:
            parse_filter(said)
        assert [fault.kind for fault in refused.value.faults] == [reason]

    def test_a_refusal_says_where(self):
        with pytest.raises(BadInput, match=r"from character 16 on: oops"):
            parse_filter("a = 1 AND oops oops")


class TestBounds:
    """What is asked may be large, and never so large that the reader falls over it."""

    @pytest.mark.parametrize("nest", ["({})", "NOT {}", "CASEI({})"])
    def test_depth_is_bounded(self, nest: str):
        deep = "a = 1" if nest != "CASEI({})" else "a"
        for _ in range(DEEPEST * 4):
            deep = nest.format(deep)
        with pytest.raises(BadInput) as refused:
            parse_filter(deep)
        assert refused.value.faults[0].kind == "features_too_deep"

    def test_length_is_bounded(self):
        with pytest.raises(BadInput) as refused:
            parse_filter("a = 1 OR " * LONGEST + "a = 1")
        assert refused.value.faults[0].kind == "features_too_long"

    def test_a_long_chain_is_not_deep(self):
        chain = parse_filter(" OR ".join(["a=1"] * 1000))
        assert isinstance(chain, Operation) and chain.operands == (A,) * 1000

    def test_a_shape_may_not_have_too_many_points(self):
        with pytest.raises(BadInput):
            parse_filter(f"S_INTERSECTS(geometry, LINESTRING({'0 0,' * 1999}0 0" + "))" * 2)


SAID = (
    "a river geometry and or not like between in is null true false casei date timestamp interval bbox point polygon "
    "s_intersects t_after ( ) , = <> < >= - + 1 2.5 'x' '%' 'it''s' \"b\" '2026-11-24' '..' 1e999 .5 [ ; -- \\ ' \""
)
WORDS = st.sampled_from(SAID.split(" "))


def read_or_refused(said: str) -> None:
    """``said`` is read, or refused with words in both languages; anything else is raised."""
    try:
        parse_filter(said)
    except BadInput as refused:
        assert refused.text("zh") and refused.text("en")  # noqa: PT017


class TestNothingElseBringsItDown:
    @given(st.lists(WORDS, max_size=40).map(" ".join))
    def test_words_in_any_order_are_read_or_refused(self, said: str):
        read_or_refused(said)

    @given(st.text(max_size=200))
    def test_any_text_is_read_or_refused(self, said: str):
        read_or_refused(said)


class TestTimes:
    def test_a_zone_is_taken_into_account(self):
        assert read_time("2026-11-24T08:15:00+08:00") == read_time("2026-11-24T00:15:00Z")

    def test_a_plus_that_was_not_escaped_arrives_as_a_blank(self):
        assert read_time("2026-11-24T08:15:00 08:00") == read_time("2026-11-24T00:15:00Z")

    @given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
    def test_a_time_that_is_written_is_read_again(self, ms: int):
        assert read_time(write_time(moment_of(ms))) == ms
