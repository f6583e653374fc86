"""What the desk is told of the water: sentence first, then the evidence, in the reader's language."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from riverchief.standard import CLASSES
from riverchief_server.api.desk.waters.show_periods import show_periods
from riverchief_server.api.desk.waters.show_shares import show_waters
from riverchief_server.jobs.clock import look
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import judged_sections
from tests.server.conftest import NOW, feed

As = Callable[[str], Client]


@pytest.fixture
def _foul_now(people: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two clean samples and a foul one, the last just now."""
    now = datetime.now(UTC)
    feed("M1", [0.1, 0.1, 1.2], until=now)
    look(now)


@pytest.mark.usefixtures("_foul_now")
class TestTheStation:
    def test_the_sentence_says_what_class_and_by_how_much(self, as_: As):
        said = as_("office").get("/api/stations/S1").json()
        # (1.2 − 0.5) / 0.5 = 1.4 times over the target's limit
        assert said["sentence"] == "氨氮 1.200 mg/L，Ⅳ类（按21项中的5项评价），超Ⅱ类目标1.4倍；刚刚"
        assert said["staleness"] is None

    def test_the_judgement_opens_the_laws_table_with_the_row_lit(self, as_: As):
        judgement = as_("office").get("/api/stations/S1").json()["judgement"]
        lit = {row["item"]: row["lit"] for row in judgement["table"]["rows"] if row["lit"]}
        assert lit["NH3N"] == "IV"
        ammonia = next(row for row in judgement["table"]["rows"] if row["item"] == "NH3N")
        assert ammonia["limits"] == ["≤0.15", "≤0.5", "≤1", "≤1.5", "≤2"]
        assert {left["item"] for left in judgement["excluded"]} == {"TN", "TURB"}

    def test_everything_is_there_in_english_too(self, people, as_: As):
        client = as_("office")
        client.cookies["riverchief_language"] = "en"
        said = client.get("/api/stations/S1").json()
        assert said["sentence"].startswith("ammonia nitrogen 1.200 mg/L: class IV")
        assert not [text for text in _texts(said["judgement"]["evidence"]) if _has_chinese(text) and "表" not in text]

    def test_the_series_has_its_limits_and_marks_the_target(self, as_: As):
        series = as_("office").get("/api/stations/S1/series/NH3N").json()
        assert series["values"] == [0.1, 0.1, 1.2]
        assert [limit["water_class"] for limit in series["limits"] if limit["is_target"]] == ["II"]
        assert all(limit["clause"].startswith("GB 3838-2002") for limit in series["limits"])

    def test_a_parameter_that_is_not_graded_has_no_limits(self, as_: As):
        assert as_("office").get("/api/stations/S1/series/TURB").json()["limits"] == []

    def test_an_unknown_parameter_is_named_with_its_neighbours(self, as_: As):
        answer = as_("office").get("/api/stations/S1/series/氨淡")
        assert answer.status_code == 400
        assert "氨氮" in answer.json()["text"]

    def test_a_station_that_is_silent_says_since_when(self, as_: As):
        feed("W1", [0.1], until=NOW - timedelta(days=900))
        look(NOW, everything=True)
        said = as_("office").get("/api/stations/W1").json()
        assert said["staleness"].startswith("数据截至2024年")

    def test_neighbours_by_distance_and_travel_time(self, as_: As):
        upstream = as_("office").get("/api/stations/S1").json()["upstream"]
        # S2: 4 km at 0.5 m/s, 8000 s = 2.2 h; Q1: 5.9 km, 11,800 s = 3.3 h
        assert [(one["id"], one["distance_km"], one["travel_time_h"]) for one in upstream] == [
            ("S2", 4.0, 2.2),
            ("Q1", 5.9, 3.3),
        ]


