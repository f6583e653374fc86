"""The clock judges what has changed, and only that; nothing that arrives while it works is missed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from riverchief_server.jobs import clock
from riverchief_server.observations import store
from riverchief_server.observations.actions import keep_readings
from riverchief_server.places.models import Place
from riverchief_server.standards import actions
from riverchief_server.standards.models import Judgement
from tests.server.conftest import NOW, feed, sample


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The times of the samples that were graded, in order."""
    times: list[datetime] = []
    grade = actions.grade

    def noted(section: Place, of: actions.Sample) -> object:
        times.append(of.at)
        return grade(section, of)

    monkeypatch.setattr(actions, "grade", noted)
    return times


@pytest.mark.usefixtures("county")
class TestTheClock:
    def test_nothing_new_costs_nothing(self, graded: list[datetime]):
        feed("M1", [0.1, 0.2, 0.3])
        clock.look(NOW)
        graded.clear()
        assert clock.look(NOW) == 0
        assert graded == []

    def test_one_new_sample_is_one_that_is_judged(self, graded: list[datetime]):
        feed("M1", [0.1, 0.2, 0.3])
        clock.look(NOW)
        graded.clear()
        later = NOW + timedelta(hours=4)
        keep_readings(sample("M1", later), later)
        assert clock.look(later) == 1
        assert graded == [later]

    def test_a_reading_that_comes_years_late_is_judged(self):
        feed("M1", [0.1])
        clock.look(NOW)
        late = NOW - timedelta(days=900)
        keep_readings(sample("M1", late, NH3N=1.2), NOW)
        assert clock.look(NOW) == 1
        assert Judgement.objects.get(period="sample", at=late).water_class == "IV"

    def test_a_reading_sent_again_is_nothing_new(self, graded: list[datetime]):
        feed("M1", [0.1])
        clock.look(NOW)
        graded.clear()
        feed("M1", [0.1])
        clock.look(NOW)
        assert graded == []

    def test_a_section_with_another_target_is_judged_from_its_beginning(self):
        feed("M1", [0.8, 0.8])
        clock.look(NOW)
        Place.objects.filter(code="S1").update(class_target="III")
        assert clock.look(NOW) == 2
        assert clock.look(NOW) == 0

    def test_what_arrives_while_it_works_is_judged_at_the_next_look(self, monkeypatch: pytest.MonkeyPatch):
        feed("M1", [0.1])
        later = NOW + timedelta(hours=4)
        follow: Callable[..., object] = clock.follow_section

        def meanwhile(section: Place, now: datetime) -> object:
            if section.code == "S1":
                keep_readings(sample("M1", later), later)
            return follow(section, now)

        monkeypatch.setattr(clock, "follow_section", meanwhile)
        assert clock.look(NOW) == 1
        monkeypatch.setattr(clock, "follow_section", follow)
        assert clock.look(later) == 1

    def test_a_look_that_fails_leaves_its_work_for_the_next(self, monkeypatch: pytest.MonkeyPatch):
        feed("M1", [1.2])

        def broken(section: Place, now: datetime) -> None:
            raise OSError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(clock, "follow_section", broken)
            with pytest.raises(OSError, match="disk"):
                clock.look(NOW)
        assert store.touched().since != {}
        clock.look(NOW)
        assert store.touched().since == {}
