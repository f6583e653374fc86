"""The log of calibration and maintenance as the API says it."""

from __future__ import annotations

from riverchief.observation.upkeep import all_upkeep_kinds, find_upkeep_kind
from riverchief_server.api.desk.instruments.schema import Upkeep, UpkeepKind
from riverchief_server.observations.models import Upkeep as UpkeepRow


def show_kinds(language: str) -> list[UpkeepKind]:
    """The kinds of work, in the order of a list to choose from."""
    return [
        UpkeepKind(code=kind.code, name=kind.name(language), what=kind.what(language), takes_out=kind.takes_out)
        for kind in all_upkeep_kinds().values()
    ]


def show_upkeep(row: UpkeepRow, language: str) -> Upkeep:
    """An entry as the desk shows it."""
    return Upkeep(
        uuid=row.uuid,
        kind=row.kind,
        name=find_upkeep_kind(row.kind).name(language) if row.kind in all_upkeep_kinds() else row.kind,
        began_at=row.began_at,
        ended_at=row.ended_at,
        parameter=row.parameter,
        done_by=row.done_by,
        note=row.note,
        entered_at=row.entered_at,
        entered_by=row.entered_by,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_because=row.withdrawn_because,
    )
