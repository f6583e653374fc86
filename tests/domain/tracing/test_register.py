"""A county's own sheets become stations, candidates with their odds, and samples."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.observation.reading import Censored, Reading
from riverchief.parameter import find_parameter
from riverchief.place import locate
from riverchief.table import read_table
from riverchief.tracing import Candidate, candidate_odds, read_sites, samples_of
from riverchief.tracing.candidate import substance_odds
from tests.domain.tracing.toy import toy_river

SHEET = """编号,类型,细类,河段,里程,名称,许可,违规次数
S1,section,,3,100,桥下,,
W1,station,,5,4900,,,
F1,outfall,farm,1,200,养殖场,示意-001,2
M1,mine,,2,10,老硐,none,
Q1,source,,4,10,,,
"""
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def reading(station: str, hours: float, value: float | None, **more) -> Reading:
    return Reading(station, "NH3N", NOON + timedelta(hours=hours), value, "mg/L", **more)


def test_stations_and_candidates_come_from_one_sheet_and_the_rest_is_left_out():
    sites = read_sites(SHEET.encode("gb18030"), "places.csv", toy_river())
    assert {name: (at.reach, at.chainage_m) for name, at in sites.stations.items()} == {
        "S1": (3, 100.0),
        "W1": (5, 4900.0),
    }
    assert [(one.id, one.kind, one.name) for one in sites.candidates] == [
        ("F1", "farm", "养殖场"),
        ("M1", "mine", "老硐"),
    ]


def test_the_odds_multiply_kind_permit_history_and_substance():
    odds = candidate_odds()
    farm, mine = read_sites(SHEET.encode(), "places.csv", toy_river(), parameter="氨氮").candidates
    # a number in the permit's column is a valid permit; two cases; slurry holds ammonia and pit water does not
    assert farm.prior == odds["kind", "farm"] * odds["history", "2"] * 3
    assert mine.prior == odds["kind", "mine"] * odds["permit", "none"] * 0.2
    stated = SHEET.replace("违规次数", "先验").encode()
    assert read_sites(stated, "places.csv", toy_river()).candidates[0].prior == 2.0


def test_every_row_of_the_substances_names_parameters_and_kinds_that_are_some():
    kinds = {code for factor, code in candidate_odds() if factor == "kind"}
    for row in read_table("riverchief.tracing", "substance_odds.csv"):
        assert set(row["kinds"].split("|")) <= kinds
        for code in row["substances"].split("|"):
            assert find_parameter(code).code == code
        assert float(row["odds"]) > 0 and row["reason"]
    assert substance_odds("MN", "tailings") > substance_odds("MN", "") > substance_odds("MN", "farm")


def test_all_faults_of_the_sheet_at_once():
    bad = SHEET.replace("outfall,farm", "outfall,circus").replace("3,100", "9,100").replace("W1", "M1")
    with pytest.raises(BadInput) as refused:
        read_sites(bad.encode(), "places.csv", toy_river())
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [("unknown_reach", 2)]
    with pytest.raises(BadInput) as refused:
        read_sites(bad.replace("9,100", "3,100").encode(), "places.csv", toy_river())
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [("unknown_kind", 4), ("duplicate", 5)]


def test_samples_keep_limits_take_corrections_and_leave_out_what_says_nothing():
    stations = read_sites(SHEET.encode(), "places.csv", toy_river()).stations
    (samples,) = samples_of(
        [
            reading("S1", 0, 0.1),
            reading("S1", 1, None, censored=Censored("<", 0.02)),
            reading("S1", 2, None, censored=Censored("<", None)),
            reading("S1", 3, 9.0, flag="fault"),
            reading("S1", 0, 0.3),
            reading("S1", 4, None, censored=Censored(">", 5.0)),
            reading("S1", 99, 0.1),
            Reading("S1", "TP", NOON, 7.0, "mg/L"),
        ],
        "NH3N",
        stations,
        until=NOON + timedelta(hours=9),
    )
    assert (samples.value_mg_l.tolist(), samples.censor.tolist()) == ([0.3, 0.02, 5.0], [0, -1, 1])
    assert np.diff(samples.time_s).tolist() == [3600.0, 3 * 3600.0]


def test_a_station_that_nobody_placed_and_a_value_below_nothing_are_named():
    stations = {"S1": locate(toy_river(), 3, 100.0)}
    with pytest.raises(BadInput) as refused:
        samples_of([reading("S1", 0, -1.0), reading("S2", 0, 0.1)], "NH3N", stations)
    assert [fault.kind for fault in refused.value.faults] == ["unknown_station", "out_of_range"]
    assert refused.value.faults[0].details["nearest"] == "S1"


def test_what_is_no_concentration_cannot_be_traced():
    with pytest.raises(BadInput) as refused:
        samples_of([], "PH", {})
    assert [fault.kind for fault in refused.value.faults] == ["unit_mismatch"]


def test_a_candidate_without_a_substance_has_the_odds_of_its_kind():
    place = locate(toy_river(), 1, 0.0)
    assert Candidate.of("a", place, kind="farm").prior == candidate_odds()["kind", "farm"]
