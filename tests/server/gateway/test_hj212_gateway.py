"""HJ 212 over TCP as a station meets it: handshake, durable acknowledgement, hostile bytes, commands."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from riverchief.telemetry.crc import modbus_crc
from riverchief.telemetry.hj212 import encode
from riverchief.telemetry.hj212.frame import Frame, FrameSplitter
from riverchief.telemetry.hj212.message import Message, parse
from riverchief_server.gateway.run import Gateway
from riverchief_server.gateway.simulation import Station, Tally, frame_of
from riverchief_server.observations import store
from riverchief_server.observations.inbox import journal
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.journal import Position, Raw
from riverchief_server.observations.inbox.parsing import replay
from riverchief_server.observations.models import Instrument, Order, RawMessage, Refusal, Series
from riverchief_server.observations.orders import ask
from riverchief_server.places.models import Place
from tests.server.gateway.conftest import PASSWORD, with_gateway

AT = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)


async def talk(gateway: Gateway, *pieces: bytes, pause_s: float = 0.0, wait_s: float = 1.5) -> list[Message]:
    """Send ``pieces`` over one connection and gather what is answered until it is quiet for ``wait_s``."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
    for piece in pieces:
        writer.write(piece)
        if pause_s:
            await asyncio.sleep(pause_s)
    splitter, answers = FrameSplitter(), []
    try:
        while chunk := await asyncio.wait_for(reader.read(65536), wait_s):
            for found in splitter.feed(chunk):
                assert isinstance(found, Frame)
                message = parse(found)
                assert isinstance(message, Message)
                answers.append(message)
    except (TimeoutError, ConnectionResetError):
        pass
    writer.close()
    return answers


def frame(hour: int = 0, identity: str = "M1", password: str = PASSWORD) -> bytes:
    return frame_of(identity, password, AT + timedelta(hours=hour), hour)


def spoilt(whole: bytes) -> bytes:
    """``whole`` with a checksum that is neither HJ 212's nor, as some vendors write it, Modbus's."""
    right = {int(whole[-6:-2], 16), modbus_crc(whole[6:-6])}
    wrong = next(number for number in range(3) if number not in right)
    return whole[:-6] + b"%04X" % wrong + b"\r\n"


@pytest.mark.usefixtures("instrument")
class TestAFrame:
    def test_is_acknowledged_and_becomes_readings_of_the_station(self):
        answers = with_gateway(lambda gateway: talk(gateway, frame()))
        assert [message.cn for message in answers] == ["9014"]
        assert RawMessage.objects.get().state == "parsed"
        series = Series.objects.filter(place__code="W1")
        assert {one.parameter for one in series} == {"PH", "DO", "CODMN", "NH3N", "TP"}
        newest = store.latest([one.pk for one in series])
        assert {store.from_ms(row.t) for row in newest.values()} == {AT}

    def test_is_on_disk_when_its_acknowledgement_arrives(self):
        async def work(gateway: Gateway) -> tuple[bool, list[Raw]]:
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            acknowledged = await station.send(AT)
            return acknowledged, journal.read(gateway.plan.journal, Position()).messages

        acknowledged, (kept,) = with_gateway(work)
        assert acknowledged and kept.name == "M1" and b"DataTime=20261120080000" in kept.content

    @pytest.mark.parametrize("size", [1, 7, 100])
    def test_may_come_in_any_pieces(self, size: int):
        stream = b"".join(frame(hour) for hour in range(3))
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        answers = with_gateway(lambda gateway: talk(gateway, *pieces, pause_s=0.0005))
        assert len(answers) == 3
        assert store.count() == 15

    def test_sent_twice_is_one_set_of_readings(self):
        with_gateway(lambda gateway: talk(gateway, frame(), frame(), frame(1)))
        assert RawMessage.objects.filter(state="parsed").count() == 3
        assert store.count() == 10

    def test_of_a_split_message_is_read_with_its_fellows(self):
        message = parse(FrameSplitter().feed(frame())[0])
        first, rest = message.content.split(";", 2)[:2], message.content.split(";", 2)[2]
        parts = [
            encode.encode(message._replace(flag=7, pnum=2, pno=1, content=";".join(first))),
            encode.encode(message._replace(flag=7, pnum=2, pno=2, content=rest)),
        ]
        answers = with_gateway(lambda gateway: talk(gateway, *parts))
        assert [one.cn for one in answers] == ["9014", "9014"]
        assert store.count() == 5
        assert {one.state for one in RawMessage.objects.all()} == {"parsed"}


