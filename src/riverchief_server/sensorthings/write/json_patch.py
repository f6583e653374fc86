"""JSON Patch (RFC 6902) and merge patch (RFC 7396) of plain values."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from riverchief.errors import BadInput, Fault

MOST = 1000
OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")


def json_patch(document: Any, operations: Any) -> Any:
    """``document`` after all ``operations``, or none of them. Raises ``sta_bad_patch``."""
    if not isinstance(operations, list) or len(operations) > MOST:
        raise _bad("[{op, path, …}]")
    changed = copy.deepcopy(document)
    for operation in operations:
        if not isinstance(operation, dict) or operation.get("op") not in OPERATIONS:
            raise _bad(str(operation)[:80])
        changed = _apply(changed, operation)
    return changed


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


def _apply(document: Any, operation: dict[str, Any]) -> Any:
    kind, path = operation["op"], _path(operation.get("path"))
    if kind in ("add", "replace", "test") and "value" not in operation:
        raise _bad(f"{kind} {operation.get('path')}: value")
    if kind == "test":
        if not _same(_find(document, path), operation["value"]):
            raise _bad(f"test {operation['path']}")
        return document
    if kind in ("move", "copy"):
        source = _path(operation.get("from"))
        value = copy.deepcopy(_find(document, source))
        if kind == "move":
            if path[: len(source)] == source and path != source:
                raise _bad(f"move {operation['from']}")
            document = _remove(document, source)
        return _add(document, path, value)
    if kind == "remove":
        return _remove(document, path)
    if kind == "replace":
        _find(document, path)
        if path and isinstance(_find(document, path[:-1]), list):
            document = _remove(document, path)
    return _add(document, path, copy.deepcopy(operation["value"]))


def _path(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise _bad(str(text)[:80])
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def _find(document: Any, path: Sequence[str]) -> Any:
    here = document
    for step in path:
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            raise _bad("/" + "/".join(path))
    return here


def _add(document: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent, step = _find(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[step] = value
    elif isinstance(parent, list) and (step == "-" or (step.isdecimal() and int(step) <= len(parent))):
        parent.insert(len(parent) if step == "-" else int(step), value)
    else:
        raise _bad("/" + "/".join(path))
    return document


def _remove(document: Any, path: Sequence[str]) -> Any:
    _find(document, path)
    if not path:
        return None
    parent, step = _find(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent.pop(int(step))
    else:
        del parent[step]
    return document


def _same(one: Any, other: Any) -> bool:
    """JSON's equality: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _bad(given: str) -> BadInput:
    return BadInput([Fault("sta_bad_patch", details={"given": given})])
