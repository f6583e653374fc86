"""The whole server in a process of its own, for benchmarks that measure over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Served(NamedTuple):
    """A server that runs: the address of its root, and its process, which may have children."""

    root: str
    pid: int

    def cpu_s(self) -> float:
        """What the process and its children have worked so far [s]."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if self.pid in (int(fields[1]), int(path.parent.name)):
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def our_server(face: str) -> Iterator[Served]:
    """The server on the database of the settings, as ``riverchief web`` runs it; ``face``: the path under which is
    measured."""
    port = free_port()
    code = "import sys; from riverchief_server.cli.start import set_up; set_up(); "
    code += f"from riverchief_server.cli.web import serve; sys.exit(serve('127.0.0.1', {port}, with_clock=False))"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        if not any("is ready" in line for line in process.stderr):
            raise RuntimeError("the server did not start")
        yield Served(f"http://127.0.0.1:{port}{face}", process.pid)
    finally:
        process.terminate()
        process.wait(30)
