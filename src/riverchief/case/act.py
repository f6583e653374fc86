"""Acts on a case that change no state: supervision, a note of progress. The rules are the rows of ``acts.csv``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from riverchief.case.machine import Actor, CaseFacts, has_part, who_may, words_of_needs
from riverchief.errors import Fault
from riverchief.table import read_table


@dataclass(frozen=True)
class Act:
    """One row of ``acts.csv``; ``tells`` are those who hear of it."""

    code: str
    verb_zh: str
    verb_en: str
    who: tuple[str, ...]
    needs: tuple[str, ...]
    tells: tuple[str, ...]

    def verb(self, language: str) -> str:
        """What the act is called, in ``language``."""
        return self.verb_zh if language.startswith("zh") else self.verb_en


@cache
def all_acts() -> dict[str, Act]:
    """Every act by its code, in the table's order."""
    return {
        row["act"]: Act(
            row["act"],
            row["verb_zh"],
            row["verb_en"],
            tuple(row["who"].split("|")),
            tuple(need for need in row["needs"].split("|") if need),
            tuple(row["tells"].split("|")),
        )
        for row in read_table("riverchief.case", "acts.csv")
    }


def why_no_act(act: Act, case: CaseFacts, actor: Actor, *, is_open: bool) -> Fault | None:
    """Why ``actor`` may not do ``act`` on ``case``; ``None`` where they may. Only open cases are acted on."""
    if not has_part(act.who, case, actor):
        return Fault("step_not_yours", details={"given": act.verb_zh, "given_en": act.verb_en, **who_may(act.who)})
    return None if is_open else Fault("case_is_finished")


def faults_of_act(act: Act, case: CaseFacts, actor: Actor, given: Collection[str], *, is_open: bool) -> list[Fault]:
    """Everything that forbids ``act``; ``given`` names the needs that it brings along."""
    refused = why_no_act(act, case, actor, is_open=is_open)
    if refused:
        return [refused]
    return [words_of_needs(need, act.verb_zh, act.verb_en) for need in act.needs if need not in given]
