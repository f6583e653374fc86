"""Judgements are kept as versions: what is new or changed is judged, and only that."""

from datetime import UTC, date, datetime, timedelta

import pytest

from riverchief.observation.reading import Censored, Reading
from riverchief_server.jobs.clock import look
from riverchief_server.observations.actions import keep_readings
from riverchief_server.observations.queries import latest_of, samples_between
from riverchief_server.places.models import Place
from riverchief_server.standards.actions import judge_section
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import judged_sections, judgement_at, verdict_of
from riverchief_server.standards.spans import a_year_before, days_passed, months_passed, span_of
from tests.server.conftest import NOW, feed, sample


@pytest.fixture
def section(county: None) -> Place:
    return Place.objects.get(code="S1")


class TestJudging:
    def test_a_sample_is_judged_with_its_evidence(self, section: Place):
        feed("M1", [0.8])
        assert len(judge_section(section, NOW)) == 1
        verdict = verdict_of(Judgement.objects.get(period="sample"))
        assert (verdict.water_class, verdict.limiting, verdict.target) == ("III", ("NH3N",), "II")
        # (0.8 − 0.5) / 0.5 = 0.6 times over the target's limit
        assert verdict.over_limit == {"NH3N": pytest.approx(0.6)}

    def test_nitrogen_and_turbidity_do_not_grade_a_river(self, section: Place):
        feed("M1", [0.1])
        judge_section(section, NOW)
        left_out = {left.item for left in verdict_of(Judgement.objects.get(period="sample")).excluded}
        assert {"TN", "TURB"} <= left_out

    def test_judging_twice_changes_nothing(self, section: Place):
        feed("M1", [0.1, 0.2])
        assert len(judge_section(section, NOW)) == 2
        assert len(judge_section(section, NOW)) == 0

    def test_a_corrected_reading_makes_a_new_version_and_the_old_one_stays(self, section: Place):
        feed("M1", [0.8])
        judge_section(section, NOW)
        keep_readings(sample("M1", NOW, NH3N=0.1), NOW + timedelta(hours=1))
        assert len(judge_section(section, NOW)) == 1
        old, new = Judgement.objects.filter(period="sample").order_by("version")
        assert (old.water_class, old.is_current, old.version) == ("III", False, 1)
        assert (new.water_class, new.is_current, new.version) == ("II", True, 2)

    def test_a_new_target_is_a_new_judgement(self, section: Place):
        feed("M1", [0.8])
        judge_section(section, NOW)
        section.class_target = "III"
        section.save()
        assert len(judge_section(section, NOW)) == 1
        assert judgement_at(section, NOW).target == "III"

    def test_a_core_item_that_is_missing_never_passes(self, section: Place):
        keep_readings(sample("M1", NOW, TP=None), NOW)
        judge_section(section, NOW)
        assert Judgement.objects.get(period="sample").water_class == ""

    def test_a_core_item_that_the_station_had_yesterday_and_has_not_now_withholds(self, section: Place):
        feed("M1", [0.1], until=NOW - timedelta(hours=4))
        silent = [reading for reading in sample("M1", NOW) if reading.parameter != "NH3N"]
        keep_readings(silent, NOW)
        judge_section(section, NOW)
        verdict = verdict_of(judgement_at(section, NOW))
        assert (verdict.water_class, verdict.meets_target) == (None, None)
        assert [left.item for left in verdict.excluded if left.kind == "missing"] == ["NH3N"]

    def test_an_instrument_that_was_taken_away_is_not_missed_for_ever(self, section: Place):
        feed("M1", [0.1], until=NOW - timedelta(days=40))
        keep_readings([reading for reading in sample("M1", NOW) if reading.parameter != "NH3N"], NOW)
        judge_section(section, NOW)
        assert judgement_at(section, NOW).water_class

    def test_pH_alone_is_no_class_on_a_page(self, section: Place):
        keep_readings([reading for reading in sample("M1", NOW) if reading.parameter == "PH"], NOW)
        judge_section(section, NOW)
        verdict = verdict_of(judgement_at(section, NOW))
        assert (verdict.water_class, verdict.at_best, verdict.judged) == (None, "I", 1)

    @pytest.mark.parametrize(
        ("operator", "bound", "expected"),
        [
            ("<", 0.02, ("II", True)),  # half of 0.02 takes part; phosphorus and oxygen of the sample are class II
            ("<", 0.4, ("II", True)),
            ("<", 1.5, (None, None)),  # above the target's limit: nobody knows
            (">", 0.5, (None, None)),
            (">", 0.51, (None, False)),
            (">", 2.1, (">V", False)),
        ],
    )
    def test_a_bound_is_judged_by_the_law_and_not_by_the_store(self, section: Place, operator, bound, expected):
        bounded = [
            reading._replace(value=None, censored=Censored(operator, bound)) if reading.parameter == "NH3N" else reading
            for reading in sample("M1", NOW)
        ]
        keep_readings(bounded, NOW)
        judge_section(section, NOW)
        for period in ("sample", "month"):
            verdict = verdict_of(Judgement.objects.get(period=period))
            assert (verdict.water_class, verdict.meets_target) == expected
            assert f"氨氮 {operator}{bound:g}" in verdict.explain("zh") or verdict.water_class == "II"

    def test_a_station_of_a_section_is_judged_through_it(self, section: Place):
        assert {place.code for place in judged_sections()} == {"S1", "S2", "Q1"}


