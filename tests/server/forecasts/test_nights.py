"""The night's forecasts: once, whoever asks and whoever dies; what they warn of is counted afterwards."""

import math
from datetime import timedelta

import pytest

from riverchief.observation.reading import Reading
from riverchief_server.forecasts import nights, watches
from riverchief_server.forecasts.models import Forecast, Part, Watch
from riverchief_server.forecasts.queries import newest_forecasts
from riverchief_server.jobs import forecasting
from riverchief_server.observations.actions import keep_readings
from riverchief_server.places.models import Place
from tests.server.conftest import NOW

DAY = NOW.date()


def feed_days(station: str, values, parameter: str = "NH3N", until=NOW) -> None:
    """One value a day up to ``until``."""
    days = [until - timedelta(days=back) for back in range(len(values))][::-1]
    keep_readings(
        [Reading(station, parameter, at, value, "mg/L", source="测试") for at, value in zip(days, values, strict=True)],
        until,
    )


def rising(days: int = 100) -> list[float]:
    """Ammonia that goes up and down by a wave of sixty days, and stands high at the end."""
    return [0.3 + 0.1 * math.sin(2 * math.pi * (day - days) / 60) for day in range(days)]


@pytest.mark.usefixtures("county")
class TestTheNight:
    def test_each_place_and_parameter_gets_one_forecast_a_day_and_no_second(self):
        feed_days("M1", rising())
        assert nights.work_off(DAY, "one", NOW) == 1
        assert nights.work_off(DAY, "two", NOW) == 0
        [forecast] = Forecast.objects.all()
        assert (forecast.place.code, forecast.parameter, forecast.origin_at.date()) == ("M1", "NH3N", DAY)
        assert [line["lead_h"] for line in forecast.lines] == [24, 48, 72, 96, 120, 144, 168]
        assert nights.work_off(DAY + timedelta(days=1), "one", NOW + timedelta(days=1)) == 1
        assert Forecast.objects.count() == 2

    def test_what_somebody_is_at_is_left_to_them_until_they_must_be_dead(self):
        feed_days("M1", rising())
        part = nights.take_part(DAY, "killed", NOW)
        assert part is not None and part.parameter == "NH3N"
        assert nights.take_part(DAY, "next", NOW + timedelta(minutes=5)) is None
        again = nights.take_part(DAY, "next", NOW + nights.PATIENCE + timedelta(minutes=1))
        assert again is not None and again.pk == part.pk
        assert nights.do_part(again, NOW) == 1
        # who was thought dead and wakes up stores nothing twice
        assert nights.do_part(part, NOW) == 0
        assert Forecast.objects.count() == 1

    def test_a_part_that_dies_half_way_leaves_nothing_and_is_done_again(self, monkeypatch: pytest.MonkeyPatch):
        feed_days("M1", rising())
        feed_days("S2", rising())

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            broken.setattr(nights, "open_watches", dies)
            with pytest.raises(KeyboardInterrupt):
                nights.work_off(DAY, "killed", NOW)
        assert Forecast.objects.count() == 0
        assert nights.work_off(DAY, "next", NOW + timedelta(hours=1)) == 1
        assert Forecast.objects.count() == 2

    def test_a_failure_is_kept_with_its_reason(self, monkeypatch: pytest.MonkeyPatch):
        feed_days("M1", rising())

        def fails(*_: object) -> None:
            raise ValueError("no luck")

        monkeypatch.setattr(nights, "_outlooks", fails)
        assert nights.work_off(DAY, "one", NOW) == 0
        assert Part.objects.get().failure == "ValueError: no luck"

    def test_before_its_hour_nothing_is_done(self, monkeypatch: pytest.MonkeyPatch):
        feed_days("M1", rising())
        monkeypatch.setenv("RIVERCHIEF_FORECAST_AT", "02:00")
        early = NOW.replace(hour=17, minute=30)  # 01:30 of the next day in Beijing
        assert forecasting.forecast_if_due(early, "one") == 0
        assert forecasting.forecast_if_due(early + timedelta(hours=1), "one") == 1


