"""``riverchief simulate stations``: load and life for a gateway: stations of any protocol, or samples over MQTT."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from riverchief.telemetry.protocol import Row, listening


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("what", choices=("stations",))
    for row in listening():
        parser.add_argument(f"--{row.name}", metavar="HOST:PORT", help=f"send there as a {row.en}")
    parser.add_argument("--mqtt", metavar="URL", help="publish samples there, such as mqtt://127.0.0.1:1883")
    parser.add_argument(
        "--identity", action="append", default=[], help="an MN (or station id over MQTT); may be repeated"
    )
    parser.add_argument("--count", type=int, default=0, help="so many stations named PREFIX0000, PREFIX0001, …")
    parser.add_argument("--prefix", default="SIM")
    parser.add_argument("--password", default="123456", help="their password")
    parser.add_argument("--rate", type=float, default=1.0, help="frames a second, all stations together")
    parser.add_argument("--seconds", type=float, default=10.0)


def run(arguments: argparse.Namespace) -> int:
    """Send; 1 where something was not acknowledged."""
    from riverchief.errors import BadInput, Fault

    names = [*arguments.identity, *(f"{arguments.prefix}{number:04d}" for number in range(arguments.count))]
    chosen = next((row for row in listening() if getattr(arguments, row.name, None)), None)
    if not names or not (chosen or arguments.mqtt):
        doors = " or ".join(f"--{name}" for name in [*(row.name for row in listening()), "mqtt"])
        allowed = f"--identity or --count, and {doors}"
        raise BadInput([Fault("missing_value", details={"given": "stations", "allowed": allowed})])
    if chosen is None:
        return _publish(arguments.mqtt, names, arguments.rate, arguments.seconds)
    return _send(chosen, getattr(arguments, chosen.name), names, arguments)


def _send(row: Row, where: str, names: list[str], arguments: argparse.Namespace) -> int:
    import uvloop

    from riverchief_server.gateway.load import run as simulate

    host, _, port = where.rpartition(":")
    load = simulate(
        row,
        (host or "127.0.0.1", int(port)),
        names,
        arguments.password,
        frames_a_second=arguments.rate,
        seconds=arguments.seconds,
    )
    try:
        tally = uvloop.run(load)
    except OSError as failed:
        print(f"nobody listens on {where}: {failed}", file=sys.stderr)
        return 1
    print(
        f"{len(names)} stations: {tally.sent} frames sent, {tally.answered} acknowledged, {tally.refused} refused, "
        f"{tally.lost} lost; "
        f"answer p50 {1000 * tally.percentile(0.5):.0f} ms, p99 {1000 * tally.percentile(0.99):.0f} ms"
    )
    for why, times in tally.reasons.most_common():
        print(f"refused {times} times: {why}", file=sys.stderr)
    if tally.lost:
        print("lost: no answer came, or the gateway hung up; it says why in its inbox", file=sys.stderr)
    return 0 if tally.answered == tally.sent else 1


def _publish(url: str, names: list[str], rate: float, seconds: float) -> int:
    from riverchief.example.stations import sample
    from riverchief.telemetry.mqtt.speak import TOPIC, publications
    from riverchief_server.settings.broker import address_of, client_of

    at, client = address_of(url), client_of(url)
    client.connect(at.host, at.port)
    client.loop_start()
    sent = []
    end = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < end:
        for one in publications(sample(names[turn % len(names)], datetime.now(UTC)), TOPIC):
            sent.append(client.publish(one.topic, one.payload, qos=1))
        turn += 1
        time.sleep(1 / rate)
    for published in sent:
        published.wait_for_publish(10.0)
    done = sum(published.is_published() for published in sent)
    client.disconnect()
    client.loop_stop()
    print(f"{turn} samples published as {len(sent)} messages, {done} taken by the broker")
    print("the broker's word is not the gateway's: look with riverchief station list", file=sys.stderr)
    return 0 if done == len(sent) else 1
