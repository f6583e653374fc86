"""``riverchief token`` as a person runs it: made, shown in the list, taken back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import toy_county


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy county with an engineer."""
    home = tmp_path_factory.mktemp("county")
    for _, name, text in toy_county.FILES:
        (home / name).write_text(text, encoding="utf-8")
    for kind, *names in (
        ("places", "regions.csv"),
        ("network", "network.geojson"),
        ("places", "places.csv"),
        ("parties", "parties.csv", "responsibilities.csv"),
    ):
        assert riverchief(home, "import", kind, *names).returncode == 0
    done = riverchief(home, "account", "li", "--role", "engineer", RIVERCHIEF_PASSWORD="river and bank 7")
    assert done.returncode == 0, done.stderr
    return home


def riverchief(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
    settings |= {"RIVERCHIEF_HOME": str(home / "home"), "RIVERCHIEF_LANGUAGE": "en"} | more
    settings.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "riverchief_server.cli", *words]
    return subprocess.run(command, cwd=home, env=settings, input="", capture_output=True, text=True)


def test_a_token_is_made_listed_and_taken_back(home: Path):
    made = riverchief(home, "token", "add", "li", "--name", "buoy 1", "--station", "W1", "--days", "30")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("rc_") and len(made.stdout.strip()) > 40
    assert "W1" in made.stderr
    listed = riverchief(home, "token", "list").stdout
    number, account, name, station, *_ = listed.strip().split("\t")
    assert (account, name, station) == ("li", "buoy 1", "W1")
    assert made.stdout.strip() not in listed
    assert riverchief(home, "token", "revoke", number).returncode == 0
    assert riverchief(home, "token", "list").stdout == ""
    assert riverchief(home, "token", "revoke", number).returncode == 1


def test_what_is_not_there_is_named_all_at_once(home: Path):
    done = riverchief(home, "token", "add", "lee", "--name", "x", "--station", "W9", "--days", "0")
    assert done.returncode == 2
    assert "'lee'; nearest: li" in done.stderr
    assert "'W9'" in done.stderr and "--days" in done.stderr
