"""Changes of places: whole files come in or nothing does. Every fault of a file is named before anything is written."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
from django.db import transaction

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place.network import Network, ReachKind, strahler_order
from riverchief.place.pieces import pieces_upstream
from riverchief.place.trace import trace_downstream
from riverchief.sheet.declared import Record, Sheet, duplicates
from riverchief_server.places.models import Place, Reach, Region, SecondaryEdge
from riverchief_server.places.reading_files import DrawnReach, NetworkFile, Outline

log = logging.getLogger(__name__)


@transaction.atomic
def import_outline(source: str, outline: Outline) -> int:
    """Give a region its outline; the region must be there already."""
    region = Region.objects.filter(code=outline.code).first()
    if region is None:
        raise BadInput([unknown_name("unknown_region", outline.code, _codes(Region), source=source)])
    region.outline = outline.geometry
    region.save(update_fields=["outline"])
    return 1


@transaction.atomic
def import_regions(sheet: Sheet) -> int:
    """Add or renew regions; a parent may stand anywhere in the file."""
    known = set(_codes(Region)) | {record.text("code") for record in sheet.records}
    faults = sheet.faults + duplicates(sheet.source, sheet.records, "code")
    faults += _unknown(sheet, "parent", known, "unknown_region")
    _refuse(faults)
    regions = [
        Region(
            code=record.text("code"),
            name=record.text("name"),
            kind=record.text("kind"),
            level=record.text("level"),
            parent_id=record.text("parent") or None,
        )
        for record in sorted(sheet.records, key=lambda record: record.text("code"))
    ]
    Region.objects.bulk_create(
        regions,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "kind", "level", "parent"],
    )
    return len(regions)


@transaction.atomic
def import_network(file: NetworkFile) -> int:
    """Add or renew reaches, then number the whole network afresh: order numbers are never patched."""
    source, drawn, all_faults = file.source, file.drawn, list(file.faults)
    regions = set(_codes(Region))
    branches = {reach.record.text("id"): _branches(source, reach.record, all_faults) for reach in drawn}
    for column in ("region", "left_region", "right_region"):
        all_faults += [
            unknown_name("unknown_region", text, sorted(regions), source=source, line=reach.record.line, column=column)
            for reach in drawn
            if (text := reach.record.text(column)) and text not in regions
        ]
    if drawn:
        try:
            # The network's own faults: cycles, dangling ends, duplicates, lengths.
            rows = [(r.record.text("id"), r.record.text("down"), r.record.number("length_m") or 0.0) for r in drawn]
            _number(rows, edges=[edge for edges in branches.values() for edge in edges])
        except BadInput as refused:
            seen = {fault.text("en") for fault in all_faults}
            all_faults += [
                fault
                for fault in refused.faults
                # What flows into a reach that was refused for another reason does not dangle.
                if fault.text("en") not in seen and fault.details.get("given") not in file.ids
            ]
    _refuse(all_faults)
    before = {reach.code: reach for reach in Reach.objects.all()}
    saved: dict[str, Reach] = {}
    for item in drawn:
        saved[item.record.text("id")] = _save_reach(before.get(item.record.text("id")), item)
    for item in drawn:
        reach, down = saved[item.record.text("id")], item.record.text("down")
        target = saved.get(down) or before.get(down)
        if reach.down_id != (target.pk if target else None):
            Reach.objects.filter(pk=reach.pk).update(down=target)
    SecondaryEdge.objects.filter(source__in=saved.values()).delete()
    known = before | saved
    SecondaryEdge.objects.bulk_create(
        SecondaryEdge(source=known[code], target=known[target], fraction=share)
        for edges in branches.values()
        for code, target, share in edges
    )
    renumber()
    return len(saved)


def _branches(source: str, record: Record, faults: list[Fault]) -> list[tuple[str, str, float]]:
    """The lesser branches of a reach where the river divides, ``id:share;…``: (from, to, share of the flow)."""
    found = []
    for text in filter(None, (part.strip() for part in record.text("branches").split(";"))):
        target, _, share = text.rpartition(":")
        try:
            found.append((record.text("id"), target.strip(), float(share)))
        except ValueError:
            details = {"given": text, "allowed": "RH-12:0.3"}
            faults.append(Fault("bad_number", source, record.line, "branches", details))
    return found


@transaction.atomic
def renumber() -> None:
    """Write the order numbers of every reach: upstream of a reach is ``order`` between its ``first`` and its own."""
    reaches = list(Reach.objects.select_related("down"))
    edges = list(SecondaryEdge.objects.values_list("source__code", "target__code", "fraction"))
    network = _number([(r.code, r.down.code if r.down else "", r.length_m) for r in reaches], reaches, edges)
    strahler = strahler_order(network)
    fed = [trace_downstream(network, target).positions for target in np.unique(network.secondary.target).tolist()]
    fed_by_branches = set(np.concatenate(fed).tolist()) if fed else set()
    for reach in reaches:
        position = network.index_of(reach.code)
        reach.order = position
        reach.first = position - int(network.size[position]) + 1
        reach.outlet = int(network.outlet[position])
        reach.strahler = int(strahler[position])
        reach.distance_to_outlet_m = float(network.distance_to_outlet_m[position])
        reach.also_upstream = also_upstream(network, position) if position in fed_by_branches else []
    Reach.objects.bulk_update(
        reaches, ["order", "first", "outlet", "strahler", "distance_to_outlet_m", "also_upstream"], batch_size=500
    )


def also_upstream(network: Network, position: int) -> list[list[float]]:
    """The slices upstream of a reach beside its own, as :attr:`Reach.also_upstream` keeps them."""
    pieces = pieces_upstream(network, position, network.length_m, network.distance_to_outlet_m)
    rows = zip(pieces.first.tolist(), pieces.last.tolist(), pieces.offset.tolist(), strict=True)
    return [list(row) for row in rows][1:]


@transaction.atomic
def import_places(sheet: Sheet) -> int:
    """Add or renew what lies on the network: sections, stations, outfalls, intakes, sources."""
    reaches = {reach.code: reach for reach in Reach.objects.all()}
    before = {place.code: place for place in Place.objects.all()}
    known = set(before) | {record.text("id") for record in sheet.records}
    faults = sheet.faults + duplicates(sheet.source, sheet.records, "id")
    faults += _unknown(sheet, "reach", reaches, "unknown_reach")
    faults += _unknown(sheet, "region", set(_codes(Region)), "unknown_region")
    faults += _unknown(sheet, "part_of", known, "unknown_station")
    for record in sheet.records:
        reach, chainage = reaches.get(record.text("reach")), record.number("chainage_m") or 0.0
        if reach is not None and chainage > reach.length_m:
            details = {"given": f"{chainage:g}", "allowed": f"{reach.length_m:g}"}
            faults.append(Fault("chainage_beyond", sheet.source, record.line, "chainage_m", details))
    _refuse(faults)
    saved: dict[str, Place] = {}
    for record in sheet.records:
        saved[record.text("id")] = _save_place(before.get(record.text("id")), record, reaches)
    for record in sheet.records:
        part_of = record.text("part_of")
        if part_of:
            Place.objects.filter(pk=saved[record.text("id")].pk).update(part_of=saved.get(part_of) or before[part_of])
    return len(saved)


def point_on_line(line: Sequence[Sequence[float]], share: float) -> tuple[float, float]:
    """The point at ``share`` (0 upstream to 1 downstream) of a drawn line, by its drawn length."""
    points = np.asarray(line, dtype=float)
    steps = np.hypot(*(np.diff(points, axis=0) * [np.cos(np.radians(points[0, 1])), 1.0]).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = min(max(share, 0.0), 1.0) * along[-1]
    return float(np.interp(at, along, points[:, 0])), float(np.interp(at, along, points[:, 1]))


def _number(
    rows: Sequence[tuple[str, str, float]],
    reaches: Sequence[Reach] | None = None,
    edges: Sequence[tuple[str, str, float]] = (),
) -> Network:
    kinds = [ReachKind.LAKE if reach.kind == "lake" else ReachKind.RIVER for reach in reaches or ()]
    storage = [reach.storage_m3 or np.nan for reach in reaches or ()]
    return Network.build(
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        secondary=tuple(zip(*edges, strict=True)) if edges else None,  # type: ignore[arg-type]
        kind=kinds or None,
        storage_m3=storage or None,
    )


def _save_reach(reach: Reach | None, item: DrawnReach) -> Reach:
    record = item.record
    reach = reach or Reach(code=record.text("id"))
    reach.name, reach.river, reach.river_code = record.text("name"), record.text("river"), record.text("river_code")
    reach.kind, reach.level = record.text("kind"), record.text("level")
    reach.length_m = record.number("length_m") or 0.0
    for name in ("lateral_m3_s", "flow_m3_s", "velocity_m_s", "width_m", "slope", "storage_m3"):
        setattr(reach, name, record.number(name))
    reach.region_id = record.text("region") or None
    reach.left_region_id = record.text("left_region") or None
    reach.right_region_id = record.text("right_region") or None
    reach.line = item.line
    reach.is_schematic = record.values.get("schematic") is True
    reach.save()
    return reach


def _save_place(place: Place | None, record: Record, reaches: Mapping[str, Reach]) -> Place:
    place = place or Place(code=record.text("id"))
    reach = reaches[record.text("reach")]
    place.kind, place.name, place.reach = record.text("kind"), record.text("name"), reach
    place.chainage_m = record.number("chainage_m") or 0.0
    place.bank = record.text("bank") or "both"
    on_line = point_on_line(reach.line, place.chainage_m / reach.length_m)
    lon, lat = record.number("lon"), record.number("lat")
    place.lon, place.lat = (lon, lat) if lon is not None and lat is not None else on_line
    by_bank = {"left": reach.left_region_id, "right": reach.right_region_id}.get(place.bank)
    place.region_id = record.text("region") or by_bank or reach.region_id
    place.subkind, place.class_target = record.text("subkind"), record.text("class_target")
    place.control, place.zone = record.text("control"), record.text("zone")
    place.is_border = record.values.get("border") is True
    place.operator, place.permit, place.note = record.text("operator"), record.text("permit"), record.text("note")
    people = record.number("people")
    place.people = None if people is None else int(people)
    place.permit_flow_m3_s = record.number("permit_flow_m3_s")
    place.save()
    return place


def _codes(model: type[Region] | type[Reach]) -> list[str]:
    return list(model.objects.values_list("code", flat=True))


def _unknown(sheet: Sheet, column: str, known: set[str] | Mapping[str, Reach], kind: str) -> list[Fault]:
    names = sorted(known)
    return [
        unknown_name(kind, text, names, source=sheet.source, line=record.line, column=column)
        for record in sheet.records
        if (text := record.text(column)) and text not in known
    ]


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise BadInput(sorted(faults, key=lambda fault: (fault.source or "", fault.line or 0)))
