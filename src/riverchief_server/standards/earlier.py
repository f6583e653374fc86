"""Verdicts on times that no row keeps (part of a year, a quarter), worked out and remembered."""

from __future__ import annotations

from django.core.cache import cache

from riverchief.standard import Judgement as Verdict
from riverchief_server.places.models import Place
from riverchief_server.standards.actions import grade_span
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.spans import Span

A_DAY_S = 24 * 3600


def judged_before(section: Place, span: Span) -> Verdict | None:
    """The verdict on a ``span`` that no row keeps (``this year`` of the year before, up to a day; a quarter).

    It is worked out from the samples and remembered until a verdict on any sample in it changes.
    """
    kept = Judgement.objects.filter(place=section, period="sample", at__gte=span.begin, at__lt=span.end)
    newest = kept.order_by("-pk").values_list("pk", "fingerprint").first()
    if newest is None:
        return None
    days = f"{span.begin:%Y%m%d}:{span.end:%Y%m%d}"
    key = f"judged_before:{section.pk}:{section.class_target}:{span.period}:{days}:{newest[0]}"
    key = f"{key}:{newest[1]}:{kept.count()}"
    verdict: Verdict | None = cache.get(key)
    if verdict is None and (made := grade_span(section, span)) is not None:
        verdict = made.verdict
        cache.set(key, verdict, A_DAY_S)
    return verdict