@pytest.mark.usefixtures("county")
class TestWatches:
    def a_watch(self, **more) -> Watch:
        feed_days("M1", rising())
        nights.work_off(DAY, "one", NOW)
        forecast = Forecast.objects.get()
        fields = {"opened_at": NOW, "expected_at": NOW + timedelta(days=2), "limit": 0.5, "chance": 0.7} | more
        return Watch.objects.create(forecast=forecast, place=forecast.place, parameter="NH3N", **fields)

    def test_a_watch_is_right_once_the_limit_is_crossed(self):
        watch = self.a_watch()
        later = NOW + timedelta(days=1)
        feed_days("M1", [0.6], until=later)
        assert watches.judge_watches(later + timedelta(hours=1)) == 1
        watch.refresh_from_db()
        assert (watch.outcome, watches.record_of()["right"]) == ("right", 1)

    def test_a_watch_is_wrong_only_a_day_after_its_time(self):
        watch = self.a_watch()
        feed_days("M1", [0.3], until=NOW + timedelta(days=1))
        assert watches.judge_watches(NOW + timedelta(days=2)) == 0
        assert watches.judge_watches(NOW + timedelta(days=3, hours=1)) == 1
        watch.refresh_from_db()
        assert watch.outcome == "wrong"

    def test_where_nothing_was_measured_nobody_can_say(self):
        watch = self.a_watch(opened_at=NOW + timedelta(minutes=1))
        assert watches.judge_watches(NOW + timedelta(days=4)) == 1
        watch.refresh_from_db()
        assert watch.outcome == "unknown"

    def test_a_likely_crossing_opens_one_watch_and_no_second(self, monkeypatch: pytest.MonkeyPatch):
        feed_days("M1", rising())
        monkeypatch.setattr(watches, "target_limit", lambda place, parameter: (0.31, False))
        monkeypatch.setattr("riverchief.forecast.outlook.Line.chance_above", lambda line, limit: 0.6)
        feed_days("M1", [0.30], until=NOW)
        nights.work_off(DAY, "one", NOW)
        [watch] = Watch.objects.all()
        # a day is a step that begins at midnight
        assert watch.chance == 0.6 and timedelta(hours=20) <= watch.expected_at - NOW <= timedelta(days=3)
        nights.work_off(DAY + timedelta(days=1), "one", NOW + timedelta(hours=23))
        assert Watch.objects.count() == 1

    def test_a_section_that_is_over_already_needs_no_watch(self, monkeypatch: pytest.MonkeyPatch):
        feed_days("M1", [*rising()[:-1], 0.9])
        monkeypatch.setattr(watches, "target_limit", lambda place, parameter: (0.5, False))
        monkeypatch.setattr("riverchief.forecast.outlook.Line.chance_above", lambda line, limit: 0.9)
        nights.work_off(DAY, "one", NOW)
        assert Watch.objects.count() == 0

    def test_the_limit_is_that_of_the_sections_target(self):
        # S1 has target II: ammonia up to 0.5 mg/L, oxygen from 6 mg/L (GB 3838-2002 table 1); pH has two ends
        station = Place.objects.get(code="M1")
        assert watches.target_limit(station, "NH3N") == (0.5, False)
        assert watches.target_limit(station, "DO") == (6.0, True)
        assert watches.target_limit(station, "PH") is None


@pytest.mark.usefixtures("county")
def test_the_newest_of_each_parameter_is_what_a_section_shows():
    feed_days("M1", rising())
    nights.work_off(DAY - timedelta(days=1), "one", NOW)
    nights.work_off(DAY, "one", NOW)
    [found] = newest_forecasts(Place.objects.get(code="S1"))
    assert (found.place.code, found.day) == ("M1", DAY)
