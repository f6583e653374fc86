"""SensorThings 1.1 over HTTP: our server on SQLite and on PostgreSQL, beside django-ogc-sensorthings 1.2.0 in one run.

50 things with 500 datastreams measured hourly and 10 every quarter of an hour, for a year: 4,730,400 observations. All
are seeded over HTTP by the same requests; then single observations and data arrays are posted with a token, and their
number is asked back; then the year is put into the tables past HTTP (it is the same year in all of them), and answers
are compared with what was put there before they are timed. PostgreSQL is a throw-away server with 1 GB of shared
buffers, one for ours and one for the peer. The peer is described in ``sensorthings_peer``; it gets the indexes on time
that it does not make by itself, after the posting and before the asking. ``bench_sensorthings_ten_years`` asks ours the
same of ten years.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import numpy as np
from numpy.typing import NDArray

from benchmarks.served import Served, free_port, our_server

ROOT = Path(__file__).resolve().parents[1]
TITLE = "SensorThings"
STATIONS, QUARTERLY = 50, 10
QUANTITIES = ("WT", "pH", "DO", "EC", "TURB", "CODMN", "NH3N", "TP", "TN", "LEVEL")
HOUR = 3_600_000
T0 = 1_420_070_400_000  # 2015-01-01, first of the years asked for
POSTED = 1_388_534_400_000  # 2014-01-01, where posting begins
MARCH = (59 * 24, 90 * 24)  # hours of 2015
OMM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
COST = "the server's own CPU for each of these [ms]"
SINGLE, SINGLE_8 = "POST one by one, one client [1/s]", "POST one by one, eight clients [1/s]"
ARRAYS, ARRAYS_10 = "data arrays of 1,000 [readings/s]", "data arrays of 10,000 [readings/s]"
LATEST, ONE = "newest of all 510 datastreams [ms]", "newest of one datastream [ms]"
MONTH, MONTH_ARRAY = "a month of 15-minute data (2,976) [ms]", "the same as a data array [ms]"
BARS = {SINGLE: "≥ 1,000", ARRAYS: "≥ 50,000", LATEST: "≤ 25", MONTH: "≤ 20"}
Rows = list[tuple[int, float]]


class Client:
    """One connection that is kept; it reads no more of an answer than it must, since it shares the machine."""

    def __init__(self, root: str, token: str):
        parts = urlsplit(root)
        self.address, self.prefix = (parts.hostname or "", parts.port or 80), parts.path
        self.head = (
            f"HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"
        )
        self._connect()

    def _connect(self) -> None:
        self.socket = socket.create_connection(self.address, 300)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[dict[str, str], bytes]:
        """Headers and body of an answer that is no refusal."""
        request = f"{method} {self.prefix}{path} {self.head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        try:
            line = self._sent(request)
        except ConnectionError:
            line = b""
        if not line:  # a server lets go of a connection that was quiet
            self._connect()
            line = self._sent(request)
        headers = {}
        while (said := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = said.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        answer = self._body(headers)
        assert line.split()[1] in (b"200", b"201"), (method, path, line, answer[:300])
        if headers.get("connection", "").lower() == "close":
            self._connect()
        return headers, answer

    def _sent(self, request: bytes) -> bytes:
        self.socket.sendall(request)
        # whoever leaves Nagle's algorithm on shall not seem 40 ms slower for it
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return self.file.readline()

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.file.read(int(headers.get("content-length", 0)))
        parts = []
        while size := int(self.file.readline(), 16):
            parts.append(self.file.read(size))
            self.file.readline()
        self.file.readline()
        return b"".join(parts)

    def get(self, path: str) -> dict:
        """The JSON at ``path``."""
        return json.loads(self.ask("GET", address(path))[1])

    def make(self, path: str, body: object) -> str:
        """Create an entity; its id as it stands in an address."""
        location = self.ask("POST", path, json.dumps(body).encode())[0]["location"]
        return location[location.rindex("(") + 1 : -1]


def address(path: str) -> str:
    """``path`` as it may stand in a request."""
    return quote(path, safe="/?&=$(),;:'%@+-*")


def values(datastream: int, hours: NDArray[np.floating]) -> NDArray[np.float64]:
    """What ``datastream`` measures at ``hours`` since 2015."""
    return np.round(
        9 + datastream % 7 + 3 * np.sin(hours / 24 * 2 * np.pi) + 0.5 * np.sin(hours * 12.9898 + datastream), 2
    )


def hours_of(datastream: int, years: int) -> NDArray[np.float64]:
    """When ``datastream`` measures in the first ``years`` [h since 2015]."""
    step = 1.0 if datastream < STATIONS * len(QUANTITIES) else 0.25
    return np.arange(0, years * 8760, step)


def iso(ms: int) -> str:
    """A time as it is written."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_ms(text: str) -> int:
    """A time as it is read."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class Load:
    """One server that is seeded, posted to and asked; ``by`` is what its observations can be ordered by."""

    def __init__(self, by: str):
        self.by = by
        self.ids: list[str] = []
        self.names: list[str] = []
        self.posted = 0
        self._minute: dict[int, int] = defaultdict(int)

    def seed(self, client: Client) -> None:
        """Make all entities, and one observation of each datastream."""
        said = {"description": "-"}
        web = {"encodingType": "text/html", "metadata": "http://127.0.0.1/x"}
        sensor = client.make("/Sensors", {"name": "probe", **said, **web})
        quantities = [
            client.make("/ObservedProperties", {"name": q, **said, "definition": f"http://127.0.0.1/{q}"})
            for q in QUANTITIES
        ]
        unit = {"name": "1", "symbol": "1", "definition": "http://127.0.0.1/u"}
        every = [(s, p, "") for s in range(STATIONS) for p in range(len(QUANTITIES))]
        every += [(s, 2, "-15") for s in range(QUARTERLY)]
        things = []
        for s in range(STATIONS):
            point = {"type": "Point", "coordinates": [round(120 + 0.02 * (s % 10), 5), round(30 + 0.02 * (s // 10), 5)]}
            place = {"name": f"L{s}", **said, "encodingType": "application/geo+json", "location": point}
            things.append(client.make("/Things", {"name": f"ST{s:03d}", **said, "Locations": [place]}))
        for s, p, tag in every:
            self.names.append(f"ST{s:03d}-{QUANTITIES[p]}{tag}")
            links = {"Thing": things[s], "Sensor": sensor, "ObservedProperty": quantities[p]}
            stream = {"name": self.names[-1], **said, "observationType": OMM, "unitOfMeasurement": unit}
            stream |= {name: {"@iot.id": _id(identity)} for name, identity in links.items()}
            self.ids.append(client.make("/Datastreams", stream))
        for k in range(len(self.ids)):
            client.ask("POST", "/Observations", self.observation(k))

    def observation(self, datastream: int) -> bytes:
        """The next observation of ``datastream`` to be posted."""
        t = self._times(datastream, 1)[0]
        self.posted += 1
        link = {"@iot.id": _id(self.ids[datastream])}
        return json.dumps({"phenomenonTime": t, "resultTime": t, "result": 1.5, "Datastream": link}).encode()

    def array(self, datastream: int, rows: int) -> bytes:
        """The next ``rows`` of them as a data array."""
        self.posted += rows
        group = {
            "Datastream": {"@iot.id": _id(self.ids[datastream])},
            "components": ["phenomenonTime", "resultTime", "result"],
            "dataArray@iot.count": rows,
            "dataArray": [[t, t, k / 8] for k, t in enumerate(self._times(datastream, rows))],
        }
        return json.dumps([group]).encode()

    def _times(self, datastream: int, count: int) -> list[str]:
        first = self._minute[datastream]
        self._minute[datastream] += count
        return [iso(POSTED + 60_000 * minute) for minute in range(first, first + count)]

    def post(self, served: Served, token: str, *, singles: int, arrays: int) -> dict[str, float]:
        """Post, three times each; the medians. Every posted observation must be there afterwards."""
        root = served.root
        clients = [Client(root, token) for _ in range(8)]
        found = {}
        for name, one in {
            SINGLE: lambda: self._singles(clients[:1], singles),
            SINGLE_8: lambda: self._singles(clients, singles),
            ARRAYS: lambda: self._arrays(clients[0], 1000, arrays),
            ARRAYS_10: lambda: self._arrays(clients[0], 10_000, max(2, arrays // 10)),
        }.items():
            one()
            worked, before = served.cpu_s(), self.posted
            found[name] = statistics.median(one() for _ in range(3))
            if name == SINGLE:
                found[COST] = 1000 * (served.cpu_s() - worked) / (self.posted - before)
            print(f"  {name}: {found[name]:,.0f}", file=sys.stderr, flush=True)
        there = clients[0].get("/Observations?$count=true&$top=1")["@iot.count"]
        assert there == self.posted, (there, self.posted)
        return found

    def _singles(self, clients: list[Client], count: int) -> float:
        bodies = [self.observation(k % len(self.ids)) for k in range(count)]

        def work(number: int) -> None:
            for body in bodies[number :: len(clients)]:
                clients[number].ask("POST", "/Observations", body)

        return count / _taken(lambda: _all_at_once(work, len(clients)))

    def _arrays(self, client: Client, rows: int, count: int) -> float:
        bodies = [self.array(k % len(self.ids), rows) for k in range(count)]

        def work() -> None:
            for body in bodies:
                said = client.ask("POST", "/CreateObservations", body)[1]
                assert b"error" not in said, said[:300]

        return rows * count / _taken(work)

    def ask(self, root: str, token: str, years: int, *, longest_s: float = 25.0) -> dict[str, float]:
        """What is asked after ``years`` are there: compared with what was put there, then timed; the medians [ms]."""
        client = Client(root, token)
        newest, month = f"$orderby={self.by} desc;$top=1", f"{iso(T0 + MARCH[0] * HOUR)}|{iso(T0 + MARCH[1] * HOUR)}"
        begin, end = month.split("|")
        within = f"$filter=phenomenonTime ge {begin} and phenomenonTime lt {end}&$orderby={self.by} asc&$top=3000"
        quarterly = self.ids[-1]
        asked = {
            LATEST: f"/Datastreams?$select=name&$top=1000&$expand=Observations({newest})",
            ONE: f"/Datastreams({self.ids[7]})/Observations?$orderby={self.by} desc&$top=1",
            MONTH: f"/Datastreams({quarterly})/Observations?{within}&$select=phenomenonTime,result",
        }
        asked[MONTH_ARRAY] = f"{asked[MONTH]}&$resultFormat=dataArray"
        got = {row["name"]: _observations(row["Observations"])[0] for row in client.get(asked[LATEST])["value"]}
        last = {name: self.readings(k, years)[-1] for k, name in enumerate(self.names)}
        assert got == last, "newest of all"
        assert _observations(client.get(asked[ONE])["value"]) == [self.readings(7, years)[-1]]
        expected = [
            row for row in self.readings(len(self.ids) - 1, 1) if MARCH[0] * HOUR <= row[0] - T0 < MARCH[1] * HOUR
        ]
        assert len(expected) == 2976 and _observations(client.get(asked[MONTH])["value"]) == expected
        assert _array_rows(client.get(asked[MONTH_ARRAY])) == expected
        found = {}
        for name, path in asked.items():
            found[name] = timed_ms(partial(client.ask, "GET", address(path)), longest_s)
            print(f"  {name}, {years} years: {found[name]:,.1f}", file=sys.stderr, flush=True)
        return found

    def readings(self, datastream: int, years: int) -> Rows:
        """What ``datastream`` measures in the first ``years``."""
        hours = hours_of(datastream, years)
        return list(zip((T0 + hours * HOUR).astype(int).tolist(), values(datastream, hours).tolist(), strict=True))


def _id(identity: str) -> int | str:
    return int(identity) if identity.isdecimal() else identity.strip("'")


def _observations(rows: list[dict]) -> Rows:
    return [(to_ms(row["phenomenonTime"]), row["result"]) for row in rows]


def _array_rows(answer: dict) -> Rows:
    group = answer["value"][0]
    time_at, value_at = (group["components"].index(name) for name in ("phenomenonTime", "result"))
    return [(to_ms(row[time_at]), row[value_at]) for row in group["dataArray"]]


def _all_at_once(work: Callable[[int], None], count: int) -> None:
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))


def _taken(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def timed_ms(work: Callable[[], object], longest_s: float) -> float:
    """The median of 15 runs after one that is thrown away, of fewer where they take longer than ``longest_s`` [ms]."""
    until = time.perf_counter() + longest_s
    first = _taken(work)
    taken = []
    while len(taken) < 15 and (not taken or time.perf_counter() + first < until):
        taken.append(1000 * _taken(work))
    return statistics.median(taken)


def measure_ours(years: int) -> dict[str, float]:
    """The figures of our server on the database of the settings; with more than one year only those of the asking."""
    import django

    django.setup()
    from riverchief_server.cli.start import migrate

    migrate()
    from riverchief_server.parties.models import Account
    from riverchief_server.parties.tokens import make_token

    token = make_token(Account.objects.create(username="root", role="admin"), "benchmark", datetime.now(UTC))
    load = Load("phenomenonTime")
    with our_server("/sensorthings/v1.1") as served:
        root = served.root
        load.seed(Client(root, token))
        found = load.post(served, token, singles=1500, arrays=100) if years == 1 else {}
        fill_ours(load, years)
        return found | load.ask(root, token, years)


def fill_ours(load: Load, years: int) -> None:
    """Put ``years`` into the store, in the order of time, past HTTP."""
    from riverchief_server.observations import store

    series = np.array([int(identity) for identity in load.ids])
    for day in range(0, years * 365, 4):
        parts = []
        for k in range(len(series)):
            hours = np.arange(24 * day, 24 * min(day + 4, years * 365), 1.0 if k < 500 else 0.25)
            parts.append((np.full(len(hours), series[k]), T0 + (hours * HOUR).astype(np.int64), values(k, hours)))
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        store.put_columns(store.columns(*columns, arrived=int(columns[1].max())))


def of_database(url: str, years: int = 1) -> dict[str, float]:
    """Our figures on the database at ``url``, in a process whose settings name it."""
    with tempfile.TemporaryDirectory() as home:
        settings = {
            "RIVERCHIEF_HOME": home,
            "RIVERCHIEF_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "riverchief_server.settings.django",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "benchmarks.bench_sensorthings", "--here", str(years)]
        done = subprocess.run(command, env=os.environ | settings, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure_peer(url: str) -> dict[str, dict[str, float]]:
    """The figures of the peer, by how it was served."""
    from benchmarks.sensorthings_peer import KINDS, TOKEN, Peer

    load = Load("resultTime")  # an order by phenomenonTime is an error 500 there; here both are the same
    found: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(Path(folder), url, free_port())
        for kind in KINDS:
            with peer.served(kind) as pid:
                if not load.ids:
                    load.seed(Client(peer.root, TOKEN))
                found[kind] |= load.post(Served(peer.root, pid), TOKEN, singles=300, arrays=20)
        series = [[(iso(t), v) for t, v in load.readings(k, 1)] for k in range(len(load.ids))]
        peer.fill([identity.strip("'") for identity in load.ids], series)
        for kind in KINDS:
            with peer.served(kind):
                found[kind] |= load.ask(peer.root, TOKEN, 1)
    return found


def run() -> str:
    """Ours on both databases, and the peer, a column each."""
    from tools import postgres

    sqlite = of_database("")
    with postgres.running() as server:
        tune(server)
        postgresql = of_database(server.url)
    with postgres.running() as server:
        tune(server)
        peer = measure_peer(server.url)
    return table(sqlite, postgresql, peer)


def tune(server: object) -> None:
    """Give PostgreSQL the memory that its manual advises; it waits for the disk as it is shipped."""
    import psycopg

    with psycopg.connect(server.url_of_cluster, autocommit=True) as connection:  # type: ignore[attr-defined]
        for setting in ("shared_buffers = '1GB'", "max_wal_size = '4GB'", "random_page_cost = 1.1"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("CHECKPOINT")
    server.stop()  # type: ignore[attr-defined]
    server.start()  # type: ignore[attr-defined]


def table(sqlite: dict[str, float], postgresql: dict[str, float], peer: dict[str, dict[str, float]]) -> str:
    """The report."""
    lines = [
        "| | ours, SQLite | ours, PostgreSQL 18 | django-ogc-sensorthings 1.2.0, PostgreSQL 18 | ours to it | bar |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, ours in sqlite.items():
        theirs = [one[name] for one in peer.values() if name in one]
        cells = [_said(ours), _said(postgresql[name]), "", ""]
        if theirs:
            is_rate = name.endswith("/s]")
            best = max(theirs) if is_rate else min(theirs)
            ratio = postgresql[name] / best if is_rate else best / postgresql[name]
            cells[2:] = [_said(best), f"{ratio:,.0f} x" if ratio >= 10 else f"{ratio:.1f} x"]
        lines.append(f"| {name} | {' | '.join(cells)} | {BARS.get(name, '')} |")
    return (
        "\n".join(lines) + "\n\nEvery posted observation "
        "was counted afterwards, and every answer compared with what had been put there, before it was timed. The "
        f"peer's figure is the better of {' and '.join(peer)}; the factor is PostgreSQL to PostgreSQL. Client and "
        "server share two cores with other work (load "
        f"{os.getloadavg()[0]:.1f} at the end), and the columns were measured one after the other while "
        "that work changed: the server's own CPU is the steadier figure. Ours checks the token's rights of the "
        "station and keeps each earlier "
        "version of a value; the peer checks that the token is known and has no key on (datastream, time)."
    )


def _said(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"


if __name__ == "__main__":
    if "--here" in sys.argv:
        print(json.dumps(measure_ours(int(sys.argv[2]))))
    else:
        print(run())
