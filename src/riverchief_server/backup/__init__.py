"""A county in one file: written while the server runs, verified, and put back on another machine."""

from __future__ import annotations

from riverchief_server.backup.manifest import Manifest
from riverchief_server.backup.restoring import restore, verify
from riverchief_server.backup.writing import back_up

__all__ = ["Manifest", "back_up", "restore", "verify"]
