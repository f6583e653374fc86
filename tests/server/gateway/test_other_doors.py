"""SL 651 over TCP and UDP, MQTT against a real mosquitto, and the drop folder."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riverchief.example.stations import sample
from riverchief.telemetry.mqtt.speak import TOPIC, publications
from riverchief.telemetry.sl651 import encode as sl651
from riverchief.telemetry.sl651.encode import Item
from riverchief.telemetry.sl651.frame import ESC, Frame, FrameSplitter
from riverchief_server.gateway.run import Gateway
from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import RawMessage, Refusal, Series
from riverchief_server.places.models import Place
from tests.server.gateway.conftest import until, with_gateway

ADDRESS, PASSWORD = "0011223344", "A000"
LOCAL = datetime(2026, 11, 20, 8, 0)  # noqa: DTZ001 - the station writes its own clock
MOSQUITTO = shutil.which("mosquitto")


def report(password: str = PASSWORD, address: str = ADDRESS) -> bytes:
    """A timed report: water level 0.550 m and voltage 12.68 V at 08:00 of the station's own clock."""
    return sl651.report(
        "32",
        station=address,
        centre=1,
        serial=7,
        sent_at=LOCAL,
        observed_at=LOCAL,
        kind="H",
        items=[Item("39", 0.550), Item("38", 12.68)],
        password=password,
    )


@pytest.mark.usefixtures("committed_county")
class TestSl651:
    @pytest.fixture(autouse=True)
    def _registered(self, committed_county: None) -> None:
        register(Place.objects.get(code="W1"), "sl651", ADDRESS, PASSWORD)

    def test_over_tcp_a_report_is_confirmed_and_kept(self):
        async def work(gateway: Gateway) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["sl651"])
            writer.write(report())
            return await asyncio.wait_for(reader.read(1000), 10)

        answer = FrameSplitter().feed(with_gateway(work))[0]
        assert isinstance(answer, Frame)
        assert (answer.is_up, answer.function, answer.end, answer.body[:2]) == (False, "32", ESC, b"\x00\x07")
        series = Series.objects.get(place__code="W1", parameter="LEVEL")
        newest = store.latest([series.pk])[series.pk]
        assert (newest.v, store.from_ms(newest.t)) == (0.55, datetime(2026, 11, 20, 0, 0, tzinfo=UTC))

    def test_over_udp_it_is_the_same(self):
        async def work(gateway: Gateway) -> bytes:
            loop = asyncio.get_running_loop()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.setblocking(False)
                await loop.sock_connect(udp, ("127.0.0.1", gateway.ports["sl651"]))
                await loop.sock_sendall(udp, b"rubbish")
                await loop.sock_sendall(udp, report())
                return await asyncio.wait_for(loop.sock_recv(udp, 1000), 10)

        assert isinstance(FrameSplitter().feed(with_gateway(work))[0], Frame)
        assert Series.objects.filter(place__code="W1", parameter="LEVEL").exists()
        assert {refusal.kind for refusal in Refusal.objects.all()} >= {"not_a_frame"}

    @pytest.mark.parametrize(
        ("given", "kind"),
        [({"password": "1234"}, "wrong_instrument_password"), ({"address": "0099999999"}, "unknown_instrument")],
    )
    def test_a_stranger_is_not_confirmed(self, given: dict[str, str], kind: str):
        async def work(gateway: Gateway) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["sl651"])
            writer.write(report(**given))
            try:
                return await asyncio.wait_for(reader.read(1000), 1.5)
            except TimeoutError:
                return b""

        assert with_gateway(work) == b""
        assert [refusal.kind for refusal in Refusal.objects.all()] == [kind]
        assert store.count() == 0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """A mosquitto on a free port of this machine."""
    if MOSQUITTO is None:
        pytest.skip("MOSQUITTO MISSING: apt-get install mosquitto; nothing was proved about MQTT")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"mqtt://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


def publish(url: str, messages: list[tuple[str, bytes]]) -> None:
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", int(url.rpartition(":")[2]))
    client.loop_start()
    for topic, payload in messages:
        client.publish(topic, payload, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def said_at(at: datetime) -> list[tuple[str, bytes]]:
    return [(one.topic, one.payload) for one in publications(sample("W1", at))]


@pytest.mark.usefixtures("committed_county")
class TestMqtt:
    def test_published_samples_become_readings_and_what_waited_while_we_were_away_comes_too(self, broker: str):
        register(Place.objects.get(code="W1"), "mqtt", "field-gateway", None, setup={"routes": [{"topic": TOPIC}]})
        at = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)

        async def first(gateway: Gateway) -> bool:
            await asyncio.sleep(1.5)  # connected and subscribed
            await asyncio.to_thread(
                publish, broker, [*said_at(at), (TOPIC.format(station="W1", parameter="PH"), b"no json")]
            )
            return await until(lambda: store.count() == 5 and Refusal.objects.exists())

        assert with_gateway(first, mqtt_url=broker)
        assert [refusal.kind for refusal in Refusal.objects.all()] == ["bad_payload"]
        publish(broker, said_at(at.replace(hour=4)))
        assert store.count() == 5

        async def second(gateway: Gateway) -> bool:
            return await until(lambda: store.count() == 10)

        assert with_gateway(second, mqtt_url=broker)


@pytest.mark.usefixtures("committed_county")
class TestDropFolder:
    HEADER = "station,time,parameter,value,source\n"

    def test_a_file_is_taken_in_once_and_moved(self, tmp_path: Path):
        register(Place.objects.get(code="W1"), "file", "laboratory", None)
        folder = tmp_path / "laboratory"
        folder.mkdir()
        good = self.HEADER + "W1,2026-11-20T08:00:00+08:00,NH3N,0.12,甲\nW1,2026-11-20T08:00:00+08:00,TP,lots,甲\n"
        (folder / "a.csv").write_text(good, encoding="utf-8")
        (folder / "b.csv.part").write_text(good, encoding="utf-8")

        async def work(gateway: Gateway) -> bool:
            return await until(lambda: store.count() == 1)

        assert with_gateway(work, folder=tmp_path)
        assert (folder / "taken" / "a.csv").exists() and not (folder / "a.csv").exists()
        assert (folder / "b.csv.part").exists()
        message = RawMessage.objects.get()
        assert bytes(message.content).decode() == good
        assert [refusal.kind for refusal in message.refusals.all()] == ["bad_number"]

    def test_a_source_has_its_own_columns(self, tmp_path: Path):
        columns = {"站": {"role": "station"}, "时间": {"role": "time"}, "氨": {"parameter": "NH3N", "unit": "ug/L"}}
        setup = {"layout": {"name": "own", "shape": "wide", "timezone": "Asia/Shanghai", "columns": columns}}
        register(Place.objects.get(code="W1"), "file", "lab", None, setup=setup)
        (tmp_path / "lab").mkdir()
        (tmp_path / "lab" / "x.csv").write_bytes("站,时间,氨\nW1,2026-11-20 08:00,250\n".encode("gb18030"))

        async def work(gateway: Gateway) -> bool:
            return await until(lambda: store.count() == 1)

        assert with_gateway(work, folder=tmp_path)
        assert store.latest([Series.objects.get().pk]).popitem()[1].v == pytest.approx(0.25)
