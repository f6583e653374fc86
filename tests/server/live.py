"""A server in a process of its own, as a county runs it: for clients that speak HTTP themselves, and for kill -9."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from tests.server import toy_county
from tests.server.brokers import free_port

RIVERCHIEF = Path(sys.executable).parent / "riverchief"


class Live:
    """A county of its own in ``folder``. :meth:`start` it; ``root`` is the address of its SensorThings."""

    def __init__(self, folder: Path, **settings: str):
        self.folder, self.port = folder, free_port()
        given = {f"RIVERCHIEF_{name.upper()}": value for name, value in settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RIVERCHIEF_")}
        self.environment = kept | {
            "RIVERCHIEF_HOME": str(folder / "home"),
            "RIVERCHIEF_PORT": str(self.port),
            "RIVERCHIEF_PASSWORD": "river and bank 77",
            **given,
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.process: subprocess.Popen[str] | None = None

    @property
    def root(self) -> str:
        """The address of SensorThings."""
        return f"http://127.0.0.1:{self.port}/sensorthings/v1.1"

    def run(self, *words: str) -> str:
        """What a command prints; it must go well."""
        done = subprocess.run(
            [RIVERCHIEF, *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def load(self) -> str:
        """The toy county, and a token of somebody who may do everything."""
        for kind, name, text in toy_county.FILES:
            (self.folder / name).write_text(text, encoding="utf-8")
            self.run("import", kind, str(self.folder / name))
        self.run("account", "root", "--role", "admin")
        return self.run("token", "add", "root", "--name", "everything")

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
