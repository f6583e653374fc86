"""OGC API - Features over HTTP on 20,000 reaches: pages, boxes, filters, everything; on SQLite and PostgreSQL.

The server is the whole one (``riverchief_server.asgi``) under uvicorn with uvloop, as ``riverchief web`` runs it, in a
process of its own; the client keeps one connection and does not parse what it only times. Reaches have 30 points each.
Before anything is timed all pages are read and held to the table: every reach once.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.served import our_server

ROOT = Path(__file__).resolve().parents[1]
TITLE = "OGC API - Features"
REACHES, POINTS = 20_000, 30
BARS = {"first page of 100": "< 50"}


def fill() -> None:
    """20,000 reaches of 200 rivers in a box of one degree."""
    import numpy as np
    from django.core.management import call_command

    from riverchief_server.places.models import Reach

    call_command("migrate", verbosity=0, interactive=False)
    random = np.random.default_rng(7)
    starts = random.uniform([108, 31.5], [109, 32.5], (REACHES, 2))
    steps = random.normal(0, 2e-4, (REACHES, POINTS, 2)).cumsum(axis=1)
    lines = np.round(starts[:, None, :] + steps, 6)
    Reach.objects.bulk_create(
        (
            Reach(
                code=f"R{k:05d}",
                name=f"第{k}段",
                river=f"河{k % 200}",
                length_m=round(500 + float(k % 977), 1),
                flow_m3_s=float(k % 50),
                line=line,
                order=k,
                first=max(0, k - 10),
            )
            for k, line in enumerate(lines.tolist())
        ),
        batch_size=2000,
    )


class Client:
    """One connection that is kept."""

    def __init__(self, root: str):
        self.connection = HTTPConnection(urlsplit(root).netloc, timeout=60)

    def get(self, path: str) -> bytes:
        """The body at ``path``, which must be there."""
        self.connection.request("GET", path)
        try:
            answer = self.connection.getresponse()
        except RemoteDisconnected:  # the server lets go of a connection that was quiet for five seconds
            self.connection.close()
            self.connection.request("GET", path)
            answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body[:300]
        return body

    def all_pages(self, path: str) -> list[str]:
        """The ids of all pages."""
        found: list[str] = []
        while path:
            page = json.loads(self.get(path))
            found += [one["id"] for one in page["features"]]
            following = [one["href"] for one in page["links"] if one["rel"] == "next"]
            path = following[0].split("/features", 1)[1] if following else ""
            path = f"/features{path}" if path else ""
        return found


def timed_ms(work: Callable[[], object], times: int = 15) -> float:
    """The median of some runs [ms]."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def measure(root: str) -> dict[str, float]:
    """The figures of one database."""
    client, items = Client(root), "/features/collections/reaches/items"
    found = {"first request after the start": timed_ms(lambda: client.get(f"{items}?limit=100"), 1)}
    box = "bbox=108.4,31.9,108.5,32"
    found["first box after the start (shapes are read)"] = timed_ms(lambda: client.get(f"{items}?{box}"), 1)
    everything = client.all_pages(f"{items}?limit=1000")
    assert len(everything) == len(set(everything)) == REACHES
    assert sorted(everything) == [f"R{k:05d}" for k in range(REACHES)]
    late = json.loads(client.get(f"{items}?limit=19900"))
    middle = json.loads(client.get(f"{items}?limit=10000"))
    assert len(late["features"]) == len(middle["features"]) == 10_000
    deep = next(one["href"] for one in middle["links"] if one["rel"] == "next").split("/features", 1)[1]
    deep = "/features" + deep.replace("limit=10000", "limit=100")
    spatial = quote("S_INTERSECTS(geometry, POLYGON((108.4 31.9, 108.5 31.9, 108.45 32, 108.4 31.9)))")
    plain = quote("length_m > 900 AND river LIKE '河1%' AND NOT (flow_m3_s < 10 OR downstream IS NOT NULL)")
    asked = {
        "first page of 100": f"{items}?limit=100",
        "page of 100 behind the 10,000th": deep,
        "page of 1,000": f"{items}?limit=1000",
        "page of 10,000": f"{items}?limit=10000",
        "a box of 1 %": f"{items}?{box}&limit=1000",
        "a polygon": f"{items}?filter={spatial}&limit=1000",
        "a filter of four conditions": f"{items}?filter={plain}",
        "a river by its name": f"{items}?river={quote('河17')}",
        "100 by length, the longest first": f"{items}?sortby=-length_m&limit=100",
        "one reach": f"{items}/R10000",
        "the collections": "/features/collections",
    }
    for name, path in asked.items():
        found[name] = timed_ms(lambda path=path: client.get(path))  # type: ignore[misc]
    found["everything in pages of 1,000"] = timed_ms(lambda: client.all_pages(f"{items}?limit=1000"), 3)
    return found


def serve_and_measure() -> dict[str, float]:
    """Serve the database of the settings and measure it."""
    with our_server("/features") as served:
        return measure(served.root)


def of_database(url: str) -> dict[str, float]:
    """The figures on the database at ``url``, in a process whose settings name it."""
    with tempfile.TemporaryDirectory() as home:
        settings = {
            "RIVERCHIEF_HOME": home,
            "RIVERCHIEF_DATABASE_URL": url,
            "RIVERCHIEF_OPEN_DATA": "true",
            "DJANGO_SETTINGS_MODULE": "riverchief_server.settings.django",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "benchmarks.bench_features", "--here"]
        done = subprocess.run(command, env=os.environ | settings, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run() -> str:
    """Both databases, a column each."""
    from tools import postgres

    sqlite = of_database("")
    with postgres.server() as url:
        postgresql = of_database(url)
    lines = ["| ms | SQLite | PostgreSQL 18 | bar |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {ms:,.1f} | {postgresql[name]:,.1f} | {BARS.get(name, '')} |" for name, ms in sqlite.items()]
    load = os.getloadavg()[0]
    return (
        f"{REACHES:,} reaches of {POINTS} points each, medians of 15 over HTTP on one kept connection.\n\n"
        + "\n".join(lines)
        + "\n\nAll pages were read first and every reach was there once. Pages are not packed here; parsing them is in "
        f"the last line only. The machine was shared; load {load:.1f} at the end."
    )


if __name__ == "__main__":
    if "--here" in sys.argv:
        import django

        django.setup()
        fill()
        print(json.dumps(serve_and_measure()))
    else:
        print(run())
