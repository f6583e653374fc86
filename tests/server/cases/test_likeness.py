"""Duplicates, recurrences, and who hears how a problem ended."""

from datetime import timedelta
from uuid import uuid4

from riverchief_server.cases.acts import NewAct, do_act
from riverchief_server.cases.likeness import similar_open
from riverchief_server.cases.models import Case
from riverchief_server.notices.models import Notice
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Reach
from tests.server.cases.test_clock import step
from tests.server.cases.test_loop import report, to_rectified
from tests.server.conftest import NOW

People = dict[str, Account]
LON, LAT = 108.03, 32.0


def near(metres: float) -> float:
    """A longitude so far east of the point, at 32° N."""
    return LON + metres / (111_195 * 0.848048)


def closed(people: People, case: Case) -> Case:
    case = step(case, "verified", people["verifier"], NOW, reason="好")
    return step(case, "closed", people["office"], NOW)


def test_only_open_ones_of_the_kind_on_the_reach_and_near_are_alike(people: People):
    by = people["patroller"]
    same = report(by, lon=near(200), lat=LAT)
    report(by, lon=near(300), lat=LAT)
    report(by, lon=near(10), lat=LAT, categories=["litter"])
    report(by, lon=near(10), lat=LAT, reach=Reach.objects.get(code="D"))
    found = similar_open(Case.objects.all(), Reach.objects.get(code="C"), LON, LAT, ["dumping"])
    assert [(one.case.pk, round(one.metres)) for one in found] == [(same.pk, 200)]


def test_a_problem_signed_off_within_90_days_has_come_back(people: People):
    old = closed(people, to_rectified(people))
    assert report(people["patroller"]).recurs == old
    Case.objects.filter(pk=old.pk).update(closed_at=NOW - timedelta(days=91))
    assert report(people["patroller"]).recurs is None


def test_whoever_reported_or_saw_it_hears_how_it_ended_once(people: People):
    case = to_rectified(people)
    for _ in range(2):
        do_act(case, NewAct(uuid4(), "same", ""), people["rural"], NOW)
    closed(people, case)
    told = Notice.objects.filter(kind="solved").values_list("account__username", flat=True)
    assert sorted(told) == ["patroller", "rural"]
