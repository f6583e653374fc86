"""From a request to its answer."""

from __future__ import annotations

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.api.features import documents
from riverchief_server.api.features.exchange import PREFIX, Answer, Request
from riverchief_server.api.features.links import GEOJSON, OPENAPI, SCHEMA, Address
from riverchief_server.api.features.openapi import openapi
from riverchief_server.api.features.read.page import read_feature, read_page
from riverchief_server.api.features.read.query import (
    CRS84,
    EVERYWHERE,
    OF_ITEMS,
    check_names,
    one_of,
    read_query,
)
from riverchief_server.api.features.read.shapes import Drawer
from riverchief_server.api.features.vocabulary import Collection, all_collections
from riverchief_server.asked.who import may_read

METHODS = ("GET", "HEAD")
FORMATS = ("json", "html")
LANGUAGES = ("zh", "en")


class Handler:
    """The face without its wire: thread-safe, one a process."""

    def __init__(self) -> None:
        self.drawer = Drawer()

    def handle(self, request: Request) -> Answer:
        """The answer to ``request``; refusals are raised."""
        if request.method not in METHODS:
            details = {"given": request.method, "allowed": ", ".join((*METHODS, "OPTIONS"))}
            raise BadInput([Fault("no_method", details=details)])
        may_read(request.asker)
        pairs = request.pairs()
        address = Address(request.root, request.path, tuple(pairs))
        segments = request.path.split("/") if request.path else []
        language = request.language
        if segments[:1] == ["collections"] and len(segments) > 1:
            return self._in_collection(request, address, collection_of(segments[1]), segments[2:])
        _check(pairs, list(EVERYWHERE))
        if not segments:
            return Answer(200, documents.landing(address, language), page="landing")
        if segments == ["conformance"]:
            return Answer(200, documents.conformance(address, language), page="conformance")
        if segments == ["api"]:
            return Answer(200, openapi(address, language), OPENAPI, "api")
        if segments == ["collections"]:
            return Answer(200, documents.collections(address, language, self.drawer), page="collections")
        raise _not_found(request)

    def _in_collection(self, request: Request, address: Address, collection: Collection, rest: list[str]) -> Answer:
        language = request.language
        if rest[:1] == ["items"] and len(rest) == 1:
            given = _check(list(address.pairs), [*EVERYWHERE, *OF_ITEMS, *collection.queryables()])
            page = read_page(collection, read_query(given, collection), self.drawer, language)
            return _features(documents.page_document(collection, page, address, language), "items")
        given = _check(list(address.pairs), [*EVERYWHERE, "crs"] if rest[:1] == ["items"] else list(EVERYWHERE))
        if not rest:
            return Answer(200, documents.described(collection, address, language, self.drawer), page="collection")
        if rest == ["queryables"]:
            return Answer(200, documents.queryables(collection, address, language), SCHEMA, "queryables")
        if rest == ["schema"]:
            return Answer(200, documents.schema(collection, address, language), SCHEMA, "schema")
        if rest[0] == "items":
            one_of("crs", given.get("crs", CRS84), (CRS84,))
            # the id of a feature may have a slash in it
            feature = read_feature(collection, "/".join(rest[1:]), self.drawer, language)
            origin = request.root.removesuffix(PREFIX)
            return _features(documents.feature_document(collection, feature, address, origin, language), "item")
        raise _not_found(request)


def collection_of(name: str) -> Collection:
    """The collection called ``name``. Raises ``features_unknown_collection``."""
    known = all_collections()
    if name not in known:
        raise BadInput([unknown_name("features_unknown_collection", name, list(known))])
    return known[name]


def _features(document: dict[str, object], page: str) -> Answer:
    return Answer(200, document, GEOJSON, page, {"content-crs": f"<{CRS84}>"})


def _check(pairs: list[tuple[str, str]], allowed: list[str]) -> dict[str, str]:
    given = check_names(pairs, allowed)
    one_of("f", given.get("f", "json"), FORMATS)
    one_of("lang", given.get("lang", "zh"), LANGUAGES)
    return given


def _not_found(request: Request) -> BadInput:
    return BadInput([Fault("not_found", details={"given": request.path[:80]})])
