"""Who asks: the account of a request that Django has read, or the bearer of a token or a page's cookie beside it."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from riverchief.errors import Fault, NotAllowed
from riverchief_server.parties.models import AccessToken, Account
from riverchief_server.parties.tokens import find_named, find_token, hash_of
from riverchief_server.settings.options import is_on

REMEMBERED_S = 5.0
MOST_REMEMBERED = 2000
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# What the token of one instrument may at most, whatever its account may.
OF_AN_INSTRUMENT = frozenset({"measure"})


class NotLoggedIn(NotAllowed):
    """Nobody is logged in where somebody has to be."""

    def __init__(self) -> None:
        super().__init__(Fault("not_logged_in"))


@dataclass(frozen=True)
class Asker:
    """Who asks, what they may (words of ``roles.csv``) and how they said who they are.

    ``place`` is the number of the only station that they may bring measurements of; ``None``: of any.
    """

    account: Account | None = None
    may: frozenset[str] = frozenset()
    way: str = "nobody"
    place: int | None = None

    def need(self, right: str) -> None:
        """Raises where the asker may not: :class:`NotLoggedIn` for nobody, else ``not_allowed``."""
        if right in self.may:
            return
        if self.account is None:
            raise NotLoggedIn
        if self.place is not None:
            raise NotAllowed(Fault("only_one_station"))
        raise _not_allowed(self.account)

    def need_place(self, place: int | None) -> None:
        """Raises ``only_one_station`` where measurements at ``place`` (``None``: at none of ours) are not for them."""
        if self.place is not None and place != self.place:
            raise NotAllowed(Fault("only_one_station"))


NOBODY = Asker()
_remembered: dict[str, tuple[float, Asker]] = {}


def account_of(request: HttpRequest) -> Account:
    """The account that is logged in; raises :class:`NotLoggedIn`."""
    if isinstance(request.user, Account) and request.user.is_active:
        return request.user
    raise NotLoggedIn


def require(request: HttpRequest, right: str) -> Account:
    """The account that is logged in and has ``right`` (a word of ``roles.csv``); raises where it has not."""
    account = account_of(request)
    if right not in account.the_role.may:
        raise _not_allowed(account)
    return account


def asker_of(headers: Mapping[str, str]) -> Asker:
    """Who sends ``headers`` (names in small letters). A token or cookie is looked up again every few seconds.

    Raises :class:`NotLoggedIn` for a token that nobody has: it must not pass as somebody who has none.
    """
    said = headers.get("authorization", "")
    if said:
        token = token_in(said)
        return _look_up(f"token {hash_of(token)}", lambda: _by_token(token))
    key = _session_key(headers.get("cookie", ""))
    if key:
        return _look_up(f"session {key}", lambda: _by_session(key))
    return NOBODY


def asker_named(name: str) -> Asker:
    """Who has the token called ``name``, where a broker has made sure of it. Raises :class:`NotLoggedIn`."""
    return _look_up(f"named {name}", lambda: _of_token(find_named(name, datetime.now(UTC))))


def remembered_asker(headers: Mapping[str, str]) -> Asker | None:
    """Who sends ``headers``, where that is known without looking it up; ``None`` where it is not."""
    said, cookie = headers.get("authorization", ""), headers.get("cookie", "")
    if not said and not cookie:
        return NOBODY
    key = f"token {hash_of(token_in(said))}" if said else f"session {_session_key(cookie)}"
    kept = _remembered.get(key)
    return kept[1] if kept is not None and kept[0] > time.monotonic() else None


def token_in(authorization: str) -> str:
    """The token in an ``Authorization`` header: ``Bearer TOKEN``, or as the password of ``Basic``."""
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise NotLoggedIn from None
    raise NotLoggedIn


def may_read(asker: Asker) -> None:
    """Raises where ``asker`` may not read measurements: everybody may where they are open data."""
    if not is_on("open_data"):
        asker.need("see")


def check_origin(method: str, headers: Mapping[str, str], asker: Asker, own: str) -> None:
    """Raises where a page of another site would change something with the cookie of somebody logged in here."""
    if method in SAFE or asker.way != "session":
        return
    if headers.get("origin", "").rstrip("/") != own:
        raise NotAllowed(Fault("other_origin", details={"given": headers.get("origin", "—"), "allowed": own}))


def forget() -> None:
    """Look everybody up again."""
    _remembered.clear()


def _not_allowed(account: Account) -> NotAllowed:
    role = account.the_role
    return NotAllowed(Fault("not_allowed", details={"given": role.name_zh, "given_en": role.name_en}))


def _look_up(key: str, find: object) -> Asker:
    now = time.monotonic()
    kept = _remembered.get(key)
    if kept is not None and kept[0] > now:
        return kept[1]
    found: Asker = find()  # type: ignore[operator]
    if len(_remembered) > MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = (now + REMEMBERED_S, found)
    return found


def _by_token(token: str) -> Asker:
    return _of_token(find_token(token, datetime.now(UTC)))


def _of_token(found: AccessToken | None) -> Asker:
    if found is None:
        raise NotLoggedIn
    may = found.account.the_role.may
    if found.place_id is not None:
        may &= OF_AN_INSTRUMENT
    return Asker(found.account, may, "token", found.place_id)


def _by_session(key: str) -> Asker:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    account = get_user(request)
    if not isinstance(account, Account) or not account.is_active:
        return NOBODY
    return Asker(account, account.the_role.may, "session")


def _session_key(cookie: str) -> str:
    try:
        found = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""
