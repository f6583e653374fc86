"""The command line: one door, a table of commands, three exit codes.

Results go to standard output, messages to standard error. Exit 0: done; 1: the answer is "no"; 2: bad usage or input,
with every fault named.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from riverchief.errors import BadInput, RiverchiefError
from riverchief_server.cli.commands import COMMANDS


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(arguments[0] if arguments else "")
    chosen = parser.parse_args(arguments)
    if not hasattr(chosen, "run"):
        parser.print_help(sys.stderr)
        return 2
    try:
        return int(chosen.run(chosen))
    except BadInput as refused:
        print(refused.text(language()), file=sys.stderr)
        return 2
    except RiverchiefError as refused:
        print(refused.text(language()), file=sys.stderr)
        return 1
    except FileNotFoundError as missing:
        print(f"{missing.filename}: no such file", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is wrong with us.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def language() -> str:
    """The language of messages: ``RIVERCHIEF_LANGUAGE``, else Chinese where the locale is Chinese, else English."""
    chosen = os.environ.get("RIVERCHIEF_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if chosen.startswith("zh") else "en"


def _parser(called: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="riverchief", description="The open-source river-chief system (智慧河长).")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, (module, help_line) in COMMANDS.items():
        command = commands.add_parser(name, help=help_line, description=help_line)
        if name == called:
            work = import_module(module)
            work.add_arguments(command)
            command.set_defaults(run=work.run)
    return parser
