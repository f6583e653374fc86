"""What the documents name exists: every path and every command."""

import re
from pathlib import Path

import pytest

from riverchief_server.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
TOPS = ("src/", "tests/", "docs/", "web/", "benchmarks/", "examples/", "tools/", "requirements/", ".ci/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_named_exists(page: Path):
    text = page.read_text(encoding="utf-8")
    named = {path.rstrip("/.") for path in re.findall(r"`([\w./*-]+)`", text) if path.startswith(TOPS)}
    named |= {
        str((page.parent / target.split("#")[0]).resolve().relative_to(ROOT))
        for target in re.findall(r"\]\(([^)\s]+)\)", text)
        if not target.startswith(("http", "#", "mailto"))
    }
    missing = sorted(path for path in named if not list(ROOT.glob(path)))
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_named_exists(page: Path):
    named = set(re.findall(r"(?:^|`|\n\s*)riverchief ([a-z]+)\b", page.read_text(encoding="utf-8")))
    assert sorted(named - set(COMMANDS)) == []
