"""``riverchief import`` and ``doctor`` as a person runs them: a process, its output, its exit code."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import toy_county

COMMAND = [sys.executable, "-m", "riverchief_server.cli"]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy county, brought in by the command as a person would; made once, for a process takes a second to start."""
    home = tmp_path_factory.mktemp("county")
    for _, name, text in toy_county.FILES:
        (home / name).write_text(text, encoding="utf-8")
    load(home)
    return home


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(loaded, tmp_path / "county")


def run(home: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
    settings |= {"RIVERCHIEF_HOME": str(home / "home"), "RIVERCHIEF_LANGUAGE": "zh"}
    settings.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run([*COMMAND, *words], cwd=home, env=settings, input=stdin, capture_output=True, text=True)


def load(home: Path) -> None:
    for kind, *names in (
        ("places", "regions.csv"),
        ("network", "network.geojson"),
        ("places", "places.csv"),
        ("parties", "parties.csv", "responsibilities.csv"),
    ):
        done = run(home, "import", kind, *names)
        assert done.returncode == 0, done.stderr


class TestTheCommand:
    def test_a_county_comes_in_and_the_doctor_is_content(self, home: Path):
        readings = "station,time,parameter,value\nW1,2026-11-20T08:00:00+08:00,NH3N,0.12\n"
        done = run(home, "import", "readings", "-", stdin=readings)
        assert done.returncode == 0 and "1 distinct readings" in done.stdout
        said = {entry["what"]: entry for entry in json.loads(run(home, "doctor", "--format", "json").stdout)}
        assert said["county"]["detail"] == "玩具县: 4 reaches, 6 places"
        assert said["responsibilities"]["state"] == "ok"
        assert said["database form"]["state"] == "ok"

    def test_a_file_with_faults_is_refused_whole_with_every_fault_on_standard_error(self, home: Path):
        (home / "bad.csv").write_text(
            "id,kind,name,reach,chainage_m\nN1,section,甲,C,1\nN2,x,乙,CC,-1\n", encoding="utf-8"
        )
        done = run(home, "import", "places", "bad.csv")
        assert (done.returncode, done.stdout) == (2, "")
        assert [line.split(": ")[0] for line in done.stderr.splitlines()] == ["bad.csv:3:kind", "bad.csv:3:chainage_m"]

    def test_of_two_files_neither_is_written_where_one_has_a_fault(self, home: Path):
        (home / "good.csv").write_text("id,kind,name,reach,chainage_m\nN1,section,甲,C,1\n", encoding="utf-8")
        (home / "bad.csv").write_text("id,kind,name,reach,chainage_m\nN2,section,乙,CC,1\n", encoding="utf-8")
        assert run(home, "import", "places", "good.csv", "bad.csv").returncode == 2
        assert (
            run(
                home, "import", "readings", "-", stdin="station,time,parameter,value\nN1,2026-11-20T08:00:00Z,TP,1\n"
            ).returncode
            == 2
        )

    def test_a_file_that_is_not_there(self, home: Path):
        done = run(home, "import", "places", "nowhere.csv")
        assert done.returncode == 2 and "nowhere.csv" in done.stderr

    def test_a_misspelt_setting_is_found_by_the_doctor(self, home: Path):
        (home / "riverchief.toml").write_text('databse_url = "x"\n', encoding="utf-8")
        done = run(home, "doctor")
        assert done.returncode == 1
        assert "databse_url" in done.stdout

    def test_the_doctor_never_shows_a_secret(self, home: Path):
        (home / "riverchief.toml").write_text('secret_key = "do not tell"\n', encoding="utf-8")
        assert "do not tell" not in run(home, "doctor").stdout

    def test_an_unknown_command_is_bad_usage(self, home: Path):
        assert run(home, "swim").returncode == 2
        assert run(home).returncode == 2
