"""Real data that is not part of the project: used where the folder beside the checkout has it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """The file ``path`` of the shared data; skips the test, and says so, where it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"SHARED DATA MISSING: {found} is not there, so this test proved nothing")
    return found
