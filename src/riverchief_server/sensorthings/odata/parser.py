"""Reads a filter: words to an expression, by the precedence of OData 4.01 part 2 section 5.1.1.16."""

from __future__ import annotations

import shapely
from shapely.errors import ShapelyError

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.asked.lexing import Token, Words
from riverchief_server.sensorthings.odata.expression import Call, Expression, Literal, Member, Operation
from riverchief_server.sensorthings.odata.functions import all_functions
from riverchief_server.sensorthings.odata.times import (
    read_clock,
    read_date,
    read_duration,
    read_period,
    read_time,
)
from riverchief_server.sensorthings.odata.tokens import LEXER

DEEPEST = 60
MOST_POINTS = 20_000
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le", "in")
# the loosest first; each takes operands of the next
LEVELS = (("or",), ("and",), COMPARISONS, ("add", "sub"), ("mul", "div", "mod"))


def parse_filter(text: str) -> Expression:
    """The expression that ``text`` says. Raises :class:`~riverchief.errors.BadInput` where it says none."""
    parser = _Parser(text)
    whole = parser.level(0, 0)
    if parser.here.kind != "end":
        raise parser.refusal()
    return whole


def parse_value(text: str) -> Expression:
    """An expression that may stand alone, such as a term of ``$orderby``."""
    return parse_filter(text)


class _Parser(Words):
    def __init__(self, text: str):
        super().__init__(text, LEXER)

    def is_mark(self, text: str) -> bool:
        return self.here.kind == "mark" and self.here.text == text

    def level(self, level: int, depth: int) -> Expression:
        """An expression of ``level`` and tighter."""
        if depth > DEEPEST:
            raise BadInput([Fault("sta_too_deep", details={"allowed": str(DEEPEST)})])
        if level == len(LEVELS):
            return self.operand(depth)
        if level == 2 and self.here.kind == "name" and self.here.text.lower() == "not":
            # OData binds "not" tighter; a comparison behind it can only mean its negation
            self.position += 1
            return Operation("not", (self.level(2, depth + 1),))
        left = self.level(level + 1, depth)
        links = 0
        while self.here.kind == "name" and self.here.text.lower() in LEVELS[level]:
            operator = self.take("name").text.lower()
            if operator == "in":
                left = Operation("in", (left, *self.listed(depth)))
                continue
            right = self.level(level + 1, depth + 1)
            if operator in ("and", "or") and links:
                # one long chain and no deep tree
                left = Operation(operator, (*left.operands, right))  # type: ignore[union-attr]
            else:
                left = Operation(operator, (left, right))
            links += 1
            if operator not in ("and", "or") and links > DEEPEST:
                raise BadInput([Fault("sta_too_deep", details={"allowed": str(DEEPEST)})])
        return left

    def listed(self, depth: int) -> list[Expression]:
        self.take("mark", "(")
        found = [self.level(3, depth + 1)]
        while self.is_mark(","):
            self.position += 1
            found.append(self.level(3, depth + 1))
        self.take("mark", ")")
        return found

    def operand(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise BadInput([Fault("sta_too_deep", details={"allowed": str(DEEPEST)})])
        if self.is_mark("("):
            self.position += 1
            inner = self.level(0, depth + 1)
            self.take("mark", ")")
            return inner
        if self.is_mark("-"):
            self.position += 1
            return Operation("neg", (self.operand(depth + 1),))
        token = self.here
        if token.kind == "name":
            return self.named(depth)
        if token.kind in _READERS:
            self.position += 1
            return _READERS[token.kind](token.text)
        raise self.refusal()

    def named(self, depth: int) -> Expression:
        token = self.take("name")
        word = token.text.lower()
        if self.is_mark("("):
            return self.call(token, depth)
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        path = [token.text]
        while self.is_mark("/"):
            self.position += 1
            if self.here.kind == "number" and self.here.text.isdigit():
                path.append(self.take("number").text)
            else:
                path.append(self.take("name").text)
        return Member(tuple(path))

    def call(self, token: Token, depth: int) -> Expression:
        known = all_functions()
        name = token.text.lower()
        if name not in known:
            raise BadInput([unknown_name("sta_unknown_function", token.text, list(known))])
        self.take("mark", "(")
        arguments: list[Expression] = []
        while not self.is_mark(")"):
            if arguments:
                self.take("mark", ",")
            arguments.append(self.level(0, depth + 1))
        self.take("mark", ")")
        function = known[name]
        if not function.least <= len(arguments) <= function.most:
            allowed = str(function.most) if function.least == function.most else f"{function.least}–{function.most}"
            details = {"given": name, "count": str(len(arguments)), "allowed": allowed}
            raise BadInput([Fault("sta_arguments", details=details)])
        return Call(name, tuple(arguments))


def read_geometry(text: str) -> Literal:
    """``geography'…'`` as a shape. Raises ``bad_geometry``."""
    wkt = text[text.index("'") + 1 : -1]
    body = wkt.split(";", 1)[1] if wkt.upper().startswith("SRID") else wkt
    try:
        shape = shapely.from_wkt(body)
    except ShapelyError:
        shape = None
    if shape is None or shapely.get_num_coordinates(shape) > MOST_POINTS:
        details = {"given": wkt[:60], "allowed": "WKT"}
        raise BadInput([Fault("bad_geometry", details=details)])
    return Literal(shape, "geometry")


def _number(text: str) -> Literal:
    # what a database counts in whole numbers has at most eighteen digits without doubt
    is_whole = text.lstrip("-").isdigit() and len(text.lstrip("-")) <= 18
    return Literal(int(text) if is_whole else float(text), "number")


def _period(text: str) -> Literal:
    return Literal(read_period(text), "period")


_READERS = {
    "text": lambda text: Literal(text[1:-1].replace("''", "'"), "text"),
    "number": _number,
    "time": lambda text: Literal(read_time(text), "time"),
    "period": _period,
    "date": lambda text: Literal(read_date(text), "date"),
    "clock": lambda text: Literal(read_clock(text), "clock"),
    "duration": lambda text: Literal(read_duration(text[9:-1]), "duration"),
    "geometry": read_geometry,
}
_CONSTANTS = {
    "true": Literal(True, "truth"),
    "false": Literal(False, "truth"),
    "null": Literal(None, "nothing"),
}
