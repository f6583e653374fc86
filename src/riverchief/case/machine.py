"""The state machine of a case: which step leads where, who may take it, and what it needs.

The rules are the rows of ``states.csv`` and ``transitions.csv``; this module only reads them. It knows no account and
no database: the server hands in facts and gets back what is wrong with a step, all of it at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache

from riverchief.errors import Fault
from riverchief.party.role import all_roles
from riverchief.table import read_table

SYSTEM = "system"
#: What a state may be beside its place in the process.
TRAITS = {
    "work_done": "whoever brought the case here did the work, and may not verify it",
    "put_right": "the work is being done, up to the day that was decided for it",
    "until_a_day": "it lasts until a day somebody approved, and other clocks stand still",
    "new_day": "the day that was decided before no longer holds",
    "new_leg": "the case begins anew: who did the work before does not count",
    "sent_back": "whoever it was sent to refused it",
}


@dataclass(frozen=True)
class State:
    """One row of ``states.csv``.

    ``waits_for`` is the role (or ``assignee``) whose turn it is; ``process_step`` is how far the official process of
    ``process.csv`` has come, 1 to 7. ``traits`` are what else follows from being in it (:data:`TRAITS`).
    """

    code: str
    name_zh: str
    name_en: str
    is_open: bool
    waits_for: str
    process_step: int
    traits: frozenset[str] = frozenset()

    def name(self, language: str) -> str:
        """The state's name in ``language``."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True)
class Rule:
    """One row of ``transitions.csv``: an allowed step; ``needs`` must come with it, ``may`` can."""

    from_state: str
    to_state: str
    verb_zh: str
    verb_en: str
    who: tuple[str, ...]
    needs: tuple[str, ...]
    guard: str
    is_primary: bool
    may: tuple[str, ...] = ()

    def verb(self, language: str) -> str:
        """What the step is called on a button, in ``language``."""
        return self.verb_zh if language.startswith("zh") else self.verb_en


@dataclass(frozen=True)
class Actor:
    """Who takes a step: an account, its role and its unit."""

    account: str
    role: str
    unit: str | None = None


@dataclass(frozen=True)
class CaseFacts:
    """What the rules ask of a case. ``done_by`` are the accounts and ``done_by_units`` the units that did the work."""

    state: str
    assignee_unit: str | None = None
    reporter: str | None = None
    done_by: frozenset[str] = frozenset()
    done_by_units: frozenset[str] = frozenset()
    episode_is_over: bool = True
    steps_taken: tuple[str, ...] = field(default=())


@cache
def all_states() -> dict[str, State]:
    """Every state by its code, in the table's order."""
    return {
        row["state"]: State(
            row["state"],
            row["zh"],
            row["en"],
            row["is_open"] == "1",
            row["waits_for"],
            int(row["process_step"]),
            frozenset(trait for trait in row["traits"].split("|") if trait),
        )
        for row in read_table("riverchief.case", "states.csv")
    }


@cache
def states_that(trait: str) -> frozenset[str]:
    """The codes of the states with ``trait``, a word of :data:`TRAITS`."""
    return frozenset(code for code, state in all_states().items() if trait in state.traits)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every allowed step, in the table's order."""
    return tuple(
        Rule(
            row["from"],
            row["to"],
            row["verb_zh"],
            row["verb_en"],
            tuple(row["who"].split("|")),
            tuple(need for need in row["needs"].split("|") if need),
            row["rule"],
            row["is_primary"] == "1",
            tuple(need for need in row["may"].split("|") if need),
        )
        for row in read_table("riverchief.case", "transitions.csv")
    )


def rules_from(state: str) -> tuple[Rule, ...]:
    """The steps that lead out of ``state``."""
    return tuple(rule for rule in all_rules() if rule.from_state == state)


def why_not(rule: Rule, case: CaseFacts, actor: Actor) -> Fault | None:
    """The reason why ``actor`` may not take ``rule`` on ``case`` now; ``None`` where they may."""
    if not has_part(rule.who, case, actor):
        return Fault("step_not_yours", details={"given": rule.verb_zh, "given_en": rule.verb_en, **who_may(rule.who)})
    if rule.guard == "four_eyes" and (actor.account in case.done_by or actor.unit in case.done_by_units):
        return Fault("four_eyes")
    if rule.guard == "episode_over" and not case.episode_is_over:
        return Fault("episode_not_over")
    if rule.guard == "once" and rule.to_state in case.steps_taken:
        return Fault("step_only_once", details={"given": rule.verb_zh, "given_en": rule.verb_en})
    return None


def faults_of_step(case: CaseFacts, actor: Actor, to_state: str, given: Collection[str]) -> list[Fault]:
    """Everything that forbids the step to ``to_state``; empty where it may be taken.

    ``given`` names the needs that the step brings along (rows of ``needs.csv``).
    """
    rule = next((rule for rule in rules_from(case.state) if rule.to_state == to_state), None)
    if rule is None:
        ways = rules_from(case.state)
        states = all_states()
        return [
            Fault(
                "step_unknown",
                details={
                    "given": to_state,
                    "state": states[case.state].name_zh,
                    "state_en": states[case.state].name_en,
                    "allowed": "、".join(way.to_state for way in ways) or "—",
                },
            )
        ]
    refused = why_not(rule, case, actor)
    if refused:
        return [refused]
    return [words_of_needs(need, rule.verb_zh, rule.verb_en) for need in rule.needs if need not in given]


def words_of_needs(need: str, verb_zh: str, verb_en: str) -> Fault:
    """That something is missing which the step or act needs."""
    words = {row["need"]: row for row in read_table("riverchief.case", "needs.csv")}[need]
    details = {"given": verb_zh, "given_en": verb_en, "allowed": words["zh"], "allowed_en": words["en"]}
    return Fault("step_needs", column=need, details=details)


def has_part(who: Collection[str], case: CaseFacts, actor: Actor) -> bool:
    """Whether ``actor`` is one of ``who``: by role, as the unit the case was sent to, or as its reporter."""
    return (
        actor.role in who
        or ("assignee" in who and case.assignee_unit is not None and actor.unit == case.assignee_unit)
        or ("reporter" in who and case.reporter is not None and actor.account == case.reporter)
    )


def who_may(who: Sequence[str]) -> dict[str, str]:
    """The words for ``who`` in both languages, as the details of a fault."""
    parts_zh = {"assignee": "承办单位", "reporter": "上报人", SYSTEM: "系统"}
    parts_en = {"assignee": "the unit it was sent to", "reporter": "its reporter", SYSTEM: "the system"}
    roles = all_roles()
    return {
        "allowed": "、".join(parts_zh.get(one) or roles[one].name_zh for one in who),
        "allowed_en": ", ".join(parts_en.get(one) or roles[one].name_en for one in who),
    }
