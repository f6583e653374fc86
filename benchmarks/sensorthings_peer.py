"""The peer of ``bench_sensorthings``: django-ogc-sensorthings 1.2.0 in an environment of its own, set up as it says.

It never becomes a dependency of ours. Settings are those of its README: its Django backend on PostgreSQL, the data
array extension, bearer tokens, checked by an async function, which spares it a thread. psycopg pools its connections,
since persistent ones run out under ASGI. It is served both ways that Django knows, by gunicorn with threads and by
uvicorn with uvloop, two processes each (the machine has two cores), and the better of both is reported.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-peer-sensorthings"
NEEDS = ("django-ogc-sensorthings==1.2.0", "gunicorn", "uvicorn[standard]", "psycopg[binary,pool]")
TOKEN = "a-token-of-the-benchmark"
SETTINGS = """
import json
from uuid import UUID
SECRET_KEY = "benchmark"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
ROOT_URLCONF = "peer_urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "sensorthings.versions.v1_1",
    "sensorthings.versions.v1_1.backends.django",
    "sensorthings.versions.v1_1.extensions.dataarray",
]
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.postgresql", **json.loads({where!r}), "CONN_MAX_AGE": 0,
    "OPTIONS": {{"pool": {{"min_size": 4, "max_size": 10}}}},
}}}}
SENSORTHINGS_V1_1_SERVICE_URL = "http://127.0.0.1:{port}/sensorthings"
SENSORTHINGS_V1_1_BACKEND_ADAPTER = "sensorthings.versions.v1_1.backends.django.adapter.DjangoBackendAdapter"
SENSORTHINGS_V1_1_ID_TYPE = UUID
SENSORTHINGS_V1_1_ID_DELIMITER = "'"
SENSORTHINGS_V1_1_MAX_TOP = 10_000
SENSORTHINGS_V1_1_MAX_TOP_DATA_ARRAY = 100_000
SENSORTHINGS_V1_1_MAX_POST_DATA_ARRAY_OBSERVATIONS = 100_000
SENSORTHINGS_V1_1_DEFAULT_AUTH_HANDLER = ["peer_auth.bearer"]
"""
AUTH = f"""
from secrets import compare_digest

async def bearer(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if compare_digest(token, {TOKEN!r}) else None
"""
URLS = """
from django.urls import include, path
urlpatterns = [path("sensorthings/", include("sensorthings.versions.v1_1.urls"))]
"""
APPLICATIONS = """
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
wsgi = get_wsgi_application()
asgi = get_asgi_application()
"""
# what its own migrations leave out and everybody who runs it would add
INDEXES = (
    "CREATE INDEX bench_by_phenomenon ON {table} (datastream_id, phenomenon_time_begin)",
    "CREATE INDEX bench_by_result ON {table} (datastream_id, result_time)",
)
KINDS = ("gunicorn, 2 processes of 4 threads", "uvicorn, 2 processes")


class Peer:
    """The peer in ``folder`` on the database at ``url``, served on ``port``."""

    def __init__(self, folder: Path, url: str, port: int):
        self.folder, self.url, self.port = folder, url, port
        self.root = f"http://127.0.0.1:{port}/sensorthings/v1.1"
        python = ENVIRONMENT / "bin" / "python"
        if not (ENVIRONMENT / ".ready").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *NEEDS], check=True)
            (ENVIRONMENT / ".ready").touch()
        where = json.dumps(_django_settings(url))
        (folder / "peer_settings.py").write_text(SETTINGS.format(where=where, port=port))
        for name, text in (("peer_auth", AUTH), ("peer_urls", URLS), ("peer_applications", APPLICATIONS)):
            (folder / f"{name}.py").write_text(text)
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "peer_settings",
            "PYTHONPATH": str(folder),
            "VIRTUAL_ENV": str(ENVIRONMENT),
        }
        subprocess.run(
            [str(python), "-m", "django", "migrate", "-v", "0"], cwd=folder, env=self._environment, check=True
        )

    @contextmanager
    def served(self, kind: str) -> Iterator[int]:
        """Serve it as ``kind`` of :data:`KINDS`; the number of its process."""
        bin_ = ENVIRONMENT / "bin"
        if kind == KINDS[0]:
            command = [str(bin_ / "gunicorn"), "peer_applications:wsgi", "-b", f"127.0.0.1:{self.port}"]
            command += ["-w", "2", "--threads", "4", "--keep-alive", "75", "--timeout", "300", "--log-level", "error"]
        else:
            command = [str(bin_ / "uvicorn"), "peer_applications:asgi", "--port", str(self.port), "--workers", "2"]
            command += ["--loop", "uvloop", "--http", "httptools", "--lifespan", "off", "--no-access-log"]
            command += ["--timeout-keep-alive", "75", "--log-level", "error"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=self._environment, stdout=log, stderr=log)
        try:
            self._wait(process)
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(300):
            if process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def fill(self, ids: list[str], series: list[list[tuple[str, float]]]) -> None:
        """Put the readings of each datastream into its table, past HTTP, then index them."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(
                "SELECT table_name FROM information_schema.columns WHERE column_name = 'phenomenon_time_begin' "
                "AND table_name LIKE '%observation'"
            ).fetchone()
            assert found is not None
            table = found[0]
            connection.execute("CREATE UNLOGGED TABLE bench_given (id uuid, t timestamptz, v float8)")
            with connection.cursor().copy("COPY bench_given FROM STDIN") as copy:
                for identity, rows in zip(ids, series, strict=True):
                    copy.write("".join(f"{identity}\t{t}\t{v}\n" for t, v in rows))
            connection.execute(
                f"INSERT INTO {table} (id, phenomenon_time_begin, result_time, result, datastream_id, "
                "feature_of_interest_id) SELECT uuidv7(), g.t, g.t, g.v, g.id, f.feature FROM bench_given AS g "
                "JOIN (SELECT datastream_id, (array_agg(feature_of_interest_id))[1] AS feature "
                f"FROM {table} GROUP BY datastream_id) AS f ON f.datastream_id = g.id ORDER BY g.t"
            )
            connection.execute("DROP TABLE bench_given")
            for index in INDEXES:
                connection.execute(index.format(table=table))
            connection.execute("VACUUM ANALYZE")


def _django_settings(url: str) -> dict[str, str]:
    """Name, user, host and port of a database, as Django wants them."""
    from psycopg.conninfo import conninfo_to_dict

    found = conninfo_to_dict(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {ours: str(found.get(theirs) or "") for ours, theirs in names.items()}
