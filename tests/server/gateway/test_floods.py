"""Floods: wrong passwords, idle sockets, half-open lines. What is kept is bounded, and true stations are let in."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest

from riverchief.errors import BadInput
from riverchief.telemetry.protocol import protocols
from riverchief_server.cli.gateway import check_ports, taken_ports
from riverchief_server.gateway import door
from riverchief_server.gateway.door import LINES_OF_A_STATION, OF_A_NAME
from riverchief_server.gateway.load import run as simulate
from riverchief_server.gateway.run import Gateway, Plan, networks
from riverchief_server.gateway.simulation import Station, Tally, frame_of
from riverchief_server.observations import retention
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Instrument, RawMessage, Refusal
from riverchief_server.observations.retention import forget_strangers
from riverchief_server.places.models import Place
from tests.server.conftest import NOW
from tests.server.gateway.conftest import PASSWORD, with_gateway

WRONGS = 1000


async def flood(gateway: Gateway, identity: str, wrongs: int) -> None:
    """So many frames of ``identity`` with a wrong password each, over as many lines as the gateway lets be."""
    sent = 0
    while sent < wrongs:
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
        with suppress(ConnectionError, OSError):
            for _ in range(50):
                writer.write(frame_of(identity, f"{sent:06d}", NOW, sent))
                sent += 1
            await writer.drain()
        await asyncio.sleep(0.01)
        writer.close()


@pytest.mark.usefixtures("instrument")
class TestWrongPasswords:
    def test_what_is_said_in_a_stations_name_is_kept_only_so_often(self):
        async def work(gateway: Gateway) -> int:
            await flood(gateway, "M1", WRONGS)
            await asyncio.sleep(1.0)
            return gateway.door.refused

        assert with_gateway(work) > 0
        kept = RawMessage.objects.exclude(kind="summary").count()
        assert 0 < kept <= OF_A_NAME
        assert set(Refusal.objects.exclude(message__kind="summary").values_list("kind", flat=True)) == {
            "wrong_instrument_password"
        }
        # and it lies with nobody's instrument: the true station is not to blame
        assert not RawMessage.objects.filter(instrument__isnull=False).exists()

    def test_who_shares_an_address_with_a_flood_is_let_in(self):
        register(Place.objects.get(code="W1"), "hj212", "M2", PASSWORD)

        async def work(gateway: Gateway) -> tuple[bool, bool]:
            attack = asyncio.ensure_future(flood(gateway, "M1", WRONGS))
            await asyncio.sleep(0.5)
            neighbour = Station("127.0.0.1", gateway.ports["hj212"], "M2", PASSWORD, Tally())
            itself = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            both = await neighbour.send(NOW), await itself.send(NOW)
            attack.cancel()
            return both

        assert with_gateway(work) == (True, True)

    def test_guessing_is_slow(self, monkeypatch: pytest.MonkeyPatch):
        looked: list[str] = []
        check = door.Passwords.check

        def counted(self: door.Passwords, known: object, password: str) -> bool:
            looked.append(password)
            return check(self, known, password)

        monkeypatch.setattr(door.Passwords, "check", counted)

        async def work(gateway: Gateway) -> None:
            guesses = [asyncio.ensure_future(flood(gateway, "M1", 100)) for _ in range(5)]
            await asyncio.sleep(3.0)
            for guess in guesses:
                guess.cancel()

        with_gateway(work)
        assert door.WRONG_PASSWORDS <= len(looked) <= door.WRONG_PASSWORDS + 14, "five at once, then four a second"


@pytest.mark.usefixtures("instrument")
class TestSockets:
    def test_idle_strangers_of_one_host_never_fill_the_room(self):
        async def work(gateway: Gateway) -> tuple[int, bool]:
            idle = [await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"]) for _ in range(30)]
            await asyncio.sleep(0.2)
            inside = len(gateway.crowd.connections)
            for _, writer in idle[:1]:
                writer.close()
            await asyncio.sleep(0.2)
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            is_in = await station.send(NOW)
            station.close()
            for _, writer in idle:
                writer.close()
            return inside, is_in

        assert with_gateway(work, strangers_of_a_host=10) == (10, True)

    def test_a_full_room_makes_way_for_one_more_by_the_oldest_stranger_and_never_by_a_station(self):
        async def work(gateway: Gateway) -> tuple[bool, bool, bool]:
            station = Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally())
            first = await station.send(NOW)
            idle = [await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"]) for _ in range(20)]
            await asyncio.sleep(0.2)
            is_bounded = len(gateway.crowd.connections) == 5
            again = await station.send(NOW)
            for _, writer in idle:
                writer.close()
            station.close()
            return first, is_bounded, again and station.tally.lost == 0

        assert with_gateway(work, most_connections=5) == (True, True, True)

    def test_of_one_station_only_the_newest_lines_stay(self):
        async def work(gateway: Gateway) -> tuple[int, bool]:
            lines = [Station("127.0.0.1", gateway.ports["hj212"], "M1", PASSWORD, Tally()) for _ in range(12)]
            for line in lines:
                assert await line.send(NOW)
            await asyncio.sleep(0.2)
            inside = len(gateway.crowd.connections)
            newest = await lines[-1].send(NOW)
            for line in lines:
                line.close()
            await asyncio.sleep(0.2)
            assert gateway.door._lines == {} and not gateway.crowd.connections
            return inside, newest

        assert with_gateway(work) == (LINES_OF_A_STATION, True)

    def test_who_is_not_on_the_list_is_not_listened_to(self):
        async def work(gateway: Gateway) -> bool:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["hj212"])
            writer.write(frame_of("M1", PASSWORD, NOW, 0))
            with suppress(ConnectionError):
                return await asyncio.wait_for(reader.read(100), 5) == b""
            return True

        assert with_gateway(work, allowed=(ip_network("10.0.0.0/8"),))
        assert not RawMessage.objects.exists()


def test_the_list_of_addresses_says_what_it_cannot_read():
    assert networks("10.0.0.0/8, 192.168.1.7") == (ip_network("10.0.0.0/8"), ip_network("192.168.1.7/32"))
    with pytest.raises(BadInput) as refused:
        networks("10.0.0.0/8, factory")
    assert "factory" in refused.value.text("en")


@pytest.mark.usefixtures("instrument")
def test_simulated_stations_say_why_they_were_refused():
    async def work(gateway: Gateway) -> tuple[int, dict[str, int]]:
        where = "127.0.0.1", gateway.ports["hj212"]
        tally = await simulate(protocols()["hj212"], where, ["M1"], "999999", frames_a_second=3, seconds=1)
        return tally.answered, dict(tally.reasons)

    answered, reasons = with_gateway(work)
    assert answered == 0 and len(reasons) == 1
    assert "QnRtn=3" in next(iter(reasons)) and "wrong password" in next(iter(reasons))


@pytest.mark.usefixtures("committed_county")
def test_a_taken_port_is_an_error_that_names_port_and_setting():
    async def work(gateway: Gateway) -> str:
        plan = Plan(port_of={"hj212": gateway.ports["hj212"], "sl651": None})
        assert [one.protocol for one in taken_ports(plan)] == ["hj212"]
        with pytest.raises(BadInput) as refused:
            check_ports(plan)
        return refused.value.text("en")

    said = with_gateway(work)
    assert "hj212_port" in said and "127.0.0.1:" in said


def refused_message(at: datetime, instrument: Instrument | None, kind: str = "hj212") -> RawMessage:
    return RawMessage.objects.create(
        kind=kind, name="M1", received_at=at, content=b"x", sha256="0", state="refused", instrument=instrument
    )


def test_what_strangers_sent_goes_after_a_month_and_what_stations_and_people_sent_stays(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
):
    old = NOW - timedelta(days=31)
    of_a_station, of_a_person = refused_message(old, instrument), refused_message(old, None, "desk")
    refused_message(old, None)
    recent = [refused_message(NOW - timedelta(minutes=minute), None) for minute in range(5)]
    assert forget_strangers(NOW) == 1
    assert set(RawMessage.objects.all()) == {of_a_station, of_a_person, *recent}
    monkeypatch.setattr(retention, "MOST_OF_STRANGERS", 3)
    assert forget_strangers(NOW) == 2
    assert set(RawMessage.objects.all()) == {of_a_station, of_a_person, *recent[:3]}
