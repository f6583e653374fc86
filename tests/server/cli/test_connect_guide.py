"""The ten minutes of the guide, as an instrument maker types them: every command of it, against the demonstration."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "guide" / "connect-a-station.md"
BIN = Path(sys.executable).parent


def commands(heading: str) -> str:
    """What the section under ``heading`` says to type."""
    section = re.split(r"\n###? ", GUIDE.read_text(encoding="utf-8").split(f"### {heading}", 1)[1])[0]
    return "\n".join(line.strip() for line in section.split("\n") if line.startswith("    "))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The second terminal: its environment, while the demonstration runs in the first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RIVERCHIEF_", "DJANGO_"))}
    environment = kept | {
        "XDG_DATA_HOME": str(tmp_path),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "RIVERCHIEF_HJ212_PORT": str(free_port()),
        "RIVERCHIEF_SL651_PORT": "",
        "LANG": "en_US.UTF-8",
    }
    assert commands("0. A Riverchief that runs").startswith("riverchief demo\n")
    first = subprocess.Popen(
        ["riverchief", "demo", "--port", str(free_port())],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert first.stderr is not None
    for line in first.stderr:
        if "Riverchief is ready" in line:
            break
    else:
        raise AssertionError("the demonstration did not start")
    yield environment
    first.send_signal(signal.SIGINT)
    first.wait(30)


@pytest.mark.slow
@pytest.mark.skipif("postgres" in os.environ.get("RIVERCHIEF_DATABASE_URL", ""), reason="the demonstration is SQLite")
def test_ten_minutes_to_a_station_on_line(shell: dict[str, str], tmp_path: Path):
    typed = "\n".join(
        [
            commands("0. A Riverchief that runs").removeprefix("riverchief demo\n"),
            commands("1. The station"),
            commands("2. Register the instrument"),
            "sleep 6",  # within five seconds, as it says
            commands("3. Try it without the instrument")
            .replace("8212", shell["RIVERCHIEF_HJ212_PORT"])
            .split("RIVERCHIEF_GATEWAY_HOST")[0],
            "sleep 2",
            "riverchief station list --format json > list.json",
        ]
    )
    done = subprocess.run(["bash", "-e", "-c", typed], env=shell, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 frames sent, 5 acknowledged" in done.stdout
    (mine,) = [one for one in json.loads((tmp_path / "list.json").read_text()) if one["station"] == "TRY-1"]
    assert (mine["state"], mine["refused"]) == ("ok", 0)
    assert mine["last_measured_at"] is not None and abs(mine["clock_offset_s"]) < 30
