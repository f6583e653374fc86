"""The ledger of each pair of neighbours: months settled, sums owed both ways, the balance, and what is still open.

"月核算、月通报、年清缴": settled by month, published by month, paid by year.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from riverchief.standard.border.compensation import MonthResult


@dataclass(frozen=True)
class Ledger:
    """One pair of neighbours over some months.

    ``owed_by_upstream`` and ``owed_by_downstream`` [yuan] are sums of settled months; ``separately`` are months whose
    amount is worked out separately, ``still_open`` those that could not be settled.
    """

    upstream: str
    downstream: str
    months: tuple[MonthResult, ...]
    owed_by_upstream: float
    owed_by_downstream: float
    separately: tuple[MonthResult, ...]
    still_open: tuple[MonthResult, ...]

    @property
    def balance_yuan(self) -> float:
        """What downstream owes upstream on balance [yuan]; negative: upstream owes."""
        return self.owed_by_downstream - self.owed_by_upstream


def make_ledger(results: Iterable[MonthResult]) -> list[Ledger]:
    """A ledger for each pair of neighbours in ``results``, in the order they first appear, months in order of time."""
    pairs: dict[tuple[str, str], list[MonthResult]] = {}
    for result in results:
        pairs.setdefault((result.border.upstream, result.border.downstream), []).append(result)
    ledgers = []
    for (upstream, downstream), found in pairs.items():
        months = tuple(sorted(found, key=lambda result: (result.month, result.border.section)))
        settled = [result for result in months if not result.open and result.amount_yuan is not None]
        ledgers.append(
            Ledger(
                upstream,
                downstream,
                months,
                sum(r.amount_yuan or 0.0 for r in settled if r.payer == upstream),
                sum(r.amount_yuan or 0.0 for r in settled if r.payer == downstream),
                tuple(r for r in months if not r.open and r.amount_yuan is None),
                tuple(r for r in months if r.open),
            )
        )
    return ledgers
