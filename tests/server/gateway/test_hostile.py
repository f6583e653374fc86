"""Hostile senders: real frames mutated ten thousand times through the whole path; connections are bounded."""

import asyncio
import csv
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest

from riverchief.telemetry.crc import hj212_crc, modbus_crc
from riverchief_server.gateway import connection as connections
from riverchief_server.gateway import run
from riverchief_server.gateway.run import Gateway
from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.inbox.parsing import Parser
from riverchief_server.observations.models import RawMessage, Refusal, Series
from riverchief_server.places.models import Place
from tests.server.gateway.conftest import PASSWORD, with_gateway
from tests.server.gateway.test_hj212_gateway import frame, talk
from tests.shared_data import shared

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
EACH = 5000


def mutated(raw: bytes, others: list[bytes], chance: Random) -> bytes:
    """``raw`` with one to four of: a byte changed, bytes put in, taken out, doubled, a piece of another, cut off."""
    body = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(6):
            case 0 if at < len(body):
                body[at] = chance.choice((0, 0xFF, 0x7E, 0x23, 0x26, chance.randrange(256)))
            case 1:
                body[at:at] = chance.randbytes(chance.randint(1, 9))
            case 2:
                del body[at : at + chance.randint(1, 9)]
            case 3:
                body[at:at] = body[at : at + chance.randint(1, 60)] * chance.randint(1, 4)
            case 4:
                other = chance.choice(others)
                begin = chance.randrange(len(other))
                body[at : at + chance.randint(0, 40)] = other[begin : begin + chance.randint(1, 80)]
            case _:
                del body[at:]
        if not body:
            body = bytearray(b"\x00")
    return bytes(body)


def hj212_frames() -> list[bytes]:
    with shared("standards/hj212_examples.csv").open(encoding="utf-8", newline="") as stream:
        return [row["message"].encode()[6:-4] for row in csv.DictReader(stream)]


def sl651_frames() -> list[bytes]:
    with shared("standards/sl651_examples.csv").open(encoding="utf-8", newline="") as stream:
        return [bytes.fromhex(row["frame_hex"])[:-2] for row in csv.DictReader(stream)]


def hj212_whole(segment: bytes) -> bytes:
    return b"##%04d%b%04X" % (len(segment) % 10_000, segment, hj212_crc(segment))


def sl651_whole(covered: bytes) -> bytes:
    """With the length in its head and the checksum put right, so that it is the content that is hostile."""
    if len(covered) > 16 and chr(covered[0]) == "~":
        length = (covered[11] & 0xF0) << 8 | (len(covered) - 15) & 0xFFF
        covered = covered[:11] + length.to_bytes(2, "big") + covered[13:]
    return covered + modbus_crc(covered).to_bytes(2, "big")


@pytest.mark.usefixtures("county")
@pytest.mark.parametrize(
    ("kind", "read", "whole"), [("hj212", hj212_frames, hj212_whole), ("sl651", sl651_frames, sl651_whole)]
)
def test_five_thousand_mutated_real_frames_are_each_kept_and_explained(
    kind: str, read: Callable[[], list[bytes]], whole: Callable[[bytes], bytes]
):
    chance, real, parser = Random(kind), read(), Parser()
    place = Place.objects.get(code="W1")
    instrument = register(place, kind, "M1", PASSWORD)
    sent = []
    for number in range(EACH):
        covered = mutated(chance.choice(real), real, chance)
        # every third with the checksum it had: the others reach the innermost parser
        content = covered if number % 3 == 0 else whole(covered)
        sent.append(Raw(kind, "M1", "1.2.3.4:5", NOW, content, instrument.pk))
    for start in range(0, EACH, 500):
        parser.take(sent[start : start + 500])
    parser.give_up()
    assert RawMessage.objects.count() == EACH
    assert set(RawMessage.objects.values_list("state", flat=True)) == {"parsed", "refused"}
    explained = set(Refusal.objects.values_list("message", flat=True))
    unexplained = RawMessage.objects.filter(state="refused").exclude(pk__in=explained)
    # of the packets of one message the last says for all what is missing
    assert all(b"PNUM=" in bytes(one.content) or one.kind == "sl651" for one in unexplained)
    kinds = set(Refusal.objects.values_list("kind", flat=True))
    assert "not_understood" not in kinds and len(kinds) > 5
    assert not Refusal.objects.filter(why_zh="").exists() and not Refusal.objects.filter(why_en="").exists()
    assert parser._waiting == {} and parser._waiting_bytes == 0
    # what was understood lies within the store's own bounds, and nothing in the future
    found = store.read_many(list(Series.objects.values_list("pk", flat=True)), -(2**53), 2**53)
    assert found.size > 100 and int(found.t.max()) <= store.to_ms(NOW) + 3_600_000


