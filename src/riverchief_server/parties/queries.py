"""Questions about parties: who answers for a bank of a reach on a day, and who may see what."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from riverchief.party.jurisdiction import LEVELS, Gap, find_gaps, who_answers
from riverchief.party.jurisdiction import Responsibility as Duty
from riverchief.party.region import significant_prefix
from riverchief.place.bank import Bank
from riverchief_server.parties.models import Account, Responsibility
from riverchief_server.places.models import Reach


def duties_on(day: date, reach: Reach | None = None) -> list[tuple[Duty, Responsibility]]:
    """Every duty in force on ``day`` (for one reach, where given) as the domain's value with its row."""
    rows = Responsibility.objects.filter(Q(ends=None) | Q(ends__gte=day), begins__lte=day).select_related("unit")
    if reach is not None:
        rows = rows.filter(reaches=reach)
    return [(_duty(row, [reach.code] if reach else None), row) for row in rows.prefetch_related("reaches")]


def answering(reach: Reach, bank: Bank, day: date) -> list[Responsibility]:
    """Who answers for ``bank`` of ``reach`` on ``day``, the highest level first."""
    pairs = duties_on(day, reach)
    rows = {id(duty): row for duty, row in pairs}
    return [rows[id(duty)] for duty in who_answers([duty for duty, _ in pairs], reach.code, bank, day)]


def gaps_of(reach: Reach, day: date) -> list[Gap]:
    """The banks and levels of ``reach`` that nobody answers for on ``day``."""
    return find_gaps([duty for duty, _ in duties_on(day, reach)], [reach.code], day, levels_from(reach.level))


def gaps_on(day: date) -> list[Gap]:
    """The same for every reach: the gap report."""
    duties = [duty for duty, _ in duties_on(day)]
    by_level: dict[str, list[str]] = {}
    for code, level in Reach.objects.order_by("order").values_list("code", "level"):
        by_level.setdefault(level, []).append(code)
    return [gap for level, codes in by_level.items() for gap in find_gaps(duties, codes, day, levels_from(level))]


def levels_from(highest: str) -> tuple[str, ...]:
    """The levels that must have a chief on a reach whose highest chief is of level ``highest``."""
    return LEVELS[LEVELS.index(highest) :]


def scope_prefix(account: Account) -> str:
    """The region prefix an account may look into: that of its own region, else of its unit's; ``-`` matches nothing."""
    region = account.region_id or (account.unit.region_id if account.unit else None)
    return significant_prefix(region) if region else "-"


def _duty(row: Responsibility, reaches: list[str] | None) -> Duty:
    return Duty(
        unit=row.unit.code,
        post=row.post,
        holder=row.holder,
        level=row.level,
        bank=Bank(row.bank),
        reaches=frozenset(reaches or (reach.code for reach in row.reaches.all())),
        begins=row.begins,
        ends=row.ends,
    )