@pytest.mark.usefixtures("instrument")
class TestAStranger:
    def test_with_an_unknown_mn_is_told_so_and_nothing_is_taken(self):
        answers = with_gateway(lambda gateway: talk(gateway, frame(identity="NOBODY")))
        assert [(one.cn, one.field("QnRtn")) for one in answers] == [("9011", "4")]
        message = RawMessage.objects.get()
        assert (message.state, message.instrument, store.count()) == ("refused", None, 0)
        assert message.refusals.get().kind == "unknown_instrument"

    def test_with_a_wrong_password_is_told_so_and_the_password_is_not_kept(self):
        answers = with_gateway(lambda gateway: talk(gateway, frame(password="654321")))
        assert [(one.cn, one.field("QnRtn")) for one in answers] == [("9011", "3")]
        message = RawMessage.objects.get()
        assert message.refusals.get().kind == "wrong_instrument_password"
        assert b"654321" not in bytes(message.content)

    def test_is_hung_up_on_after_some_tries(self):
        answers = with_gateway(lambda gateway: talk(gateway, *[frame(hour, "X") for hour in range(50)]))
        assert len(answers) <= 10
        assert RawMessage.objects.count() <= 10

    def test_of_a_disabled_instrument_is_a_stranger(self):
        Instrument.objects.update(is_enabled=False)
        answers = with_gateway(lambda gateway: talk(gateway, frame()))
        assert [one.cn for one in answers] == ["9011"]

    def test_the_password_is_kept_only_as_a_hash(self):
        kept = Instrument.objects.get().password_hash
        assert PASSWORD not in kept and kept.startswith("pbkdf2_sha256$")


@pytest.mark.usefixtures("instrument")
class TestHostileBytes:
    def test_ten_thousand_malformed_frames_are_explained_and_the_good_ones_kept(self):
        good = [frame(hour) for hour in range(20)]
        # the checksum itself is damaged: of damaged contents about one in a hundred still fits this weak checksum
        bad = [spoilt(frame(number % 24)) for number in range(10_000)]
        stream = [good[0], *bad[:5000], *good[1:10], *bad[5000:], *good[10:]]

        async def work(gateway: Gateway) -> list[Message]:
            return await talk(gateway, *stream, wait_s=8)

        answers = with_gateway(work)
        assert [one.cn for one in answers] == ["9014"] * 20
        assert store.count() == 100
        assert RawMessage.objects.filter(state="refused").count() == 10_000
        assert set(Refusal.objects.values_list("kind", flat=True)) == {"bad_crc"}
        assert Refusal.objects.count() == 10_000

    def test_a_frame_without_end_is_cut_off_long_before_a_gigabyte(self):
        async def work(gateway: Gateway) -> int:
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
            sent = 0
            writer.write(b"##9999")
            try:
                for _ in range(16_384):  # a gigabyte
                    writer.write(b"x" * 65_536)
                    await writer.drain()
                    sent += 65_536
            except (ConnectionError, OSError):
                pass
            return sent

        assert with_gateway(work) < 64_000_000
        assert 1 <= RawMessage.objects.count() < 10
        assert sum(len(bytes(message.content)) for message in RawMessage.objects.all()) < 1_000_000

    @pytest.mark.parametrize(
        "hostile", [b"\x00" * 3000, b"GET / HTTP/1.1\r\n\r\n", b"##0000\r\n" * 50, b"\xff##00" * 99]
    )
    def test_others_go_on_beside_it(self, hostile: bytes):
        async def work(gateway: Gateway) -> list[Message]:
            bad = asyncio.ensure_future(talk(gateway, hostile))
            good = await talk(gateway, frame())
            await bad
            return good

        assert [one.cn for one in with_gateway(work)] == ["9014"]
        assert RawMessage.objects.filter(state="parsed").count() == 1


