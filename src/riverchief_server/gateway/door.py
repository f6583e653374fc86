"""Who is let in: instruments by identity, passwords checked off the loop, strangers and their rubbish kept few."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import close_old_connections, connection, transaction

from riverchief.errors import Fault
from riverchief_server.gateway.journal import Journal
from riverchief_server.observations.inbox.instruments import Known, Passwords, all_known
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.models import Instrument

log = logging.getLogger(__name__)
RENEW_S = 5.0
AN_HOUR_S = 3600.0
ADDRESSES = 10_000
OF_A_STRANGER, OF_AN_INSTRUMENT = 200, 20_000  # refused messages an hour that are kept to be looked at
REFUSED_WAITING = 30_000  # while the database is away, memory holds no more
WRONG_PASSWORDS, LOCKED_S = 5, 60.0


@dataclass
class Seen:
    """What one instrument did since the database was last told."""

    at: datetime
    address: str
    clock_offset_s: float | None = None


@dataclass
class _Account:
    since_s: float
    kept: int = 0
    dropped: int = 0
    wrong: int = 0
    locked_until_s: float = 0.0


class Door:
    """Knows the instruments, renewed every few seconds; tells the database who was seen."""

    def __init__(self, loop: asyncio.AbstractEventLoop, journal: Journal):
        self.loop, self.journal = loop, journal
        self.passwords = Passwords()
        self.refused = 0
        self._known: dict[tuple[str, str], Known] = {}
        self._seen: dict[int, Seen] = {}
        self._accounts: dict[str, _Account] = {}
        self.thread = ThreadPoolExecutor(2, thread_name_prefix="door")

    def find(self, protocol: str, identity: str) -> Known | None:
        """The enabled instrument that says it is ``identity``."""
        return self._known.get((protocol, identity))

    def of_protocol(self, protocol: str) -> list[Known]:
        """Every enabled instrument of ``protocol``."""
        return [known for (spoken, _), known in self._known.items() if spoken == protocol]

    async def is_right(self, known: Known, password: str, address: str) -> bool:
        """Whether the password is right; an address that was wrong too often is not listened to for a minute."""
        account = self._account(address)
        if self.loop.time() < account.locked_until_s:
            return False
        right = await self.loop.run_in_executor(self.thread, self.passwords.check, known, password)
        if right:
            account.wrong = 0
        else:
            account.wrong += 1
            if account.wrong >= WRONG_PASSWORDS:
                account.locked_until_s, account.wrong = self.loop.time() + LOCKED_S, 0
        return right

    def has_seen(self, known: Known) -> bool:
        """Whether the database will hear of ``known`` already; its newest frame of a few seconds is as good as any."""
        return known.pk in self._seen

    def saw(self, known: Known, address: str, clock_offset_s: float | None = None) -> None:
        """Remember that ``known`` has just been heard."""
        offset = clock_offset_s
        if offset is None and known.pk in self._seen:
            offset = self._seen[known.pk].clock_offset_s
        self._seen[known.pk] = Seen(datetime.now(UTC), address, offset)

    def refuse(
        self, kind: str, content: bytes, fault: Fault, address: str, known: Known | None, name: str = ""
    ) -> None:
        """Keep something that was refused, with its reason, unless this address has sent too much of that already."""
        self.refused += 1
        account = self._account(address)
        limit = OF_A_STRANGER if known is None else OF_AN_INSTRUMENT
        if account.kept >= limit or self.journal.refused_waiting >= REFUSED_WAITING:
            account.dropped += 1
            return
        account.kept += 1
        number = known.pk if known else None
        self.journal.keep(Raw(kind, name or address, address, datetime.now(UTC), content, number, fault))

    async def renew_for_ever(self) -> None:
        """Read the instruments and write who was seen, every few seconds."""
        while True:
            await self.renew()
            await asyncio.sleep(RENEW_S)

    async def renew(self) -> None:
        """Read the instruments, write who was seen, and say what was dropped."""
        seen, self._seen = self._seen, {}
        try:
            self._known = await self.loop.run_in_executor(self.thread, _renew, seen)
        except Exception as away:
            self._seen = seen | self._seen
            log.warning("the instruments could not be read (%s); trying again", str(away).strip())
        for address, account in list(self._accounts.items()):
            if self.loop.time() - account.since_s > AN_HOUR_S:
                self._close(address, account)

    def close(self) -> None:
        """Say what was dropped, and end."""
        for address, account in list(self._accounts.items()):
            self._close(address, account)
        self.thread.shutdown(wait=False)

    def _account(self, address: str) -> _Account:
        host = address.rsplit(":", 1)[0]
        found = self._accounts.get(host)
        if found is None:
            if len(self._accounts) >= ADDRESSES:
                oldest = next(iter(self._accounts))
                self._close(oldest, self._accounts[oldest])
            found = self._accounts[host] = _Account(self.loop.time())
        return found

    def _close(self, host: str, account: _Account) -> None:
        del self._accounts[host]
        if account.dropped:
            fault = Fault("too_many_refusals", details={"given": host, "allowed": str(account.dropped)})
            self.journal.keep(Raw("summary", host, host, datetime.now(UTC), b"", None, fault))


def _renew(seen: dict[int, Seen]) -> dict[tuple[str, str], Known]:
    """In a thread: the database's side of :meth:`Door.renew`."""
    close_old_connections()
    if seen:
        adapt = connection.ops.adapt_datetimefield_value
        rows = [(adapt(one.at), one.address[:120], one.clock_offset_s, pk) for pk, one in sorted(seen.items())]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {Instrument._meta.db_table} SET last_seen_at = %s, last_address = %s, "  # noqa: S608 - our name
                "clock_offset_s = coalesce(%s, clock_offset_s) WHERE id = %s",
                rows,
            )
    return all_known()


def wall_offset_s(sent_at: datetime, known: Known) -> float:
    """How far the clock of ``known`` is ahead of ours [s], by a time it wrote in its own zone without saying so."""
    return sent_at.replace(tzinfo=known.zone).timestamp() - time.time()
