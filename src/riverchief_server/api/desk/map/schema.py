"""The one map, its three lenses, and the county in ten seconds."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema

from riverchief_server.api.desk.words import FreshnessLevel, WaterClass, WorkLevel


class GeoFeature(Schema):
    """A GeoJSON feature."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


class GeoCollection(Schema):
    """A GeoJSON feature collection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[GeoFeature]


class Map(Schema):
    """The one map, without what changes: outline, reaches, places.

    Reach properties: name, river, river_code, strahler, flow_m3_s, kind (river/lake), label (lon, lat).
    Place properties: kind (section/station/outfall/intake/source), kind_name, name, reach, bank, target_class.
    """

    county_name: str
    schematic: bool
    bounds: tuple[float, float, float, float]
    outline: dict[str, Any] | None
    reaches: GeoCollection
    places: GeoCollection


class ReachWork(Schema):
    """The worst open problem of a reach."""

    level: WorkLevel
    open_cases: int
    worst: str | None


class ReachWater(Schema):
    """The water class that holds for a reach: that of the nearest section or station down- or upstream on its river."""

    water_class: WaterClass | None
    place: str | None
    place_id: str | None
    at: datetime | None
    is_stale: bool


class ReachFreshness(Schema):
    """How long ago somebody last walked a reach."""

    level: FreshnessLevel
    days: int | None


class LegendEntry(Schema):
    """One line of a lens's legend: a level, its words, and how many reaches have it."""

    level: str
    name: str
    reaches: int


class Lens(Schema):
    """One lens of the map: a sentence first, then its legend."""

    sentence: str
    legend: list[LegendEntry]


class Lenses(Schema):
    """What the three lenses show at one time, keyed by reach."""

    at: datetime
    work: dict[str, ReachWork]
    water: dict[str, ReachWater]
    freshness: dict[str, ReachFreshness]
    place_water: dict[str, ReachWater]
    work_lens: Lens
    water_lens: Lens
    freshness_lens: Lens
    earliest: datetime | None


class Figure(Schema):
    """One number of the ten-second line."""

    key: str
    label: str
    value: str
    href: str
    is_alarm: bool


class Summary(Schema):
    """The county in ten seconds."""

    sentence: str
    figures: list[Figure]


class Found(Schema):
    """One hit of the search."""

    kind: str
    kind_name: str
    id: str
    name: str
    where: str
