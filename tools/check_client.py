"""Writes the browser's client anew from the server and says what differs from what is committed.

``web/client/openapi.json`` is what the server says of itself; ``web/client/api.d.ts`` is made from it. Run without
arguments this fails when either is behind (CI does so); with ``--write`` it leaves the new ones in place.
"""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLIENT = ROOT / "web" / "client"


def openapi() -> str:
    """The OpenAPI document of the desk's own API, as it is committed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riverchief_server.settings.django")
    import django

    django.setup()
    from riverchief_server.api.desk.routes import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=2, default=str) + "\n"


def main(arguments: list[str]) -> int:
    """Return 0 where the committed client is what the server says, else 1."""
    committed = {name: (CLIENT / name).read_text(encoding="utf-8") for name in ("openapi.json", "api.d.ts")}
    behind = []
    try:
        (CLIENT / "openapi.json").write_text(openapi(), encoding="utf-8")
        subprocess.run(
            ["sh", str(ROOT / "tools" / "npm.sh"), "run", "--silent", "client"], check=True, stdout=sys.stderr
        )
        for name, before in committed.items():
            now = (CLIENT / name).read_text(encoding="utf-8")
            if now != before:
                behind.append(name)
                lines = difflib.unified_diff(
                    before.splitlines(), now.splitlines(), f"committed {name}", "server", lineterm="", n=1
                )
                print("\n".join(list(lines)[:60]))
    finally:
        if "--write" not in arguments:
            for name, before in committed.items():
                (CLIENT / name).write_text(before, encoding="utf-8")
    if behind and "--write" not in arguments:
        print(f"behind the server: {', '.join(behind)}. Run: make client")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
