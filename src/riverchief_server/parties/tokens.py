"""Access tokens: what a program shows instead of a password.

A token is 256 random bits, so a plain SHA-256 of it is as safe in the database as a slow hash of a password would be,
and checking it costs a microsecond: a logger that posts every minute must not cost a fifth of a second each time.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from riverchief_server.parties.models import AccessToken, Account
from riverchief_server.places.models import Place

PREFIX = "rc_"


def make_token(
    account: Account, name: str, now: datetime, *, days: int | None = None, place: Place | None = None
) -> str:
    """A new token of ``account`` for the program ``name``, for ``days`` or for ever. It is shown this once only.

    With ``place`` it is an instrument's: whoever steals it can bring measurements of that one station and nothing else.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    AccessToken.objects.create(
        account=account,
        name=name,
        place=place,
        sha256=hash_of(token),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    return token


def find_token(token: str, now: datetime) -> AccessToken | None:
    """The token with its account; ``None`` for no token, one that has expired, or an account that is closed."""
    found = AccessToken.objects.select_related("account").filter(sha256=hash_of(token)).first()
    if found is None or (found.expires_at is not None and found.expires_at <= now) or not found.account.is_active:
        return None
    return found


def find_named(name: str, now: datetime) -> AccessToken | None:
    """The token called ``name``, where a broker has made sure who it is; ``None`` where two tokens are called so."""
    named = list(AccessToken.objects.select_related("account").filter(name=name, account__is_active=True)[:2])
    if len(named) != 1 or (named[0].expires_at is not None and named[0].expires_at <= now):
        return None
    return named[0]


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
