"""The documents of the standard: landing page, conformance, collections, queryables, features."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from riverchief.table import read_table
from riverchief_server.api.features.links import GEOJSON, HTML, JSON, OPENAPI, QUERYABLES, SCHEMA, Address, link
from riverchief_server.api.features.read.page import Page, extent_of
from riverchief_server.api.features.read.query import CRS84
from riverchief_server.api.features.read.shapes import Drawer
from riverchief_server.api.features.vocabulary import Collection, Property, all_collections
from riverchief_server.api.words import say
from riverchief_server.places.queries import county

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
SCHEMA_OF_KIND: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "truth": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "time_ms": {"type": "string", "format": "date-time"},
    "list": {"type": "array", "items": {"type": "string"}},
}
SHAPE_FORMAT = {"line": "geometry-linestring", "point": "geometry-point", "on_reach": "geometry-point"}


def landing(address: Address, language: str) -> dict[str, Any]:
    """What this is and where to go (Part 1, 7.2)."""
    home = county()
    return {
        "title": say("features_title", language, county=home.name if home else "Riverchief"),
        "description": say("features_about", language),
        "links": [
            *address.own_links(),
            link("service-desc", address.of("api"), OPENAPI, say("features_api", language)),
            link("service-doc", address.of("api", f="html"), HTML, say("features_api", language)),
            link("conformance", address.of("conformance"), JSON, say("features_conformance", language)),
            link("data", address.of("collections"), JSON, say("features_collections", language)),
        ],
    }


def conformance(address: Address, language: str) -> dict[str, Any]:
    """Which classes of which standards are met."""
    return {
        "title": say("features_conformance", language),
        "conformsTo": [row["uri"] for row in read_table(__package__, "conformance.csv")],
        "links": address.own_links(),
    }


def collections(address: Address, language: str, drawer: Drawer) -> dict[str, Any]:
    """All collections."""
    return {
        "title": say("features_collections", language),
        "links": address.own_links(),
        "crs": [CRS84],
        "collections": [described(one, address, language, drawer) for one in all_collections().values()],
    }


def described(collection: Collection, address: Address, language: str, drawer: Drawer) -> dict[str, Any]:
    """One collection: what is in it, where and when, and the way to its features."""
    bounds, times = extent_of(collection, drawer)
    extent: dict[str, Any] = {}
    if bounds is not None:
        extent["spatial"] = {"bbox": [bounds], "crs": CRS84}
    if times is not None:
        extent["temporal"] = {"interval": [times], "trs": GREGORIAN}
    here = f"collections/{collection.name}"
    own = Address(address.root, here, tuple(pair for pair in address.pairs if pair[0] == "lang"))
    return {
        "id": collection.name,
        "title": collection.title(language),
        "description": collection.about(language),
        "extent": extent,
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            *own.own_links(),
            link("items", address.of(f"{here}/items", f="json"), GEOJSON, collection.title(language)),
            link("items", address.of(f"{here}/items", f="html"), HTML, collection.title(language)),
            link("describedby", address.of(f"{here}/schema"), SCHEMA, say("features_properties", language)),
            link(QUERYABLES, address.of(f"{here}/queryables"), SCHEMA, say("features_queryables", language)),
        ],
    }


def queryables(collection: Collection, address: Address, language: str) -> dict[str, Any]:
    """What a filter may name, as a JSON schema (Part 3, 7.1)."""
    known = [one for one in collection.properties.values() if one.is_queryable]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{address.root}/{quote(address.path)}",
        "type": "object",
        "title": collection.title(language),
        "properties": {one.name: schema_of(one, language) for one in known}
        | {"geometry": {"title": say("features_geometry", language), "format": SHAPE_FORMAT[collection.shape]}},
        "additionalProperties": False,
    }


def schema(collection: Collection, address: Address, language: str) -> dict[str, Any]:
    """What a feature looks like, as a JSON schema: by it GDAL knows the kind of a column that is empty."""
    properties = {one.name: schema_of(one, language) for one in collection.properties.values()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{address.root}/{quote(address.path)}",
        "type": "object",
        "title": collection.title(language),
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"title": say("features_geometry", language), "format": SHAPE_FORMAT[collection.shape]},
            "properties": {"type": "object", "properties": properties},
        },
    }


def schema_of(known: Property, language: str) -> dict[str, Any]:
    """A property as a JSON schema."""
    unit = {"x-ogc-unit": known.unit} if known.unit else {}
    return {"title": known.title(language), **SCHEMA_OF_KIND[known.kind], **unit}


def page_document(collection: Collection, page: Page, address: Address, language: str) -> dict[str, Any]:
    """A page of features."""
    links = address.own_links(GEOJSON)
    if page.next_token:
        links.append(link("next", address.again(after=page.next_token, f="json"), GEOJSON))
    links.append(link("collection", address.of(f"collections/{collection.name}"), JSON, collection.title(language)))
    return {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "links": links,
        "features": page.features,
    }


def feature_document(
    collection: Collection, feature: dict[str, Any], address: Address, origin: str, language: str
) -> dict[str, Any]:
    """One feature, and where more is known about it."""
    links = address.own_links(GEOJSON)
    links.append(link("collection", address.of(f"collections/{collection.name}"), JSON, collection.title(language)))
    if collection.name in ("stations", "sections"):
        code = str(feature["id"]).replace("'", "''")
        wanted = quote(f"properties/code eq '{code}'")
        things = f"{origin}/sensorthings/v1.1/Things?$filter={wanted}"
        links.append(link("related", things, JSON, say("features_readings", language)))
    if collection.name == "reaches":
        board = f"{origin}/board/{quote(str(feature['id']), safe='')}/"
        links.append(link("related", board, HTML, say("public_title", language)))
    return {**feature, "links": links}
