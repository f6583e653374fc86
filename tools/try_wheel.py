"""Installs the built wheel by itself, as a stranger would, and asks its demonstration for the first page."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UP_IN_S = 60.0
FIRST_PAGE_IN_S = 1.5
NEEDED = ("/desk/", "/api/session", "/board/", "/static/public.css")


def main() -> int:
    """0 where the wheel installs, loads, serves and stops; times are printed, and fail only where missed by far."""
    (wheel,) = (ROOT / "dist").glob("riverchief-*.whl")
    folder = Path(tempfile.mkdtemp(prefix="riverchief-wheel-"))
    try:
        venv = folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        uv = [str(ROOT / ".venv" / "bin" / "uv"), "pip", "install", "-q", "--python", str(venv)]
        subprocess.run([*uv, "-r", str(ROOT / "requirements" / "run.txt")], check=True)
        subprocess.run([*uv, "--no-deps", str(wheel)], check=True)
        return _try(venv / "bin" / "riverchief", folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try(command: Path, folder: Path) -> int:
    port = _free_port()
    # Nothing of the checkout is on the path, and there is no Node.
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "RIVERCHIEF_HOME": str(folder / "home"), "LANG": "C.UTF-8"}
    began = time.monotonic()
    server = subprocess.Popen([command, "demo", "--port", str(port)], cwd=folder, env=clean)
    try:
        while True:
            if server.poll() is not None:
                print(f"the wheel's demonstration ended with {server.returncode}")
                return 1
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/desk/", timeout=5).read()
                break
            except OSError:
                time.sleep(0.2)
            if time.monotonic() - began > 5 * UP_IN_S:
                print("the wheel's demonstration did not come up")
                return 1
        print(f"wheel: demonstration up in {time.monotonic() - began:.1f} s (wanted: {UP_IN_S:.0f})")
        for path in NEEDED:
            began = time.monotonic()
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).read()
            print(f"wheel: {path} in {time.monotonic() - began:.2f} s (wanted: {FIRST_PAGE_IN_S})")
    finally:
        server.terminate()
        server.wait(timeout=30)
    return 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
