"""``riverchief token``: make, list and take back what a program shows instead of a password."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    does = parser.add_subparsers(dest="does", required=True, metavar="DOES")
    add = does.add_parser("add", help="make a token; it is printed this once only")
    add.add_argument("account", help="whose rights it has at most: riverchief account makes one")
    add.add_argument("--name", required=True, help="for whom it is, such as 'buoy 1' or 'QGIS of the office'")
    add.add_argument("--station", help="an instrument's: it may bring measurements of this station and nothing else")
    add.add_argument("--days", type=int, help="how long it is good for; without: until it is taken back")
    listed = does.add_parser("list", help="every token: number, account, name, until when")
    listed.add_argument("account", nargs="?", help="only those of this account")
    revoke = does.add_parser("revoke", help="take a token back; programs that show it are refused within seconds")
    revoke.add_argument("token", type=int, help="its number in the list")


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    return {"add": _add, "list": _list, "revoke": _revoke}[arguments.does](arguments)


def _add(arguments: argparse.Namespace) -> int:
    from riverchief.errors import BadInput, Fault, unknown_name
    from riverchief_server.observations.models import Series
    from riverchief_server.parties.models import Account
    from riverchief_server.parties.tokens import make_token
    from riverchief_server.places.models import Place

    account = Account.objects.filter(username=arguments.account).first()
    faults = []
    if account is None:
        known = list(Account.objects.values_list("username", flat=True))
        faults.append(unknown_name("unknown_account", arguments.account, known))
    place = Place.objects.filter(code=arguments.station).first() if arguments.station else None
    if arguments.station and place is None:
        codes = list(Place.objects.values_list("code", flat=True))
        faults.append(unknown_name("unknown_station", arguments.station, codes))
    if arguments.days is not None and arguments.days < 1:
        faults.append(Fault("out_of_range", column="--days", details={"given": str(arguments.days), "allowed": "≥ 1"}))
    if faults:
        raise BadInput(faults)
    assert account is not None
    print(make_token(account, arguments.name, datetime.now(UTC), days=arguments.days, place=place))
    if "measure" not in account.the_role.may:
        print(f"{account.username} ({account.the_role.name_en}) may read only", file=sys.stderr)
    if place is not None:
        print(f"for measurements of {place.code} ({place.name}) only; its datastreams:", file=sys.stderr)
        for series in Series.objects.filter(place=place).order_by("pk"):
            print(f"  Datastreams({series.pk})  {series.parameter}  {series.source}", file=sys.stderr)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from riverchief_server.parties.models import AccessToken

    found = AccessToken.objects.select_related("account", "place").order_by("pk")
    if arguments.account:
        found = found.filter(account__username=arguments.account)
    for token in found:
        until = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "—"
        of = token.place.code if token.place else "—"
        print(f"{token.pk}\t{token.account.username}\t{token.name}\t{of}\t{token.created_at:%Y-%m-%d}\t{until}")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    from riverchief_server.parties.models import AccessToken

    gone, _ = AccessToken.objects.filter(pk=arguments.token).delete()
    print(f"{gone} taken back")
    return 0 if gone else 1
