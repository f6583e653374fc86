"""What the server's tests stand on: the toy county, its people, and a client logged in as one of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from riverchief.observation.reading import Reading
from riverchief_server.cli.importing import import_files
from riverchief_server.observations.actions import keep_readings
from riverchief_server.parties.models import Account, Unit
from riverchief_server.places.models import Region
from tests.server import toy_county

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
PEOPLE = {
    "chief": ("county_chief", "office"),
    "office": ("office", "office"),
    "town": ("township_chief", "town"),
    "rural": ("township_chief", "rural"),
    "patroller": ("patroller", "village"),
    "verifier": ("verifier", "water"),
    "ecology": ("department", "ecology"),
    "engineer": ("engineer", "ecology"),
}


@pytest.fixture
def county(db: None) -> None:
    """The toy county, through the one door."""
    for kind, name, text in toy_county.FILES:
        import_files(kind, [(name, text.encode())], NOW)


@pytest.fixture
def people(county: None) -> dict[str, Account]:
    """One account for each role that takes part in the loop."""
    made = {}
    for username, (role, unit) in PEOPLE.items():
        account = Account.objects.create_user(username=username, password="a good one", name=username)
        account.role, account.unit = role, Unit.objects.get(code=unit)
        if account.unit.kind in {"office", "department"}:
            account.region = Region.objects.get(code=toy_county.COUNTY)
        account.is_demonstration = True
        account.save()
        made[username] = account
    return made


@pytest.fixture
def as_(people: dict[str, Account]) -> Callable[[str], Client]:
    """A client logged in as somebody."""

    def logged_in(username: str) -> Client:
        client = Client(headers={"accept-language": "zh"})
        client.force_login(people[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in


def sample(station: str, at: datetime, **values: float | None) -> list[Reading]:
    """A clean class II sample at ``station`` with ``values`` put over it."""
    from riverchief.parameter import find_parameter

    clean = {"PH": 8.0, "DO": 7.0, "CODMN": 2.0, "NH3N": 0.1, "TP": 0.05, "TURB": 10.0, "TN": 3.0}
    return [
        Reading(station, code, at, value, find_parameter(code).unit, source="测试")
        for code, value in (clean | values).items()
    ]


def feed(station: str, ammonia: list[float], *, until: datetime = NOW) -> None:
    """Four-hourly samples up to ``until``, with these ammonia values in order."""
    readings: list[Reading] = []
    for back, value in enumerate(reversed(ammonia)):
        readings += sample(station, until - timedelta(hours=4 * back), NH3N=value)
    keep_readings(readings, NOW)
