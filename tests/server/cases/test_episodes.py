"""One alarm, one case: an exceeding episode opens one, feeds it, and a recurrence re-opens it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from riverchief_server.cases.actions import NewStep, take_step
from riverchief_server.cases.models import Case, Episode
from riverchief_server.jobs.clock import look
from tests.server.conftest import NOW, feed

CLEAN, FOUL = 0.1, 1.2


def close(case: Case, at) -> None:
    """Bring a case straight to its end, as history a test needs and does not examine."""
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=at)


@pytest.mark.usefixtures("county")
class TestEpisodes:
    def test_clean_water_opens_nothing(self):
        feed("M1", [CLEAN] * 6)
        look(NOW)
        assert Case.objects.count() == Episode.objects.count() == 0

    def test_its_case_carries_the_time_of_the_episode_and_not_of_its_discovery(self):
        feed("M1", [CLEAN, FOUL, FOUL, FOUL])
        look(NOW)
        case = Case.objects.get()
        assert (case.occurred_at, case.opened_at) == (NOW - timedelta(hours=8), NOW)

    def test_many_exceeding_samples_are_one_episode_and_one_case(self):
        feed("M1", [CLEAN, FOUL, FOUL, FOUL])
        for _ in range(3):
            look(NOW)
        case, episode = Case.objects.get(), Episode.objects.get()
        assert episode.case == case
        assert (episode.samples, episode.worst_class, episode.ended_at) == (3, "IV", None)
        assert (case.state, case.source, case.place.code) == ("registered", "sensor", "S1")
        assert case.title == "出口断面氨氮超标（Ⅳ类，目标Ⅱ类）"

    def test_the_case_is_routed_by_reach_and_bank(self):
        feed("M1", [FOUL])
        look(NOW)
        assert Case.objects.get().suggested_unit.code == "town"

    def test_three_clean_samples_end_it_at_the_first_of_them(self):
        feed("M1", [FOUL, FOUL, CLEAN, CLEAN])
        look(NOW)
        assert Episode.objects.get().ended_at is None
        feed("M1", [FOUL, FOUL, CLEAN, CLEAN, CLEAN], until=NOW + timedelta(hours=4))
        look(NOW + timedelta(hours=4))
        assert Episode.objects.get().ended_at == NOW - timedelta(hours=4)

    def test_a_second_alarm_feeds_the_open_case(self):
        feed("M1", [FOUL, CLEAN, CLEAN, CLEAN])
        look(NOW)
        later = NOW + timedelta(hours=4)
        feed("M1", [FOUL], until=later)
        look(later)
        case = Case.objects.get()
        assert case.episodes.count() == 2
        assert case.transitions.last().is_change is False

    def test_a_recurrence_within_ninety_days_reopens_the_old_case(self):
        feed("M1", [FOUL, CLEAN, CLEAN, CLEAN])
        look(NOW)
        close(Case.objects.get(), NOW)
        later = NOW + timedelta(days=20)
        feed("M1", [FOUL], until=later)
        look(later)
        case = Case.objects.get()
        assert case.state == "reopened"
        assert "90天内" in case.transitions.last().reason

    def test_after_ninety_days_it_is_a_new_case(self):
        feed("M1", [FOUL, CLEAN, CLEAN, CLEAN])
        look(NOW)
        close(Case.objects.get(), NOW)
        later = NOW + timedelta(days=91)
        feed("M1", [FOUL], until=later)
        look(later)
        assert Case.objects.count() == 2

    def test_an_old_episode_is_history_and_not_work(self):
        feed("M1", [FOUL, CLEAN, CLEAN, CLEAN], until=NOW - timedelta(days=40))
        look(NOW, everything=True)
        assert Episode.objects.get().case is None

    def test_a_case_cannot_be_signed_off_while_the_water_exceeds(self, people):
        from riverchief.errors import BadInput

        feed("M1", [FOUL])
        look(NOW)
        case = Case.objects.get()
        Case.objects.filter(pk=case.pk).update(state="verified")
        with pytest.raises(BadInput) as refused:
            take_step(case, NewStep(uuid4(), "closed", case.version), people["office"], NOW)
        assert refused.value.faults[0].kind == "episode_not_over"
