"""Which checks a series is put to, by the kind of what measures it: an instrument in the river, a grab sample, a pipe.

The rules are rows of ``kinds.csv``, each with its reason.
"""

from __future__ import annotations

from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table

ONLINE, GRAB, OUTFALL = "online", "grab", "outfall"
#: Samples further apart [s] than half a day are taken by hand: the slowest analysers give six a day.
BY_HAND_S = 12 * 3600.0


def kind_of(place_kind: str, interval_s: float | None, given: str = "") -> str:
    """The kind of a series: the ``given`` one, else ``outfall`` at an outfall, else by the usual distance between its
    readings ``interval_s`` [s]; one reading alone is a grab sample.

    Raises :class:`~riverchief.errors.BadInput` (``unknown_role``) for a given kind that is none.
    """
    if given:
        if given not in checks_by_kind():
            raise BadInput([unknown_name("unknown_role", given, list(checks_by_kind()), column="kind")])
        return given
    if place_kind == "outfall":
        return OUTFALL
    return ONLINE if interval_s is not None and interval_s <= BY_HAND_S else GRAB


@cache
def checks_by_kind() -> dict[str, frozenset[str]]:
    """The checks that are made of each kind."""
    rows = read_table("riverchief.observation.checks", "kinds.csv")
    kinds = dict.fromkeys(row["kind"] for row in rows)
    return {
        kind: frozenset(row["check"] for row in rows if row["kind"] == kind and row["is_made"] == "1") for kind in kinds
    }
