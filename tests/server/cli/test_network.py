"""``riverchief network`` as a shell sees it."""

import io
import json
import sys

import pytest

from riverchief_server.cli import main

TOY = "id,down,length_km\n1,3,1\n2,3,2\n3,5,3\n4,5,4\n5,,5\n"
ISLAND = "id,a,b,len,f\n1,p,q,1000,1\n2,q,r,2000,0.7\n3,q,r,5000,0.3\n4,r,s,4000,1\n"
BY_NODES = ["--id", "id", "--from", "a", "--to", "b", "--length", "len", "--fraction", "f"]


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_info_counts_what_is_there(monkeypatch, capsys):
    feed(monkeypatch, TOY)
    assert main(["network", "info", "-", "--id", "id", "--down", "down", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "reaches": 5,
        "outlets": 1,
        "length_km": 15.0,
        "max_order": 2,
        "secondary_edges": 0,
        "faults": [],
    }


def test_info_names_every_fault_and_says_no(monkeypatch, capsys):
    feed(monkeypatch, "id,down,length_km\n1,2,1\n2,1,0\n3,9,1\n3,,1\n")
    assert main(["network", "info", "-", "--id", "id", "--down", "down", "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["reaches"] == 4 and answer["length_km"] is None
    assert [(fault["kind"], fault["line"], fault["column"]) for fault in answer["faults"]] == [
        ("network_cycle", 2, "down"),
        ("bad_length", 3, "length_km"),
        ("dangling_down", 4, "down"),
        ("duplicate", 5, "id"),
    ]
    assert "1 → 2 → 1" in answer["faults"][0]["text"]


def test_text_goes_out_and_faults_go_to_standard_error(monkeypatch, capsys):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    feed(monkeypatch, "id,down,length_km\n1,2,1\n")
    assert main(["network", "info", "-"]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "reaches\t1" and "下游河段“2”不存在" in said.err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--reach", "3", "--upstream"], [("3", 0), ("1", 3000), ("2", 3000)]),
        (["--reach", "1", "--downstream"], [("1", 0), ("3", 3000), ("5", 8000)]),
        (["--reach", "5", "--upstream", "--within-km", "5"], [("5", 0), ("4", 5000), ("3", 5000)]),
        (["--reach", "1", "--downstream", "--within-km", "0"], [("1", 0)]),
    ],
)
def test_trace_tells_distances_between_downstream_ends(monkeypatch, capsys, options, expected):
    feed(monkeypatch, TOY)
    assert main(["network", "trace", "-", *options, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [(reach["id"], reach["distance_m"]) for reach in answer["reaches"]] == expected
    assert answer["reach"] == options[1] and f"--{answer['direction']}" in options


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--reach", "3", "--upstream"], {"3": 0, "1": 5000}),
        (["--reach", "4", "--upstream"], {"4": 0, "2": 4000, "3": 4000, "1": 6000}),
        (["--reach", "1", "--downstream"], {"1": 0, "2": 2000, "3": 5000, "4": 6000}),
    ],
)
def test_trace_crosses_side_branches(monkeypatch, capsys, options, expected):
    feed(monkeypatch, ISLAND)
    assert main(["network", "trace", "-", *BY_NODES, *options, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {reach["id"]: reach["distance_m"] for reach in answer["reaches"]} == expected


def test_side_branches_are_counted_and_assumed_shares_are_told(monkeypatch, capsys):
    feed(monkeypatch, ISLAND)
    assert main(["network", "info", "-", *BY_NODES[:-2], "--format", "json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["secondary_edges"] == 1
    assert "no flow fractions at 1 divisions" in said.err


def test_an_unknown_reach_and_a_missing_column_are_bad_input(monkeypatch, capsys):
    feed(monkeypatch, TOY)
    assert main(["network", "trace", "-", "--reach", "6", "--upstream"]) == 2
    assert "unknown reach" in capsys.readouterr().err
    feed(monkeypatch, TOY)
    assert main(["network", "info", "-", "--length", "miles"]) == 2
    assert "unknown column 'miles'" in capsys.readouterr().err
    assert main(["network", "info", "nowhere.csv"]) == 2


def test_a_negative_distance_is_bad_usage(capsys):
    with pytest.raises(SystemExit) as left:
        main(["network", "trace", "-", "--reach", "1", "--upstream", "--within-km", "-1"])
    assert left.value.code == 2
