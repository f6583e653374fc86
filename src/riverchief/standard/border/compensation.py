"""One month at a border section: does it meet its class, is it better or worse than before, and who owes whom.

The rule is data (``rules.csv``); shipped is Chongqing's of 2018 as the press reported it. What the water was before
(the same month last year, the month before, a base year) is for the rule's users to say: they give the class.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from riverchief.errors import BadInput, unknown_name
from riverchief.standard.classes import CLASSES, rank_of
from riverchief.standard.evidence import Judgement
from riverchief.standard.verification import caveat, weakest
from riverchief.table import read_table

DEFAULT_RULE = "chongqing-2018"


@dataclass(frozen=True)
class Border:
    """A section on the border of two neighbours (counties or townships); ``target`` is its function class."""

    section: str
    upstream: str
    downstream: str
    target: str


@dataclass(frozen=True)
class MonthResult:
    """What a month at a border comes to.

    ``meets`` and ``change`` (1 better, 0 same, −1 worse) are ``None`` where they are not known, and then nothing is
    owed yet: ``payer`` is empty and ``open`` is true. ``amount_yuan`` is ``None`` where the amount is worked out
    separately.
    """

    border: Border
    month: str
    water_class: str | None
    before: str | None
    meets: bool | None
    change: int | None
    payer: str
    receiver: str
    amount_yuan: float | None
    open: bool
    reason_zh: str
    reason_en: str
    rule: str
    edition: str
    verification: str

    def explain(self, language: str = "zh") -> str:
        """One sentence: section, class, target, before, and who pays what to whom."""
        chinese = language.startswith("zh")
        names = [
            CLASSES[c].name(language) if c else ("未评价" if chinese else "not judged")
            for c in (self.water_class, self.before)
        ]
        target = CLASSES[self.border.target].name(language)
        reason = self.reason_zh if chinese else self.reason_en
        if chinese:
            said = f"{self.month} {self.border.section}（目标{target}）：本月{names[0]}，对照{names[1]}；{reason}"
            money = "金额另行核算" if self.amount_yuan is None else f"{self.amount_yuan / 10000:g} 万元"
            said += f"；{self.payer}补偿{self.receiver} {money}" if self.payer else ""
        else:
            said = f"{self.month} {self.border.section} (target {target}): now {names[0]}, before {names[1]}; {reason}"
            money = "an amount to be worked out" if self.amount_yuan is None else f"{self.amount_yuan:,.0f} yuan"
            said += f"; {self.payer} owes {self.receiver} {money}" if self.payer else ""
        return said + caveat(self.verification, language)

    def as_dict(self) -> dict[str, Any]:
        """Plain values that ``json.dumps`` takes."""
        return asdict(self)


def settle_month(
    border: Border, month: str, judgement: Judgement, before: str | None, *, rule: str = DEFAULT_RULE
) -> MonthResult:
    """The result of ``month`` (``2024-05``) at ``border``.

    ``judgement`` is the section's for the month, judged with the border's target; ``before`` is the class it is
    compared with. An incomplete month leaves the verdict open, unless what was measured is already worse than the
    target. Raises :class:`~riverchief.errors.BadInput` for an unknown rule.
    """
    rows = _rules()
    if rule not in rows:
        raise BadInput([unknown_name("unknown_rule", rule, list(rows))])
    meets, moved = judgement.meets_target, _moved(before, judgement.water_class)
    level = judgement.verification
    row = next((r for r in rows[rule] if (r["meets"] == "1", int(r["change"])) == (meets, moved)), None)
    if row is None:
        zh, en = _why_open(meets)
        first = rows[rule][0]
        return MonthResult(
            border, month, judgement.water_class, before, meets, moved, "", "", None, True, zh, en, rule,
            first["edition"], level,
        )  # fmt: skip
    payer = {"upstream": border.upstream, "downstream": border.downstream}.get(row["payer"], "")
    receiver = {"upstream": border.downstream, "downstream": border.upstream}.get(row["payer"], "")
    amount = float(row["amount_yuan"]) if row["amount_yuan"] else None
    return MonthResult(
        border, month, judgement.water_class, before, meets, moved, payer, receiver, amount, False, row["zh"],
        row["en"], rule, row["edition"], weakest((level, row["verification"])),
    )  # fmt: skip


def _moved(before: str | None, after: str | None) -> int | None:
    """1 where the class is better than before, −1 where it is worse; the agreement counts classes, not levels."""
    if not before or not after:
        return None
    difference = rank_of(before) - rank_of(after)
    return (difference > 0) - (difference < 0)


def _why_open(meets: bool | None) -> tuple[str, str]:
    if meets is None:
        return "本月未能定类，暂不结算", "the month could not be judged, nothing is settled"
    return "没有可对照的水质类别，暂不结算", "there is nothing to compare with, nothing is settled"


@cache
def _rules() -> dict[str, list[dict[str, str]]]:
    rules: dict[str, list[dict[str, str]]] = {}
    for row in read_table("riverchief.standard.border", "rules.csv"):
        rules.setdefault(row["rule"], []).append(row)
    return rules