@pytest.mark.usefixtures("_foul_now")
class TestTheLenses:
    def test_a_reach_has_the_class_of_the_section_it_flows_into(self, as_: As):
        water = as_("office").get("/api/lenses").json()["water"]
        assert (water["A"]["water_class"], water["C"]["water_class"]) == ("IV", "IV")
        assert water["D"]["water_class"] == "IV"  # below the last section its class holds on
        assert water["B"]["water_class"] is None  # another river, and nothing is judged there

    def test_the_worst_open_problem_and_the_legend_counts(self, as_: As):
        lenses = as_("office").get("/api/lenses").json()
        assert lenses["work"]["C"]["level"] == "open"
        legend = {entry["level"]: entry["reaches"] for entry in lenses["work_lens"]["legend"]}
        assert legend == {"overdue": 0, "due_soon": 0, "open": 1, "none": 3}

    def test_nobody_has_walked_here(self, as_: As):
        lenses = as_("office").get("/api/lenses").json()
        assert {one["level"] for one in lenses["freshness"].values()} == {"never"}

    def test_the_past_can_be_asked_for(self, as_: As):
        before = (NOW - timedelta(days=4000)).isoformat()
        lenses = as_("office").get("/api/lenses", {"at": before}).json()
        assert lenses["water"]["C"]["water_class"] is None

    def test_every_class_has_its_numeral_beside_its_colour(self, as_: As):
        said = {row["water_class"]: row for row in as_("office").get("/api/session").json()["classes"]}
        for code, words in CLASSES.items():
            assert (said[code]["numeral"], said[code]["colour"]) == (words.numeral, words.colour)


@pytest.mark.usefixtures("_foul_now")
class TestTheRest:
    def test_the_county_in_ten_seconds(self, as_: As):
        said = as_("office").get("/api/summary").json()
        assert "待我办理1件，未办结1件" in said["sentence"]
        assert {figure["key"] for figure in said["figures"]} == {"mine", "open", "overdue", "over", "stale"}

    def test_a_verdict_older_than_a_month_is_shown_and_not_counted(self, as_: As):
        now = datetime.now(UTC)
        feed("S2", [0.1], until=now - timedelta(days=32))
        look(now)
        lenses = as_("office").get("/api/lenses").json()
        assert lenses["place_water"]["S2"]["water_class"] == "II"
        assert lenses["place_water"]["S2"]["is_stale"] is True
        county = as_("office").get("/api/waters/periods").json()[0]
        assert county["rows"][0]["judged"] == 1
        assert lenses["water_lens"]["sentence"].startswith("1个断面有评价结果")
        assert "1个断面中0个达到目标" in as_("office").get("/api/summary").json()["sentence"]

    def test_the_map_says_that_it_is_schematic(self, as_: As):
        assert as_("office").get("/api/map").json()["schematic"] is True

    def test_who_answers_for_each_bank(self, as_: As):
        reach = as_("office").get("/api/reaches/C").json()
        left, right = reach["banks"]
        assert [chief["holder"] for chief in left["chiefs"]] == ["县级河长", "河长 · 甲镇", "河长 · 甲村"]
        assert right["region"] == "乙乡"
        assert reach["upstream_length_km"] == 9.0  # A 2 + B 3 + C 4

    def test_the_table_of_stations(self, as_: As):
        table = as_("office").get("/api/stations").json()
        assert [row["id"] for row in table["rows"]] == ["M1"]
        assert table["rows"][0]["values"]["NH3N"] == "1.200"

    def test_what_is_not_there(self, as_: As):
        assert as_("office").get("/api/reaches/NOPE").status_code == 404
        assert as_("office").get("/api/stations/NOPE").status_code == 404


