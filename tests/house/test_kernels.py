"""Kernels can be read: each says what it does, and takes no more arguments than a reader can hold."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
MOST_ARGUMENTS = 8
#: Older kernels that take more; the numbers may only fall.
TAKE_MORE = {
    "draws.arrival_grid": 10,
    "draws.draw": 13,
    "fit._best_arrival": 11,
    "fit.fit_candidate": 13,
    "fit._try": 15,
}


def kernels():
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "njit" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(one) for one in node.decorator_list):
                yield f"{path.stem}.{node.name}", node


KERNELS = dict(kernels())


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_says_what_it_does_and_takes_few_arguments(name: str):
    node = KERNELS[name]
    assert ast.get_docstring(node), f"{name} has no docstring: equation, scheme, stability limit, source"
    taken = len(node.args.args) + len(node.args.kwonlyargs)
    assert taken <= TAKE_MORE.get(name, MOST_ARGUMENTS), f"{name} takes {taken} arguments: group them in a NamedTuple"


def test_the_list_of_those_that_take_more_is_true():
    for name, most in TAKE_MORE.items():
        node = KERNELS[name]
        assert len(node.args.args) + len(node.args.kwonlyargs) == most, name
