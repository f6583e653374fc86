"""A server in a process of its own, as a county runs it: for clients that speak HTTP themselves, and for kill -9."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from tests.server.brokers import free_port

ROOT = Path(__file__).resolve().parents[2]
RIVERCHIEF = Path(sys.executable).parent / "riverchief"
LOAD = """
from datetime import UTC, datetime
from riverchief_server.cli.start import migrate, set_up
set_up()
migrate()
from riverchief_server.cli.importing import import_files
from riverchief_server.parties.models import Account
from riverchief_server.parties.tokens import make_token
from tests.server import toy_county
now = datetime.now(UTC)
for kind, name, text in toy_county.FILES:
    import_files(kind, [(name, text.encode())], now)
print(make_token(Account.objects.create(username="root", role="admin"), "everything", now))
"""


class Live:
    """A county of its own in ``folder``. :meth:`start` it; ``root`` is the address of its SensorThings."""

    def __init__(self, folder: Path, **settings: str):
        self.folder, self.port = folder, free_port()
        given = {f"RIVERCHIEF_{name.upper()}": value for name, value in settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
        self.environment = kept | {
            "RIVERCHIEF_HOME": str(folder / "home"),
            "RIVERCHIEF_PORT": str(self.port),
            **given,
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.process: subprocess.Popen[str] | None = None

    @property
    def root(self) -> str:
        """The address of SensorThings."""
        return f"http://127.0.0.1:{self.port}/sensorthings/v1.1"

    def load(self) -> str:
        """The toy county, and a token of somebody who may do everything; in one process, for each takes seconds."""
        done = subprocess.run(
            [sys.executable, "-c", LOAD], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> "Live":
        """Start the pages and wait until they say that they are ready."""
        self.process = subprocess.Popen([RIVERCHIEF, "web"], env=self.environment, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if re.search(r"is ready", line):
                # or it would wait for somebody to read what it says
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return self
        raise AssertionError("the server did not start")

    def stop(self, number: int | None = None) -> None:
        """End it, by the signal ``number`` if that is given."""
        if self.process is not None:
            if number is None:
                self.process.terminate()
            else:
                self.process.send_signal(number)
            self.process.wait(30)
            self.process = None
