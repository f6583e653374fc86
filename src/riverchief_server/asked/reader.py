"""Who reads: the language they want and the account they have."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from riverchief.errors import Fault, NotAllowed
from riverchief_server.parties.models import Account

LANGUAGE_COOKIE = "riverchief_language"


class NotLoggedIn(NotAllowed):
    """Nobody is logged in where somebody has to be."""

    def __init__(self) -> None:
        super().__init__(Fault("not_logged_in"))


def language_of(request: HttpRequest) -> str:
    """``zh`` or ``en``: what the reader chose, else what their browser asks for, else the county's."""
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if chosen in {"zh", "en"}:
        return chosen
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code[:2] in {"zh", "en"}:
            return code[:2]
    return "zh" if settings.LANGUAGE_CODE.startswith("zh") else "en"


def account_of(request: HttpRequest) -> Account:
    """The account that is logged in; raises :class:`NotLoggedIn`."""
    if isinstance(request.user, Account) and request.user.is_active:
        return request.user
    raise NotLoggedIn


def require(request: HttpRequest, right: str) -> Account:
    """The account that is logged in and has ``right`` (a word of ``roles.csv``); raises where it has not."""
    account = account_of(request)
    role = account.the_role
    if right not in role.may:
        raise NotAllowed(Fault("not_allowed", details={"given": role.name_zh, "given_en": role.name_en}))
    return account
