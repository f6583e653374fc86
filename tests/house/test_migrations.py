"""Migrations: two that were written beside each other under one number would leave a server that does not start."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

SERVER = Path(__file__).resolve().parents[2] / "src" / "riverchief_server"


@pytest.mark.parametrize("folder", sorted(SERVER.rglob("migrations")), ids=lambda folder: folder.parent.name)
def test_each_number_is_there_once_and_none_is_left_out(folder: Path):
    numbers = sorted(int(path.name[:4]) for path in folder.glob("[0-9]*.py"))
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("folder", sorted(SERVER.rglob("migrations")), ids=lambda folder: folder.parent.name)
def test_each_follows_the_one_before(folder: Path):
    names = sorted(path.stem for path in folder.glob("[0-9]*.py"))
    for before, name in pairwise(names):
        assert f'"{before}"' in (folder / f"{name}.py").read_text(encoding="utf-8")
