"""Every setting a person can change: name, default, meaning. Nothing else in the program reads the environment.

A value comes from ``RIVERCHIEF_<NAME>``, else from ``riverchief.toml`` (in the working directory, or where
``RIVERCHIEF_CONFIG`` points), else from its default. ``riverchief doctor`` prints all of them, secrets hidden.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from riverchief.telemetry.protocol import listening


@dataclass(frozen=True)
class Option:
    """One setting. ``default`` is text as it would stand in the environment; a secret is never shown."""

    name: str
    default: str
    meaning: str
    is_secret: bool = False


OPTIONS: tuple[Option, ...] = (
    Option("home", "", "folder for the database, uploads and keys; empty: the user's data folder"),
    Option("database_url", "", "postgres://user:password@host:port/name; empty: SQLite in the home folder", True),
    Option("secret_key", "", "signs sessions; empty: made once and kept in the home folder", True),
    Option("hosts", "127.0.0.1,localhost,[::1]", "host names the server answers to, comma separated"),
    Option("host", "127.0.0.1", "address to listen on"),
    Option("port", "8000", "port to listen on"),
    Option("public_url", "", "address others reach the server by, https://…; empty: http://host:port"),
    Option(
        "trusted_proxies", "", "addresses or networks of proxies whose X-Forwarded-For is believed; empty: nobody's"
    ),
    Option("demo", "false", "demonstration mode: one click logs in as a role; never where real data are"),
    Option("language", "zh", "language of a reader who asks for none: zh or en"),
    Option("timezone", "Asia/Shanghai", "zone in which times are shown"),
    Option("https", "false", "true where the server is reached over https: cookies are then sent only so"),
    Option("upload_mb", "12", "largest photo or file that is taken in, in megabytes"),
    Option("office_hours", "", "working calendar, as Mon-Fri 09:00-12:30,14:00-18:00; china; empty: Chongqing's"),
    Option("clock_s", "60", "seconds between two looks of the clock"),
    Option("open_data", "false", "true: anybody may read stations, measurements and rivers by the open interfaces"),
    Option("gateway_host", "127.0.0.1", "address on which stations are listened to; 0.0.0.0: all"),
    *(
        Option(f"{row.name}_port", str(row.port), f"{row.transport.upper()} port for a {row.en}; empty: none")
        for row in listening()
    ),
    Option("gateway_allow", "", "only these addresses and networks are listened to, comma separated; empty: any"),
    Option("gateway_strangers", "200", "connections of one host that have not shown yet which station they are"),
    Option("mqtt_url", "", "broker to subscribe to, mqtt://user:password@host:1883 or mqtts://; empty: none", True),
    Option("sensorthings_mqtt", "false", "true: SensorThings also by the broker of mqtt_url, news out and readings in"),
    Option("mqtt_guarded", "false", "true: the broker lets only those read v1.1/# who may see measurements"),
    Option("mqtt_create_prefix", "create/", "stands before the standard's topics on which observations come in"),
    Option("mqtt_user_prefix", "", "such as users/: below it the broker lets each NAME publish below NAME/ only"),
    Option("drop_folder", "", "folder whose files are taken in, one folder a source inside; empty: none"),
    Option(
        "inbox_process",
        "true",
        "true: what stations send is understood in a process of its own and never delays an answer; false: in a thread",
    ),
    Option("backup_folder", "", "folder for the daily backup; empty: none is made by itself"),
    Option("backup_at", "02:30", "time of day of the daily backup, HH:MM in the zone of the setting timezone"),
    Option("forecast_at", "02:00", "time of day of the forecasts, HH:MM in the zone of timezone; empty: none"),
    Option("backup_keep", "7d 4w 12m", "how many daily, weekly and monthly backups stay in the folder"),
    Option("backup_second_folder", "", "a second place, such as a mounted share, for a copy of each daily backup"),
    Option("postgres_tools", "", "folder of pg_dump and pg_restore; empty: found on the PATH"),
    Option("debug", "false", "show errors in full; never in production"),
)


@cache
def option(name: str) -> str:
    """The value of setting ``name`` as text."""
    known = next(entry for entry in OPTIONS if entry.name == name)
    from_environment = os.environ.get(f"RIVERCHIEF_{name.upper()}")
    if from_environment is not None:
        return from_environment
    from_file = _file().get(name)
    if from_file is None:
        return known.default
    if isinstance(from_file, bool):
        return str(from_file).lower()
    return ",".join(map(str, from_file)) if isinstance(from_file, list) else str(from_file)


def is_on(name: str) -> bool:
    """Whether a yes/no setting is on."""
    return option(name).lower() in {"1", "true", "yes", "on"}


def home() -> Path:
    """The folder for everything that is kept; made, readable by its owner only, if it is not there."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = Path(option("home")) if option("home") else data / "riverchief"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def journal_folder() -> Path:
    """The folder in which the gateway keeps what it has acknowledged until the database has it."""
    return home() / "journal"


def secret_key() -> str:
    """The key that signs sessions: as set, else one made once and kept beside the database."""
    if option("secret_key"):
        return option("secret_key")
    path = home() / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key)
    return key


def unknown_settings() -> list[str]:
    """Names in the file or the environment that mean nothing: most likely misspelt."""
    known = {entry.name for entry in OPTIONS} | {"config", "ci", "password"}
    from_environment = {
        name.removeprefix("RIVERCHIEF_").lower() for name in os.environ if name.startswith("RIVERCHIEF_")
    }
    return sorted((from_environment | set(_file())) - known)


@cache
def _file() -> dict[str, Any]:
    path = Path(os.environ.get("RIVERCHIEF_CONFIG") or "riverchief.toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
