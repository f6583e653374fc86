"""Numbers and durations that no computer counts, and questions that nest: refused in words, and nothing breaks."""

from urllib.parse import quote

import pytest

from riverchief_server.sensorthings.read import session
from tests.server.sensorthings.conftest import Face

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stations")]
HUGE = ["1e400", "-1e400", "9" * 400, "9" * 5000, "9223372036854775808", "duration'P9999999999D'", "duration'-P1E9D'"]
FILTERS = [
    "result gt {}",
    "result add {} gt 1",
    "phenomenonTime gt now() sub {}",
    "phenomenonTime add {} gt now()",
    "id eq {}",
    "year(phenomenonTime) eq {}",
    "substring('abc',{}) eq 'b'",
]


@pytest.mark.parametrize("number", HUGE, ids=lambda text: text[:24])
@pytest.mark.parametrize("asked", FILTERS)
def test_a_number_beyond_counting_breaks_nothing(engineer: Face, asked: str, number: str):
    answer = engineer.send("GET", "Observations?$filter=" + quote(asked.format(number)))
    assert answer.status in (200, 400), answer.body


def test_a_duration_beyond_counting_is_no_time(engineer: Face):
    answer = engineer.send("GET", "Observations?$filter=" + quote("phenomenonTime gt now() sub duration'P9999999999D'"))
    assert answer.status == 400 and "P9999999999D" in answer.body["message"]


def test_a_long_whole_number_is_still_the_number_that_it_is(engineer: Face):
    every = len(engineer.all_values("Observations"))
    assert len(engineer.all_values("Observations", filter="result lt 100000000000000000000")) == every > 0


def test_the_budget_of_rows_holds_for_the_whole_question(engineer: Face, monkeypatch: pytest.MonkeyPatch):
    """Each of three levels shows fewer rows than may be shown; together they are more."""
    one, three = "Datastreams", "Datastreams($expand=Observations($expand=Datastream($expand=Observations)))"
    levels = engineer.values("Things", expand="Datastreams($expand=Observations)")
    streams = [stream for thing in levels for stream in thing["Datastreams"]]
    rows = len(streams) + sum(len(stream["Observations"]) for stream in streams)
    monkeypatch.setattr(session, "MOST_INSIDE", rows + 1)
    assert engineer.send("GET", f"Things?$expand={quote(one)}").status == 200
    assert engineer.send("GET", f"Things?$expand={quote('Datastreams($expand=Observations)')}").status == 200
    refused = engineer.send("GET", f"Things?$expand={quote(three)}")
    assert refused.status == 400 and str(rows + 1) in refused.body["message"]
