"""How a loop over arrays is compiled: one decorator with the settings every kernel of the house shares.

``nogil`` lets threads run kernels side by side; ``error_model="numpy"`` gives NaN and infinity instead of exceptions;
fastmath stays off, because recurrences must add in the order that is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., object])


def kernel(loop: Loop) -> Loop:
    """``loop`` compiled at its first call, kept in numba's cache, with its Python signature for the type checker."""
    return cast(Loop, njit(cache=True, nogil=True, error_model="numpy")(loop))
