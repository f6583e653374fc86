"""Who may ask for a run, read one and stop one; nothing else grants it (``roles.csv``)."""

from __future__ import annotations

from riverchief.errors import Fault, NotAllowed
from riverchief_server.parties.models import Account
from riverchief_server.runs.models import Run

ASK, READ = "compute", "see"


def may_ask(account: Account) -> bool:
    """Whether ``account`` may have something computed."""
    return ASK in account.the_role.may


def may_stop(account: Account, run: Run) -> bool:
    """Whether ``account`` may cancel ``run``: whoever asked for it, and the office."""
    return may_ask(account) and (run.asked_by_id == account.pk or "dispatch" in account.the_role.may)


def need(account: Account | None, allowed: bool) -> None:
    """Raises ``not_allowed`` where the rule said no; the system itself (``None``) may."""
    if account is not None and not allowed:
        role = account.the_role
        raise NotAllowed(Fault("not_allowed", details={"given": role.name_zh, "given_en": role.name_en}))
