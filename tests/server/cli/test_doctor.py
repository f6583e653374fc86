"""``riverchief doctor`` where something is missing: it says what to do, once, and never shows a secret."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from riverchief_server.cli.doctor import _postgresql_found


def findings(home: Path, **settings: str) -> dict[str, dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    told = {f"RIVERCHIEF_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "riverchief_server.cli", "doctor", "--format", "json"],
        env=kept | {"RIVERCHIEF_HOME": str(home)} | told,
        capture_output=True,
        text=True,
    )
    assert "hush5" not in done.stderr
    return {entry["what"]: entry for entry in json.loads(done.stdout)}


def test_in_an_empty_home_it_says_what_to_do_and_nothing_of_tables(tmp_path: Path):
    said = findings(tmp_path)
    assert said["county"]["state"] == "note"
    assert "riverchief up" in said["county"]["detail"] and "riverchief restore" in said["county"]["detail"]
    assert "no such table" not in json.dumps(said)


@pytest.mark.slow
def test_a_database_that_is_away_is_said_once_and_nothing_else_is_looked_at(tmp_path: Path):
    away = "postgres://somebody:hush5@127.0.0.1:1/x"
    said = findings(tmp_path, database_url=away, hj212_port="", sl651_port="")
    wrong = {what for what, entry in said.items() if entry["state"] == "wrong"} - {"pages"}
    assert wrong == {"database"} and "RIVERCHIEF_DATABASE_URL" in said["database"]["detail"]
    assert "hush5" not in json.dumps(said)


class Cursor:
    """A database that says of itself what it is."""

    def __init__(self, version: str, major: int):
        self.answer = version, major

    def execute(self, _: str) -> None: ...

    def fetchone(self) -> tuple[str, int]:
        return self.answer


@pytest.mark.parametrize(
    ("version", "major", "state", "named"),
    [
        ("PostgreSQL 17.2 on x86_64-pc-linux-gnu", 17, "ok", "PostgreSQL 17"),
        ("PostgreSQL 12.4 on x86_64-pc-linux-gnu", 12, "wrong", "14"),
        ("(openGauss 5.0.0 build a07d57c3) compiled at 2023-03-29", 9, "wrong", "openGauss"),
        ("KingbaseES V008R006C008B0014 on x86_64-pc-linux-gnu", 12, "wrong", "Kingbase"),
    ],
)
def test_databases_that_only_speak_like_postgresql_are_refused_by_name(
    version: str, major: int, state: str, named: str
):
    found = _postgresql_found(Cursor(version, major))
    assert found.state == state and named in found.detail


def test_a_port_that_somebody_else_has_is_named_with_its_setting(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = findings(tmp_path, hj212_port=port, sl651_port="")
    assert said["port of hj212"]["state"] == "wrong"
    assert port in said["port of hj212"]["detail"] and "hj212_port" in said["port of hj212"]["detail"]
