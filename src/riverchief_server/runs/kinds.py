"""What can be computed: one row for each kind of run.

A computation is a pure function of the stored inputs, the seed and ``tell``: it calls ``tell(share done)`` now and
then, which raises :class:`Stopped` where nobody wants the answer any more. It returns plain JSON, without NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from riverchief.spill.question import answer_spill
from riverchief.tracing.question import answer_trace

Tell = Callable[[float], None]
# each reads a question of its own shape, which is said beside the computation
Computation = Callable[[Any, int, Tell], Mapping[str, Any]]

KINDS: dict[str, Computation] = {
    "spill": answer_spill,
    "trace": answer_trace,
}


class Stopped(Exception):
    """The run was cancelled, or somebody else has taken it up."""
