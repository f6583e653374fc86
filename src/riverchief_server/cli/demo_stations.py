"""The demonstration's stations live: they send what they measure to its own gateway, over the real line.

Each simulated station but the silent one speaks HJ 212; one has beside it a telemetry unit with a camera that speaks
SL 651; where the settings name an MQTT broker, one sends over that instead. Values go on from the last in the store.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from riverchief.example.chengkou.discharge import CHINA, Discharge, night_discharge
from riverchief.example.chengkou.onward import go_on
from riverchief.example.chengkou.simulation import SOURCE
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.telemetry.hj212.speak import uploads
from riverchief.telemetry.mqtt.speak import publications
from riverchief.telemetry.sl651 import encode as sl651
from riverchief.telemetry.sl651.speak import reports
from riverchief_server.cli.demo_camera import photograph
from riverchief_server.cli.demo_instruments import CAMERA, OFF_CLOCK, PASSWORD, SILENT, SL651_PASSWORD
from riverchief_server.gateway.living import ClockedStation, Life, Logger, live
from riverchief_server.gateway.simulation import Tally
from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Instrument, Series
from riverchief_server.settings.broker import address_of, client_of
from riverchief_server.settings.options import option

log = logging.getLogger(__name__)
EVERY_S, PICTURE_EVERY_S = 600.0, 1800.0
FIRST_S, APART_S = 2.0, 1.5
PACKET_BYTES = 3000
#: Where there is a broker this station publishes there; the gateway knows a new source after some seconds.
OVER_MQTT, TOPIC = "M-HJK", "riverchief-demo/{station}/{parameter}"
RENEWED_S, TAKEN_WITHIN_S = 12.0, 10.0
#: What the telemetry unit measures; the analysers beside it send the rest.
OF_THE_LOGGER = {"FLOW"}


class Feed:
    """What the stations say next: the last value of each series when the demonstration began to serve, gone on with."""

    def __init__(self, discharge: Discharge | None):
        self._discharge = discharge
        rows = list(
            Series.objects.filter(source=SOURCE, period_s=0, place__operator="simulated").select_related("place")
        )
        newest = store.latest([row.pk for row in rows])
        self._last: dict[str, list[Reading]] = {}
        for row in rows:
            if row.pk in newest:
                one, place = newest[row.pk], row.place.code
                unit = find_parameter(row.parameter).unit
                last = Reading(place, row.parameter, store.from_ms(one.t), one.v, unit, source=SOURCE)
                self._last.setdefault(place, []).append(last)

    def readings(self, station: str, at: datetime) -> list[Reading]:
        """What ``station`` reads at the minute of ``at``."""
        return go_on(self._last.get(station, []), at.replace(second=0, microsecond=0), self._discharge)


def lives_of(feed: Feed, ports: dict[str, int], every_s: float, picture_every_s: float) -> list[Life]:
    """What every station does, those that the gateway listens to on ``ports``; needs the database."""
    # a county loaded before its stations could send has instruments that are told apart from its series
    rows = Instrument.objects.filter(is_enabled=True, setup__source=SOURCE).exclude(place__code=SILENT)
    lives: list[Life] = []
    broker = option("mqtt_url")
    for row in rows.select_related("place"):
        first_s = FIRST_S + APART_S * len(lives)
        if row.protocol == "hj212" and broker and row.place.code == OVER_MQTT:
            lives.append(_publisher(row, feed, broker, first_s, every_s))
        elif row.protocol == "hj212" and "hj212" in ports:
            lives.append(_analysers(row, feed, ports["hj212"], first_s, every_s))
        elif row.protocol == "sl651" and "sl651" in ports:
            lives += _telemetry_unit(row, feed, ports["sl651"], first_s, every_s, picture_every_s)
    return lives


def _analysers(row: Instrument, feed: Feed, port: int, first_s: float, every_s: float) -> Life:
    station = ClockedStation("127.0.0.1", port, row.identity, PASSWORD, Tally())
    place = row.place.code
    station.offset_s = (row.clock_offset_s or 0.0) if place == OFF_CLOCK else 0.0

    async def send() -> bool:
        now = station.now()
        measured = feed.readings(place, now)
        if place == CAMERA:
            measured = [one for one in measured if one.parameter not in OF_THE_LOGGER]
        late_s = (now - now.replace(second=0, microsecond=0)).total_seconds()
        sent = uploads(measured, mn=row.identity, pw=PASSWORD, delay_s=late_s)
        return all([await station.send_frame(one.payload) for one in sent])

    return Life(f"{place} HJ 212", first_s, every_s, send, station.idle)


def _publisher(row: Instrument, feed: Feed, broker: str, first_s: float, every_s: float) -> Life:
    """The station of ``row`` over ``broker``, known to the gateway by a source of its own."""
    place = row.place.code
    routes = [{"name": SOURCE, "topic": TOPIC, "paths": {"flag": "flag"}}]
    more = {"interval_s": row.interval_s, "silent_after_s": row.silent_after_s}
    register(row.place, "mqtt", "demonstration", None, setup={"routes": routes}, is_simulated=True, **more)

    async def publish() -> bool:
        now = datetime.now(UTC)
        sent = [(one.topic, one.payload) for one in publications(feed.readings(place, now), TOPIC)]
        return await asyncio.to_thread(publish_all, broker, sent)

    return Life(f"{place} MQTT", first_s + RENEWED_S, every_s, publish)


def publish_all(url: str, messages: list[tuple[str, bytes]]) -> bool:
    """Publish ``messages`` at the broker of ``url``; whether it took them all. Raises :class:`OSError` without one."""
    at, client = address_of(url), client_of(url)
    client.connect(at.host, at.port)
    client.loop_start()
    try:
        sent = [client.publish(topic, payload, qos=1) for topic, payload in messages]
        for one in sent:
            one.wait_for_publish(TAKEN_WITHIN_S)
        return all(one.is_published() for one in sent)
    finally:
        client.disconnect()
        client.loop_stop()


def _telemetry_unit(
    row: Instrument, feed: Feed, port: int, first_s: float, every_s: float, picture_every_s: float
) -> list[Life]:
    unit, serial = Logger("127.0.0.1", port), count(1)
    place, line = row.place.code, asyncio.Lock()

    async def send(frames: list[bytes]) -> bool:
        async with line:
            return await unit.send(frames)

    async def report() -> bool:
        measured = [one for one in feed.readings(place, datetime.now(UTC)) if one.parameter in OF_THE_LOGGER]
        sent = reports(measured, station=row.identity, password=SL651_PASSWORD, first_serial=next(serial))
        return all([await send([one.payload]) for one in sent])

    async def picture() -> bool:
        now = datetime.now(UTC)
        return await send(picture_frames(row.identity, now, level_m(feed.readings(place, now)), next(serial)))

    return [
        Life(f"{place} SL 651", first_s, every_s, report),
        Life(f"{place} camera", first_s + APART_S, picture_every_s, picture),
    ]


def picture_frames(identity: str, now: datetime, level: float, serial: int) -> list[bytes]:
    """The packets of the picture that the camera takes ``now``."""
    local = now.astimezone(CHINA).replace(tzinfo=None)
    return sl651.pictures(
        photograph(now, level),
        station=identity,
        centre=1,
        serial=serial % 0xFFFF + 1,
        sent_at=local,
        observed_at=local,
        password=SL651_PASSWORD,
        packet=PACKET_BYTES,
    )


def level_m(readings: list[Reading]) -> float:
    """Where the water stands on the gauge of the picture [m]: no rating, only more where more flows."""
    flow = next((one.value for one in readings if one.parameter == "FLOW" and one.value is not None), 1.0)
    return 0.3 + 0.25 * float(flow**0.4)


def beside(
    ports: dict[str, int],
    loaded_at: datetime | None,
    every_s: float = EVERY_S,
    picture_every_s: float = PICTURE_EVERY_S,
) -> Callable[[], None]:
    """Let the stations live in a thread of their own, against the gateway on ``ports``; returns what stops them.

    ``loaded_at``: when the county was loaded, by which the night discharge is known.
    """
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def work() -> None:
        asyncio.set_event_loop(loop)
        try:
            feed = Feed(night_discharge(loaded_at) if loaded_at else None)
            loop.run_until_complete(live(lives_of(feed, ports, every_s, picture_every_s), stop))
        except Exception:
            log.exception("the demonstration's stations have ended")

    thread = threading.Thread(target=work, name="stations", daemon=True)
    thread.start()

    def end() -> None:
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
            thread.join(5.0)

    return end