class TestPeriods:
    def test_month_and_year_are_judged_beside_the_samples(self, section: Place):
        feed("M1", [0.1, 0.3, 0.8])
        judge_section(section, NOW)
        month = Judgement.objects.get(period="month")
        # the mean of 0.1, 0.3 and 0.8 is 0.4: class II, although one sample was class III
        assert (month.water_class, verdict_of(month).meets_target) == ("II", True)
        assert month.content["coverage"] == {"samples": 3, "days": 1, "months": 1}
        assert month.at == datetime(2026, 10, 31, 16, tzinfo=UTC)  # the first of November in Shanghai

    def test_a_year_of_one_month_cannot_be_judged_yet(self, section: Place):
        feed("M1", [0.1])
        judge_section(section, NOW)
        year = Judgement.objects.get(period="year")
        assert year.water_class == ""
        assert {left.kind for left in verdict_of(year).excluded if left.item == "NH3N"} == {"not_in_period"}

    def test_only_the_months_that_changed_are_judged_again(self, section: Place):
        feed("M1", [0.1], until=NOW - timedelta(days=31))
        feed("M1", [0.1])
        judge_section(section, NOW)
        keep_readings(sample("M1", NOW, NH3N=0.9), NOW + timedelta(hours=1))
        judge_section(section, NOW)
        versions = Judgement.objects.filter(period="month").values_list("at", "version", "is_current")
        assert sorted((at.month, version, is_current) for at, version, is_current in versions) == [
            (9, 1, True),
            (10, 1, False),
            (10, 2, True),
        ]

    def test_values_under_maintenance_are_left_out_of_the_mean(self, section: Place):
        readings = sample("M1", NOW - timedelta(hours=4), NH3N=9.0)
        keep_readings([reading._replace(flag="maintenance") for reading in readings], NOW)
        feed("M1", [0.1])
        judge_section(section, NOW)
        assert Judgement.objects.get(period="month").water_class == "II"


class TestSpans:
    def test_a_month_is_the_countys_own(self):
        # 31 October 17:00 UTC is the first of November, 01:00, in Shanghai
        span = span_of("month", datetime(2026, 10, 31, 17, tzinfo=UTC))
        assert (span.begin.month, span.end.month) == (11, 12)

    def test_december_ends_with_the_year(self):
        span = span_of("month", datetime(2026, 12, 31, 3, tzinfo=UTC))
        assert (span.end.year, span.end.month) == (2027, 1)

    def test_the_same_days_of_the_year_before_with_today(self):
        before = a_year_before(span_of("year", NOW), NOW)  # 24 November: to the end of that day
        assert (before.begin.year, before.end.date(), before.end.hour) == (2025, date(2025, 11, 25), 0)

    def test_the_days_of_february_in_and_after_a_leap_year(self):
        # through 28 and through 29 February 2028: both are the whole of February 2027
        for day in (28, 29):
            now = datetime(2028, 2, day, 4, tzinfo=UTC)
            assert a_year_before(span_of("month", now), now).end.date() == date(2027, 3, 1)

    def test_what_has_passed_of_a_month_and_a_year(self):
        assert (days_passed(span_of("month", NOW), NOW), months_passed(span_of("year", NOW), NOW)) == (24, 11)
        later = NOW + timedelta(days=400)  # a period that is over has passed whole
        assert (days_passed(span_of("month", NOW), later), months_passed(span_of("year", NOW), later)) == (30, 12)


def means(at: datetime, period_s: int = 3600, ammonia: float = 0.8) -> list[Reading]:
    """A sample of M1 as means over ``period_s``."""
    return [one._replace(statistic="mean", period_s=period_s) for one in sample("M1", at, NH3N=ammonia)]


class TestMeansOfAnInstrument:
    def test_a_station_that_sends_only_hourly_means_is_judged_and_the_evidence_says_so(self, section: Place):
        keep_readings(means(NOW), NOW)
        assert judge_section(section, NOW) == [NOW]
        verdict = verdict_of(Judgement.objects.get(period="sample"))
        assert (verdict.water_class, verdict.limiting) == ("III", ("NH3N",))
        assert {fact.origin.statistic for fact in verdict.evidence} == {"hourly mean"}
        assert "小时均值" in verdict.explain("zh")
        assert Judgement.objects.get(period="month").water_class == "III"

    def test_the_mean_of_an_hour_with_a_moment_in_it_is_not_judged_again(self, section: Place):
        feed("M1", [0.1])  # at NOW
        for hour in range(3):
            keep_readings(means(NOW - timedelta(hours=hour, minutes=10)), NOW)
        judged = judge_section(section, NOW)
        assert judged == [NOW - timedelta(hours=2, minutes=10), NOW - timedelta(hours=1, minutes=10), NOW]

    def test_judging_from_any_moment_judges_the_same(self, section: Place):
        feed("M1", [0.1])
        keep_readings(means(NOW - timedelta(minutes=59)), NOW)
        # the moment that makes the mean superfluous lies after the first window and before the second
        assert samples_between(section, NOW - timedelta(hours=2), NOW) == []
        keep_readings(means(NOW + timedelta(minutes=59)), NOW)
        assert samples_between(section, NOW + timedelta(seconds=1), NOW + timedelta(hours=2)) == []

    def test_minute_means_are_kept_and_not_judged(self, section: Place):
        keep_readings(means(NOW, 600), NOW)
        assert judge_section(section, NOW) == []

    def test_the_newest_values_of_such_a_station_are_shown_once(self, section: Place):
        place = Place.objects.get(code="M1")
        keep_readings(means(NOW), NOW)
        assert {series.statistic for series, _ in latest_of(place)} == {"mean"}
        feed("M1", [0.1])
        latest = {series.parameter: (series.statistic, row.v) for series, row in latest_of(place)}
        assert latest["NH3N"] == ("instant", 0.1)

    def test_the_clock_judges_them(self, section: Place):
        keep_readings(means(NOW, 86400), NOW)
        assert look(NOW) > 0
        assert verdict_of(Judgement.objects.get(period="sample")).evidence[0].origin.statistic == "daily mean"