@pytest.mark.usefixtures("instrument")
class TestCommands:
    def test_an_order_goes_down_and_its_answer_is_written(self):
        order = ask(Instrument.objects.get(), "set-clock", datetime.now(UTC), "test")
        history = ask(
            Instrument.objects.get(),
            "history",
            datetime.now(UTC),
            "t",
            begin="2026-11-01T00:00",
            end="2026-11-02T00:00",
        )

        async def work(gateway: Gateway) -> list[str]:
            tally = Tally()
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, tally)
            await station.send(AT)
            await station.listen(4)
            await asyncio.sleep(0.5)
            return tally.commands

        assert sorted(with_gateway(work)) == ["1012", "2061"]
        for row in (order, history):
            row.refresh_from_db()
            assert row.sent_at is not None and row.answered_at is not None
            assert row.answer.startswith("ExeRtn=1")

    def test_an_order_waits_for_the_instrument(self):
        ask(Instrument.objects.get(), "set-clock", datetime.now(UTC), "test")
        with_gateway(lambda gateway: asyncio.sleep(2.5))
        assert Order.objects.get().sent_at is None

    def test_a_station_that_asks_for_the_time_is_told_it(self):
        question = encode.encode(Message("M1", "1013", "21", encode.qn_of(datetime.now(UTC)), PASSWORD, 5))
        answers = with_gateway(lambda gateway: talk(gateway, question))
        assert [one.cn for one in answers] == ["9013", "1012"]
        told = datetime.strptime(answers[1].field("SystemTime") + "+0800", "%Y%m%d%H%M%S%z")
        assert abs(told - datetime.now(UTC)) < timedelta(seconds=30)

    def test_who_was_heard_is_known_with_the_offset_of_its_clock(self):
        with_gateway(lambda gateway: talk(gateway, frame(), wait_s=7))
        row = Instrument.objects.get()
        assert row.last_seen_at is not None and row.last_address.startswith("127.0.0.1")
        assert row.clock_offset_s is not None and abs(row.clock_offset_s) < 30


@pytest.mark.usefixtures("committed_county")
class TestReplay:
    def test_a_unit_nobody_knew_is_refused_and_taken_after_the_setup_is_put_right(self):
        # HJ 212 writes mercury in µg/L for waste water, surface-water stations send mg/L: only the station can say
        place = Place.objects.get(code="W1")
        register(place, "hj212", "M1", PASSWORD)
        groups = [encode.Group("w20111", {"Rtd": "0.04"}), encode.Group("w01001", {"Rtd": "7.9"})]
        sent = encode.upload("2011", mn="M1", st="21", time=AT, groups=groups, qn="20261120080000001", pw=PASSWORD)
        answers = with_gateway(lambda gateway: talk(gateway, *sent))
        assert [one.cn for one in answers] == ["9014"]
        message = RawMessage.objects.get()
        assert (message.state, message.refusals.get().kind, store.count()) == ("refused", "needs_unit", 1)
        register(place, "hj212", "M1", PASSWORD, setup={"units": {"w20111": "ug/L"}})
        report = replay([message], datetime.now(UTC))
        assert (report.put.new, report.put.same, report.refused) == (1, 1, 0)
        message.refresh_from_db()
        assert (message.state, message.refusals.count()) == ("parsed", 0)
        mercury = store.latest([Series.objects.get(parameter="HG").pk]).popitem()[1]
        assert mercury.v == pytest.approx(0.00004)
        assert replay([message], datetime.now(UTC)).put == (0, 2, 0)

    def test_a_reading_from_the_future_is_refused(self):
        register(Place.objects.get(code="W1"), "hj212", "M1", PASSWORD)
        ahead = frame_of("M1", PASSWORD, datetime.now(UTC) + timedelta(days=400), 0)
        with_gateway(lambda gateway: talk(gateway, ahead))
        assert store.count() == 0
        assert set(Refusal.objects.values_list("kind", flat=True)) == {"from_the_future"}
