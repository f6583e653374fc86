"""Who is let in: instruments by identity, passwords checked off the loop, strangers and their rubbish kept few."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

from django.db import close_old_connections, connection, transaction

from riverchief.errors import Fault
from riverchief_server.gateway.journal import Journal
from riverchief_server.observations.inbox.instruments import Known, Passwords, all_known
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.models import Instrument

log = logging.getLogger(__name__)
Network = IPv4Network | IPv6Network
RENEW_S = 5.0
AN_HOUR_S = 3600.0
ADDRESSES = 10_000
OF_A_STRANGER, OF_AN_INSTRUMENT = 200, 20_000  # refused messages an hour that are kept to be looked at
OF_A_NAME = 200  # and of those that somebody sent in the name of one instrument, wherever they came from
REFUSED_WAITING = 30_000  # while the database is away, memory holds no more
WRONG_PASSWORDS, FORGOTTEN_S = 5, 600.0  # so many wrong ones are looked at as they come; the others
GUESS_S, GUESSES_WAITING = 0.25, 250  # wait for their turn, four a second
LINES_OF_A_STATION = 8


class Speaking(Protocol):
    """A connection over which an instrument speaks."""

    def close(self) -> None:
        """Hang up."""


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


@dataclass
class _Guesses:
    """Passwords for one instrument from one host since the last right one, and who waits for his to be looked at."""

    tried: int = 0
    last_s: float = 0.0
    waiting: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Door:
    """Knows the instruments, renewed every few seconds; tells the database who was seen.

    ``allowed`` are the networks that are listened to at all (empty: any).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, journal: Journal, allowed: Sequence[Network] = ()):
        self.loop, self.journal, self.allowed = loop, journal, allowed
        self.passwords = Passwords()
        self.refused = 0
        self._known: dict[tuple[str, str], Known] = {}
        self._seen: dict[int, Seen] = {}
        self._accounts: dict[str, _Account] = {}
        self._names: dict[str, _Account] = {}
        self._guesses: dict[tuple[str, int], _Guesses] = {}
        self._lines: dict[int, list[Speaking]] = {}
        self._speaks_for: dict[Speaking, list[int]] = {}
        self.thread = ThreadPoolExecutor(2, thread_name_prefix="door")

    def find(self, protocol: str, identity: str) -> Known | None:
        """The enabled instrument that says it is ``identity``."""
        return self._known.get((protocol, identity))

    def of_protocol(self, protocol: str) -> list[Known]:
        """Every enabled instrument of ``protocol``."""
        return [known for (spoken, _), known in self._known.items() if spoken == protocol]

    def may_come(self, address: str) -> bool:
        """Whether the settings let this address speak at all."""
        if not self.allowed:
            return True
        try:
            host = ip_address(host_of(address))
        except ValueError:
            return False
        return any(host in network for network in self.allowed)

    async def is_right(self, known: Known, password: str, address: str) -> bool:
        """Whether the password is right.

        A host that was wrong too often for this instrument is not refused, for the true station may be behind the same
        address: what it says waits for its turn, four looks a second, and what is too much to wait is wrong. Other
        instruments of the host wait for nobody.
        """
        guesses = self._guesses_of(host_of(address), known)
        if guesses.tried < WRONG_PASSWORDS:
            return await self._look(known, password, guesses)
        if guesses.waiting >= GUESSES_WAITING:
            return False
        guesses.waiting += 1
        try:
            async with guesses.turn:
                await asyncio.sleep(max(0.0, guesses.last_s + GUESS_S - self.loop.time()))
                return await self._look(known, password, guesses)
        finally:
            guesses.waiting -= 1

    async def _look(self, known: Known, password: str, guesses: _Guesses) -> bool:
        guesses.last_s = self.loop.time()
        guesses.tried += 1
        right = await self.loop.run_in_executor(self.thread, self.passwords.check, known, password)
        if right:
            guesses.tried = 0
        return right

    def speaks(self, known: Known, line: Speaking) -> None:
        """``known`` has shown itself on ``line``. Of more than a few lines the oldest is hung up on: a logger that
        dials again leaves its former line half open."""
        lines = self._lines.setdefault(known.pk, [])
        lines.append(line)
        self._speaks_for.setdefault(line, []).append(known.pk)
        if len(lines) > LINES_OF_A_STATION:
            oldest = lines[0]
            self.left(oldest)
            oldest.close()

    def left(self, line: Speaking) -> None:
        """``line`` is no more."""
        for pk in self._speaks_for.pop(line, ()):
            self._lines[pk].remove(line)
            if not self._lines[pk]:
                del self._lines[pk]

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
        """Keep something that was refused, with its reason, unless this address has sent too much of that already, or
        too much came in this instrument's name."""
        self.refused += 1
        account = self._account(address)
        limit = OF_A_STRANGER if known is None else OF_AN_INSTRUMENT
        named = self._named(name) if known is None and self.find(kind, name) else None
        too_many = named is not None and named.kept >= OF_A_NAME
        if too_many or account.kept >= limit or self.journal.refused_waiting >= REFUSED_WAITING:
            account.dropped += 1
            return
        account.kept += 1
        if named is not None:
            named.kept += 1
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
        now = self.loop.time()
        self._names = {name: one for name, one in self._names.items() if now - one.since_s <= AN_HOUR_S}
        self._guesses = {
            key: one for key, one in self._guesses.items() if one.waiting or now - one.last_s <= FORGOTTEN_S
        }

    def close(self) -> None:
        """Say what was dropped, and end."""
        for address, account in list(self._accounts.items()):
            self._close(address, account)
        self.thread.shutdown(wait=False)

    def _guesses_of(self, host: str, known: Known) -> _Guesses:
        key = host, known.pk
        if key not in self._guesses:
            if len(self._guesses) >= ADDRESSES:
                del self._guesses[next(iter(self._guesses))]
            self._guesses[key] = _Guesses()
        return self._guesses[key]

    def _named(self, name: str) -> _Account:
        return self._names.setdefault(name, _Account(self.loop.time()))

    def _account(self, address: str) -> _Account:
        host = host_of(address)
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


def host_of(address: str) -> str:
    """The host of ``host:port``."""
    return address.rsplit(":", 1)[0]


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
