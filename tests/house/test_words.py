"""The browser's words: the same keys in both languages, none empty, none missing, none left over."""

import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
LANGUAGES = ("zh", "en")
WORDS = {
    language: json.loads((WEB / "words" / f"{language}.json").read_text(encoding="utf-8")) for language in LANGUAGES
}
SOURCES = [
    path for folder in ("desk", "map") for path in (WEB / folder).rglob("*") if path.suffix in {".ts", ".svelte"}
]
CODE = {path: path.read_text(encoding="utf-8") for path in SOURCES}
PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_both_languages_have_the_same_keys():
    assert sorted(WORDS["zh"]) == sorted(WORDS["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_empty(language: str):
    assert [key for key, text in WORDS[language].items() if not text.strip()] == []


def test_a_word_takes_the_same_values_in_both_languages():
    differing = [
        key
        for key in WORDS["zh"]
        if set(PLACEHOLDER.findall(WORDS["zh"][key])) != set(PLACEHOLDER.findall(WORDS["en"][key]))
    ]
    assert differing == []


def test_every_key_asked_for_exists():
    asked = {key for code in CODE.values() for key in re.findall(r"""\bt\(\s*["']([\w.]+)["']""", code)}
    assert asked, "no call of t() found: has the code moved?"
    assert sorted(asked - set(WORDS["zh"])) == []


def test_no_key_is_left_over():
    """A key counts as used where it stands in quotes anywhere in the code, since tables name keys too."""
    quoted = {text for code in CODE.values() for text in re.findall(r"""["'`]([\w]+\.[\w.]+)["'`]""", code)}
    assert sorted(set(WORDS["zh"]) - quoted) == []


def test_no_page_speaks_without_the_words_file():
    """Chinese in the code itself would stay Chinese for an English reader. The name of the other language may stand."""
    allowed = {"中文"}
    found = {
        (path.name, line.strip())
        for path, code in CODE.items()
        for line in code.splitlines()
        if CHINESE.search(line)
        and not re.match(r"\s*(//|/?\*|<!--)", line)
        and not any(word in line for word in allowed)
    }
    assert sorted(found) == []
