"""Reads a filter: words to an expression, by the grammar of OGC 21-065r2 annex B."""

from __future__ import annotations

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.api.features.cql2.expression import Call, Expression, Interval, Literal, Operation, Property
from riverchief_server.api.features.cql2.functions import all_functions
from riverchief_server.api.features.cql2.geometry import KINDS, read_box, read_wkt
from riverchief_server.api.features.cql2.times import read_day, read_time
from riverchief_server.api.features.cql2.tokens import Words
from riverchief_server.asked.lexing import Token

DEEPEST = 50
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
RESERVED = frozenset({"and", "or", "not", "like", "ilike", "between", "in", "is", "null"})


def parse_filter(text: str) -> Expression:
    """The expression that ``text`` says. Raises :class:`~riverchief.errors.BadInput` where it says none."""
    parser = _Parser(text)
    whole = parser.either(0)
    if parser.here.kind != "end":
        raise parser.refusal()
    return whole


class _Parser(Words):
    def check(self, depth: int) -> None:
        if depth > DEEPEST:
            raise BadInput([Fault("features_too_deep", details={"allowed": str(DEEPEST)})])

    def either(self, depth: int) -> Expression:
        """Terms joined by ``OR``: one long chain and no deep tree."""
        self.check(depth)
        parts = [self.both(depth)]
        while self.took("name", "or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Operation("or", tuple(parts))

    def both(self, depth: int) -> Expression:
        parts = [self.factor(depth)]
        while self.took("name", "and"):
            parts.append(self.factor(depth))
        return parts[0] if len(parts) == 1 else Operation("and", tuple(parts))

    def factor(self, depth: int) -> Expression:
        self.check(depth)
        if self.took("name", "not"):
            return Operation("not", (self.factor(depth + 1),))
        return self.predicate(depth)

    def predicate(self, depth: int) -> Expression:
        left = self.operand(depth)
        if self.here.kind == "mark" and self.here.text in COMPARISONS:
            operator = self.take("mark").text
            return Operation(operator, (left, self.operand(depth)))
        if self.took("name", "is"):
            negated = self.took("name", "not")
            self.take("name", "null")
            return _unless(negated, Operation("null", (left,)))
        negated = self.took("name", "not")
        if self.took("name", "like"):
            return _unless(negated, Operation("like", (left, self.operand(depth))))
        if self.took("name", "ilike"):
            # of the draft, and still what GDAL writes
            folded = (Call("casei", (left,)), Call("casei", (self.operand(depth),)))
            return _unless(negated, Operation("like", folded))
        if self.took("name", "between"):
            lower = self.operand(depth)
            self.take("name", "and")
            return _unless(negated, Operation("between", (left, lower, self.operand(depth))))
        if self.took("name", "in"):
            self.take("mark", "(")
            listed = [self.operand(depth)]
            while self.took("mark", ","):
                listed.append(self.operand(depth))
            self.take("mark", ")")
            return _unless(negated, Operation("in", (left, *listed)))
        if negated:
            raise self.refusal()
        return left

    def operand(self, depth: int) -> Expression:
        token = self.here
        if self.took("mark", "("):
            inner = self.either(depth + 1)
            self.take("mark", ")")
            return inner
        if token.kind in ("number", "mark"):
            return Literal(self.number(), "number")
        if token.kind == "text":
            return Literal(self.words(), "text")
        if token.kind == "quoted":
            self.position += 1
            return Property(token.text[1:-1])
        return self.named(depth)

    def named(self, depth: int) -> Expression:
        token = self.take("name")
        word = token.text.lower()
        if word in RESERVED:
            self.position -= 1
            raise self.refusal()
        if word in KINDS:
            return self.shape(token)
        if self.here.kind != "mark" or self.here.text != "(":
            if word in ("true", "false"):
                return Literal(word == "true", "truth")
            return Property(token.text)
        self.take("mark", "(")
        if word == "bbox":
            numbers = [self.number()]
            while self.took("mark", ","):
                numbers.append(self.number())
            found: Expression = Literal(read_box(numbers, self.text[token.at : self.here.at]), "geometry")
        elif word == "date":
            found = Literal(read_day(self.words()), "day")
        elif word == "timestamp":
            found = Literal(read_time(self.words()), "time")
        elif word == "interval":
            begin = self.end_of_interval()
            self.take("mark", ",")
            found = Interval(begin, self.end_of_interval())
        else:
            return self.call(token, depth)
        self.take("mark", ")")
        return found

    def call(self, token: Token, depth: int) -> Expression:
        known, name = all_functions(), token.text.lower()
        if name not in known:
            raise BadInput([unknown_name("features_unknown_function", token.text, [key.upper() for key in known])])
        self.check(depth + 1)
        arguments: list[Expression] = []
        while not self.took("mark", ")"):
            if arguments:
                self.take("mark", ",")
            arguments.append(self.operand(depth + 1))
        function = known[name]
        if not function.least <= len(arguments) <= function.most:
            details = {"given": token.text, "count": str(len(arguments)), "allowed": str(function.most)}
            raise BadInput([Fault("features_arguments", details=details)])
        return Call(name, tuple(arguments))

    def end_of_interval(self) -> Literal | Property | None:
        if self.here.kind == "text":
            text = self.words()
            if text in ("..", ""):
                return None
            return Literal(read_day(text), "day") if len(text) == 10 else Literal(read_time(text), "time")
        end = self.operand(DEEPEST - 1)
        if isinstance(end, Property) or (isinstance(end, Literal) and end.kind in ("day", "time")):
            return end
        raise self.refusal()

    def shape(self, token: Token) -> Literal:
        """Well-known text runs from its first word to the bracket that closes it."""
        open_brackets = 0
        while True:
            word = self.here
            if word.kind not in ("name", "number", "mark"):
                raise self.refusal()
            self.position += 1
            if word.text == "(":
                open_brackets += 1
            elif word.text == ")":
                open_brackets -= 1
            if open_brackets == 0 and (word.text == ")" or word.text.lower() == "empty"):
                return Literal(read_wkt(self.text[token.at : word.at + len(word.text)]), "geometry")
            if open_brackets < 0:
                raise self.refusal()


def _unless(negated: bool, expression: Expression) -> Expression:
    return Operation("not", (expression,)) if negated else expression
