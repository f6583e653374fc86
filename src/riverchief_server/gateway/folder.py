"""A drop folder: each source has a folder of its name; a file that lies still is taken in and moved to ``taken``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from riverchief.errors import Fault
from riverchief_server.gateway.door import Door
from riverchief_server.observations.inbox.journal import Raw

log = logging.getLogger(__name__)
LOOK_S = 2.0
LARGEST = 64 * 1024 * 1024
TAKEN, REFUSED = "taken", "refused"


class _Look(NamedTuple):
    size: int
    changed: float


class Folder:
    """Watches ``root/<source>/``; the source is an instrument of protocol ``file`` whose identity is the folder's name.

    A file is taken when two looks found it the same, so that one still being copied is left alone. Names that begin
    with a dot or end in ``.part`` or ``.tmp`` are passed over. Taking a file in again changes nothing.
    """

    def __init__(self, root: Path, door: Door):
        self._root, self._door = root, door
        self._seen: dict[Path, _Look] = {}

    async def run_for_ever(self) -> None:
        """Look every two seconds."""
        while True:
            try:
                await self.look()
            except OSError as failed:
                log.warning("the drop folder cannot be read: %s", failed)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> int:
        """Look once; how many files were taken in."""
        taken = 0
        present: dict[Path, _Look] = {}
        for known in self._door.of_protocol("file"):
            folder = self._root / Path(known.identity).name
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.iterdir()):
                if (
                    not path.is_file()
                    or path.is_symlink()
                    or path.name.startswith(".")
                    or path.suffix in {".part", ".tmp"}
                ):
                    continue
                stat = path.stat()
                present[path] = _Look(stat.st_size, stat.st_mtime)
                if self._seen.get(path) != present[path]:
                    continue
                if stat.st_size > LARGEST:
                    fault = Fault("too_big", details={"given": str(stat.st_size), "allowed": str(LARGEST)})
                    self._door.refuse("file", b"", fault, str(folder), known, path.name)
                    _move(path, REFUSED)
                    continue
                durable = asyncio.Event()
                raw = Raw("file", path.name, str(folder), datetime.now(UTC), path.read_bytes(), known.pk)
                self._door.journal.keep(raw, durable.set)
                await durable.wait()
                self._door.saw(known, str(folder))
                _move(path, TAKEN)
                taken += 1
        self._seen = present
        return taken


def _move(path: Path, where: str) -> None:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    if target.exists():
        target = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{path.name}"
    with contextlib.suppress(FileNotFoundError):
        path.rename(target)
