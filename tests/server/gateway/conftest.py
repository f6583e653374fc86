"""A county with a station that has instruments, and a gateway that listens on free ports of this machine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from riverchief_server.gateway.run import Gateway, Plan
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Instrument
from riverchief_server.places.models import Place
from tests.server.conftest import NOW
from tests.server import toy_county
from riverchief_server.cli.importing import import_files

PASSWORD = "123456"


@pytest.fixture
def committed_county(transactional_db: None) -> None:
    """The toy county where other threads can see it."""
    for kind, name, text in toy_county.FILES:
        import_files(kind, [(name, text.encode())], NOW)


@pytest.fixture
def instrument(committed_county: None) -> Instrument:
    """An instrument of W1 that speaks HJ 212 as MN ``M1``."""
    return register(Place.objects.get(code="W1"), "hj212", "M1", PASSWORD)


def with_gateway(work: Callable[[Gateway], Awaitable[Any]], **plan: Any) -> Any:
    """Run ``work`` beside a gateway; what it returns."""

    async def both() -> Any:
        async with Gateway(Plan(**({"hj212_port": 0, "sl651_port": 0} | plan))) as gateway:
            return await asyncio.wait_for(work(gateway), 50)

    return asyncio.run(both())
