"""No verdict of a test is thrown away."""

from pathlib import Path

import pytest

from tests.house.silent_tests import silent_lines

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_no_verdict_is_thrown_away(path: Path):
    assert list(silent_lines(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("silent", ["a == b", "all(x)", "np.allclose(a, b)", "isinstance(a, int)"])
def test_the_check_sees_a_silent_line(silent: str):
    assert list(silent_lines(f"def test_x():\n    {silent}\n")) == [2]
