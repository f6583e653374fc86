"""A county with a station that has instruments, and a gateway that listens on free ports of this machine."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import uvloop
from django.db import connection

from riverchief_server.cli.importing import import_files
from riverchief_server.gateway.run import Gateway, Plan
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Instrument
from riverchief_server.places.models import Place
from tests.server import toy_county
from tests.server.conftest import NOW

PASSWORD = "123456"


@pytest.fixture
def committed_county(transactional_db: None) -> Iterator[None]:
    """The toy county where other threads can see it. Django does not empty the store's own tables, before or after."""
    _empty_store()
    for kind, name, text in toy_county.FILES:
        import_files(kind, [(name, text.encode())], NOW)
    yield
    _empty_store()


def _empty_store() -> None:
    with connection.cursor() as cursor:
        for table in ("reading", "reading_version", "reading_touched", "sealed_month"):
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture
def instrument(committed_county: None) -> Instrument:
    """An instrument of W1 that speaks HJ 212 as MN ``M1``."""
    return register(Place.objects.get(code="W1"), "hj212", "M1", PASSWORD)


def with_gateway(work: Callable[[Gateway], Awaitable[Any]], **plan: Any) -> Any:
    """Run ``work`` beside a gateway; what it returns."""

    async def both(journal: Path) -> Any:
        async with Gateway(Plan(**({"port_of": {"hj212": 0, "sl651": 0}, "journal": journal} | plan))) as gateway:
            return await asyncio.wait_for(work(gateway), 50)

    with TemporaryDirectory() as folder:
        return uvloop.run(both(Path(folder)))  # the loop that serves in earnest: its transports are not asyncio's


async def until(condition: Callable[[], bool], within_s: float = 20.0) -> bool:
    """Whether ``condition`` came true in time; it looks at the database, so in a thread."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if await asyncio.to_thread(condition):
            return True
        await asyncio.sleep(0.1)
    return False
