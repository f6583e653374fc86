"""In which language somebody reads: what they chose, else what their program asks for, else the county's."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "riverchief_language"


def language_of(request: HttpRequest) -> str:
    """``zh`` or ``en`` for a request that Django has read."""
    return _chosen(request.COOKIES.get(LANGUAGE_COOKIE, ""), request.headers.get("Accept-Language", ""))


def language_in(headers: Mapping[str, str]) -> str:
    """``zh`` or ``en`` by the headers (names in small letters) of a request that Django has not read."""
    cookie = parse_cookie(headers.get("cookie", "")).get(LANGUAGE_COOKIE, "")
    return _chosen(cookie, headers.get("accept-language", ""))


def _chosen(cookie: str, accepted: str) -> str:
    if cookie in LANGUAGES:
        return cookie
    for code, _ in parse_accept_lang_header(accepted):
        if code[:2] in LANGUAGES:
            return code[:2]
    return settings.LANGUAGE_CODE[:2]
