"""Who takes the journal into the database beside the gateway: a thread, or a process of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Protocol

from riverchief_server.observations.inbox.taking import Taker

log = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "riverchief_server.cli", "inbox", "--follow", "--folder")
END_WITHIN_S = 30.0
STANDS_IN_S = 20.0  # a process that starts on a busy machine takes some seconds


class Taking(Protocol):
    """Takes until it is told to end."""

    def wake(self) -> None:
        """There is something to take. Quick, never waits."""

    def look_after(self) -> None:
        """See that it still runs; called every second."""

    def end(self) -> None:
        """Take what is left, then stop; may take seconds."""


class InThread:
    """In this process. Enough for a county's stations; with thousands it would hold up the answers."""

    def __init__(self, folder: Path):
        self._stop, self._wake = threading.Event(), threading.Event()
        work = Taker(folder).run_for_ever
        self._thread = threading.Thread(target=work, args=(self._stop, self._wake), name="inbox", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def look_after(self) -> None:
        return

    def end(self) -> None:
        self.leave()
        self._thread.join(END_WITHIN_S)

    def leave(self) -> None:
        """Take what is left, then stop; nobody waits for it."""
        self._stop.set()
        self._wake.set()


class InProcess:
    """In a process of its own (``riverchief inbox --follow``): it has an interpreter to itself and gives way.

    Each byte on its standard input wakes it, the end of the input ends it: it never outlives the gateway for long.
    Where it dies a thread stands in until its successor has started: what was acknowledged is seen without waiting.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._process = self._start()
        self._stand_in: InThread | None = None
        self._leaves_s = 0.0

    def wake(self) -> None:
        if self._stand_in is not None:
            self._stand_in.wake()
        assert self._process.stdin is not None
        # a full pipe has bytes enough to wake it; a broken one is looked after
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._process.stdin.fileno(), b"\n")

    def look_after(self) -> None:
        if self._process.poll() is not None:
            log.warning("the process of the inbox ended (%s); another is started", self._process.returncode)
            self._close_input()
            self._process = self._start()
            if self._stand_in is not None:
                self._stand_in.leave()
            # the successor waits for the right to take, which the thread has until it leaves
            self._stand_in, self._leaves_s = InThread(self._folder), time.monotonic() + STANDS_IN_S
        elif self._stand_in is not None and time.monotonic() > self._leaves_s:
            self._stand_in.leave()
            self._stand_in = None

    def end(self) -> None:
        if self._stand_in is not None:
            self._stand_in.end()
        self._close_input()
        try:
            self._process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            log.warning("the inbox is still busy; what it has not taken lies in the journal for the next start")
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, str(self._folder)], stdin=subprocess.PIPE, bufsize=0
        )
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        return process

    def _close_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
