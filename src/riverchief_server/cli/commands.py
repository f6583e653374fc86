"""The commands: name, module that does the work, one line of help.

A module is imported only when its command is called, so that ``riverchief grade`` never waits for Django.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "grade": ("riverchief_server.cli.grade", "the class of surface water, with why (GB 3838-2002)"),
    "network": (
        "riverchief_server.cli.network",
        "a river network: its faults, and what is up- or downstream of a reach",
    ),
}
