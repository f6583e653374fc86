"""An expression as SQL over the tables of the vocabulary.

Over a relation to many a comparison holds if it holds for one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from riverchief_server.sensorthings.odata.expression import Call, Expression, Literal, Member, Operation, members_of
from riverchief_server.sensorthings.odata.functions import all_functions
from riverchief_server.sensorthings.quality import quality_sql
from riverchief_server.sensorthings.sql import spatial
from riverchief_server.sensorthings.sql.calls import call
from riverchief_server.sensorthings.sql.convert import as_kind, mismatch
from riverchief_server.sensorthings.sql.operations import (
    SIGNS,
    arithmetic,
    compare,
    contained,
    logic,
    negative,
)
from riverchief_server.sensorthings.sql.sentence import Context, Sql, joined
from riverchief_server.sensorthings.vocabulary import IDENTITY, Entity, entity_of, unknown_member

GEOMETRY_OF = {"Location": "location", "FeatureOfInterest": "feature", "Datastream": "observedArea"}


@dataclass(frozen=True)
class Scope:
    """Where members begin: the row asked about, and rows reached from it over relations, by the path to them."""

    rows: dict[tuple[str, ...], tuple[Entity, str]]
    names: Any

    @classmethod
    def of(cls, entity: Entity, alias: str) -> Scope:
        """The scope of one row of ``entity`` under ``alias``."""
        return cls({(): (entity, alias)}, count(1))

    def nearest(self, path: tuple[str, ...]) -> tuple[tuple[str, ...], Entity, str]:
        """The row that lies furthest along ``path``."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.rows:
                entity, alias = self.rows[path[:length]]
                return path[:length], entity, alias
        raise AssertionError("the row itself is always there")

    def with_row(self, path: tuple[str, ...], entity: Entity, alias: str) -> Scope:
        """This scope with one more row."""
        return replace(self, rows={**self.rows, path: (entity, alias)})


def truth(expression: Expression, entity: Entity, alias: str, context: Context) -> Sql:
    """The condition that ``expression`` puts on the row ``alias`` of ``entity``."""
    return as_kind(translate(expression, Scope.of(entity, alias), context), "truth", context)


def translate(expression: Expression, scope: Scope, context: Context) -> Sql:
    """The SQL of ``expression``. Raises :class:`~riverchief.errors.BadInput` where it has no meaning."""
    if isinstance(expression, Literal):
        return _literal(expression)
    if isinstance(expression, Operation) and expression.operator in ("and", "or", "not"):
        return logic(expression.operator, [translate(part, scope, context) for part in expression.operands], context)
    crossing = _crossing(expression, scope)
    if crossing is not None:
        return _for_one_of_many(expression, crossing, scope, context)
    if isinstance(expression, Member):
        return _member(expression, scope)
    if isinstance(expression, Call):
        if all_functions()[expression.name].is_spatial:
            return _spatial(expression, expression, scope, context)
        return call(expression.name, [translate(part, scope, context) for part in expression.arguments], context)
    return _operation(expression, scope, context)


def _operation(expression: Operation, scope: Scope, context: Context) -> Sql:
    operator = expression.operator
    if operator in SIGNS and any(_is_measure(part) for part in expression.operands):
        # a distance compared with a constant is asked of shapely whole
        return _spatial(expression, next(part for part in expression.operands if _is_measure(part)), scope, context)
    given = [translate(part, scope, context) for part in expression.operands]
    if operator in SIGNS:
        return compare(operator, given[0], given[1], context)
    if operator == "in":
        return contained(given[0], given[1:], context)
    if operator == "neg":
        return negative(given[0], context)
    return arithmetic(operator, given[0], given[1], context)


def _literal(literal: Literal) -> Sql:
    if literal.kind == "nothing":
        return Sql("NULL", (), "nothing")
    if literal.kind == "period":
        end = Sql("%s", (literal.value.end,), "time")
        return Sql("%s", (literal.value.begin,), "period", end=end)
    if literal.kind == "geometry":
        return Sql("", (), "geometry")
    if literal.kind == "truth":
        return Sql("(1 = 1)" if literal.value else "(1 = 0)", (), "truth")
    if literal.kind in ("number", "text"):
        return Sql("%s", (literal.value,), literal.kind)
    return Sql(str(int(literal.value)), (), literal.kind)


def _crossing(expression: Expression, scope: Scope) -> tuple[str, ...] | None:
    """The path to the first relation to many that ``expression`` crosses and ``scope`` has no row for."""
    for member in members_of(expression):
        begin, entity, _ = scope.nearest(member.path)
        for position in range(len(begin), len(member.path)):
            relation = entity.relations.get(member.path[position])
            if relation is None:
                break
            if relation.many:
                return member.path[: position + 1]
            entity = entity_of(relation.target)
    return None


