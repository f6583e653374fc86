"""Loads the demonstration county: its files through the one door, a simulated feed, people to log in as, some past."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from riverchief.example import chengkou
from riverchief.example.chengkou.simulation import simulate
from riverchief_server.cli.importing import import_files
from riverchief_server.jobs.clock import look
from riverchief_server.observations.actions import keep_readings
from riverchief_server.parties.models import Account, Unit
from riverchief_server.places.models import Reach, Region

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
# username, role, unit: role names only, nobody real. Demonstration accounts have no usable password.
PEOPLE = (
    ("chief", "county_chief", "500229000000", "县级河长"),
    ("office", "office", "office", "河长办 值班员"),
    ("gaoyan", "township_chief", "500229108000", "河长 · 高燕镇"),
    ("fuxing", "township_chief", "500229002000", "河长 · 复兴街道"),
    ("patroller", "patroller", "500229108000", "巡河员 · 高燕镇"),
    ("verifier", "verifier", "dept-water", "核查员 · 水利局"),
    ("ecology", "department", "dept-ecology", "生态环境局"),
    ("engineer", "engineer", "dept-ecology", "监测工程师"),
)


def is_loaded() -> bool:
    """Whether the county is there, whole: people are made last."""
    return Reach.objects.exists() and Account.objects.filter(is_demonstration=True).exists()


def load(now: datetime) -> None:
    """Load everything; after it the county looks as if it had been at work for two months up to ``now``."""
    for name, kind in KIND_OF_FILE.items():
        import_files(kind, [(name, chengkou.path_of(name).read_bytes())], now)
    keep_readings(simulate(now), now, simulated=True)
    look(now, everything=True)
    _people()


@transaction.atomic
def _people() -> None:
    units = {unit.code: unit for unit in Unit.objects.all()}
    for username, role, unit, name in PEOPLE:
        account = Account(username=username, role=role, name=name, unit=units[unit], is_demonstration=True)
        account.region = units[unit].region if units[unit].kind == "township" else Region.objects.get(parent=None)
        account.set_unusable_password()
        account.save()
