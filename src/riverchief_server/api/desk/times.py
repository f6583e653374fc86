"""The times that the desk's API hears: within what can be stored, and the county's where they name no zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from riverchief.errors import BadInput, Fault
from riverchief_server.api.words import local

# as the store of readings has it; what lies outside cannot be put into another zone near the ends of the calendar
FIRST_YEAR, LAST_YEAR = 1800, 2299


def within_reach(moment: datetime, info: ValidationInfo) -> datetime:
    """``moment``, which must lie in the years that can be stored. Raises ``out_of_range``."""
    if FIRST_YEAR <= moment.year <= LAST_YEAR:
        return moment
    details = {"given": moment.isoformat(), "allowed": f"{FIRST_YEAR} – {LAST_YEAR}"}
    raise BadInput([Fault("out_of_range", column=info.field_name, details=details)])


#: A time that somebody sent us.
Moment = Annotated[datetime, AfterValidator(within_reach)]


def in_the_county(moment: datetime | None) -> datetime | None:
    """``moment`` with a zone; a time without one is the county's, as people write it."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=local(datetime.now(UTC)).tzinfo)
