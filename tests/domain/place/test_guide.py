"""``docs/guide/network.md`` is executed: its file, its commands with their output, its Python, its list of faults."""

import csv
import re
from pathlib import Path

import pytest

from riverchief.place import soundness
from riverchief_server.cli import main

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "guide" / "network.md").read_text(encoding="utf-8")
PLACE = Path(soundness.__file__).parent


@pytest.fixture
def beside_the_file(tmp_path, monkeypatch):
    (tmp_path / "rivers.csv").write_text(re.search(r"```csv\n(.*?)```", GUIDE, re.S).group(1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_the_commands_print_what_the_guide_shows(beside_the_file, capsys):
    blocks = re.findall(r"```console\n(.*?)```", GUIDE, re.S)
    steps = [step for block in blocks for step in re.split(r"^\$ ", block, flags=re.M) if step]
    assert len(steps) == 3
    for step in steps:
        command, _, output = step.partition("\n")
        assert main(command.split()[1:]) == 0
        assert capsys.readouterr().out == output


def test_the_python_prints_what_the_guide_says(beside_the_file, capsys):
    script = re.search(r"```python\n(.*?)```", GUIDE, re.S).group(1)
    exec(script, {})
    expected = re.findall(r"^print\(.*\)  # (.*)$", script, re.M)
    assert capsys.readouterr().out.splitlines() == expected and len(expected) == 2


def test_every_fault_a_network_can_have_has_its_remedy():
    source = "".join((PLACE / name).read_text() for name in ("soundness.py", "reading.py", "rows.py", "convention.py"))
    raised = set(re.findall(r'fault\(\s*"(\w+)"|Fault\(\s*"(\w+)"|_fault\("(\w+)"', source))
    kinds = {kind for found in raised for kind in found if kind}
    told_elsewhere = {"uneven_columns", "unit_mismatch"}  # a caller's mistake, not a file's
    assert {kind for kind in kinds - told_elsewhere if f"`{kind}`" not in GUIDE} == set()


def test_the_guide_lists_every_convention():
    with (PLACE / "conventions.csv").open(encoding="utf-8", newline="") as table:
        codes = [row["code"] for row in csv.DictReader(table)]
    assert codes and all(f"| `{code}` |" in GUIDE for code in codes)
