# ruff: noqa: E501
"""The gateway: 2,000 stations of HJ 212 connected at once, frames acknowledged when they are on disk.

The simulator runs in a process of its own on the same machine, so both share its cores. Each station waits for its
answer before it sends again. Memory is the gateway's resident set, read while the load runs.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TITLE = "The gateway"
STATIONS, SECONDS = 2000, 60
RATES = (1000, 2000, 3000)
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
print(RawMessage.objects.count(), RawMessage.objects.filter(state="received").count(), store.count())
"""


def resident_mb(pid: int) -> float:
    """The resident set of a process [MB]."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


def one_rate(environment: dict[str, str], port: int, pid: int, rate: int, seconds: int) -> tuple[str, list[float]]:
    """What the simulator says of one rate, and the memory meanwhile."""
    command = [BIN / "riverchief", "simulate", "stations", "--hj212", f"127.0.0.1:{port}", "--count", str(STATIONS)]
    simulator = subprocess.Popen(
        [*command, "--rate", str(rate), "--seconds", str(seconds)], env=environment, stdout=subprocess.PIPE, text=True
    )
    memory = []
    while simulator.poll() is None:
        time.sleep(2)
        memory.append(resident_mb(pid))
    return simulator.communicate()[0].strip(), memory


def run() -> str:
    """A table of rates."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"RIVERCHIEF_HOME": home, "RIVERCHIEF_SL651_PORT": ""}
        subprocess.run(
            [sys.executable, "-c", REGISTER % STATIONS], env=environment, check=True, stderr=subprocess.DEVNULL
        )
        gateway = subprocess.Popen(
            [BIN / "riverchief", "gateway", "--hj212-port", "0"], env=environment, stderr=subprocess.PIPE, text=True
        )
        try:
            assert gateway.stderr is not None
            line = gateway.stderr.readline()
            while "listens" not in line:
                line = gateway.stderr.readline()
            port = int(line.rpartition(":")[2])
            lines = [
                "| asked frames/s | acknowledged frames/s | p50 [ms] | p99 [ms] | lost | memory [MB] first → last |",
                "|---:|---:|---:|---:|---:|---|",
            ]
            sent = 0
            one_rate(environment, port, gateway.pid, 500, 10)  # connections, passwords, caches
            for rate in RATES:
                said, memory = one_rate(environment, port, gateway.pid, rate, SECONDS)
                numbers = re.findall(r"[\d.]+|nan", said)
                sent += int(numbers[1])
                answered = int(numbers[2])
                lines.append(
                    f"| {rate:,} | {answered / SECONDS:,.0f} | {numbers[6]} | {numbers[8]} | {int(numbers[1]) - answered} | {memory[1]:.0f} → {memory[-1]:.0f} |"
                )
            time.sleep(15)
        finally:
            gateway.terminate()
            gateway.wait(60)
        kept = subprocess.run(
            [sys.executable, "-c", COUNT], env=environment, capture_output=True, text=True, check=True
        ).stdout.split()
        load = os.getloadavg()[0]
    return (
        "\n".join(lines)
        + f"\n\n{STATIONS:,} stations connected, five values a frame, {SECONDS} s each rate, SQLite with synchronous=FULL; "
        f"{kept[0]} messages kept, {kept[1]} of them not parsed 15 s after the end. Simulator and gateway shared the "
        f"machine with others; load {load:.1f} at the end."
    )


if __name__ == "__main__":
    print(run())