def _for_one_of_many(expression: Expression, path: tuple[str, ...], scope: Scope, context: Context) -> Sql:
    """``EXISTS`` a row at the end of ``path`` of which ``expression`` holds."""
    begin, entity, alias = scope.nearest(path)
    tables, conditions = [], []
    for name in path[len(begin) :]:
        relation = entity.relations[name]
        entity = entity_of(relation.target)
        child = f"{alias[0]}{next(scope.names)}"
        tables.append(f"{entity.table} AS {child}")
        conditions.append(relation.sql.format(p=alias, c=child))
        alias = child
    inner = as_kind(translate(expression, scope.with_row(path, entity, alias), context), "truth", context)
    where = " AND ".join(conditions)
    return joined(f"EXISTS (SELECT 1 FROM {', '.join(tables)} WHERE {where} AND {{0}})", inner, kind="truth")


def _member(member: Member, scope: Scope) -> Sql:
    begin, entity, alias = scope.nearest(member.path)
    rest = list(member.path[len(begin) :])
    tables, conditions = [], []
    while rest and rest[0] in entity.relations:
        relation = entity.relations[rest.pop(0)]
        entity = entity_of(relation.target)
        child = f"{alias[0]}{next(scope.names)}"
        tables.append(f"{entity.table} AS {child}")
        conditions.append(relation.sql.format(p=alias, c=child))
        alias = child
    found = own_member(entity, alias, tuple(rest))
    if not tables:
        return found
    around = f"(SELECT {{}} FROM {', '.join(tables)} WHERE {' AND '.join(conditions)})"

    def inside(value: Sql | None) -> Sql | None:
        if value is None:
            return None
        text = around.format(value.text)
        return replace(value, text=text, end=inside(value.end), number=inside(value.number))

    moved = inside(found)
    assert moved is not None
    return moved


def own_member(entity: Entity, alias: str, path: tuple[str, ...]) -> Sql:
    """A property of the row ``alias`` itself. Raises ``sta_unknown_member``."""
    if not path:
        raise mismatch(entity.name, "a property")
    name, keys = path[0], path[1:]
    if name in IDENTITY:
        column = "id" if entity.name != "Observation" else "series"
        if entity.name == "Observation":
            text = f"(CAST({alias}.series AS text) || '-' || CAST({alias}.t AS text))"
            return Sql(text, (), "text")
        return Sql(f"{alias}.{column}", (), "number")
    known = entity.properties.get(name)
    if known is None:
        raise unknown_member(entity, name)
    if known.kind == "quality":
        return quality_sql(alias, keys)
    column = known.sql.format(a=alias)
    if known.kind == "result":
        said = f"(SELECT x.result FROM sta_particular AS x WHERE x.series = {alias}.series AND x.t = {alias}.t)"
        return Sql(said, (), "any", path=keys, number=None if keys else Sql(column, (), "number"))
    if known.kind in ("object", "any"):
        return Sql(column, (), "any", path=keys)
    if keys:
        raise unknown_member(entity, "/".join(path))
    if known.kind == "period":
        return Sql(column, (), "period", end=Sql(known.sql_end.format(a=alias), (), "time"))
    return Sql(column, (), known.kind)


def _is_measure(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.name in spatial.NUMBERS


def _spatial(whole: Expression, asked: Expression, scope: Scope, context: Context) -> Sql:
    """A question about shapes: constant, or about the shape of one row, whose ids that say yes become a list."""
    from riverchief_server.sensorthings.odata.evaluate import evaluate

    paths = list(dict.fromkeys(member.path for member in members_of(whole)))
    if not paths:
        return _literal(_constant(evaluate(whole, lambda path: [], context.now)))
    if len(paths) > 1:
        raise mismatch("/".join(paths[1]), "geography'…'")
    begin, entity, alias = scope.nearest(paths[0])
    rest = paths[0][len(begin) :]
    if len(rest) > 1 and rest[0] in entity.relations:
        return _for_one_of_many(whole, paths[0][: len(begin) + 1], scope, context)
    if len(rest) != 1 or GEOMETRY_OF.get(entity.name) != rest[0]:
        if rest and rest[0] not in entity.names():
            raise unknown_member(entity, rest[0])
        raise mismatch("/".join(paths[0]), "geometry")
    shapes = context.shapes(entity.name)
    if isinstance(whole, Call) and whole.name in spatial.NUMBERS:
        raise mismatch(whole.name, "eq, lt, gt …")
    ids = [key for key, shape in shapes if evaluate(whole, lambda path, s=shape: [s], context.now) is True]  # type: ignore[misc]
    listed = context.dialect.listed(f"{alias}.id", "number")
    return Sql(f"({listed})", (context.dialect.list_parameter(ids),), "truth")


def _constant(value: Any) -> Literal:
    return Literal(value, "truth" if isinstance(value, bool) else "number" if value is not None else "nothing")
