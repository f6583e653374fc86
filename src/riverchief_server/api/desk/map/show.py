"""The one map: outline, reaches, places."""

from __future__ import annotations

from riverchief_server.api.desk.map.schema import GeoCollection, GeoFeature, Map
from riverchief_server.api.words import say
from riverchief_server.places.actions import point_on_line
from riverchief_server.places.models import Place, Reach
from riverchief_server.places.queries import county, is_schematic

WHOLE_COUNTRY = (73.0, 18.0, 135.0, 54.0)


def show_map(language: str) -> Map:
    """Everything of the map that does not change from hour to hour."""
    home = county()
    reaches = list(Reach.objects.select_related("down"))
    places = list(Place.objects.select_related("reach"))
    return Map(
        county_name=home.name if home else "",
        schematic=is_schematic(),
        bounds=_bounds(reaches, home.outline if home else None),
        outline=home.outline if home else None,
        reaches=GeoCollection(features=[_reach(reach) for reach in reaches]),
        places=GeoCollection(features=[_place(place, language) for place in places]),
    )


def kind_name(place: Place, language: str) -> str:
    """What kind of place it is: for an outfall its class of HJ 1312."""
    if place.kind == "outfall" and place.subkind:
        return say(f"subkind_{place.subkind}", language)
    return say(f"kind_{place.kind}", language)


def _reach(reach: Reach) -> GeoFeature:
    return GeoFeature(
        id=reach.code,
        geometry={"type": "LineString", "coordinates": reach.line},
        properties={
            "name": reach.name,
            "river": reach.river,
            "river_code": reach.river_code,
            "strahler": reach.strahler,
            "flow_m3_s": reach.flow_m3_s,
            "kind": reach.kind,
            "down": reach.down.code if reach.down else None,
            "label": point_on_line(reach.line, 0.5),
        },
    )


def _place(place: Place, language: str) -> GeoFeature:
    return GeoFeature(
        id=place.code,
        geometry={"type": "Point", "coordinates": [place.lon, place.lat]},
        properties={
            "kind": place.kind,
            "kind_name": kind_name(place, language),
            "name": place.name,
            "reach": place.reach.code,
            "bank": place.bank,
            "target_class": place.class_target or None,
            "is_border": place.is_border,
        },
    )


def _bounds(reaches: list[Reach], outline: dict | None) -> tuple[float, float, float, float]:  # type: ignore[type-arg]
    points = [point for reach in reaches for point in reach.line]
    if outline:
        polygons = outline["coordinates"] if outline["type"] == "MultiPolygon" else [outline["coordinates"]]
        points += [point for polygon in polygons for ring in polygon for point in ring]
    if not points:
        return WHOLE_COUNTRY
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return min(lons), min(lats), max(lons), max(lats)
