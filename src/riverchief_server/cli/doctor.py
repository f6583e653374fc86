"""``riverchief doctor``: what is configured, reachable, behind or wrong, and what to do about it."""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

MARKS = {"ok": "ok     ", "note": "note   ", "wrong": "WRONG  "}
LEAST_FREE_GB = 1.0
OLDEST_BACKUP_H = 48
LEAST_POSTGRESQL = 14
OTHER_DATABASES = ("openGauss", "GaussDB", "Kingbase", "Dameng", "DM Database")  # they speak as PostgreSQL does, nearly
EMPTY_HOME = (
    "nothing is here yet. riverchief demo shows a county that is made up; riverchief up makes the tables of your own, "
    "then riverchief import brings it in; riverchief restore FILE puts a backup back"
)


class Finding(NamedTuple):
    """One thing looked at: ``ok``, worth a ``note``, or ``wrong`` (then with what to do)."""

    state: str
    what: str
    detail: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 where something is wrong."""
    findings = list(_findings())
    if arguments.format == "json":
        print(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(f"{MARKS[finding.state]}{finding.what}: {finding.detail}")
    return 1 if any(finding.state == "wrong" for finding in findings) else 0


def _findings() -> Iterator[Finding]:
    from riverchief_server.settings.options import OPTIONS, option, unknown_settings

    yield Finding("ok", "python", sys.version.split()[0])
    for entry in OPTIONS:
        value = option(entry.name)
        shown = ("set" if value else "not set") if entry.is_secret else (value or "(default)")
        yield Finding("ok", f"setting {entry.name}", f"{shown} ({entry.meaning})")
    for name in unknown_settings():
        known = ", ".join(entry.name for entry in OPTIONS)
        yield Finding("wrong", f"setting {name}", f"means nothing; misspelt? known are: {known}")
    try:
        from riverchief_server.cli.start import set_up

        set_up()
    except Exception as broken:
        yield Finding("wrong", "settings", f"{broken}; nothing further could be looked at")
        return
    for check in (_home, _pages, _ports, _backups):
        yield from _looked_at(check)
    database = list(_looked_at(_database))
    yield from database
    if any(finding.state == "wrong" for finding in database):
        return
    if _is_empty():
        yield Finding("note", "county", EMPTY_HOME)
        return
    for check in (_migrations, _county, _responsibilities, _readings, _judgements, _runs, _demo):
        yield from _looked_at(check)


def _is_empty() -> bool:
    """Whether nothing has ever been put into the database."""
    from django.db import connection

    return not connection.introspection.table_names()


def _looked_at(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as broken:
        yield Finding("wrong", (check.__doc__ or check.__name__).rstrip("."), f"{type(broken).__name__}: {broken}")


def _home() -> Iterator[Finding]:
    """Home folder."""
    from django.conf import settings

    free = shutil.disk_usage(settings.HOME).free / 1e9
    if not os.access(settings.HOME, os.W_OK):
        yield Finding("wrong", "home", f"{settings.HOME} cannot be written to: check its owner")
    elif free < LEAST_FREE_GB:
        yield Finding("wrong", "home", f"{settings.HOME} has only {free:.1f} GB left: free some space")
    else:
        yield Finding("ok", "home", f"{settings.HOME}, {free:.0f} GB free")


def _ports() -> Iterator[Finding]:
    """Ports of stations."""
    from riverchief_server.cli.gateway import taken_ports
    from riverchief_server.gateway.run import plan_of_settings

    plan = plan_of_settings()
    listed = ", ".join(f"{name} {plan.host}:{port}" for name, port in plan.port_of.items() if port is not None)
    taken = taken_ports(plan)
    if taken and _listens(plan.journal):
        yield Finding("ok", "ports of stations", f"{listed or 'none'}; the gateway of this home runs")
        return
    for one in taken:
        advice = f"stop what listens there, or change the setting {one.protocol}_port"
        yield Finding("wrong", f"port of {one.protocol}", f"{plan.host}:{one.port} cannot be had ({one.why}): {advice}")
    if not taken:
        yield Finding("ok", "ports of stations", f"{listed or 'none'}; free")


def _listens(journal_folder: Path) -> bool:
    """Whether a gateway of this home runs now."""
    from riverchief_server.observations.inbox import journal

    if not journal_folder.exists():
        return False
    try:
        os.close(journal.locked(journal_folder / "writer.lock"))
    except journal.InUse:
        return True
    return False


def _pages() -> Iterator[Finding]:
    """Built pages."""
    from django.conf import settings

    if (settings.ASSETS / "desk.html").exists():
        yield Finding("ok", "pages", "built")
    else:
        yield Finding("wrong", "pages", "not built: run make web (an installed wheel always has them)")


def _database() -> Iterator[Finding]:
    """Database."""
    from django.db import DatabaseError, connection

    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # it tells every try; the finding tells the last
    try:
        with connection.cursor() as cursor:
            yield _sqlite_found(cursor) if connection.vendor == "sqlite" else _postgresql_found(cursor)
    except DatabaseError as away:
        advice = "nothing further could be looked at; is it running, and is RIVERCHIEF_DATABASE_URL right?"
        yield Finding("wrong", "database", f"{str(away).splitlines()[0]}: {advice}")


def _sqlite_found(cursor: CursorWrapper) -> Finding:
    cursor.execute("PRAGMA quick_check")
    if (said := cursor.fetchone()[0]) != "ok":
        return Finding("wrong", "database", f"damaged ({said}): restore a backup")
    cursor.execute("PRAGMA journal_mode")
    return Finding("ok", "database", f"reachable (SQLite, journal {cursor.fetchone()[0]})")


def _postgresql_found(cursor: CursorWrapper) -> Finding:
    cursor.execute("SELECT version(), current_setting('server_version_num')::int / 10000")
    said, major = cursor.fetchone()
    other = next((name for name in OTHER_DATABASES if name.lower() in said.lower()), None)
    if other is not None:
        return Finding("wrong", "database", f"{other} is not supported and was never tried: use PostgreSQL or SQLite")
    if major < LEAST_POSTGRESQL:
        return Finding("wrong", "database", f"PostgreSQL {major} is too old: {LEAST_POSTGRESQL} or newer")
    return Finding("ok", "database", f"reachable (PostgreSQL {major})")


def _migrations() -> Iterator[Finding]:
    """Migrations."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if behind:
        yield Finding("wrong", "database form", f"{len(behind)} steps behind: riverchief up brings it up to date")
    else:
        yield Finding("ok", "database form", "up to date")


