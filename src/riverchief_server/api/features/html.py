"""Every document as a page: plain, without script, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.template.loader import render_to_string

from riverchief.standard import CLASSES
from riverchief.table import read_table
from riverchief_server.api.features.exchange import PREFIX, Request
from riverchief_server.api.features.links import Address, link_of
from riverchief_server.api.features.read.shapes import Drawer
from riverchief_server.api.features.sketch import MOST, Sketch, sketch_of
from riverchief_server.api.features.vocabulary import Property, all_collections
from riverchief_server.api.words import local, name_of, number_text, say
from riverchief_server.cases.queries import category_words
from riverchief_server.places.queries import county


def rendered(page: str, document: dict[str, Any], request: Request, address: Address, drawer: Drawer) -> str:
    """``document`` as the page ``page``."""
    language = request.language
    home = county()
    other = "en" if language == "zh" else "zh"
    frame = {
        "document": document,
        "language": language,
        "county_name": home.name if home else "Riverchief",
        "home": address.of("", f="html"),
        "as_json": address.again(f="json"),
        "other": address.again(lang=other, f="html"),
        "way": _way(address, language),
    }
    more = _PAGES.get(page)
    shown = frame | (more(document, address, language) if more else {})
    if page in ("items", "item"):
        shown["sketch"] = _drawn(document.get("features", [document]), address, drawer)
    return render_to_string(f"features/{page}.html", shown)


def _way(address: Address, language: str) -> list[tuple[str, str]]:
    """The documents above this one, from the landing page down."""
    parts = address.path.split("/") if address.path else []
    found = []
    for k, part in enumerate(parts[:-1] if len(parts) < 5 else parts[:3], start=1):
        name = say("features_collections", language) if part == "collections" else part
        known = all_collections().get(part)
        if part == "items":
            name = say("features_items", language)
        found.append((known.title(language) if known else name, address.of("/".join(parts[:k]), f="html")))
    return found


def _landing(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    return {
        "collections": [
            (one.title(language), one.about(language), address.of(f"collections/{one.name}/items", f="html"))
            for one in all_collections().values()
        ],
        "pages": [
            (say(key, language), address.of(path, f="html"))
            for key, path in (
                ("features_collections", "collections"),
                ("features_api", "api"),
                ("features_conformance", "conformance"),
            )
        ],
        "root": address.root,
        "sensorthings": address.root.removesuffix(PREFIX) + "/sensorthings/v1.1",
    }


def _collections(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    return {"rows": [_collection(one, address, language) for one in document["collections"]]}


def _collection(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    known = all_collections()[document["id"]]
    here = f"collections/{known.name}"
    spatial = document["extent"].get("spatial", {}).get("bbox", [None])[0]
    return {
        "id": known.name,
        "title": known.title(language),
        "about": known.about(language),
        "box": ", ".join(f"{one:.4f}" for one in spatial) if spatial else "",
        "times": [one or "—" for one in document["extent"].get("temporal", {}).get("interval", [[]])[0]],
        "page": address.of(here, f="html"),
        "items": address.of(f"{here}/items", f="html"),
        "queryables": address.of(f"{here}/queryables", f="html"),
        "properties": [_property(one, language) for one in known.properties.values()],
    }


def _queryables(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    known = all_collections()[address.path.split("/")[1]]
    return {
        "rows": [_property(one, language) for one in known.properties.values() if one.is_queryable],
        "geometry": document["properties"]["geometry"],
    }


def _schema(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    known = all_collections()[address.path.split("/")[1]]
    return {
        "rows": [_property(one, language) for one in known.properties.values()],
        "geometry": document["properties"]["geometry"],
    }


def _property(known: Property, language: str) -> tuple[str, str, str, str]:
    return known.name, known.title(language), say(f"features_kind_{known.kind}", language), known.unit


def _items(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    known = all_collections()[address.path.split("/")[1]]
    asked = [(name, value) for name, value in address.pairs if name not in ("f", "lang", "after")]
    again = link_of(document["links"], "next")
    return {
        "collection": known.title(language),
        "about": known.about(language),
        "columns": [one.title(language) for one in known.properties.values()],
        "rows": [
            (
                address.of(f"{address.path}/{one['id']}", f="html"),
                [_cell(own, one["properties"][name], language) for name, own in known.properties.items()],
            )
            for one in document["features"]
        ],
        "asked": asked,
        "next": address.again(after=_after(again), f="html") if again else "",
        "first": address.again(after=None, f="html") if any(n == "after" for n, _ in address.pairs) else "",
        "queryables": address.of(f"collections/{known.name}/queryables", f="html"),
    }


def _item(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    known = all_collections()[address.path.split("/")[1]]
    properties = document["properties"]
    related = [one for one in document["links"] if one["rel"] == "related"]
    return {
        "title": properties.get("name") or properties.get("what") or document["id"],
        "rows": [
            (one.title(language), _cell(one, properties[one.name], language), one.unit)
            for one in known.properties.values()
        ],
        "related": [(one["title"], one["href"]) for one in related],
    }


def _api(document: dict[str, Any], address: Address, language: str) -> dict[str, Any]:
    return {
        "paths": [
            (f"{address.root}{path if path != '/' else ''}", said["get"]["summary"])
            for path, said in document["paths"].items()
        ],
        "parameters": [(one["name"], one["description"]) for one in document["components"]["parameters"].values()],
        "examples": [
            (say(f"features_example_{key}", language), f"{address.root}/collections/{path}")
            for key, path in (
                ("box", "stations/items?bbox=108,31.5,109,32.5"),
                ("property", "reaches/items?river=任河&limit=10"),
                ("filter", "reaches/items?filter=length_m > 5000 AND kind = 'river'"),
                ("time", "cases/items?datetime=2026-10-01/.."),
                ("area", "outfalls/items?filter=S_INTERSECTS(geometry, POLYGON((108 31, 109 31, 109 33, 108 31)))"),
            )
        ],
    }


def _drawn(features: Sequence[dict[str, Any]], address: Address, drawer: Drawer) -> Sketch | None:
    name = address.path.split("/")[1]

    def rivers(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
        found = drawer.shapes_of(all_collections()["reaches"]).near(west, south, east, north)
        return [list(line.coords) for line in found[:MOST] if line is not None]

    return sketch_of(
        [
            (
                str(one["properties"].get("name") or one["id"]),
                one["geometry"],
                address.of(f"collections/{name}/items/{one['id']}", f="html"),
            )
            for one in features
        ],
        rivers,
    )


def _cell(known: Property, value: Any, language: str) -> str:
    """A value as people read it: words for codes, the county's clock, no needless digits."""
    if value is None:
        return "—"
    if known.kind == "truth":
        return say("features_yes" if value else "features_no", language)
    if known.kind == "number":
        return number_text(round(value, 4))
    if known.kind in ("time", "time_ms"):
        return f"{local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    if known.kind == "list":
        words = category_words()
        return "、".join(name_of(words[code], language) if code in words else code for code in value)
    return _words_of(known.name, language).get(value, str(value))


@cache
def _words_of(name: str, language: str) -> dict[str, str]:
    """What the codes of a property mean."""
    if name in ("class_target", "water_class"):
        return {code: found.name(language) for code, found in CLASSES.items()}
    if name == "level":
        return {row["level"]: name_of(row, language) for row in read_table("riverchief.party", "levels.csv")}
    if name == "bank":
        return {code: say(f"bank_{code}", language) for code in ("left", "right", "both")}
    if name == "kind":
        return {code: say(f"kind_{code}", language) for code in ("river", "lake")}
    if name == "subkind":
        kinds = ("industrial", "mine", "tailings", "sewage_works", "farm", "other")
        return {code: say(f"subkind_{code}", language) for code in kinds}
    if name == "operator":
        kinds = ("national", "province", "county", "enterprise", "township", "simulated")
        return {code: say(f"operator_{code}", language) for code in kinds}
    return {}


def _after(href: str) -> str:
    return href.split("after=", 1)[1].split("&", 1)[0]


_PAGES: dict[str, Any] = {
    "landing": _landing,
    "collections": _collections,
    "collection": _collection,
    "queryables": _queryables,
    "schema": _schema,
    "items": _items,
    "item": _item,
    "api": _api,
}
