"""What tables and README promise is true: a state is its rows and nothing else, and a right is asked for somewhere."""

import json
import re
from pathlib import Path

import pytest

from riverchief.case.machine import TRAITS, all_states
from riverchief.party.role import all_roles
from riverchief.table import read_table

ROOT = Path(__file__).resolve().parents[2]
# The system itself takes a case there or asks whether it is there: the first step of every case, what an episode opens
# and opens again, the end. These have a part in the code; what is added has none.
OF_THE_SYSTEM = {"reported", "registered", "verified", "closed", "reopened", "merged", "rejected"}
SOURCES = ("src/riverchief", "src/riverchief_server", "web/desk", "web/map", "web/words")
RIGHTS_OF_THINGS = read_table("riverchief_server.sensorthings", "rights.csv")
LEFT_OUT = ("example", "assets", "migrations", "node_modules")


def sources() -> list[Path]:
    found = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.*")]
    return [
        path
        for path in found
        if path.suffix in {".py", ".ts", ".svelte", ".html", ".json"} and not set(path.parts) & set(LEFT_OUT)
    ]


def test_no_code_and_no_page_names_a_state_that_is_only_a_row():
    names = "|".join(set(all_states()) - OF_THE_SYSTEM)
    quoted = re.compile(rf"""["'](state\.)?({names})["']""")
    named = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in sources()
        if (found := quoted.search(path.read_text(encoding="utf-8")))
    }
    assert named == set()


def test_every_trait_of_a_state_is_read_somewhere():
    text = "".join(path.read_text(encoding="utf-8") for path in sources() if path.suffix == ".py")
    assert [trait for trait in TRAITS if f'states_that("{trait}")' not in text] == []


def test_the_words_of_the_desk_hold_no_name_of_a_state():
    for language in ("zh", "en"):
        words = json.loads((ROOT / "web" / "words" / f"{language}.json").read_text(encoding="utf-8"))
        assert not {f"state.{code}" for code in all_states()} & set(words)


@pytest.mark.parametrize("right", sorted({right for role in all_roles().values() for right in role.may}))
def test_a_right_that_a_role_has_is_asked_for(right: str):
    """Who may take a step of a case stands in ``transitions.csv``; a right is for what is no step.

    It is asked for in code, or in the table of rights of a face that asks by its table.
    """
    asked = re.compile(
        rf'require\([^)]*"{right}"|need\("{right}"|"{right}" in [a-z_.]*\.may\b|^[A-Z_, ]+ = .*"{right}"', re.MULTILINE
    )
    python = [path for path in sources() if path.suffix == ".py" and "riverchief_server" in path.parts]
    in_code = any(asked.search(path.read_text(encoding="utf-8")) for path in python)
    assert in_code or right in {row["right"] for row in RIGHTS_OF_THINGS}, right


@pytest.mark.parametrize("row", RIGHTS_OF_THINGS, ids=lambda row: f"{row['entity']} {row['method']}")
def test_what_sensorthings_asks_for_is_a_right_that_somebody_has(row: dict[str, str]):
    assert any(row["right"] in role.may for role in all_roles().values())
