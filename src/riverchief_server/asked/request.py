"""What a face needs that answers beside Django and not through it: what was asked, and by which address of ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from riverchief.errors import BadInput, Fault


def is_below(scope: dict[str, Any], prefix: str) -> bool:
    """Whether an ASGI request is for the face that answers below ``prefix``."""
    path: str = scope.get("path", "")
    return scope["type"] == "http" and (path == prefix or path.startswith(f"{prefix}/"))


def asked(scope: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Method, path below ``prefix``, query and headers (names in small letters) of an ASGI request."""
    return {
        "method": scope["method"],
        "path": scope["path"][len(prefix) :].strip("/"),
        "query": scope.get("query_string", b"").decode("latin-1"),
        "headers": {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
    }


def origin_of(scheme: str, headers: Mapping[str, str]) -> str:
    """``https://host`` as the client sees us. Raises ``unknown_host`` for a host that we are not."""
    host = headers.get("host", "")
    if not _is_ours(host):
        raise BadInput([Fault("unknown_host", details={"given": host[:80], "allowed": "RIVERCHIEF_HOSTS"})])
    if settings.SECURE_PROXY_SSL_HEADER and headers.get("x-forwarded-proto") == "https":
        scheme = "https"
    return f"{scheme}://{host}"


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
