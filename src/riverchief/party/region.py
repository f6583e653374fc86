"""Administrative regions by the statistics code of 12 digits: province 2, city 2, county 2, township 3, village 3.

A region contains another when its significant digits are a prefix of the other's code; that is the whole of our
administrative scope, and it is one indexed ``LIKE`` in SQL.
"""

from __future__ import annotations

CODE_LENGTH = 12
_LEVEL_ENDS = (2, 4, 6, 9, 12)


def significant_prefix(code: str) -> str:
    """The digits of ``code`` that say where it is: trailing levels that are all zero are dropped.

    ``500229000000`` (a county) gives ``500229``; ``500229107000`` (a township) gives ``500229107``.
    """
    for end in _LEVEL_ENDS:
        if set(code[end:]) <= {"0"}:
            return code[:end]
    return code


def contains(outer: str, inner: str) -> bool:
    """Whether region ``outer`` contains (or is) region ``inner``."""
    return inner.startswith(significant_prefix(outer))
