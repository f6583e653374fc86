"""``riverchief simulate stations``: load and life for a gateway: stations over HJ 212, or samples over MQTT."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("what", choices=("stations",))
    parser.add_argument("--hj212", metavar="HOST:PORT", help="send real-time frames there")
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
    if not names or not (arguments.hj212 or arguments.mqtt):
        allowed = "--identity or --count, and --hj212 or --mqtt"
        raise BadInput([Fault("missing_value", details={"given": "stations", "allowed": allowed})])
    if arguments.mqtt:
        return _publish(arguments.mqtt, names, arguments.rate, arguments.seconds)
    import uvloop

    from riverchief_server.gateway.load import run as simulate

    host, _, port = arguments.hj212.rpartition(":")
    load = simulate(
        host or "127.0.0.1",
        int(port),
        names,
        arguments.password,
        frames_a_second=arguments.rate,
        seconds=arguments.seconds,
    )
    try:
        tally = uvloop.run(load)
    except OSError as failed:
        print(f"nobody listens on {arguments.hj212}: {failed}", file=sys.stderr)
        return 1
    print(
        f"{len(names)} stations: {tally.sent} frames sent, {tally.answered} acknowledged, {tally.refused} refused, "
        f"{tally.lost} lost; "
        f"answer p50 {1000 * tally.percentile(0.5):.0f} ms, p99 {1000 * tally.percentile(0.99):.0f} ms"
    )
    return 0 if tally.answered == tally.sent else 1


def _publish(url: str, names: list[str], rate: float, seconds: float) -> int:
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    from riverchief_server.gateway.simulation import mqtt_payload

    parts = urlsplit(url)
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    client.connect(parts.hostname or "127.0.0.1", parts.port or 1883)
    client.loop_start()
    sent = []
    end = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < end:
        topic, payload = mqtt_payload(names[turn % len(names)], datetime.now(UTC))
        sent.append(client.publish(topic, payload, qos=1))
        turn += 1
        time.sleep(1 / rate)
    for one in sent:
        one.wait_for_publish(10.0)
    done = sum(one.is_published() for one in sent)
    client.disconnect()
    client.loop_stop()
    print(f"{len(sent)} samples published, {done} taken by the broker")
    print("the broker's word is not the gateway's: look with riverchief station list", file=sys.stderr)
    return 0 if done == len(sent) else 1
