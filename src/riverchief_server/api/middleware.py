"""What every answer carries: a policy that lets a page load nothing from anywhere else, and refusals in one shape."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from riverchief.errors import BadInput, Fault
from riverchief_server.asked.language import language_of
from riverchief_server.asked.refusals import document_of

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


class ContentSecurityPolicy:
    """Adds the policy to every answer, and forbids the browser powers we do not use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        return response


class RefusalsInOneShape:
    """Below ``/api/`` what Django itself refuses (no such address, another method) is said as we say it."""

    PREFIX = "/api/"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(self.PREFIX) or response.status_code not in (404, 405):
            return response
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        fault = Fault("not_found", details={"given": request.path[:80]})
        allowed = response.headers.get("Allow", "")
        if response.status_code == 405:
            fault = Fault("no_method", details={"given": request.method or "", "allowed": allowed})
        document = document_of(BadInput([fault]), language_of(request))
        return JsonResponse(document, status=response.status_code, headers={"Allow": allowed} if allowed else None)
