"""Installs the offline archive as a stranger would, with the network off, and asks its demonstration for a page.

Then the stranger keeps it: a backup, everything destroyed, restored elsewhere, and counted.
"""

import os
import shutil
import socket
import subprocess
import sys
import tarfile
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
    (archive,) = (ROOT / "dist").glob("riverchief-*-offline-*.tar")
    folder = Path(tempfile.mkdtemp(prefix="riverchief-wheel-"))
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        (script,) = folder.glob("*/install.sh")
        began = time.monotonic()
        subprocess.run([*_without_network(), "sh", str(script), str(folder / "venv")], env=_clean(folder), check=True)
        print(f"wheel: installed with no index in {time.monotonic() - began:.0f} s")
        command = folder / "venv" / "bin" / "riverchief"
        return _try(command, folder) or _destroy_and_restore(command, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try(command: Path, folder: Path) -> int:
    port = _free_port()
    began = time.monotonic()
    server = subprocess.Popen([command, "demo", "--port", str(port)], cwd=folder, env=_clean(folder))
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


def _destroy_and_restore(command: Path, folder: Path) -> int:
    """0 where the demonstration's county comes back from its backup, table by table."""
    home, file = folder / "home" / "demo", folder / "county.zip"
    said = []
    for words, where in (
        (["backup", str(file)], home),
        (["restore", str(file)], folder / "elsewhere"),
        (["backup", str(folder / "again.zip")], folder / "elsewhere"),
    ):
        done = subprocess.run(
            [command, *words], env=_clean(folder, where), cwd=folder, check=True, stdout=subprocess.PIPE, text=True
        )
        said.append(done.stdout.split()[-2:])
        if words[0] == "backup" and where == home:
            shutil.rmtree(home)
    print(f"wheel: backed up, destroyed, restored: {' '.join(said[0])}")
    return 0 if said[0] == said[2] else 1


def _without_network() -> list[str]:
    """What takes the network from a command; nothing where this user may not, and ``--no-index`` alone proves it."""
    there = shutil.which("unshare")
    may = there and subprocess.run([there, "--net", "true"], capture_output=True, check=False).returncode == 0
    print(f"wheel: the network is {'off' if may else 'on, but no index is asked'} while it installs")
    return ["unshare", "--net"] if may else []


def _clean(folder: Path, home: Path | None = None) -> dict[str, str]:
    """An environment in which nothing of the checkout is on the path, and there is no Node."""
    python = str(Path(sys.base_prefix) / "bin")
    kept = str(home or folder / "home")
    return {"PATH": f"{python}:/usr/bin:/bin", "HOME": str(folder), "RIVERCHIEF_HOME": kept, "LANG": "C.UTF-8"}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
