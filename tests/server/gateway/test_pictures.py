"""Pictures of SL 651 in packets: put together whatever their order, asked for again where one is missing, shown."""

import asyncio
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from riverchief.telemetry.sl651 import encode, protocol
from riverchief.telemetry.sl651.frame import ESC, NAK, Frame, FrameSplitter
from riverchief_server.gateway.run import Gateway
from riverchief_server.observations.inbox import parsing
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.inbox.parsing import Parser, replay
from riverchief_server.observations.models import Instrument, Picture, RawMessage, Refusal
from riverchief_server.places.models import Place
from tests.server.gateway.conftest import until, with_gateway
from tests.server.gateway.test_other_doors import ADDRESS, LOCAL
from tests.server.gateway.test_other_doors import PASSWORD as SL651_PASSWORD

As = Callable[[str], Client]
TAKEN = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)


def jpeg(seed: int = 1) -> bytes:
    kept = io.BytesIO()
    Image.frombytes("L", (64, 48), Random(seed).randbytes(64 * 48)).save(kept, "JPEG", quality=60)
    return kept.getvalue()


def packets(content: bytes, serial: int = 7, packet: int = 256, taken: datetime = LOCAL) -> list[bytes]:
    return encode.pictures(
        content,
        station=ADDRESS,
        centre=1,
        serial=serial,
        sent_at=taken,
        observed_at=taken,
        password=SL651_PASSWORD,
        packet=packet,
    )


def registered() -> Instrument:
    return register(Place.objects.get(code="W1"), "sl651", ADDRESS, SL651_PASSWORD)


def take(parser: Parser, instrument: Instrument, frames: Sequence[bytes], at: datetime = NOW) -> None:
    parser.take([Raw("sl651", ADDRESS, "1.2.3.4:5", at, one, instrument.pk) for one in frames])


def kept() -> list[tuple[bytes, int]]:
    return [(bytes(row.content), row.missing) for row in Picture.objects.order_by("taken_at", "id")]


class Camera:
    """A station at the end of a line that loses packets."""

    def __init__(self, gateway: Gateway):
        self.port = gateway.ports["sl651"]
        self.splitter = FrameSplitter()

    async def connect(self) -> "Camera":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def answer(self) -> Frame:
        while True:
            for found in self.splitter.feed(await asyncio.wait_for(self.reader.read(65536), 10)):
                assert isinstance(found, Frame)
                if found.end in (NAK, ESC):
                    return found


@pytest.mark.usefixtures("committed_county")
class TestOverTheLine:
    def test_a_lost_packet_is_asked_for_again_and_the_picture_is_whole(self):
        content, instrument = jpeg(), registered()
        sent = packets(content)
        assert len(sent) > 4

        async def work(gateway: Gateway) -> list[tuple[int, int | None, bytes]]:
            camera = await Camera(gateway).connect()
            camera.writer.write(b"".join(sent[:2] + sent[3:]))
            asked = await camera.answer()
            camera.writer.write(sent[2])
            confirmed = await camera.answer()
            assert await until(Picture.objects.exists)
            return [(one.end, one.number, one.body[:2]) for one in (asked, confirmed)]

        assert with_gateway(work) == [(NAK, 3, b"\x00\x07"), (ESC, None, b"\x00\x00")]
        assert kept() == [(content, 0)]
        row = Picture.objects.get()
        assert (row.place.code, row.instrument, row.taken_at, row.media_type) == (
            "W1",
            instrument,
            TAKEN,
            "image/jpeg",
        )
        assert set(RawMessage.objects.values_list("state", flat=True)) == {"parsed"}

    def test_a_packet_that_never_comes_is_asked_for_three_times_and_no_more(self):
        registered()
        sent = packets(jpeg())

        async def work(gateway: Gateway) -> int:
            camera = await Camera(gateway).connect()
            asked = 0
            for _ in range(6):
                camera.writer.write(b"".join(sent[:2] + sent[3:]))
                try:
                    while (await asyncio.wait_for(camera.answer(), 1.0)).end == NAK:
                        asked += 1
                except TimeoutError:
                    continue
            return asked

        assert with_gateway(work) == 3


