"""Finds verdicts thrown away in tests: a bare comparison or a bare yes/no call."""

import ast

PREDICATES = {"all", "any", "isclose", "allclose", "array_equal", "isinstance", "equals"}


def silent_lines(source):
    """Line numbers whose verdict is thrown away: a bare comparison or a bare yes/no call."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Expr):
            continue
        value = node.value
        called = getattr(value, "func", None)
        name = getattr(called, "attr", getattr(called, "id", ""))
        if isinstance(value, ast.Compare) or name in PREDICATES:
            yield node.lineno
