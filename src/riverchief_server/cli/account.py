"""``riverchief account``: make an account or give it a new password. The password is asked for, never an argument."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("username")
    parser.add_argument("--role", help="a role of the table of roles, such as office or township_chief")
    parser.add_argument("--name", default="", help="the name other people see")
    parser.add_argument("--unit", help="the unit's id; it also gives the region")
    parser.add_argument("--region", help="a 12-digit region code, where there is no unit")


def run(arguments: argparse.Namespace) -> int:
    """Make or change the account; the password comes from the terminal, or RIVERCHIEF_PASSWORD where there is none."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from riverchief.errors import BadInput, Fault, unknown_name
    from riverchief.party.role import find_role
    from riverchief_server.parties.models import Account, Unit
    from riverchief_server.places.models import Region

    account = Account.objects.filter(username=arguments.username).first() or Account(username=arguments.username)
    if arguments.role or account.pk is None:
        account.role = find_role(arguments.role or "").code
    if arguments.unit:
        account.unit = Unit.objects.filter(code=arguments.unit).first()
        if account.unit is None:
            raise BadInput([unknown_name("unknown_unit_code", arguments.unit, _codes(Unit))])
    if arguments.region:
        account.region = Region.objects.filter(code=arguments.region).first()
        if account.region is None:
            raise BadInput([unknown_name("unknown_region", arguments.region, _codes(Region))])
    account.name = arguments.name or account.name
    account.is_staff = account.is_superuser = account.role == "admin"
    password = getpass.getpass() if sys.stdin.isatty() else os.environ.get("RIVERCHIEF_PASSWORD", "")
    try:
        validate_password(password, account)
    except ValidationError as refused:
        raise BadInput([Fault("weak_password", details={"allowed": " ".join(refused.messages)})]) from None
    account.set_password(password)
    account.save()
    print(f"{account.username}: {account.role}" + (f", {account.unit.name}" if account.unit else ""))
    return 0


def _codes(model: Any) -> list[str]:
    return list(model.objects.values_list("code", flat=True))
