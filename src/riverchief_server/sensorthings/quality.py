"""Our flags in the standard's words: ``resultQuality`` carries the flag, its QARTOD code and who set it."""

from __future__ import annotations

from functools import cache
from typing import Any

from riverchief.errors import BadInput, unknown_name
from riverchief.observation.flag import all_flags, find_flag
from riverchief_server.observations.store import flag_codes, flag_numbers
from riverchief_server.sensorthings.sql.sentence import Sql

# what a client means that knows QARTOD's codes only
OF_QARTOD = {1: "good", 2: "unchecked", 3: "suspect", 4: "bad", 9: "missing"}


def show_quality(flag: int, by: str = "", operator: str = "", bound: float | None = None) -> dict[str, Any]:
    """What stands in ``resultQuality`` of a reading with the flag numbered ``flag``."""
    found = find_flag(flag_codes()[flag])
    said: dict[str, Any] = {"flag": found.code, "qartod": found.qartod, "usable": found.usable}
    if by:
        said["by"] = by
    if operator:
        said["censored"] = {"operator": operator, "limit": bound}
    return said


def read_quality(given: Any) -> int | None:
    """The number of the flag that a client's ``resultQuality`` says; ``None`` where it is not about our flags."""
    if isinstance(given, dict):
        flag, code = given.get("flag"), given.get("qartod")
        if isinstance(flag, str):
            if flag not in flag_numbers():
                raise BadInput([unknown_name("unknown_flag", flag, list(flag_numbers()))])
            return flag_numbers()[flag]
        if isinstance(code, int) and code in OF_QARTOD:
            return flag_numbers()[OF_QARTOD[code]]
    return None


def quality_sql(alias: str, keys: tuple[str, ...]) -> Sql:
    """``resultQuality`` or one member of it as SQL; the texts come from our own table of flags."""
    if keys == ("flag",):
        return Sql(_cases(alias, {code: f"'{code}'" for code in flag_numbers()}), (), "text")
    if keys == ("qartod",):
        return Sql(_cases(alias, {flag.code: str(flag.qartod) for flag in all_flags()}), (), "number")
    if keys == ("usable",):
        usable = ", ".join(str(flag_numbers()[flag.code]) for flag in all_flags() if flag.usable)
        return Sql(f"({alias}.flag IN ({usable}))", (), "truth")
    if keys == ("by",):
        return Sql(f"(SELECT s.name FROM flag_source AS s WHERE s.number = {alias}.flag_by)", (), "text")
    said = f"(SELECT x.quality FROM sta_particular AS x WHERE x.series = {alias}.series AND x.t = {alias}.t)"
    return Sql(said, (), "any", path=keys)


@cache
def _numbered() -> dict[str, int]:
    return flag_numbers()


def _cases(alias: str, values: dict[str, str]) -> str:
    branches = " ".join(f"WHEN {_numbered()[code]} THEN {value}" for code, value in values.items())
    return f"(CASE {alias}.flag {branches} END)"
