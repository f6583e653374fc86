"""The eight entities of the standard, their properties and relations, read from the tables beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table

IDENTITY = ("id", "@iot.id")


@dataclass(frozen=True)
class Property:
    """One property: its name and kind, and the SQL of its value (of a period: of its beginning and its end)."""

    name: str
    kind: str
    required: bool
    computed: bool
    sql: str
    sql_end: str


@dataclass(frozen=True)
class Relation:
    """A relation to another entity; ``sql`` says when a child {c} belongs to a parent {p}."""

    name: str
    target: str
    many: bool
    required: bool
    inverse: str
    sql: str


@dataclass(frozen=True)
class Entity:
    """One of the eight, with what it has and what it is related to."""

    name: str
    set: str
    table: str
    properties: dict[str, Property]
    relations: dict[str, Relation]

    def names(self) -> list[str]:
        """Everything that may be asked of it."""
        return ["id", *self.properties, *self.relations]


@cache
def all_entities() -> dict[str, Entity]:
    """The entities by name (``Thing``), in the standard's order."""
    properties, relations = read_table(__package__, "properties.csv"), read_table(__package__, "relations.csv")
    return {
        row["entity"]: Entity(
            row["entity"],
            row["set"],
            row["table"],
            {
                p["property"]: Property(
                    p["property"], p["kind"], bool(p["required"]), bool(p["computed"]), p["sql"], p["sql_end"]
                )
                for p in properties
                if p["entity"] == row["entity"]
            },
            {
                r["relation"]: Relation(
                    r["relation"], r["target"], bool(r["many"]), bool(r["required"]), r["inverse"], r["sql"]
                )
                for r in relations
                if r["entity"] == row["entity"]
            },
        )
        for row in read_table(__package__, "entities.csv")
    }


@cache
def by_set() -> dict[str, Entity]:
    """The entities by the name of their collection (``Things``)."""
    return {entity.set: entity for entity in all_entities().values()}


def entity_of(name: str) -> Entity:
    """The entity called ``name``."""
    return all_entities()[name]


def unknown_member(entity: Entity, given: str) -> BadInput:
    """The refusal of a name that ``entity`` does not have."""
    return BadInput([unknown_name("sta_unknown_member", given, entity.names())])