@pytest.mark.usefixtures("instrument")
class TestConnections:
    def test_no_more_are_let_in_than_there_is_room_for(self):
        async def work(gateway: Gateway) -> tuple[int, int, list[str]]:
            opened = []
            for _ in range(12):
                opened.append(await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"]))
            closed = 0
            for reader, _ in opened:
                try:
                    closed += await asyncio.wait_for(reader.read(10), 0.3) == b""
                except TimeoutError:
                    continue
            inside = len(gateway.crowd.connections)
            for _, writer in opened:
                writer.close()
            await asyncio.sleep(0.2)
            return closed, inside, [one.cn for one in await talk(gateway, frame())]

        # and when they have gone there is room again
        assert with_gateway(work, most_connections=8) == (4, 8, ["9014"])

    def test_a_stranger_who_says_nothing_is_hung_up_on_and_a_station_is_not(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(run, "STRANGER_IDLE_S", 0.5)
        monkeypatch.setattr(run, "SWEEP_S", 0.2)

        async def work(gateway: Gateway) -> tuple[bytes, bool]:
            stranger, _ = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
            station, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
            writer.write(frame())
            await asyncio.wait_for(station.read(1000), 10)
            gone = await asyncio.wait_for(stranger.read(10), 10)
            writer.write(frame(1))
            return gone, b"CN=9014" in await asyncio.wait_for(station.read(1000), 10)

        assert with_gateway(work) == (b"", True)

    def test_one_byte_at_a_time_holds_up_nobody(self):
        async def drip(gateway: Gateway) -> bool:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
            for byte in frame(3):
                writer.write(bytes([byte]))
                await asyncio.sleep(0.002)
            return b"CN=9014" in await asyncio.wait_for(reader.read(1000), 10)

        async def work(gateway: Gateway) -> tuple[bool, list[str]]:
            slow = asyncio.ensure_future(drip(gateway))
            quick = [one.cn for one in await talk(gateway, frame(4), wait_s=0.5)]
            is_first = not slow.done()
            return is_first and await slow, quick

        assert with_gateway(work) == (True, ["9014"])

    def test_who_never_reads_the_answers_is_hung_up_on(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(connections, "UNREAD_ANSWERS", 2000)

        async def work(gateway: Gateway) -> bool:
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"], limit=64)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            try:
                for turn in range(400):
                    writer.write(b"".join(frame(hour % 24) for hour in range(turn, turn + 200)))
                    await writer.drain()
                    await asyncio.sleep(0.005)
                    if not gateway.crowd.connections:
                        return True
            except (ConnectionError, OSError):
                return True
            return False

        assert with_gateway(work)

    def test_what_waits_for_the_disk_is_bounded_for_each_connection(self, monkeypatch: pytest.MonkeyPatch):
        held = asyncio.Event()

        async def work(gateway: Gateway) -> tuple[int, bool]:
            async def never(messages: object) -> None:
                await held.wait()

            monkeypatch.setattr(gateway.journal, "_durably", never)
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
            writer.write(frame())
            await asyncio.sleep(1.0)  # its password is looked at
            for hour in range(3000):
                writer.write(frame(hour % 24))
            await asyncio.sleep(1.5)
            (one,) = gateway.crowd.connections
            waiting = len(gateway.journal._waiting)
            is_held = one.transport is not None and not one.transport.is_reading()
            held.set()
            writer.close()
            return waiting, is_held

        waiting, is_held = with_gateway(work)
        # what one read of the socket holds comes in before the reading stops
        assert is_held and connections.IN_FLIGHT <= waiting < connections.IN_FLIGHT + 262_144 // len(frame())
