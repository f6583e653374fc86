"""Judgements are kept as versions: what is new or changed is judged, and only that."""

from datetime import timedelta

import pytest

from riverchief_server.observations.actions import keep_readings
from riverchief_server.places.models import Place
from riverchief_server.standards.actions import judge_section
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import judged_sections, judgement_at, verdict_of
from tests.server.conftest import NOW, feed, sample


@pytest.fixture
def section(county: None) -> Place:
    return Place.objects.get(code="S1")


class TestJudging:
    def test_a_sample_is_judged_with_its_evidence(self, section: Place):
        feed("M1", [0.8])
        assert judge_section(section, NOW) == 1
        verdict = verdict_of(Judgement.objects.get())
        assert (verdict.water_class, verdict.limiting, verdict.target) == ("III", ("NH3N",), "II")
        # (0.8 − 0.5) / 0.5 = 0.6 times over the target's limit
        assert verdict.over_limit == {"NH3N": pytest.approx(0.6)}

    def test_nitrogen_and_turbidity_do_not_grade_a_river(self, section: Place):
        feed("M1", [0.1])
        judge_section(section, NOW)
        left_out = {left.item for left in verdict_of(Judgement.objects.get()).excluded}
        assert {"TN", "TURB"} <= left_out

    def test_judging_twice_changes_nothing(self, section: Place):
        feed("M1", [0.1, 0.2])
        assert judge_section(section, NOW) == 2
        assert judge_section(section, NOW) == 0

    def test_a_corrected_reading_makes_a_new_version_and_the_old_one_stays(self, section: Place):
        feed("M1", [0.8])
        judge_section(section, NOW)
        keep_readings(sample("M1", NOW, NH3N=0.1), NOW + timedelta(hours=1))
        assert judge_section(section, NOW) == 1
        old, new = Judgement.objects.order_by("version")
        assert (old.water_class, old.is_current, old.version) == ("III", False, 1)
        assert (new.water_class, new.is_current, new.version) == ("II", True, 2)

    def test_a_new_target_is_a_new_judgement(self, section: Place):
        feed("M1", [0.8])
        judge_section(section, NOW)
        section.class_target = "III"
        section.save()
        assert judge_section(section, NOW) == 1
        assert judgement_at(section, NOW).target == "III"

    def test_a_core_item_that_is_missing_never_passes(self, section: Place):
        keep_readings(sample("M1", NOW, TP=None), NOW)
        judge_section(section, NOW)
        assert Judgement.objects.get().water_class == ""

    def test_a_station_of_a_section_is_judged_through_it(self, section: Place):
        assert {place.code for place in judged_sections()} == {"S1", "S2", "Q1"}
