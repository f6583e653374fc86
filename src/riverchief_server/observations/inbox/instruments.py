"""Who may send, and how each speaks. A stranger is not listened to; a password is kept only as a salted hash.

The hash is deliberately cheap (some milliseconds): the protocols of stations send their password in the clear in every
frame, six digits of it, so that a costly hash would only slow ourselves. A pair that was right is remembered while the
process runs, as a keyed digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db.models import QuerySet

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.telemetry.protocol import protocols, setup_names
from riverchief.units import converter
from riverchief_server.observations.models import Instrument
from riverchief_server.places.models import Place

ITERATIONS = 20_000
#: Doors of files: a drop folder, an upload.
OF_FILES = ("file", "http")
REMEMBERED = 20_000
AT_ONCE = 5000
CHINA_S = 8 * 3600


@dataclass(frozen=True)
class Known:
    """An instrument as the gateway needs it: a row of ``Instrument`` taken out of the database."""

    pk: int
    protocol: str
    identity: str
    station: str
    place: int
    password_hash: str
    is_simulated: bool
    setup: Mapping[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> timezone:
        """The zone of its clock."""
        return timezone(timedelta(seconds=int(self.setup.get("utc_offset_s", CHINA_S))))


def known_of(row: Instrument) -> Known:
    """``row`` as the gateway needs it."""
    return Known(
        row.pk,
        row.protocol,
        row.identity,
        row.place.code,
        row.place_id,
        row.password_hash,
        row.is_simulated,
        dict(row.setup),
    )


def all_known() -> dict[tuple[str, str], Known]:
    """Every enabled instrument by protocol and identity."""
    found = _known(Instrument.objects.filter(is_enabled=True))
    return {(known.protocol, known.identity): known for known in found}


def known_by_number(numbers: Collection[int]) -> dict[int, Known]:
    """The instruments with these numbers, enabled or not; those that are gone are not among them."""
    listed = sorted(numbers)
    return {
        known.pk: known
        for start in range(0, len(listed), AT_ONCE)
        for known in _known(Instrument.objects.filter(pk__in=listed[start : start + AT_ONCE]))
    }


def _known(rows: QuerySet[Instrument]) -> Iterator[Known]:
    """Without an object of Django's for each: it is done every few seconds for all of them."""
    names = ("pk", "protocol", "identity", "place__code", "place", "password_hash", "is_simulated", "setup")
    return (Known(*fields) for fields in rows.values_list(*names))


def hashed(password: str) -> str:
    """``password`` as it is kept."""
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(password, hasher.salt(), ITERATIONS)


def register(
    place: Place,
    protocol: str,
    identity: str,
    password: str | None,
    *,
    setup: Mapping[str, Any] | None = None,
    **more: Any,
) -> Instrument:
    """Make the instrument, or change the one that has this protocol and identity; ``password`` None: it needs none.

    Raises :class:`~riverchief.errors.BadInput`: ``not_one_of`` for the protocol, ``missing_value`` for the identity, or
    what is wrong with the setup.
    """
    faults = []
    allowed = (*protocols(), *OF_FILES)
    if protocol not in allowed:
        faults.append(Fault("not_one_of", details={"given": protocol, "allowed": ", ".join(allowed)}))
    if not identity or len(identity) > 64:
        faults.append(Fault("missing_value", details={"given": "identity", "allowed": "MN 1 – 64"}))
    faults += setup_faults(protocol, setup or {})
    if faults:
        raise BadInput(faults)
    row, _ = Instrument.objects.update_or_create(
        protocol=protocol,
        identity=identity,
        defaults={
            "place": place,
            "password_hash": "" if password is None else hashed(password),
            "setup": dict(setup or {}),
            **more,
        },
    )
    return row


def explain_factor(row: Instrument, code: str, parameter: str, unit: str) -> Instrument:
    """Say what an instrument means by ``code``, and in which ``unit`` it sends it: kept in its setup.

    Raises :class:`~riverchief.errors.BadInput` with everything that is wrong: another protocol, an unknown parameter, a
    unit that is none or is none of this parameter. What was refused can then be read again.
    """
    faults = []
    able = [name for name, one in protocols().items() if one.does.explains]
    if row.protocol not in able:
        details = {"given": row.protocol, "allowed": ", ".join(able)}
        faults.append(Fault("not_one_of", column="protocol", details=details))
    if not code.isalnum() or len(code) > 16:
        faults.append(Fault("unknown_factor", column="code", details={"given": code[:40]}))
    try:
        described = find_parameter(parameter)
        converter(unit, described.unit)
    except BadInput as refused:
        faults += refused.faults
    if faults:
        raise BadInput(faults)
    setup = dict(row.setup)
    setup["parameters"] = {**setup.get("parameters", {}), code: described.code}
    setup["units"] = {**setup.get("units", {}), code: unit}
    row.setup = setup
    row.save(update_fields=["setup"])
    return row


def setup_faults(protocol: str, setup: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with a setup: names that mean nothing are most likely misspelt."""
    row = protocols().get(protocol)
    kind = row.does.setup if row else None
    if kind is None:
        return []
    allowed = sorted(setup_names(kind))
    return [
        Fault("not_one_of", column="setup", details={"given": str(name), "allowed": ", ".join(allowed)})
        for name in setup
        if name not in allowed
    ]


class Passwords:
    """Whether a password is right; what was right once is remembered, what was wrong is not."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: dict[tuple[int, str], bytes] = {}

    def is_remembered(self, known: Known, password: str) -> bool:
        """Whether this was found right before: quick, for the event loop."""
        if not known.password_hash:
            return True
        found = self._right.get((known.pk, known.password_hash))
        return found is not None and hmac.compare_digest(found, self._digest(password))

    def check(self, known: Known, password: str) -> bool:
        """Whether this is right: some milliseconds of work, for a thread."""
        if self.is_remembered(known, password):
            return True
        if not PBKDF2PasswordHasher().verify(password, known.password_hash):
            return False
        if len(self._right) >= REMEMBERED:
            self._right.clear()
        self._right[(known.pk, known.password_hash)] = self._digest(password)
        return True

    def _digest(self, password: str) -> bytes:
        return hmac.digest(self._key, password.encode(), hashlib.sha256)
