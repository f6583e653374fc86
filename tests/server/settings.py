"""The server's settings for tests: a home of their own, fast passwords, demonstration mode."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("RIVERCHIEF_HOME", tempfile.mkdtemp(prefix="riverchief-test-"))
os.environ.setdefault("RIVERCHIEF_DEMO", "true")

from riverchief_server.settings.django import *  # noqa: F403
from riverchief_server.settings.django import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
# A test starts and drops many threads, each of which would keep a connection of a pool that lives as long as the run.
DATABASES["default"]["OPTIONS"].pop("pool", None)
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: the tests then meet WAL and IMMEDIATE as the server does.
    DATABASES["default"]["TEST"] = {"NAME": Path(os.environ["RIVERCHIEF_HOME"]) / "test.sqlite3"}
