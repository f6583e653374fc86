"""The collections and their properties, read from the tables beside this file.

The tables hold SQL of our own; what an asker says never enters it but as a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.table import read_table


@dataclass(frozen=True)
class Property:
    """One property of the features of a collection.

    ``kind`` is text, number, whole, truth, time (a moment), time_ms (ms since 1970, shown as a moment) or list (JSON,
    shown and not asked for). ``unit`` is a symbol of ``units.csv``.
    """

    name: str
    kind: str
    sql: str
    unit: str
    zh: str
    en: str

    @property
    def is_queryable(self) -> bool:
        """Whether a filter may name it."""
        return self.kind != "list"

    def title(self, language: str) -> str:
        """Its name for people."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True)
class Collection:
    """One collection: where its features come from, and how each is found, drawn and dated.

    ``key`` is the column of the order of pages, ``identity`` the id that others see, ``fingerprint`` a statement whose
    row changes whenever a shape does. ``shape`` is line, point or on_reach; ``begins`` and ``ends`` name the
    properties that date a feature, empty where nothing does.
    """

    name: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    source: str
    condition: str
    key: str
    identity: str
    shape: str
    shape_columns: str
    fingerprint: str
    begins: str
    ends: str
    properties: dict[str, Property]

    def title(self, language: str) -> str:
        """Its name for people."""
        return self.zh if language.startswith("zh") else self.en

    def about(self, language: str) -> str:
        """What is in it."""
        return self.about_zh if language.startswith("zh") else self.about_en

    def queryables(self) -> list[str]:
        """The properties that a filter may name, besides ``geometry``."""
        return [known.name for known in self.properties.values() if known.is_queryable]


@cache
def all_collections() -> dict[str, Collection]:
    """The collections by name, in the order of the table."""
    rows = read_table(__package__, "properties.csv")
    return {
        row["name"]: Collection(
            **row,
            properties={
                one["property"]: Property(one["property"], one["kind"], one["sql"], one["unit"], one["zh"], one["en"])
                for one in rows
                if row["name"] in one["collections"].split()
            },
        )
        for row in read_table(__package__, "collections.csv")
    }
