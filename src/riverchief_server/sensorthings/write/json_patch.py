"""JSON Patch (RFC 6902, by the library ``jsonpatch``) and merge patch (RFC 7396) of plain values."""

from __future__ import annotations

from typing import Any

from jsonpatch import JsonPatch, JsonPatchException
from jsonpointer import JsonPointerException

from riverchief.errors import BadInput, Fault

MOST = 1000


def json_patch(document: Any, operations: Any) -> Any:
    """``document`` after all ``operations``, or none of them. Raises ``sta_bad_patch``."""
    if not isinstance(operations, list) or len(operations) > MOST:
        raise _bad("[{op, path, …}]")
    try:
        return JsonPatch(operations).apply(document)
    except (JsonPatchException, JsonPointerException) as refused:
        raise _bad(str(refused)[:80]) from None
    except (TypeError, KeyError, ValueError, IndexError):
        # what the library does not foresee, such as a step into a number, is still the asker's
        raise _bad(str(operations)[:80]) from None


def merge_patch(document: Any, patch: Any) -> Any:
    """``document`` with ``patch`` merged into it: null takes a member away, an object goes in member by member."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _bad(given: str) -> BadInput:
    return BadInput([Fault("sta_bad_patch", details={"given": given})])