@pytest.mark.usefixtures("_foul_now")
class TestOverTime:
    def test_now_this_month_and_this_year_with_what_they_rest_on(self, as_: As):
        said = as_("office").get("/api/stations/S1/periods").json()
        now, month, year = said["rows"]
        assert (now["key"], now["water_class"], now["meets_target"]) == ("now", "IV", False)
        # the mean of 0.1, 0.1 and 1.2 is 0.467: class II
        assert (month["key"], month["water_class"]) == ("month", "II")
        assert "共3个" in month["coverage"]
        assert (year["key"], year["water_class"]) == ("year", None)
        assert "有效数据不足，尚不能评价" in year["sentence"]

    def test_the_same_time_last_year_and_the_change(self, as_: As):
        now = datetime.now(UTC)
        day = min(now.day, 28)
        feed("M1", [1.2], until=now.replace(year=now.year - 1, day=day) - timedelta(hours=1))
        look(now, everything=True)
        month = as_("office").get("/api/stations/S1/periods").json()["rows"][1]
        if day > 1:  # on the first of a month an hour ago may be the month before
            assert month["before_class"] == "IV"
            assert month["change"] == "明显好转"

    def test_a_period_says_its_ends_its_items_and_what_it_needs(self, as_: As):
        now, month, year = as_("office").get("/api/stations/S1/periods").json()["rows"]
        # (1.2 − 0.5) / 0.5 = 1.4 times over the limit of the target, class II
        assert [(item["item"], item["over_limit"]) for item in now["limiting"]] == [("NH3N", pytest.approx(1.4))]
        assert now["sentence"] == (
            "现在：Ⅳ类（轻度污染，按21项中的5项评价），未达到Ⅱ类目标（氨氮超标1.4倍），"
            "主要污染指标（超Ⅲ类倍数）氨氮(0.2)"
        )
        assert (month["samples"], month["needed"], year["needed"]) == (3, 1, 8)
        assert month["start"] < month["end"]
        assert "至少需要8个月" in year["coverage"]

    def test_what_rests_on_tables_nobody_checked_says_so(self, as_: As):
        said = as_("office").get("/api/stations/S1/periods").json()
        now, month, year = said["rows"]
        assert (now["caveat"], "未经原文核实" in month["caveat"], "未经核实" in year["caveat"]) == ("", True, True)
        assert month["caveat"] in month["sentence"] and month["caveat"] in said["sentence"]
        county = as_("office").get("/api/waters/periods").json()[0]
        assert county["rows"][1]["caveat"] in county["sentence"] and county["rows"][1]["caveat"]

    def test_a_month_without_a_sample_is_a_row_that_says_so(self, as_: As, monkeypatch: pytest.MonkeyPatch):
        section = Place.objects.get(code="S1")
        year_end = datetime(datetime.now(UTC).year, 12, 31, 4, tzinfo=UTC)
        Judgement.objects.filter(place=section, period="month").delete()
        month, year = show_periods(section, year_end, "zh").rows[1:]
        assert (month.water_class, month.samples, month.sentence) == (None, 0, "12月：还没有样品")
        assert year.samples == 3

    def test_the_county_and_its_rivers_in_shares(self, as_: As):
        county, river = as_("office").get("/api/waters/periods").json()
        assert (county["name"], river["name"]) == ("玩具县", "玩具河")
        now, month, _ = county["rows"]
        assert (now["good_share"], now["target_rate"]) == ("0 %", "0 %")
        assert (month["good_share"], month["target_rate"], month["judged"]) == ("100 %", "100 %", 1)
        assert "优良比例100 %" in county["sentence"]

    def test_a_section_without_a_sample_is_counted_as_not_judged(self, as_: As):
        county = as_("office").get("/api/waters/periods").json()[0]
        month = county["rows"][1]
        assert (month["judged"], month["unjudged"], month["coverage"]) == (1, 1, "2个断面中评价1个")
        assert "2个断面中评价1个" in county["sentence"]

    def test_a_reach_names_the_section_that_stands_for_it_by_code_too(self, as_: As):
        water = as_("office").get("/api/reaches/C").json()["water"]
        assert (water["place"], water["place_id"]) == ("出口断面", "S1")

    def test_two_years_are_compared_by_the_sections_judged_in_both(self, people: object):
        now = datetime(2025, 11, 24, 4, tzinfo=UTC)
        feed("M1", [1.2], until=now.replace(year=2024))  # S1 was class IV, S2 not measured
        feed("M1", [0.1], until=now)
        feed("S2", [1.8], until=now)  # class V this year
        look(now, everything=True)
        county = show_waters(judged_sections(), now, "zh")[0]
        month = county.rows[1]
        assert (month.judged, month.before_judged, month.compared) == (2, 1, 1)
        # S1 alone, from IV to II: two classes
        assert month.change == "明显好转（按两年都有评价的1个断面）"
        assert "；较去年同期明显好转" in county.sentence

    def test_a_correction_of_last_year_reaches_the_comparison(self, people: object):
        now, before = datetime(2025, 11, 24, 4, tzinfo=UTC), datetime(2024, 11, 24, 4, tzinfo=UTC)
        feed("M1", [1.2], until=before)
        feed("M1", [0.1], until=now)
        look(now, everything=True)
        section = Place.objects.get(code="S1")
        assert show_periods(section, now, "zh").rows[1].before_class == "IV"
        feed("M1", [0.1], until=before)
        look(now, everything=True)
        assert show_periods(section, now, "zh").rows[1].before_class == "II"


def _texts(thing: object) -> list[str]:
    if isinstance(thing, str):
        return [thing]
    if isinstance(thing, dict):
        return [text for value in thing.values() for text in _texts(value)]
    return [text for value in thing for text in _texts(value)] if isinstance(thing, list) else []


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
