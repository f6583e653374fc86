"""Who is asking: log in, log out, language, and what a page must know before it draws itself."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Schema

from riverchief import __version__
from riverchief.case.machine import all_states
from riverchief.errors import Fault, NotAllowed
from riverchief.standard import CLASSES, NOT_JUDGED
from riverchief_server.api.desk.session.schema import Account as AccountSaid
from riverchief_server.api.desk.session.schema import DemoLogin, DemoRole, Login, Session
from riverchief_server.api.desk.words import Choice, ClassWords
from riverchief_server.asked.language import LANGUAGE_COOKIE, language_of
from riverchief_server.cases.queries import category_words
from riverchief_server.parties.models import Account, Unit
from riverchief_server.parties.signing_in import sign_in
from riverchief_server.places.queries import county, is_schematic

router = Router()
A_YEAR_S = 365 * 24 * 3600


class LanguageChoice(Schema):
    """The language a reader chooses."""

    language: Literal["zh", "en"]


@router.get("/session", response=Session)
def get_session(request: HttpRequest) -> Session:
    """Everything a page needs to know before it draws itself; also sets the CSRF cookie."""
    get_token(request)
    return _session(request, language_of(request))


@router.post("/session/login", response=Session)
def post_login(request: HttpRequest, given: Login) -> Session:
    """Log in with name and password; five wrong ones lock the name for a quarter of an hour."""
    login(request, sign_in(request, given.username, given.password))
    return _session(request, language_of(request))


@router.post("/session/demo", response=Session)
def post_demo(request: HttpRequest, given: DemoLogin) -> Session:
    """Become one of the demonstration's people; only where the server runs as a demonstration."""
    account = Account.objects.filter(username=given.username, is_demonstration=True, is_active=True).first()
    if not settings.DEMO or account is None:
        raise NotAllowed(Fault("not_allowed", details={"given": "—", "given_en": "—"}))
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    return _session(request, language_of(request))


@router.post("/session/logout", response=Session)
def post_logout(request: HttpRequest) -> Session:
    """Log out; nothing that was sent is lost."""
    logout(request)
    return _session(request, language_of(request))


@router.post("/session/language", response=Session)
def post_language(request: HttpRequest, response: HttpResponse, given: LanguageChoice) -> Session:
    """Choose a language; kept in a cookie for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        given.language,
        max_age=A_YEAR_S,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return _session(request, given.language)


def _session(request: HttpRequest, language: str) -> Session:
    home = county()
    chinese = language.startswith("zh")
    categories = category_words().items()
    logged_in = isinstance(request.user, Account)
    return Session(
        account=_account(request.user, language) if isinstance(request.user, Account) else None,
        demo=settings.DEMO,
        demo_roles=_demo_roles(language) if settings.DEMO else [],
        county_code=home.code if home else "",
        county_name=home.name if home else "",
        schematic=is_schematic(),
        language="zh" if chinese else "en",
        timezone=settings.TIME_ZONE,
        version=__version__,
        categories=[
            Choice(code=code, name=row["zh" if chinese else "en"], group=row["family" if chinese else "family_en"])
            for code, row in categories
        ],
        states=[Choice(code=code, name=state.name(language)) for code, state in all_states().items()],
        units=[Choice(code=unit.code, name=unit.name, group=unit.kind) for unit in Unit.objects.all()]
        if logged_in
        else [],
        classes=[
            ClassWords(
                water_class=row.code if row.rank else None,
                numeral=row.numeral,
                name=row.name(language),
                colour=row.colour,
            )
            for row in (*CLASSES.values(), NOT_JUDGED)
        ],
    )


def _account(account: Account, language: str) -> AccountSaid:
    role = account.the_role
    region = account.region or (account.unit.region if account.unit else None)
    return AccountSaid(
        username=account.username,
        name=account.shown_name,
        role=role.code,
        role_name=role.name(language),
        unit=account.unit.name if account.unit else None,
        region_code=region.code if region else None,
        region_name=region.name if region else None,
        may=sorted(role.may),
    )


def _demo_roles(language: str) -> list[DemoRole]:
    accounts = Account.objects.filter(is_demonstration=True, is_active=True).order_by("id")
    return [
        DemoRole(
            username=account.username,
            name=account.shown_name,
            role_name=account.the_role.name(language),
            what=account.the_role.what(language),
        )
        for account in accounts
    ]