@pytest.mark.usefixtures("county")
class TestPutTogether:
    @pytest.mark.parametrize("seed", range(5))
    def test_in_any_order_with_repeats_and_in_any_batches(self, seed: int):
        chance, content, instrument, parser = Random(seed), jpeg(), registered(), Parser()
        sent = packets(content)
        sent += chance.sample(sent, 2)
        chance.shuffle(sent)
        while sent:
            count = chance.randint(1, 4)
            take(parser, instrument, sent[:count])
            del sent[:count]
        parser.run_once(NOW + timedelta(minutes=10))
        assert kept() == [(content, 0)]
        assert set(RawMessage.objects.values_list("state", flat=True)) == {"parsed"}

    def test_after_a_restart_in_the_middle(self):
        content, instrument = jpeg(), registered()
        sent = packets(content)
        take(Parser(), instrument, sent[:3])
        again = Parser()
        again.run_once(NOW)
        take(again, instrument, sent[3:])
        assert kept() == [(content, 0)]
        assert set(RawMessage.objects.values_list("state", flat=True)) == {"parsed"}

    def test_what_does_not_come_is_said_and_the_rest_is_kept(self):
        content, instrument, parser = jpeg(), registered(), Parser()
        sent = packets(content)
        take(parser, instrument, sent[:2] + sent[3:])
        parser.run_once(NOW + timedelta(seconds=30))
        assert kept() == []
        parser.run_once(NOW + timedelta(minutes=5))
        ((partial, missing),) = kept()
        assert missing == 1 and len(partial) == len(content) - 256 and content.startswith(partial[:300])
        (reason,) = Refusal.objects.all()
        assert (reason.kind, reason.value) == ("missing_parts", "3")

    def test_a_packet_found_later_makes_it_whole(self):
        content, instrument, parser = jpeg(), registered(), Parser()
        sent = packets(content)
        take(parser, instrument, sent[:2] + sent[3:])
        parser.run_once(NOW + timedelta(minutes=5))
        take(parser, instrument, [sent[2]], NOW + timedelta(minutes=6))
        parser.run_once(NOW + timedelta(minutes=20))
        replay(RawMessage.objects.filter(state="refused"), NOW)
        assert kept() == [(content, 0)]
        assert Refusal.objects.count() == 0

    def test_the_next_picture_may_begin_before_the_last_one_was_whole(self):
        first, second, instrument, parser = jpeg(1), jpeg(2), registered(), Parser()
        shorter = min(len(first), len(second))
        first, second = first[:shorter], second[:shorter]
        sent = [packets(first, 7), packets(second, 8, taken=LOCAL + timedelta(minutes=1))]
        assert len(sent[0]) == len(sent[1])
        take(parser, instrument, sent[0][:-1] + sent[1])
        parser.run_once(NOW)
        assert [missing for _, missing in kept()] == [1, 0]
        assert kept()[1][0] == second

    def test_one_too_large_is_refused_and_its_packets_stay(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(protocol, "LARGEST_PICTURE", 500)
        take(Parser(), registered(), packets(jpeg()))
        assert kept() == []
        assert Refusal.objects.get().kind == "too_big"
        assert RawMessage.objects.filter(state="refused").count() == len(packets(jpeg()))

    def test_what_waits_is_bounded(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(parsing, "MOST_WAITING_BYTES", 5000)
        instrument, parser = registered(), Parser()
        for serial in range(30):
            begun = packets(jpeg(serial), serial, taken=LOCAL + timedelta(minutes=serial - 60))[:-1]
            take(parser, instrument, begun)
            parser.run_once(NOW)
            assert parser._waiting_bytes <= 5000
        assert Picture.objects.count() >= 25


class TestShown:
    @pytest.fixture
    def picture(self, people: object) -> Any:
        take(Parser(), registered(), packets(jpeg()))
        return Picture.objects.get()

    def test_to_whoever_may_see(self, as_: As, picture: Picture):
        (listed,) = as_("patroller").get("/api/stations/W1/pictures").json()
        assert (listed["is_shown"], listed["missing"], listed["size"]) == (True, 0, len(jpeg()))
        answer = as_("patroller").get(listed["url"])
        assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/jpeg", jpeg())
        assert Image.open(io.BytesIO(answer.content)).size == (64, 48)

    def test_to_nobody_else(self, picture: Picture):
        for path in ("/api/stations/W1/pictures", f"/api/pictures/{picture.uuid}"):
            assert Client().get(path).status_code == 401

    def test_what_is_no_picture_is_never_shown_in_a_page(self, as_: As, people: object):
        take(Parser(), registered(), packets(b"<html><script>alert(1)</script>" * 30))
        (listed,) = as_("office").get("/api/stations/W1/pictures").json()
        answer = as_("office").get(listed["url"])
        assert listed["is_shown"] is False
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_one_that_is_not_there_is_said(self, as_: As, people: object):
        missing = "/api/pictures/00000000-0000-0000-0000-000000000000"
        assert as_("office").get(missing).status_code == 404
