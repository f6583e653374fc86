"""Roles: what each may do, and how far it sees. The table ``roles.csv`` is the rule; nothing else grants a right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table


@dataclass(frozen=True)
class Role:
    """One row of ``roles.csv``; ``scope`` is ``region`` (all of one's region) or ``unit`` (only one's unit's cases)."""

    code: str
    name_zh: str
    name_en: str
    what_zh: str
    what_en: str
    scope: str
    may: frozenset[str]

    def name(self, language: str) -> str:
        """The role's name in ``language``."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def what(self, language: str) -> str:
        """What the role is for, in ``language``."""
        return self.what_zh if language.startswith("zh") else self.what_en


@cache
def all_roles() -> dict[str, Role]:
    """Every role by its code, in the table's order."""
    return {
        row["role"]: Role(
            row["role"],
            row["zh"],
            row["en"],
            row["what_zh"],
            row["what_en"],
            row["scope"],
            frozenset(row["may"].split("|")),
        )
        for row in read_table("riverchief.party", "roles.csv")
    }


def find_role(code: str) -> Role:
    """The role called ``code``; raises :class:`~riverchief.errors.BadInput` (``unknown_role``), nearest codes named."""
    roles = all_roles()
    if code not in roles:
        raise BadInput([unknown_name("unknown_role", code, list(roles))])
    return roles[code]
