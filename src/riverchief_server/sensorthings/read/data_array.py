"""Observations as data arrays (18-088 §14): one group a datastream, values without their names."""

from __future__ import annotations

from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief_server.observations.store import Columns
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.read.observations import COMPONENTS, MEMBERS, value_columns
from riverchief_server.sensorthings.read.session import Session
from riverchief_server.sensorthings.vocabulary import entity_of


def show_data_array(found: Columns, query: Query, session: Session) -> list[dict[str, Any]]:
    """The groups of ``found``, in the order in which their datastreams come first."""
    if query.expand:
        raise BadInput([Fault("sta_kinds", details={"given": "$expand", "allowed": "$resultFormat=dataArray"})])
    chosen = [name.removeprefix("@iot.") for name in query.select] or list(COMPONENTS)
    components = [name for name in dict.fromkeys(chosen) if name == "id" or name in MEMBERS]
    columns = value_columns(found, [name for name in components if name != "id"])
    columns = {name: columns.get(name, [None] * found.size) for name in components if name != "id"}
    keys = list(zip(found.series.tolist(), found.t.tolist(), strict=True))
    if "id" in components:
        columns["id"] = [f"{series}-{t}" for series, t in keys]
    rows = list(map(list, zip(*(columns[name] for name in components), strict=True))) if components else []
    groups: dict[int, list[list[Any]]] = {}
    for (series, _), row in zip(keys, rows, strict=True):
        groups.setdefault(series, []).append(row)
    datastream = entity_of("Datastream")
    return [
        {
            "Datastream@iot.navigationLink": session.link(datastream, series),
            "components": components,
            "dataArray@iot.count": len(own),
            "dataArray": own,
        }
        for series, own in groups.items()
    ]
