"""Every operation of the desk has its row in the table of rights, and every row an operation."""

import json
from pathlib import Path

from riverchief.party.role import all_roles
from riverchief.table import read_table

ROWS = read_table("riverchief_server.api.desk", "rights.csv")
CLIENT = Path(__file__).resolve().parents[2] / "web" / "client" / "openapi.json"


def test_the_table_names_exactly_the_operations_that_there_are():
    document = json.loads(CLIENT.read_text(encoding="utf-8"))
    there = {
        (said["operationId"], method.upper(), path.removeprefix("/api"))
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    }
    assert {(row["operation"], row["method"], row["path"]) for row in ROWS} == there


def test_every_right_is_one_that_a_role_has_and_every_scope_is_known():
    granted = {right for role in all_roles().values() for right in role.may}
    assert {row["right"] for row in ROWS} <= granted | {"open", "any"}
    assert {row["scope"] for row in ROWS} == {"all", "seen", "own"}


def test_strangers_reach_only_the_session_and_an_instruments_own_door():
    assert {row["path"].split("/")[1] for row in ROWS if row["right"] == "open"} == {"session", "upload"}
