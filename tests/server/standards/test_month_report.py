"""The report of the server's own records, beside the same month worked out by hand from the stored readings."""

from datetime import UTC, datetime, timedelta

import pytest

from riverchief.parameter import find_parameter
from riverchief.standard.surface_water.limits import limits_of
from riverchief_server.jobs.clock import look
from riverchief_server.observations import store
from riverchief_server.observations.models import Series
from riverchief_server.places.models import Place
from riverchief_server.standards.month_report import report_of
from tests.server.conftest import NOW, feed

MONTH = "2026-11"


@pytest.fixture
def month(county: None) -> None:
    """Ammonia of this month, the last, and the same of last year, four-hourly; the month began on 31 October 16 UTC."""
    feed("M1", [0.2, 1.6, 1.4, 1.2, 0.9, 1.3], until=NOW)
    feed("M1", [0.1, 0.1, 0.1], until=NOW - timedelta(days=30))
    feed("M1", [1.7, 1.9, 1.8], until=NOW - timedelta(days=365))
    look(NOW, everything=True)


def mean_by_hand(parameter: str, begin: datetime, end: datetime) -> float:
    """The plain mean of what is stored, rounded to the digits that are evaluated."""
    (series,) = Series.objects.filter(place__code="M1", parameter=parameter)
    found = [row.v for row in store.between(series.pk, store.to_ms(begin), store.to_ms(end))]
    return round(sum(found) / len(found), find_parameter(parameter).decimals)


@pytest.mark.usefixtures("month")
class TestTheMonth:
    def line(self):
        (line,) = [one for one in report_of(MONTH).lines if one.judgement is not None]
        return line

    def test_it_is_what_the_stored_readings_give_by_hand(self):
        begin = datetime(2026, 10, 31, 16, tzinfo=UTC)
        ammonia = mean_by_hand("NH3N", begin, NOW + timedelta(hours=1))
        assert ammonia == 1.1  # (0.2 + 1.6 + 1.4 + 1.2 + 0.9 + 1.3) / 6
        (evidence,) = [e for e in self.line().judgement.evidence if e.item == "NH3N"]
        assert evidence.value == pytest.approx(ammonia)
        limits = limits_of("NH3N")
        assert limits["III"] < ammonia <= limits["IV"] and self.line().water_class == "IV"

    def test_last_month_and_last_year_are_their_own_months(self):
        line = self.line()
        assert (line.last_month.water_class, line.last_year.water_class) == ("II", "V")
        assert (line.change_month.direction, line.change_year.direction) == (-1, 1)

    def test_the_year_so_far_is_the_mean_of_its_two_months(self):
        # (0.1 + 1.1) / 2 = 0.6: class III
        assert self.line().so_far.water_class == "III"

    def test_sections_that_were_not_sampled_are_in_it_and_counted(self):
        found = report_of(MONTH)
        sections = Place.objects.filter(kind="section").count()
        assert len(found.lines) == sections
        assert found.whole.now.shares.judged == 1 and found.whole.now.shares.unjudged == sections - 1
