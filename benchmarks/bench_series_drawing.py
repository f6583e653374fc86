# ruff: noqa: E402
"""A chart of five years of quarter-hourly readings: what the desk's own API sends for it, whole and thinned.

175,296 readings of one series in SQLite, with a spill of one reading, a fortnight without any, and one reading in a
thousand flagged. Asked through the whole request path (middleware, rights, JSON), in one process, the median of nine.
The thinned answer is checked against the whole one first: same highest and lowest value, the gap is told, the mark of
every stretch is there.
"""

import os
import statistics
import tempfile
import time

import numpy as np

os.environ.setdefault("RIVERCHIEF_HOME", tempfile.mkdtemp(prefix="riverchief-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riverchief_server.settings.django")
import django

django.setup()

from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command
from django.test import Client
from tests.server import toy_county

from riverchief_server.cli.importing import import_files
from riverchief_server.observations import store
from riverchief_server.observations.models import Series
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Place

TITLE = "Five years of a series in a chart"
QUARTER = 900_000
COUNT = 5 * 365 * 96 + 96
FIRST = 1_609_459_200_000  # 2021-01-01
POINTS = 2000


def county() -> Client:
    """The toy county with the series in it, and somebody who may see."""
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    for kind, name, text in toy_county.FILES:
        import_files(kind, [(name, text.encode())], now)
    account = Account.objects.create_user(username="bench", password="only here")
    account.role = "engineer"
    account.save()
    i = np.arange(COUNT)
    i = np.concatenate((i[:90_000], i[91_344:]))  # a fortnight is missing
    v = 5 + 2 * np.sin(i / 5000) + np.random.default_rng(5).normal(0, 0.3, len(i))
    v[40_000] = 80.0  # a spill
    flag = np.where(i % 1000 == 7, store.flag_numbers()["suspect"], store.flag_numbers()["good"])
    series = Series.objects.create(place=Place.objects.get(code="W1"), parameter="TURB", source="bench")
    t = FIRST + QUARTER * i
    for start in range(0, len(t), 50_000):
        part = slice(start, start + 50_000)
        store.put_columns(store.columns(series.pk, t[part], v[part], arrived=int(t[-1]), flag=flag[part]))
    client = Client(headers={"accept-language": "zh", "host": "localhost"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(client: Client, more: str, times: int = 9) -> tuple[dict[str, Any], float, int]:
    """The answer, the median time [ms] and its size [bytes]."""
    path = f"/api/stations/W1/series/TURB?start=2021-01-01{more}"
    client.get(path)  # the first call compiles
    waits = []
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(path)
        waits.append(1000 * (time.perf_counter() - began))
    return answer.json(), statistics.median(waits), len(answer.content)


def run() -> str:
    """The section of the report."""
    client = county()
    whole, whole_ms, whole_bytes = asked(client, "")
    thinned, thinned_ms, thinned_bytes = asked(client, f"&points={POINTS}")
    assert thinned["total"] == len(whole["times"]) and thinned["is_thinned"]
    assert (max(thinned["values"]), min(thinned["values"])) == (max(whole["values"]), min(whole["values"]))
    assert len(thinned["breaks"]) == len(whole["breaks"]) == 1
    assert len(thinned["marks"]) == len(whole["marks"])  # one in ten days, and a stretch is less than two
    month, month_ms, month_bytes = asked(client, f"&end=2021-02-01&points={POINTS}")
    rows = [
        ("whole", len(whole["times"]), whole_bytes, whole_ms),
        ("thinned on the server", len(thinned["times"]), thinned_bytes, thinned_ms),
        ("zoomed to one month", len(month["times"]), month_bytes, month_ms),
    ]
    lines = [f"| {what} | {count:,} | {size / 1024:,.0f} kB | {ms:.0f} ms |" for what, count, size, ms in rows]
    share = thinned_bytes / whole_bytes
    return "\n".join(
        [
            "| asked | readings sent | size | median |",
            "| --- | ---: | ---: | ---: |",
            *lines,
            "",
            f"Thinned is {share:.1%} of the size. Highest and lowest value, the gap and all marks are the same.",
        ]
    )


if __name__ == "__main__":
    print(run())
