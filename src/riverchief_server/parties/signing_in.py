"""Names and passwords: checked one at a time, and no address may try its way through the names.

A password is slow to check on purpose (half a second of a processor). Twenty checks at once would slow every page for
everybody; here they wait for each other, and whoever finds too many waiting is told to come again.
"""

from __future__ import annotations

import threading

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.http import HttpRequest

from riverchief.errors import BadInput, Fault
from riverchief_server.parties.models import Account

MOST_WAITING = 20
LONGEST_WAIT_S = 15.0
# One name from one address is locked after five wrong passwords. Whoever tries one password on many names is stopped by
# this: so many wrong ones from one address, whatever the names; a whole office behind one address stays below it.
WRONG_AN_ADDRESS = 30
COUNTED_FOR_S = 900

_turn = threading.Semaphore(1)
_waiting = threading.BoundedSemaphore(MOST_WAITING)


def sign_in(request: HttpRequest, username: str, password: str) -> Account:
    """The account of that name and password.

    Raises :class:`~riverchief.errors.BadInput`: ``wrong_password``, ``locked_out`` (this name from this address, or
    this address), or ``sign_ins_wait`` where too many are being checked.
    """
    key = f"wrong-passwords-{request.META.get('REMOTE_ADDR', '')}"
    if cache.get(key, 0) >= WRONG_AN_ADDRESS:
        raise BadInput([Fault("locked_out")])
    account = _checked(request, username, password)
    if account is None:
        cache.add(key, 0, COUNTED_FOR_S)
        cache.incr(key)
        is_locked = AxesProxyHandler.is_locked(request, {"username": username})
        raise BadInput([Fault("locked_out" if is_locked else "wrong_password")])
    return account


def _checked(request: HttpRequest, username: str, password: str) -> Account | None:
    if not _waiting.acquire(blocking=False):
        raise BadInput([Fault("sign_ins_wait")])
    try:
        if not _turn.acquire(timeout=LONGEST_WAIT_S):
            raise BadInput([Fault("sign_ins_wait")])
        try:
            return authenticate(request, username=username, password=password)
        finally:
            _turn.release()
    finally:
        _waiting.release()
