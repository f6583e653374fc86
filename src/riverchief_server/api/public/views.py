"""The public pages: boards, the report form, the way to follow a report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from riverchief.case.machine import all_states
from riverchief.table import read_table
from riverchief_server.api.public.board import all_boards, board_of, history_of
from riverchief_server.api.public.report import BANKS, Form, empty_form, form_of, public_categories, take_report
from riverchief_server.api.words import name_of, say
from riverchief_server.asked.language import LANGUAGE_COOKIE, language_of
from riverchief_server.cases.models import Case
from riverchief_server.parties.models import Unit
from riverchief_server.places.models import Reach
from riverchief_server.places.queries import county, is_schematic

A_YEAR_S = 365 * 24 * 3600


@require_safe
def boards(request: HttpRequest) -> HttpResponse:
    """Every river board."""
    return _page(request, "boards", {"rivers": all_boards(datetime.now(UTC))})


@require_safe
def board(request: HttpRequest, code: str) -> HttpResponse:
    """One river board with the form to report a problem there."""
    reach = Reach.objects.filter(code=code).first()
    if reach is None:
        return _missing(request)
    language = language_of(request)
    shown = board_of(reach, datetime.now(UTC), language)
    return _page(request, "board", {"board": shown} | _form(empty_form(reach.code), [], language))


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The report form; a good one leads to its receipt."""
    language = language_of(request)
    if request.method != "POST":
        return _page(request, "report", _form(empty_form(request.GET.get("reach", "")), [], language))
    form = form_of(request)
    taken = take_report(request, form, datetime.now(UTC), language)
    if isinstance(taken, Case):
        return redirect("receipt", code=taken.tracking_code)
    if taken is None:
        return redirect("boards")
    return _page(request, "report", _form(form, taken, language), status=400)


@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """How a report is getting on, to whoever has its code."""
    case = Case.objects.select_related("reach").filter(tracking_code=code.upper()).exclude(tracking_code="").first()
    if case is None:
        return _missing(request)
    language, now = language_of(request), datetime.now(UTC)
    state = all_states()[case.state]
    sentence = say(
        "public_receipt_state",
        language,
        number=case.number,
        state=state.name(language),
        reach=case.reach.name if case.reach else "—",
    )
    steps = [
        {
            "name": name_of(row, language),
            "is_done": int(row["step"]) < state.process_step or case.state == "closed",
            "is_now": int(row["step"]) == state.process_step and case.state != "closed",
        }
        for row in read_table("riverchief.case", "process.csv")
    ]
    shown = {
        "code": case.tracking_code,
        "sentence": sentence,
        "steps": steps,
        "history": history_of(case, now, language),
    }
    return _page(request, "receipt", shown)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language and go back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    chosen = "en" if request.POST.get("language") == "en" else "zh"
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=A_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def _form(form: Form, faults: list[str], language: str) -> dict[str, Any]:
    return {
        "form": form,
        "faults": faults,
        "reaches": Reach.objects.order_by("river", "order").values_list("code", "name"),
        "banks": [(code, say(f"bank_{code}", language)) for code in BANKS],
        "categories": [(code, name_of(row, language)) for code, row in public_categories().items()],
        "upload_mb": settings.UPLOAD_BYTES // 1024 // 1024,
    }


def _missing(request: HttpRequest) -> HttpResponse:
    return _page(request, "missing", {}, status=404)


def _page(request: HttpRequest, name: str, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    home = county()
    frame = {
        "language": language_of(request),
        "county_name": home.name if home else "Riverchief",
        "office": Unit.objects.filter(kind="office").first(),
        "schematic": is_schematic(),
    }
    return render(request, f"public/{name}.html", frame | shown, status=status)
