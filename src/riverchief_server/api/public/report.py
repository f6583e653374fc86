"""A report from the public: checked, bounded, kept once, and answered with a code to follow it by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

from riverchief.errors import BadInput
from riverchief_server.api.words import name_of, say
from riverchief_server.cases.actions import NewCase, open_case
from riverchief_server.cases.models import Case
from riverchief_server.cases.queries import category_words
from riverchief_server.cases.uploads import keep_photo
from riverchief_server.places.models import Reach

BANKS = ("left", "right", "both")
LEAST_WORDS = 4
MOST_PHOTOS = 3
REPORTS_AN_HOUR = 10  # from one address
REPORTS_A_DAY = 500  # from all together: what a county's office can read, and a bound for the disk


@dataclass
class Form:
    """What the form holds, as it is shown again where something is missing."""

    uuid: str
    reach: str = ""
    bank: str = "both"
    category: str = ""
    description: str = ""
    contact: str = ""


def public_categories() -> dict[str, dict[str, str]]:
    """What a passer-by can tell apart; the office gives the law's codes when it registers the case."""
    return {code: row for code, row in category_words().items() if row["public"] == "1"}


def empty_form(reach: str = "") -> Form:
    """A fresh form; its own id makes sending it twice harmless."""
    return Form(str(uuid4()), reach)


def form_of(request: HttpRequest) -> Form:
    """The form as it was sent."""
    given = request.POST
    return Form(
        given.get("uuid", ""),
        given.get("reach", ""),
        given.get("bank", "both"),
        given.get("category", ""),
        given.get("description", "").strip()[:2000],
        given.get("contact", "").strip()[:80],
    )


def take_report(request: HttpRequest, form: Form, now: datetime, language: str) -> Case | list[str] | None:
    """The case, or everything that is wrong with the form; ``None`` for a robot that filled the trap."""
    if request.POST.get("website"):
        return None
    reach = Reach.objects.filter(code=form.reach).first()
    photos = request.FILES.getlist("photo")
    faults = []
    if reach is None:
        faults.append(say("public_nothing_chosen", language, label=say("public_where", language)))
    if form.bank not in BANKS:
        faults.append(say("public_nothing_chosen", language, label=say("public_bank", language)))
    if form.category not in public_categories():
        faults.append(say("public_nothing_chosen", language, label=say("public_what", language)))
    if len(form.description) < LEAST_WORDS:
        faults.append(say("public_too_short", language, n=LEAST_WORDS))
    if len(photos) > MOST_PHOTOS:
        faults.append(say("public_too_many_photos", language, n=MOST_PHOTOS))
    uuid = _uuid(form.uuid)
    if faults:
        return faults
    there = Case.objects.filter(uuid=uuid).first()
    if there is not None and there.source == "public":
        return there  # sent again: nothing of it is kept a second time
    if there is not None:
        uuid = uuid4()  # somebody has found out the id of a case of ours: it opens no door
    if _is_too_often(request):
        return [say("public_too_many", language, n=REPORTS_AN_HOUR)]
    if _are_too_many(now):
        return [say("public_full_today", language)]
    words = category_words()[form.category]
    try:
        with transaction.atomic():
            kept = [keep_photo(uuid4(), photo.read(), None, now, kind="photo_before").uuid for photo in photos]
            case, _ = open_case(
                NewCase(
                    uuid=uuid,
                    title=say("public_title_of_report", "zh", category=name_of(words, "zh")),
                    description=form.description,
                    source="public",
                    categories=[form.category],
                    reach=reach,
                    bank=form.bank,
                    reporter_contact=form.contact,
                    attachments=kept,
                ),
                None,
                now,
            )
    except BadInput as refused:
        return [fault.text(language) for fault in refused.faults]
    return case


def _uuid(text: str) -> UUID:
    """The form's id; one that was tampered with is replaced, so that nobody can guess another's."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _are_too_many(now: datetime) -> bool:
    """Whether the public has sent all that is taken in a day."""
    since = now - timedelta(days=1)
    return Case.objects.filter(source="public", opened_at__gt=since).count() >= REPORTS_A_DAY


def _is_too_often(request: HttpRequest) -> bool:
    """Whether this address has sent enough for this hour. The address is kept only as a keyed hash, for an hour."""
    address = request.META.get("REMOTE_ADDR", "")
    secret = settings.SECRET_KEY.encode()[:64]
    key = "report-" + hashlib.blake2b(address.encode(), key=secret, digest_size=16).hexdigest()
    cache.add(key, 0, 3600)
    try:
        return cache.incr(key) > REPORTS_AN_HOUR
    except ValueError:  # it expired between the two lines
        return False
