"""The schematic rivers are true in names, order, direction and size, and drawn without fault."""

import itertools
import math

import pytest
from shapely import transform
from shapely.geometry import Point

from riverchief.example import chengkou
from tests.domain.example.chengkou_files import LINES, OUTLINE, REACHES, REGIONS, TOWNSHIPS, path_down, region_of

OUTLETS = {"RH-23": "水寨子", "QH-12": "土堡寨", "ZH-06": "黄金口"}
TRIBUTARIES = ["亢河", "黄溪河", "石溪河", "岚溪河", "菜子坝河", "龙潭河", "坪坝河", "岔溪河", "左岸河"]


def of_river(name: str) -> list[str]:
    found = [reach for reach, facts in REACHES.items() if facts["river"] == name]
    return sorted(found, key=lambda reach: REACHES[reach]["order_hint"])


def flowing_into(reach: str) -> list[str]:
    return [above for above, facts in REACHES.items() if facts["down"] == reach]


def test_between_60_and_120_reaches():
    assert 60 <= len(REACHES) <= 120


def test_every_reach_drains_to_one_of_the_three_border_sections():
    assert {path_down(reach)[-1] for reach in REACHES} == set(OUTLETS)
    for outlet, border in OUTLETS.items():
        assert border in REACHES[outlet]["name"]


@pytest.mark.parametrize(("river", "length_m"), [("任河", 128_000), ("前河", 55_000), ("中河", 50_000)])
def test_lengths_in_the_county_add_up_to_what_is_published(river: str, length_m: int):
    assert sum(REACHES[reach]["length_m"] for reach in of_river(river)) == length_m


def test_the_nine_tributaries_join_the_ren_in_the_published_order():
    stem = of_river("任河")
    joins = []
    for name in TRIBUTARIES:
        mouth = REACHES[of_river(name)[-1]]["down"]
        assert REACHES[mouth]["river"] == "任河"
        joins.append(stem.index(mouth))
    assert joins == sorted(joins) and len(set(joins)) == 9


def test_the_yanzi_joins_the_qian_in_liaozi_township():
    mouth = REACHES[of_river("燕子河")[-1]]["down"]
    assert REACHES[mouth]["river"] == "前河" and REGIONS[REACHES[mouth]["region"]]["name"] == "蓼子乡"


def test_reaches_of_a_river_follow_one_another():
    for river in {facts["river"] for facts in REACHES.values()}:
        names = of_river(river)
        assert [REACHES[name]["order_hint"] for name in names] == list(range(1, len(names) + 1))
        assert all(REACHES[above]["down"] == below for above, below in itertools.pairwise(names))


def test_water_is_neither_lost_nor_made_at_a_confluence():
    """Q = Σ Q of what flows in + what the reach's own slopes add."""
    for reach, facts in REACHES.items():
        inflow = sum(REACHES[above]["flow_m3_s"] for above in flowing_into(reach))
        assert facts["flow_m3_s"] == pytest.approx(inflow + facts["lateral_m3_s"], abs=1e-9)
        assert facts["lateral_m3_s"] > 0


def test_the_mean_flow_at_shuizhaizi_is_what_is_published():
    assert REACHES["RH-23"]["flow_m3_s"] == pytest.approx(63.4, abs=1e-9)


def test_the_ren_falls_9_7_in_a_thousand_and_steepest_at_its_source():
    stem = of_river("任河")
    fall_m = sum(REACHES[reach]["slope"] * REACHES[reach]["length_m"] for reach in stem)
    assert fall_m / 128_000 == pytest.approx(0.0097, rel=0.01)
    slopes = [REACHES[reach]["slope"] for reach in stem]
    assert slopes == sorted(slopes, reverse=True)


def test_velocities_are_those_of_steep_streams():
    """Jarrett (1984): v = R^(2/3) S^(1/2) / n with n = 0.32 S^0.38 R^-0.16; R = Q / (v w) must give v back."""
    for reach, facts in REACHES.items():
        if facts["kind"] == "lake":
            assert facts["velocity_m_s"] == pytest.approx(
                facts["flow_m3_s"] * facts["length_m"] / facts["storage_m3"], rel=0.03
            )
            continue
        depth_m = facts["flow_m3_s"] / (facts["velocity_m_s"] * facts["width_m"])
        roughness = 0.32 * facts["slope"] ** 0.38 * depth_m**-0.16
        assert depth_m ** (2 / 3) * facts["slope"] ** 0.5 / roughness == pytest.approx(facts["velocity_m_s"], rel=0.04)
        assert 0.4 < facts["velocity_m_s"] < 1.5, reach


