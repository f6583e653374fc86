"""The commands: name, module that does the work, one line of help.

A module is imported only when its command is called, so that ``riverchief grade`` never waits for Django.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("riverchief_server.cli.demo", "load the demonstration county and serve it"),
    "up": ("riverchief_server.cli.web", "migrate, then pages and API, clock and gateway in one process"),
    "web": ("riverchief_server.cli.web_only", "serve pages and API only"),
    "jobs": ("riverchief_server.cli.jobs", "run the clock only"),
    "import": (
        "riverchief_server.cli.import_",
        "bring files in, with a report of every fault before anything is written",
    ),
    "gateway": ("riverchief_server.cli.gateway", "listen to stations only: HJ 212, SL 651, MQTT, a drop folder"),
    "station": ("riverchief_server.cli.station", "register an instrument, see how it does, send it a command"),
    "inbox": ("riverchief_server.cli.inbox", "take into the database what a gateway has acknowledged and left"),
    "replay": ("riverchief_server.cli.replay", "read refused messages again, after what was wrong is put right"),
    "simulate": ("riverchief_server.cli.simulate", "stations that are not there, speaking HJ 212 or MQTT"),
    "archive": ("riverchief_server.cli.archive", "seal past months as Parquet"),
    "backup": ("riverchief_server.cli.backup", "write the county into one file while it runs, or verify such a file"),
    "restore": ("riverchief_server.cli.restore", "put a backup back into an empty home folder"),
    "account": ("riverchief_server.cli.account", "make an account or give it a new password"),
    "token": ("riverchief_server.cli.token", "make, list and take back tokens of programs and instruments"),
    "doctor": ("riverchief_server.cli.doctor", "say what is configured, reachable, behind or wrong"),
    "grade": ("riverchief_server.cli.grade", "the class of surface water, with why (GB 3838-2002)"),
    "source": ("riverchief_server.cli.source", "whether drinking-water sources comply (GB 3838-2002, HJ 774)"),
    "report": (
        "riverchief_server.cli.report",
        "the monthly report of surface water, of a sheet or the server (水质月报)",
    ),
    "aqi": ("riverchief_server.cli.aqi", "the air quality index and its primary pollutants (HJ 633)"),
    "case": ("riverchief_server.cli.case", "verify: whether the history of every case is as it was written"),
    "deadline": ("riverchief_server.cli.deadline", "when something falls due, by the working calendar with 调休"),
    "network": (
        "riverchief_server.cli.network",
        "a river network: its faults, and what is up- or downstream of a reach",
    ),
    "check": ("riverchief_server.cli.check", "quality-control flags for a series, each with the test that set it"),
    "spill": (
        "riverchief_server.cli.spill",
        "a spill: when and how high it arrives at each place downstream, with ranges",
    ),
    "trace": (
        "riverchief_server.cli.trace",
        "a pollution: which outfall it came from, when, how much, how sure that is",
    ),
    "forecast": (
        "riverchief_server.cli.forecast",
        "what comes next at each station, with the skill it has shown against the best base",
    ),
    "decode": ("riverchief_server.cli.decode", "frames of a station (HJ 212, SL 651) as JSON, one a line"),
}
