"""Which model keeps which entity, and in which fields."""

from __future__ import annotations

from typing import Any

from django.db import models

from riverchief.errors import BadInput, Conflict, Fault
from riverchief_server.sensorthings.models import (
    Datastream,
    Feature,
    History,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from riverchief_server.sensorthings.odata.path import Identity, written

MODELS: dict[str, Any] = {
    "Thing": Thing,
    "Location": Location,
    "HistoricalLocation": History,
    "Datastream": Datastream,
    "Sensor": Sensor,
    "ObservedProperty": ObservedProperty,
    "FeatureOfInterest": Feature,
}
FIELDS = {
    "name": "name",
    "description": "description",
    "properties": "properties",
    "encodingType": "encoding_type",
    "location": "geometry",
    "feature": "geometry",
    "observedArea": "geometry",
    "metadata": "metadata",
    "definition": "definition",
    "observationType": "observation_type",
    "unitOfMeasurement": "unit",
    "time": "time",
}
RELATIONS = {"Thing": "thing_id", "Sensor": "sensor_id", "ObservedProperty": "observed_property_id"}
# What of a row that mirrors the register clients may change: what the register has no place for.
FREE = {
    "Thing": {"description", "properties"},
    "Datastream": {"description", "properties"},
    "Sensor": {"name", "description", "encodingType", "metadata", "properties"},
    "ObservedProperty": {"description", "definition", "properties"},
    "Location": set(),
    "FeatureOfInterest": set(),
    "HistoricalLocation": set(),
}


def row_of(entity: str, identity: Identity, *, as_link: bool = False) -> Any:
    """The row of an entity. Raises ``not_found``, or ``sta_no_such_link`` for one that is to be linked."""
    row = None
    if isinstance(identity, int) and abs(identity) < 2**62:
        row = MODELS[entity].objects.filter(pk=identity).first()
    if row is None:
        given = f"{entity}({written(identity)})"
        raise BadInput([Fault("sta_no_such_link" if as_link else "not_found", details={"given": given})])
    return row


def is_of_register(row: models.Model) -> bool:
    """Whether the county's register rules over ``row``."""
    if isinstance(row, Thing | Location | Feature):
        return row.place_id is not None
    if isinstance(row, Datastream):
        return row.series_id is not None
    if isinstance(row, Sensor):
        return row.source is not None
    if isinstance(row, ObservedProperty):
        return row.parameter is not None
    return isinstance(row, History) and row.thing.place_id is not None


def of_register(entity: str, identity: Identity) -> Conflict:
    """The refusal to change what the register rules over."""
    allowed = ", ".join(sorted(FREE.get(entity, ()))) or "—"
    return Conflict(Fault("sta_of_register", details={"given": f"{entity}({written(identity)})", "allowed": allowed}))
