# ruff: noqa: E501
"""The gateway: 2,000 stations of HJ 212 connected at once, frames acknowledged when they are on disk.

What: frames acknowledged a second and how long an answer took, at several rates, then ten minutes at the bar's rate with
the resident memory of the gateway and of the process of its inbox. At the end the acknowledged frames are counted again
in the database. Then the same against ``riverchief up``, as people run it: gateway, clock and web in one process, with a
page asked for every half second meanwhile.

How: the load generator (``riverchief simulate stations``) is a process of its own **on the same machine**, so gateway,
inbox and load share its cores; each station waits for its answer before it sends again. Nobody else takes the figures:
the gateway is the one that ``riverchief gateway`` starts. ``BENCH_GATEWAY_MINUTES`` changes the length of the memory run;
the report says what was run.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np

TITLE = "The gateway"
STATIONS, SECONDS = 2000, 30
RATES = tuple(int(rate) for rate in os.environ.get("BENCH_GATEWAY_RATES", "1000,2000,3000,4000").split(","))
PATIENCE_S = 900.0
BAR, MINUTES = 3000, float(os.environ.get("BENCH_GATEWAY_MINUTES", "10"))
BIN = Path(sys.executable).parent
REGISTER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "riverchief_server.settings.django"
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import UTC, datetime
from riverchief_server.cli.importing import import_files
from riverchief_server.observations.inbox.instruments import hashed
from riverchief_server.observations.models import Instrument
from riverchief_server.places.models import Place
from tests.server import toy_county
for kind, name, text in toy_county.FILES:
    import_files(kind, [(name, text.encode())], datetime.now(UTC))
place = Place.objects.get(code="W1")
reach = place.reach
places = Place.objects.bulk_create([Place(code=f"P{k:04d}", kind="station", name=f"P{k:04d}", reach=reach, chainage_m=1, lon=0, lat=0) for k in range(%d)])
one = hashed("123456")
Instrument.objects.bulk_create([Instrument(place=p, protocol="hj212", identity=f"SIM{k:04d}", password_hash=one) for k, p in enumerate(places)])
"""
COUNT = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "riverchief_server.settings.django"
import django; django.setup()
from riverchief_server.observations import store
from riverchief_server.observations.models import RawMessage
print(RawMessage.objects.count(), RawMessage.objects.exclude(state="parsed").count(), store.count())
"""
LEFT = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "riverchief_server.settings.django"
import django; django.setup()
from riverchief_server.observations.inbox import journal
from riverchief_server.observations.models import JournalPosition
from riverchief_server.settings.options import journal_folder
row = JournalPosition.objects.get()
print(journal.waiting_bytes(journal_folder(), journal.Position(row.segment, row.at)))
"""


