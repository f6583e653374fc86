"""A protocol that only a row of the registry made known: listened to, decoded, replayed, shown, simulated."""

import asyncio
import json

import pytest
from django.test import Client

from riverchief.telemetry.protocol import protocols
from riverchief_server.cli import main
from riverchief_server.gateway.load import run as simulate
from riverchief_server.gateway.run import Gateway
from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.listing import Wanted, kinds_there
from riverchief_server.observations.inbox.parsing import replay
from riverchief_server.observations.models import Instrument, RawMessage
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Place
from tests import toy_protocol
from tests.server.conftest import NOW
from tests.server.gateway.conftest import until, with_gateway

GOOD = b"T1;pw;2026-11-20T08:00:00+08:00;PH=7.9\n"
STRANGE = b"T1;pw;2026-11-20T09:00:00+08:00;NONSENSE=1\n"


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one row."""
    monkeypatch.setitem(protocols(), "toy", toy_protocol.ROW)


@pytest.fixture
def toy(committed_county: None) -> Instrument:
    return register(Place.objects.get(code="W1"), "toy", "T1", "pw")


async def say(gateway: Gateway, *lines: bytes) -> list[bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["toy"])
    writer.write(b"".join(lines))
    answers = [await asyncio.wait_for(reader.readline(), 10) for _ in lines]
    writer.close()
    return answers


def test_it_is_listened_to_decoded_replayed_and_shown(toy: Instrument, client: Client) -> None:
    async def work(gateway: Gateway) -> bool:
        assert await say(gateway, GOOD, STRANGE) == [b"ok;T1;;\n", b"ok;T1;;\n"]
        return await until(lambda: RawMessage.objects.exclude(state="received").count() == 2)

    assert with_gateway(work, port_of={"toy": 0})
    assert store.count() == 1
    refused = RawMessage.objects.get(state="refused")
    assert (refused.kind, refused.name, bytes(refused.content)) == ("toy", "T1", STRANGE)
    assert kinds_there("refused") == ["toy"] and Wanted("refused", kind="toy").rows().count() == 1
    office = Account.objects.create_user("office", password=None, role="office")
    client.force_login(office)
    shown = client.get("/api/messages", headers={"accept-language": "zh"}).json()
    assert [message["kind_name"] for message in shown["messages"]] == ["玩具"]
    refused.content = STRANGE.replace(b"NONSENSE", b"WT")
    refused.save()
    assert replay([refused], NOW).put.new == 1
    assert store.count() == 2


def test_it_is_simulated_by_what_it_speaks(toy: Instrument) -> None:
    async def work(gateway: Gateway) -> tuple[int, int]:
        where = "127.0.0.1", gateway.ports["toy"]
        tally = await simulate(protocols()["toy"], where, ["T1"], "pw", frames_a_second=5, seconds=1)
        return tally.sent, tally.answered

    sent, answered = with_gateway(work, port_of={"toy": 0})
    assert sent == answered > 1


def test_it_is_decoded_from_a_file(tmp_path, capsys) -> None:
    path = tmp_path / "toy.txt"
    path.write_bytes(GOOD + b"rubbish\n")
    assert main(["decode", "toy", str(path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == {"protocol": "toy", "station": "T1"} and rows[1]["kind"] == "not_a_frame"
