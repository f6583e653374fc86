"""The definition of this face in OpenAPI 3.0 (Part 1, class oas30), made from the same tables as the answers."""

from __future__ import annotations

from typing import Any

from riverchief_server.api.features.documents import SCHEMA_OF_KIND
from riverchief_server.api.features.exchange import PROBLEM
from riverchief_server.api.features.links import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Address
from riverchief_server.api.features.read.query import CRS84, FILTER_LANGUAGES, LONGEST_PAGE, PAGE
from riverchief_server.api.features.vocabulary import Collection, Property, all_collections
from riverchief_server.api.words import say
from riverchief_server.settings.options import is_on

ERRORS = ("400", "401", "403", "404")


def openapi(address: Address, language: str) -> dict[str, Any]:
    """The definition."""
    paths: dict[str, Any] = {
        "/": _operation("landing", say("features_landing", language), JSON, []),
        "/conformance": _operation("conformance", say("features_conformance", language), JSON, []),
        "/api": _operation("api", say("features_api", language), OPENAPI, []),
        "/collections": _operation("collections", say("features_collections", language), JSON, []),
    }
    for collection in all_collections().values():
        name, here, title = collection.name, f"/collections/{collection.name}", collection.title(language)
        paths[here] = _operation(f"describe_{name}", title, JSON, [])
        paths[f"{here}/queryables"] = _operation(
            f"queryables_{name}", f"{title} · {say('features_queryables', language)}", SCHEMA, []
        )
        paths[f"{here}/schema"] = _operation(
            f"schema_{name}", f"{title} · {say('features_properties', language)}", SCHEMA, []
        )
        own = [{"$ref": f"#/components/parameters/{one}"} for one in _parameters(language) if one not in ("f", "lang")]
        own += [_property_filter(one, language) for one in collection.properties.values() if one.is_queryable]
        paths[f"{here}/items"] = _operation(f"items_{name}", title, GEOJSON, own)
        paths[f"{here}/items/{{featureId}}"] = _operation(f"item_{name}", title, GEOJSON, _of_one())
    secured: dict[str, Any] = {} if is_on("open_data") else {"security": [{"token": []}, {"password": []}]}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": say("features_api", language),
            "version": "1.0.0",
            "description": say("features_about", language),
        },
        "servers": [{"url": address.root}],
        "paths": paths,
        "components": {
            "parameters": _parameters(language),
            "schemas": {
                **{f"{one.name}_properties": _properties(one, language) for one in all_collections().values()},
                "problem": {
                    "type": "object",
                    "required": ["type", "title", "status"],
                    "properties": {
                        "type": {"type": "string"},
                        "code": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                    },
                },
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
        **secured,
    }


def _parameters(language: str) -> dict[str, Any]:
    number = {"type": "number"}
    crs = {"type": "string", "format": "uri", "enum": [CRS84], "default": CRS84}
    said: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "f": ({"type": "string", "enum": ["json", "html"]}, {}),
        "lang": ({"type": "string", "enum": ["zh", "en"]}, {}),
        "limit": ({"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE}, {"explode": False}),
        "bbox": ({"type": "array", "minItems": 4, "maxItems": 6, "items": number}, {"explode": False}),
        "datetime": ({"type": "string"}, {"explode": False}),
        "filter": ({"type": "string"}, {}),
        "filter-lang": ({"type": "string", "enum": list(FILTER_LANGUAGES), "default": FILTER_LANGUAGES[0]}, {}),
        "filter-crs": (crs, {}),
        "crs": (crs, {}),
        "bbox-crs": (crs, {}),
        "sortby": ({"type": "array", "minItems": 1, "items": {"type": "string"}}, {"explode": False}),
        "after": ({"type": "string"}, {}),
    }
    return {
        name: {
            "name": name,
            "in": "query",
            "required": False,
            "description": say(f"features_parameter_{name.replace('-', '_')}", language),
            "schema": schema,
            "style": "form",
            **more,
        }
        for name, (schema, more) in said.items()
    }


def _property_filter(known: Property, language: str) -> dict[str, Any]:
    return {
        "name": known.name,
        "in": "query",
        "required": False,
        "description": known.title(language),
        "schema": SCHEMA_OF_KIND[known.kind],
        "style": "form",
        "explode": False,
    }


def _of_one() -> list[dict[str, Any]]:
    identity = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    return [identity, {"$ref": "#/components/parameters/crs"}]


def _operation(identity: str, summary: str, media_type: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    name = identity.split("_", 1)[-1]
    if identity.startswith("item"):
        feature = {
            "type": "object",
            "properties": {"properties": {"$ref": f"#/components/schemas/{name}_properties"}},
        }
        several = {"type": "object", "properties": {"features": {"type": "array", "items": feature}}}
        schema = several if identity.startswith("items_") else feature
    said = {
        "200": {
            "description": summary,
            "content": {media_type: {"schema": schema}, HTML: {"schema": {"type": "string"}}},
        },
        **{
            status: {
                "description": "problem",
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}},
            }
            for status in ERRORS
        },
    }
    both = [{"$ref": "#/components/parameters/f"}, {"$ref": "#/components/parameters/lang"}]
    return {"get": {"operationId": identity, "summary": summary, "parameters": [*parameters, *both], "responses": said}}


def _properties(collection: Collection, language: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            one.name: {"title": one.title(language), "nullable": True, **SCHEMA_OF_KIND[one.kind]}
            for one in collection.properties.values()
        },
    }