def resident_mb(pid: int) -> float:
    """The resident set of a process [MB]."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


def inbox_of(pid: int) -> int:
    """The process of the inbox beside the gateway."""
    # the thread that started it has it as a child: under riverchief up that is the gateway's
    children = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return next(int(one) for one in children if b"inbox" in Path(f"/proc/{one}/cmdline").read_bytes())


def one_rate(
    environment: dict[str, str], port: int, pid: int, rate: int, seconds: float
) -> tuple[list[str], list[tuple[float, float]]]:
    """The numbers the simulator says of one rate, and the memory of gateway and inbox meanwhile [MB]."""
    command = [BIN / "riverchief", "simulate", "stations", "--hj212", f"127.0.0.1:{port}", "--count", str(STATIONS)]
    simulator = subprocess.Popen(
        [*command, "--rate", str(rate), "--seconds", str(seconds)], env=environment, stdout=subprocess.PIPE, text=True
    )
    memory = []
    while simulator.poll() is None:
        time.sleep(2)
        memory.append((resident_mb(pid), resident_mb(inbox_of(pid))))
    return re.findall(r"[\d.]+|nan", simulator.communicate()[0]), memory


def ask(environment: dict[str, str], code: str) -> list[str]:
    """What a small program prints."""
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def page_ms(address: str, until: threading.Event, taken: list[float]) -> None:
    """Ask for a page every half second and note how long it took [ms]."""
    while not until.wait(0.5):
        began = time.perf_counter()
        with urllib.request.urlopen(address, timeout=60) as answer:
            answer.read()
        taken.append(1000 * (time.perf_counter() - began))


def as_people_run_it(seconds: float = SECONDS) -> str:
    """``riverchief up``: frames acknowledged and pages answered at once."""
    lines = [
        "| asked frames/s | acknowledged frames/s | p50 [ms] | p99 [ms] | without an answer | load | page p50 [ms] | page p99 [ms] |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as home, socket.create_server(("127.0.0.1", 0)) as tried:
        port = tried.getsockname()[1]
        tried.close()
        more = {"RIVERCHIEF_PORT": str(port), "RIVERCHIEF_HJ212_PORT": "0", "RIVERCHIEF_SL651_PORT": ""}
        environment = os.environ | {"RIVERCHIEF_HOME": home, "RIVERCHIEF_GATEWAY_STRANGERS": "5000"} | more
        ask(environment, REGISTER % STATIONS)
        said = Path(home) / "said"
        with said.open("w") as log:
            server = subprocess.Popen([BIN / "riverchief", "up"], env=environment, stderr=log, text=True)
        try:
            while "is ready" not in said.read_text() or "hj212" not in said.read_text():
                time.sleep(0.2)
            listens = int(re.search(r"hj212 [\d.]+:(\d+)", said.read_text()).group(1))
            one_rate(environment, listens, server.pid, 500, 10)
            for rate in (0, *RATES[:3]):
                taken: list[float] = []
                until = threading.Event()
                asking = threading.Thread(target=page_ms, args=(f"http://127.0.0.1:{port}/", until, taken))
                asking.start()
                numbers = ["0"] * 9
                if rate:
                    numbers, _ = one_rate(environment, listens, server.pid, rate, seconds)
                else:
                    time.sleep(seconds)
                until.set()
                asking.join()
                half, most = np.quantile(taken, [0.5, 0.99])
                lines.append(f"{row(rate, numbers, seconds)} {half:.0f} | {most:.0f} |")
        finally:
            server.terminate()
            server.wait(60)
    return "\n".join(lines)


def run() -> str:
    """A table of rates and the memory run."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "RIVERCHIEF_HOME": home,
            "RIVERCHIEF_SL651_PORT": "",
            "RIVERCHIEF_GATEWAY_STRANGERS": "5000",
        }
        ask(environment, REGISTER % STATIONS)
        said = Path(home) / "said"
        with said.open("w") as log:
            gateway = subprocess.Popen(
                [BIN / "riverchief", "gateway", "--hj212-port", "0"], env=environment, stderr=log, text=True
            )
        try:
            while (listens := re.search(r"hj212 [\d.]+:(\d+)", said.read_text())) is None:
                time.sleep(0.2)
            port = int(listens.group(1))
            lines = [
                "| asked frames/s | acknowledged frames/s | p50 [ms] | p99 [ms] | without an answer | load |",
                "|---:|---:|---:|---:|---:|---:|",
            ]
            first, _ = one_rate(environment, port, gateway.pid, 500, 10)  # connections, passwords, caches
            answered = int(first[2])
            for rate in RATES:
                numbers, _ = one_rate(environment, port, gateway.pid, rate, SECONDS)
                answered += int(numbers[2])
                lines.append(row(rate, numbers, SECONDS))
            long, memory = one_rate(environment, port, gateway.pid, BAR, 60 * MINUTES)
            answered += int(long[2])
            lines.append(row(BAR, long, 60 * MINUTES).replace("|", f"| {MINUTES:g} minutes at", 1))
            began = time.monotonic()
            behind = int(ask(environment, LEFT)[0])
            while int(ask(environment, LEFT)[0]) and time.monotonic() - began < PATIENCE_S:
                time.sleep(1)
            behind_s = time.monotonic() - began
        finally:
            gateway.terminate()
            gateway.wait(60)
        kept, unparsed, readings = (int(number) for number in ask(environment, COUNT))
        print(said.read_text()[-3000:], file=sys.stderr)
    assert kept >= answered, f"{answered} were acknowledged and {kept} are there"
    times = [memory[min(len(memory) - 2, int(share * len(memory)))] for share in (0.1, 0.5, 1.0)]
    shown = " → ".join(f"{gateway_mb:.0f} + {inbox_mb:.0f}" for gateway_mb, inbox_mb in times)
    return (
        "\n".join(lines)
        + f"\n\n{STATIONS:,} stations connected, five values a frame, {SECONDS} s each rate, SQLite with synchronous=FULL. "
        f"Resident memory of gateway + inbox a tenth, half and all of the way through the {MINUTES:g} minutes: {shown} MB. "
        f"{answered:,} frames were acknowledged and {kept:,} lie in the database ({unparsed} not parsed, {readings:,} "
        f"readings); when the load ended {behind / 1e6:.1f} MB of the journal were still to be taken, and {behind_s:.0f} s later none. Not counted is the first contact: every "
        f"station's password is checked once against its slow hash, here p99 {float(first[-1]) / 1000:.0f} s for all at "
        "once. The load generator shared the machine's cores with gateway and inbox, and all of them with other work "
        "(load: processes that wanted to run, one minute's mean, on two cores).\n\n"
        "As people run it, ``riverchief up``: gateway, clock and web in one process, the inbox beside it, the public page "
        "asked for every half second (first line: with nobody sending).\n\n" + as_people_run_it()
    )


def row(rate: int, numbers: list[str], seconds: float) -> str:
    """One line of the table from what the simulator said."""
    sent, answered = int(numbers[1]), int(numbers[2])
    load = os.getloadavg()[0]
    return f"| {rate:,} | {answered / seconds:,.0f} | {numbers[6]} | {numbers[8]} | {sent - answered} | {load:.1f} |"


if __name__ == "__main__":
    print(run())