def _county() -> Iterator[Finding]:
    """County."""
    from riverchief_server.places.models import Place, Reach
    from riverchief_server.places.queries import county

    home = county()
    if home is None:
        yield Finding("note", "county", "none yet: riverchief import places regions.csv")
        return
    detail = f"{home.name}: {Reach.objects.count()} reaches, {Place.objects.count()} places"
    yield Finding("ok", "county", detail)
    if home.outline is None:
        yield Finding("note", "outline", "the map has no outline: riverchief import places county.geojson")


def _responsibilities() -> Iterator[Finding]:
    """Responsibilities."""
    from riverchief_server.parties.queries import gaps_on

    gaps = gaps_on(datetime.now(UTC).date())
    if not gaps:
        yield Finding("ok", "responsibilities", "somebody answers for both banks of every reach")
        return
    some = ", ".join(f"{gap.reach} {gap.bank.value} {gap.level}" for gap in gaps[:3])
    yield Finding("note", "responsibilities", f"{len(gaps)} gaps, such as {some}")


def _readings() -> Iterator[Finding]:
    """Readings."""
    from riverchief_server.observations import store
    from riverchief_server.observations.models import RawMessage, Series

    last = store.span(list(Series.objects.values_list("pk", flat=True)))
    refused = RawMessage.objects.filter(state=RawMessage.State.REFUSED).count()
    newest = f", the newest of {store.from_ms(last[1]):%Y-%m-%d %H:%M} UTC" if last else ""
    detail = f"{store.count()} readings{newest}"
    yield Finding("ok", "readings", detail)
    if refused:
        yield Finding("note", "raw inbox", f"{refused} messages were refused and wait to be looked at")


def _judgements() -> Iterator[Finding]:
    """Judgements."""
    from riverchief_server.cases.models import Case
    from riverchief_server.standards.models import Judgement

    current = Judgement.objects.filter(is_current=True).count()
    yield Finding("ok", "judgements", f"{current} in force; {Case.objects.count()} cases")


def _runs() -> Iterator[Finding]:
    """Runs."""
    from datetime import timedelta

    from riverchief_server.runs.models import WAITING, Run

    yield Finding("ok", "runs", f"{Run.objects.count()} asked for")
    stuck = Run.objects.filter(state=WAITING, asked_at__lt=datetime.now(UTC) - timedelta(minutes=5)).count()
    if stuck:
        advice = "nobody computes? start riverchief up or riverchief jobs"
        yield Finding("wrong", "runs", f"{stuck} wait for more than five minutes: {advice}")


def _backups() -> Iterator[Finding]:
    """Backups."""
    from pathlib import Path

    from riverchief_server.backup.keeping import backups_in
    from riverchief_server.settings.options import option

    if not option("backup_folder"):
        yield Finding("note", "backups", "none are made by themselves: set backup_folder, or run riverchief backup")
        return
    for name in ("backup_folder", "backup_second_folder"):
        if not option(name):
            continue
        there = backups_in(Path(option(name)))
        if not there:
            yield Finding("wrong", name, f"no backup in {option(name)} yet: does riverchief up or riverchief jobs run?")
            continue
        newest, file = list(there.items())[-1]
        hours = (datetime.now(UTC) - newest).total_seconds() / 3600
        detail = f"{len(there)} in {option(name)}, the newest {file.name} of {hours:.0f} hours ago"
        yield Finding("wrong" if hours > OLDEST_BACKUP_H else "ok", name, detail)


def _demo() -> Iterator[Finding]:
    """Demonstration mode."""
    from django.conf import settings

    from riverchief_server.parties.models import Account

    real = Account.objects.filter(is_demonstration=False, is_active=True).count()
    if settings.DEMO and real:
        yield Finding("wrong", "demonstration mode", "is on where real accounts are: turn RIVERCHIEF_DEMO off")
    if not settings.DEMO and not real:
        yield Finding("note", "accounts", "none yet: riverchief account NAME --role office")
