"""Serves the built pages: every address of the desk is one document, which then asks the API."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

NOT_BUILT = "The pages are not built. In a checkout run: make web. A wheel always has them."


@require_safe
@ensure_csrf_cookie
def desk(request: HttpRequest, page: str = "") -> HttpResponse:
    """The desk's document for every address below /desk/."""
    document = settings.ASSETS / "desk.html"
    if not document.exists():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(document.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
