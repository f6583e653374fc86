"""The files for running it as a service name only settings that there are, and the room their documents name."""

import re
from pathlib import Path

import pytest

from riverchief_server.settings.options import OPTIONS

DEPLOY = sorted((Path(__file__).resolve().parents[2] / "deploy").iterdir())
KNOWN = {option.name for option in OPTIONS} | {"config"}


@pytest.mark.parametrize("file", DEPLOY, ids=lambda file: file.name)
def test_every_setting_named_is_one(file: Path):
    text = file.read_text(encoding="utf-8")
    named = {name.lower() for name in re.findall(r"RIVERCHIEF_([A-Z0-9_]+)", text)}
    named |= set(re.findall(r"\b([a-z][a-z0-9_]*) = ", text))
    assert named <= KNOWN
