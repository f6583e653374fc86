"""The chains of all cases: whether each history is as it was written, and whether each case's row follows it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from riverchief.case.history import first_broken
from riverchief_server.cases.models import Case, Transition
from riverchief_server.cases.queries import facts_of
from riverchief_server.cases.uploads import file_of


@dataclass(frozen=True)
class Touched:
    """A case whose past was touched: at which entry (counted from 1; 0 for its row), and what does not fit."""

    number: str
    entry: int
    why: str


def verify_cases(*, with_photos: bool = False) -> Iterator[Touched]:
    """Every case that was touched, in the order of their numbers.

    ``chain``: an entry does not follow from the one before; ``missing``: entries are gone; ``row``: the case stands
    where no step has led it; ``photo``: the bytes of a photo are not those that were handed in (``with_photos``).
    """
    for case in Case.objects.order_by("number").iterator(chunk_size=500):
        entries = list(case.transitions.order_by("order").prefetch_related("attachments"))
        found = _touched(case, entries, with_photos=with_photos)
        if found is not None:
            yield found


def _touched(case: Case, entries: list[Transition], *, with_photos: bool) -> Touched | None:
    for entry in entries:
        entry.case = case
    facts = ((entry.hash, facts_of(entry, [photo.sha256 for photo in entry.attachments.all()])) for entry in entries)
    broken = first_broken(facts)
    if broken is not None:
        return Touched(case.number, broken + 1, "chain")
    orders = [entry.order for entry in entries]
    if orders != list(range(1, len(orders) + 1)) or case.version != len(orders):
        return Touched(case.number, len(orders), "missing")
    steps = [entry.to_state for entry in entries if entry.is_change]
    if not steps or steps[-1] != case.state:
        return Touched(case.number, 0, "row")
    if with_photos:
        for entry in entries:
            for photo in entry.attachments.all():
                path = file_of(photo)
                if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != photo.sha256:
                    return Touched(case.number, entry.order, "photo")
    return None
