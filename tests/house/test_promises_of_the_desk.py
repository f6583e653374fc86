"""What README promises about adding an endpoint or a word, in the number of files that it says."""

import importlib
import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from ninja import Router

from riverchief.table import read_table
from riverchief_server.api import words
from riverchief_server.api.desk.routes import api

ROOT = Path(__file__).resolve().parents[2]
DESK = ROOT / "src" / "riverchief_server" / "api" / "desk"
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROUTES = sorted(DESK.glob("*/routes*.py"))


def router_of(path: Path) -> Router:
    return importlib.import_module(f"riverchief_server.api.desk.{path.parent.name}.{path.stem}").router


def promise(begin: str) -> str:
    return README.split(f"**{begin}**", 1)[1].split("\n\n", 1)[0]


@pytest.mark.parametrize("path", ROUTES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_endpoint_is_a_function_in_its_subjects_routes(path: Path):
    """Whatever stands in a file of routes is served and described: there is no list that it must be added to."""
    said = "two files by hand, two written for you"
    assert said in " ".join(promise("To add an endpoint").split())
    views = router_of(path).path_operations.values()
    here = {operation.view_func.__name__ for view in views for operation in view.operations}
    paths = api.get_openapi_schema()["paths"].values()
    described = {operation["operationId"] for methods in paths for operation in methods.values()}
    assert here and here <= described


def test_the_two_files_written_for_you_are_what_make_client_writes():
    rule = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nclient:", 1)[1].split("\n\n", 1)[0]
    assert "tools/check_client.py --write" in rule
    assert {path.name for path in (ROOT / "web" / "client").glob("*.*")} >= {"openapi.json", "api.d.ts"}


def test_pages_and_api_use_the_same_words_for_their_subjects():
    subjects = {path.name for path in DESK.iterdir() if path.is_dir() and path.name != "__pycache__"}
    pages = {path.name for path in (ROOT / "web" / "desk").iterdir() if path.is_dir()}
    assert pages - subjects == {"frame", "parts"}  # what stands around every page, what all of them use


def test_a_word_of_the_desk_is_a_key_in_two_files():
    assert set(re.findall(r"`([^`]+)`", promise("To add a word"))) == {
        "web/words/zh.json",
        "web/words/en.json",
        "src/riverchief_server/api/words/words.csv",
    }
    tables = [
        json.loads((ROOT / "web" / "words" / f"{code}.json").read_text(encoding="utf-8")) for code in ("zh", "en")
    ]
    assert tables[0].keys() == tables[1].keys()
    # a key is typed by the table itself, so no list of keys is kept anywhere
    assert "type Key = keyof typeof zh" in (ROOT / "web" / "desk" / "words.svelte.ts").read_text(encoding="utf-8")


def test_a_word_of_the_board_is_one_row(monkeypatch: pytest.MonkeyPatch):
    row = {"key": "toy_word", "zh": "玩具{n}", "en": "toy {n}"}
    rows = [*read_table("riverchief_server.api.words", "words.csv"), row]
    monkeypatch.setattr(words, "read_table", lambda package, name: rows)
    words._words.cache_clear()
    try:
        page = Template('{% load riverchief %}{% say "toy_word" n=3 %}')
        assert page.render(Context({"language": "zh"})) == "玩具3"
        assert page.render(Context({"language": "en"})) == "toy 3"
    finally:
        words._words.cache_clear()


def test_no_two_decisions_have_one_number_and_each_is_listed():
    folder = ROOT / "docs" / "decisions"
    names = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert len({name[:4] for name in names}) == len(names)
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == names
    assert all((folder / name).read_text(encoding="utf-8").startswith(f"# {name[:4]} ") for name in names)
