"""One idea a file, whole words for names, and no drawer for what has no name."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted(path for top in ("src", "tests", "benchmarks") for path in (ROOT / top).rglob("*.py"))
BROWSER = sorted(
    path
    for suffix in ("ts", "svelte", "css")
    for path in (ROOT / "web").rglob(f"*.{suffix}")
    if "node_modules" not in path.parts and "client" not in path.parts
)
DRAWERS = {"utils", "helpers", "common", "misc", "base", "core", "manager", "managers", "service", "services"}
LONGEST = 500
PUBLIC_METHODS = 15


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PYTHON + BROWSER, ids=name)
def test_no_file_is_longer_than_an_idea(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_no_module_is_a_drawer():
    assert [name(path) for path in PYTHON if path.stem in DRAWERS or path.parent.name in DRAWERS] == []


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_no_class_is_two_classes(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("Test"):
            public = [part for part in node.body if isinstance(part, ast.FunctionDef) and not part.name.startswith("_")]
            assert len(public) <= PUBLIC_METHODS, f"{name(path)}: {node.name} has {len(public)} public methods"


@pytest.mark.parametrize(
    "path", [path for path in PYTHON if "src" in path.parts and "migrations" not in path.parts], ids=name
)
def test_every_module_says_what_it_is(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree), f"{name(path)} has code but no docstring"
