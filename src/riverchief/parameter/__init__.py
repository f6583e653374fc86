"""Parameters: what is measured. One table gives each its code, names, canonical unit and printed precision.

To add a parameter add a row to ``parameters.csv``; nothing else in the program lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.sheet.words import folded
from riverchief.table import read_table

Anything = TypeVar("Anything")


@dataclass(frozen=True)
class Parameter:
    """One measured quantity.

    ``unit`` is canonical (values inside the program are in it); ``hj_code`` is the factor code of HJ 525 / HJ 212 and
    empty where there is none; ``medium`` is ``water``, ``air``, ``hydrology``, ``weather`` or, of the instrument
    itself, ``station``; ``decimals`` is the printed precision.
    """

    code: str
    hj_code: str
    name_zh: str
    name_en: str
    unit: str
    medium: str
    decimals: int

    def name(self, language: str) -> str:
        """The name in ``language`` (``"zh"`` or ``"en"``)."""
        return self.name_zh if language.startswith("zh") else self.name_en


@cache
def all_parameters() -> tuple[Parameter, ...]:
    """Every parameter of the table, in its order."""
    return tuple(dict.fromkeys(_by_spelling().values()))


def find_parameter(spelling: str) -> Parameter:
    """The parameter that ``spelling`` means: our code, an HJ code, a Chinese or English name or an alias.

    Case, width (``ＴＰ``) and blanks around it are ignored. Raises :class:`~riverchief.errors.BadInput`
    (``unknown_parameter``) with the nearest names.
    """
    found = parameter_or_none(spelling)
    if found is None:
        names = [
            name for parameter in all_parameters() for name in (parameter.code, parameter.name_zh, parameter.name_en)
        ]
        raise BadInput([unknown_name("unknown_parameter", spelling, names)])
    return found


def parameter_or_none(spelling: str) -> Parameter | None:
    """:func:`find_parameter`, or None where nobody knows."""
    return _by_spelling().get(_plain(spelling))


def spellings_of(parameter: Parameter) -> tuple[str, ...]:
    """Every spelling of ``parameter``, folded: code, HJ code, names, aliases."""
    return tuple(spelling for spelling, known in _by_spelling().items() if known is parameter)


def by_code(values: Mapping[str, Anything]) -> dict[str, Anything]:
    """``values`` keyed by code instead of any spelling of the parameter.

    Raises :class:`~riverchief.errors.BadInput`: ``unknown_parameter``, or ``duplicate`` where two keys mean the same.
    """
    keyed: dict[str, Anything] = {}
    names: dict[str, str] = {}
    for name, value in values.items():
        code = find_parameter(name).code
        if code in names:
            raise BadInput([Fault("duplicate", details={"given": name, "allowed": names[code]})])
        keyed[code], names[code] = value, name
    return keyed


def _plain(spelling: str) -> str:
    return folded(spelling)


@cache
def _by_spelling() -> dict[str, Parameter]:
    spellings: dict[str, Parameter] = {}
    for row in read_table(__name__, "parameters.csv"):
        parameter = Parameter(
            row["code"],
            row["hj_code"],
            row["name_zh"],
            row["name_en"],
            row["unit"],
            row["medium"],
            int(row["decimals"]),
        )
        names = (row["code"], row["hj_code"], row["name_zh"], row["name_en"], *row["aliases"].split("|"))
        for spelling in filter(None, map(_plain, names)):
            if spellings.setdefault(spelling, parameter) is not parameter:
                raise ValueError(f"parameters.csv: {spelling!r} means two parameters")
    return spellings