def test_all_25_townships_have_a_river():
    touched = {region_of(reach, bank) for reach in REACHES for bank in ("left", "right")}
    assert touched == TOWNSHIPS


def test_some_reaches_are_a_boundary_between_townships():
    boundary = [reach for reach in REACHES if region_of(reach, "left") != region_of(reach, "right")]
    assert len(boundary) >= 5
    assert all(REACHES[reach]["region"] in (region_of(reach, "left"), region_of(reach, "right")) for reach in boundary)


def test_the_ren_runs_from_the_south_east_to_the_north_west():
    start, end = LINES["RH-01"].coords[0], LINES["RH-23"].coords[-1]
    assert start[0] - end[0] > 0.7 and end[1] - start[1] > 0.3
    assert (
        REGIONS[REACHES["RH-01"]["region"]]["name"] == "东安镇"
        and REGIONS[REACHES["RH-23"]["region"]]["name"] == "沿河乡"
    )


def test_every_line_lies_in_the_county_and_meets_what_it_flows_into():
    for reach, line in LINES.items():
        assert OUTLINE.contains(line), reach
        below = REACHES[reach]["down"]
        if below:
            assert line.coords[-1] == LINES[below].coords[0], reach
        else:
            assert OUTLINE.exterior.distance(Point(line.coords[-1])) < 0.02, "an outlet lies at the border"


def test_no_line_crosses_itself_or_another():
    for line in LINES.values():
        assert line.is_simple
    for one, other in itertools.combinations(LINES, 2):
        shared_point = LINES[one].intersection(LINES[other])
        if not shared_point.is_empty:
            ends = {LINES[one].coords[0], LINES[one].coords[-1]} & {LINES[other].coords[0], LINES[other].coords[-1]}
            assert shared_point.geom_type == "Point" and shared_point.coords[0] in ends, f"{one} crosses {other}"


def test_rivers_keep_apart_except_where_they_meet():
    """No two lines within 300 m of one another farther than 1 km from a shared end: they would be drawn as one."""
    in_km = {reach: transform(line, lambda lonlat: lonlat * (94.4, 110.87)) for reach, line in LINES.items()}
    for one, other in itertools.combinations(in_km, 2):
        a, b = in_km[one], in_km[other]
        for end in {a.coords[0], a.coords[-1]} & {b.coords[0], b.coords[-1]}:
            a, b = a.difference(Point(end).buffer(1.0)), b.difference(Point(end).buffer(1.0))
        if not (a.is_empty or b.is_empty):
            assert a.distance(b) > 0.3, f"{one} and {other}"


def test_lines_are_curves_about_as_long_as_the_river():
    for reach, line in LINES.items():
        assert len(line.coords) >= 6, reach
        east_m, north_m = 111_320 * math.cos(math.radians(31.9)), 110_870
        drawn_m = sum(
            math.hypot((b[0] - a[0]) * east_m, (b[1] - a[1]) * north_m) for a, b in itertools.pairwise(line.coords)
        )
        assert 0.9 < REACHES[reach]["length_m"] / drawn_m < 1.4, reach


def test_every_reach_says_that_it_is_schematic():
    assert all(facts["schematic"] is True and facts["note"] for facts in REACHES.values())


def test_the_reservoir_is_a_lake_above_the_county_seat():
    [lake] = [reach for reach, facts in REACHES.items() if facts["kind"] == "lake"]
    assert REACHES[lake]["name"] == "三合水库" and REACHES[lake]["storage_m3"] > 1e6
    assert REACHES[lake]["down"] in REACHES and "RH-14" in path_down(lake)


def test_the_network_is_what_the_drawing_tool_draws():
    from tools.chengkou import draw

    assert chengkou.path_of("network.geojson").read_text(encoding="utf-8") == draw.text(draw.network())
