"""Changes of parties: units and responsibilities come in by whole files; accounts are made one by one."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.sheet.declared import Record, Sheet, declarations, duplicates, read_sheet
from riverchief_server.parties.models import Responsibility, Unit
from riverchief_server.places.models import Reach, Region

SHEETS = declarations("riverchief_server.parties", "columns.csv")


def read_parties_file(source: str, raw: bytes) -> Sheet:
    """A sheet of units or of responsibilities, whichever its header says."""
    return read_sheet(source, raw, SHEETS)


@transaction.atomic
def import_units(sheet: Sheet) -> int:
    """Add or renew units; a parent may stand anywhere in the file."""
    regions = list(Region.objects.values_list("code", flat=True))
    known = set(Unit.objects.values_list("code", flat=True)) | {record.text("id") for record in sheet.records}
    faults = sheet.faults + duplicates(sheet.source, sheet.records, "id")
    for record in sheet.records:
        if record.text("region") not in regions:
            faults.append(_unknown(sheet, record, "region", "unknown_region", regions))
        if record.text("parent") and record.text("parent") not in known:
            faults.append(_unknown(sheet, record, "parent", "unknown_unit_code", sorted(known)))
    if faults:
        raise BadInput(faults)
    units: dict[str, Unit] = {unit.code: unit for unit in Unit.objects.all()}
    for record in sheet.records:
        unit = units.get(record.text("id")) or Unit(code=record.text("id"))
        unit.name, unit.kind, unit.level = record.text("name"), record.text("kind"), record.text("level")
        unit.region_id, unit.phone = record.text("region"), record.text("phone")
        unit.save()
        units[unit.code] = unit
    for record in sheet.records:
        if record.text("parent"):
            Unit.objects.filter(code=record.text("id")).update(parent=units[record.text("parent")])
    return len(sheet.records)


@transaction.atomic
def import_responsibilities(sheet: Sheet) -> int:
    """Add responsibilities, or end those that are there; a row that is there already is one row."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    reaches = {reach.code: reach for reach in Reach.objects.select_related("down")}
    faults = list(sheet.faults)
    ranges: dict[int, list[Reach]] = {}
    for record in sheet.records:
        if record.text("unit") not in units:
            faults.append(_unknown(sheet, record, "unit", "unknown_unit_code", sorted(units)))
        ends = [record.text(column) for column in ("reach_from", "reach_to") if record.text(column)]
        unknown = [
            column
            for column in ("reach_from", "reach_to")
            if record.text(column) and record.text(column) not in reaches
        ]
        faults += [_unknown(sheet, record, column, "unknown_reach", sorted(reaches)) for column in unknown]
        if not unknown:
            found = _range(reaches[ends[0]], reaches[ends[-1]], reaches)
            if found is None:
                details = {"given": ends[-1], "allowed": ends[0]}
                faults.append(Fault("not_downstream", sheet.source, record.line, "reach_to", details))
            else:
                ranges[record.line] = found
        first, last = record.values["from"], record.values["to"]
        if isinstance(first, date) and isinstance(last, date) and last < first:
            details = {"given": str(last), "allowed": str(first)}
            faults.append(Fault("ends_before_begins", sheet.source, record.line, "to", details))
    if faults:
        raise BadInput(faults)
    for record in sheet.records:
        on = ranges[record.line]
        duty, _ = Responsibility.objects.update_or_create(
            unit=units[record.text("unit")],
            post=record.text("post"),
            holder=record.text("holder"),
            reach_from=on[0],
            reach_to=on[-1],
            bank=record.text("bank"),
            begins=record.day("from") or date.min,
            defaults={"level": record.text("level"), "ends": record.day("to"), "phone": record.text("phone")},
        )
        duty.reaches.set(on)
    return len(sheet.records)


def _range(start: Reach, end: Reach, reaches: dict[str, Reach]) -> list[Reach] | None:
    """The reaches from ``start`` down to ``end``, both included; ``None`` where the water does not go that way."""
    found = [start]
    while found[-1].code != end.code:
        down = found[-1].down
        if down is None:
            return None
        found.append(reaches[down.code])
    return found


def _unknown(sheet: Sheet, record: Record, column: str, kind: str, known: list[str]) -> Fault:
    return unknown_name(kind, record.text(column), known, source=sheet.source, line=record.line, column=column)
