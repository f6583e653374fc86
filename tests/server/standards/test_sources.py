"""A drinking-water source that fails one item fails everywhere it is shown, whatever its class is."""

from datetime import timedelta

import pytest

from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief_server.cases.models import Case, Episode
from riverchief_server.jobs.clock import look
from riverchief_server.observations.actions import keep_readings
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import judgement_at, verdict_of
from tests.server.conftest import NOW, feed

CLEAN = {
    "PH": 7.5, "DO": 8.0, "CODMN": 2.0, "BOD5": 2.0, "NH3N": 0.1, "TP": 0.02, "CU": 0.001, "ZN": 0.01, "F": 0.2,
    "SE": 0.0005, "AS": 0.001, "HG": 0.00002, "CD": 0.0005, "CR6": 0.004, "PB": 0.002, "CN": 0.002, "PHENOL": 0.0005,
    "OIL": 0.01, "LAS": 0.05, "S2": 0.01, "SO4": 30.0, "CL": 5.0, "NO3N": 1.0, "FE": 0.05, "MN": 0.02,
}  # fmt: skip


def sampled(at=NOW, **values: float | None) -> None:
    keep_readings(
        [
            Reading("Q1", code, at, value, find_parameter(code).unit, source="测试")
            for code, value in (CLEAN | values).items()
        ],
        NOW,
    )
    look(NOW)


def verdict():
    return verdict_of(judgement_at(Place.objects.get(code="Q1"), NOW))


@pytest.mark.usefixtures("county")
class TestASource:
    def test_it_complies_when_every_item_of_tables_1_and_2_does(self):
        sampled()
        found = verdict()
        assert (found.source.complies, found.meets_target, found.water_class) == (True, True, "I")
        assert (found.source.measured, found.source.expected) == (25, 29)
        assert Case.objects.count() == 0

    def test_manganese_of_a_quarter_milligram_fails_it_though_its_class_is_I(self):
        # (0.25 - 0.1) / 0.1 = 1.5
        sampled(MN=0.25)
        found = verdict()
        assert (found.water_class, found.source.complies, found.meets_target) == ("I", False, False)
        assert found.over_limit == {"MN": pytest.approx(1.5)} and found.over == ("MN",)
        assert found.explain("zh").startswith("按GB 3838-2002乡镇水源")
        assert "不达标：锰 0.25 mg/L，超过限值 0.1 mg/L" in found.explain("zh")

    def test_an_item_that_was_due_and_is_missing_leaves_it_open(self):
        sampled(FE=None)
        assert (verdict().source.complies, verdict().meets_target) == (None, None)

    def test_a_month_fails_with_one_failing_sample(self):
        sampled(NOW - timedelta(days=7), MN=0.25)
        sampled(MN=0.01)
        month = verdict_of(Judgement.objects.get(place__code="Q1", period="month", is_current=True))
        assert month.source.complies is False and month.meets_target is False

    def test_it_opens_one_case_that_ends_when_manganese_is_within_its_limit_again(self):
        for hours, manganese in ((12, 0.25), (8, 0.3), (4, 0.02)):
            sampled(NOW - timedelta(hours=hours), MN=manganese)
        case = Case.objects.get()
        assert case.title == "水源地锰超标，水源不达标"
        assert Episode.objects.get().samples == 2

    def test_every_page_says_so(self, as_):
        sampled(MN=0.25)
        office = as_("office")
        said = office.get("/api/stations/Q1").json()["sentence"]
        assert said.startswith("饮用水水源不达标：锰 0.25") and "超标1.5倍" in said and "应测29项中实测25项" in said
        assert "不达标" in office.get("/api/stations/Q1/periods").json()["rows"][0]["sentence"]
        assert office.get("/api/stations/Q1/periods").json()["rows"][1]["meets_target"] is False

    def test_the_public_line_says_so(self, client):
        sampled(MN=0.25)
        reach = Place.objects.get(code="Q1").reach.code
        page = client.get(f"/board/{reach}/", headers={"accept-language": "zh"}).content.decode()
        assert "饮用水水源不达标：水源地，锰" in page

    def test_the_public_line_says_so_beside_the_class_of_the_section_on_the_same_reach(self, client):
        # the section's water is class II and meets its target: that must not be the last word on the board
        source = Place.objects.get(code="Q1")
        Place.objects.filter(code="S1").update(reach=source.reach)
        feed("M1", [0.1])
        sampled(MN=0.25)
        page = client.get(f"/board/{source.reach.code}/", headers={"accept-language": "zh"}).content.decode()
        assert "达到" in page and "饮用水水源不达标：水源地，锰" in page

    def test_the_list_of_sources_has_it_first_with_what_is_due_and_the_share_of_the_year(self, as_):
        sampled(MN=0.25)
        listed = as_("office").get("/api/sources", {"month": "2026-11"}).json()
        assert "不达标的有水源地" in listed["sentence"]
        (row,) = listed["rows"]
        assert (row["complies"], row["measured"], row["of"]) == (False, 25, 29)
        assert (row["months_complying"], row["months_judged"]) == (0, 1)
        (group,) = listed["groups"]
        assert (group["level"], group["rate"], group["wanted"], group["meets"]) == ("township", "0 %", "98 %", False)
        assert as_("office").get("/api/sources", {"month": "2026-13"}).status_code == 400
