"""Loads the demonstration county: its files through the one door, people to log in as, a past, a simulated feed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from riverchief.example import chengkou
from riverchief.example.chengkou import past
from riverchief.example.chengkou.simulation import simulate
from riverchief_server.cases.actions import NewCase, NewStep, open_case, take_step
from riverchief_server.cases.uploads import keep_photo
from riverchief_server.cli.demo_instruments import make_instruments, without_the_silent
from riverchief_server.cli.importing import import_files
from riverchief_server.jobs.clock import look
from riverchief_server.observations.actions import keep_readings
from riverchief_server.parties.models import Account, Unit
from riverchief_server.patrols.models import Patrol
from riverchief_server.places.actions import point_on_line
from riverchief_server.places.models import Reach, Region

WITHOUT_PHOTO = "演示数据未附核查照片"
KIND_OF_FILE = {
    "regions.csv": "places",
    "county.geojson": "places",
    "network.geojson": "network",
    "places.csv": "places",
    "parties.csv": "parties",
    "responsibilities.csv": "parties",
    "readings_2021.csv": "readings",
    "classes_2021.csv": "readings",
}


def is_loaded() -> bool:
    """Whether the county is there, whole: people are made last."""
    return Reach.objects.exists() and Account.objects.filter(is_demonstration=True).exists()


def load(now: datetime) -> None:
    """Load everything; after it the county looks as if it had been at work for two months up to ``now``."""
    for name, kind in KIND_OF_FILE.items():
        import_files(kind, [(name, chengkou.path_of(name).read_bytes())], now)
    keep_readings(without_the_silent(simulate(now), now), now, simulated=True)
    make_instruments(now)
    with transaction.atomic():
        people = _people()
        _patrols(now)
        for case in past.cases(now):
            _play(case, people)
    look(now)


def _people() -> dict[str, Account]:
    """The people of the demonstration; none has a password, and only demonstration mode lets anybody be them."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    made = {}
    for person in past.people():
        unit = units[person.unit]
        region = unit.region if unit.kind in {"township", "village"} else Region.objects.get(parent=None)
        account = Account(
            username=person.username,
            role=person.role,
            name=person.name,
            unit=unit,
            region=region,
            is_demonstration=True,
        )
        account.set_unusable_password()
        account.save()
        made[person.username] = account
    return made


def _patrols(now: datetime) -> None:
    reaches = {reach.code: reach for reach in Reach.objects.all()}
    Patrol.objects.bulk_create(
        Patrol(
            uuid=uuid4(),
            reach=reaches[patrol.reach],
            bank=patrol.bank,
            holder=patrol.holder,
            began_at=patrol.began,
            ended_at=patrol.ended,
            found=patrol.found,
            counts=patrol.counts,
            why_not=patrol.why_not,
        )
        for patrol in past.patrols(now)
    )


def _play(told: past.PastCase, people: dict[str, Account]) -> None:
    """Report a case and take its steps through the door that everybody uses, each at its own time."""
    by = people[told.by] if told.by else None
    reach = Reach.objects.get(code=told.reach)
    lon, lat = point_on_line(reach.line, told.chainage_m / reach.length_m)
    case, _ = open_case(
        NewCase(
            uuid=uuid4(),
            title=told.title,
            description=told.description,
            source=told.source,
            categories=told.categories,
            severity=told.severity,
            reach=reach,
            bank=told.bank,
            lon=lon,
            lat=lat,
            reporter_name=told.reporter_name,
            attachments=_photo(told.photo, by, told.at),
        ),
        by,
        told.at,
    )
    for step in told.steps:
        actor = people[step.by]
        case = take_step(
            case,
            NewStep(
                uuid=uuid4(),
                to=step.to,
                version=case.version,
                reason=step.reason,
                unit=Unit.objects.get(code=step.unit) if step.unit else None,
                due_at=step.due,
                until=step.until,
                why_no_photo=WITHOUT_PHOTO if step.to == "verified" and step.photo is None else "",
                categories=step.categories or None,
                attachments=_photo(step.photo, actor, step.at),
                lon=lon,
                lat=lat,
            ),
            actor,
            step.at,
        )


def _photo(name: str | None, by: Account | None, at: datetime) -> list[UUID]:
    if name is None:
        return []
    return [keep_photo(uuid4(), past.photo_path(name).read_bytes(), by, at, taken_at=at).uuid]
