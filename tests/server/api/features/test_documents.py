"""The documents of Part 1 and Part 3: what they hold, that their links lead somewhere, as data and as pages."""

import gzip
import re
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import orjson
import pytest

from riverchief_server.api.features.exchange import prefers_html, takes_gzip
from riverchief_server.api.features.vocabulary import all_collections
from riverchief_server.jobs.clock import look
from riverchief_server.places.models import Place, Reach
from tests.server.api.features.conftest import ROOT, Face
from tests.server.api.features.test_rights import report
from tests.server.conftest import NOW, feed

NAMES = ["reaches", "sections", "stations", "outfalls", "sources", "cases"]
PATHS = ["", "conformance", "api", "collections"] + [
    f"collections/{name}{rest}" for name in NAMES for rest in ("", "/queryables", "/schema", "/items")
]
FEATURES = {"reaches": "A", "sections": "S1", "stations": "W1", "outfalls": "P1", "sources": "Q1"}


def links_in(document: Any) -> list[dict[str, str]]:
    """Every link of a document, however deep."""
    if isinstance(document, dict):
        own = [document] if "href" in document and "rel" in document else []
        return own + [found for value in document.values() for found in links_in(value)]
    return [found for value in document for found in links_in(value)] if isinstance(document, list) else []


def rel(document: Any, name: str) -> list[dict[str, str]]:
    return [one for one in document["links"] if one["rel"] == name]


class TestLinks:
    @pytest.mark.parametrize("path", PATHS)
    def test_every_link_leads_to_what_it_says(self, face: Face, path: str):
        report("closed")
        document = face.get(path)
        for one in links_in(document):
            if one["href"].startswith(ROOT):
                answer = face.send(one["href"])
                assert answer.status == 200, one
                assert answer.media_type == one["type"], one

    def test_the_landing_page_leads_to_everything(self, face: Face):
        document = face.get("")
        assert {one["rel"] for one in document["links"]} == {
            "self",
            "alternate",
            "service-desc",
            "service-doc",
            "conformance",
            "data",
        }
        assert document["title"] == "Open data on the rivers of 玩具县"

    @pytest.mark.parametrize("path", ["/collections/", "/collections", "collections//"])
    def test_a_slash_at_the_end_does_not_matter(self, face: Face, path: str):
        assert face.send(path).status == 200

    def test_the_language_that_was_chosen_stays(self, face: Face):
        document = face.get("", lang="zh")
        assert document["title"] == "玩具县河湖开放数据"
        assert all("lang=zh" in one["href"] for one in document["links"])

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("nowhere", 404),
            ("collections/lakes", 404),
            ("collections/reaches/nowhere", 404),
            ("collections/reaches/items/Z", 404),
            ("collections?colour=red", 400),
            ("?limit=5", 400),
        ],
    )
    def test_what_is_not_there_is_a_problem_with_a_reason(self, face: Face, path: str, status: int):
        answer = face.send(path)
        problem = orjson.loads(answer.content)
        assert (answer.status, answer.media_type) == (status, "application/problem+json")
        assert problem["status"] == status and problem["title"] and problem["type"].startswith("urn:riverchief:fault:")

    def test_a_problem_is_told_in_the_readers_language(self, face: Face):
        answer = face.send("collections/lakes", accept_language="zh-CN")
        assert "没有要素集“lakes”" in orjson.loads(answer.content)["title"]


class TestCollections:
    def test_are_these(self, face: Face):
        document = face.get("collections")
        assert [one["id"] for one in document["collections"]] == NAMES
        for one in document["collections"]:
            assert one["storageCrs"] in one["crs"] and one["itemType"] == "feature"
            assert one == {**face.get(f"collections/{one['id']}"), "links": one["links"]}

    def test_say_where_and_when(self, face: Face):
        feed("M1", [0.1, 0.2])
        extent = face.get("collections/stations")["extent"]
        assert extent["spatial"]["bbox"] == [[108.05, 32.0, 108.05, 32.0]]
        assert extent["temporal"]["interval"] == [["2026-11-24T04:00:00Z", "2026-11-24T04:00:00Z"]]
        assert face.get("collections/reaches")["extent"]["spatial"]["bbox"] == [[108.0, 32.0, 108.07, 32.02]]

    def test_of_an_empty_county_are_empty(self, db: None, open_data: None, nobody: Face):
        for name in NAMES:
            assert nobody.ids(name) == []
            assert "spatial" not in nobody.get(f"collections/{name}")["extent"]
            assert nobody.send(f"collections/{name}/items?f=html").status == 200


class TestFeatures:
    @pytest.mark.parametrize(("name", "identity"), FEATURES.items())
    def test_one_is_the_same_alone_and_on_a_page(self, face: Face, name: str, identity: str):
        alone = face.get(f"collections/{name}/items/{identity}")
        beside = next(one for one in face.get(f"collections/{name}/items")["features"] if one["id"] == identity)
        assert {key: value for key, value in alone.items() if key != "links"} == beside
        assert {one["rel"] for one in alone["links"]} >= {"self", "alternate", "collection"}
        assert beside["type"] == "Feature" and beside["properties"]["code"] == identity

    @pytest.mark.parametrize("name", NAMES)
    def test_have_exactly_the_properties_that_are_declared(self, face: Face, name: str):
        report("closed")
        for feature in face.get(f"collections/{name}/items")["features"]:
            assert list(feature["properties"]) == list(all_collections()[name].properties)

    def test_a_reach_is_its_line_with_its_order(self, face: Face):
        reach = face.get("collections/reaches/items/C")
        assert reach["geometry"] == {"type": "LineString", "coordinates": [[108.02, 32.0], [108.06, 32.0]]}
        assert reach["properties"]["downstream"] == "D"
        assert reach["properties"]["schematic"] is True
        assert rel(reach, "related")[0]["href"] == "http://testserver/board/C/"

    def test_a_section_has_its_newest_class(self, face: Face):
        feed("M1", [0.1, 1.2])
        look(NOW)
        section = face.get("collections/sections/items/S1")["properties"]
        assert (section["class_target"], section["border"]) == ("II", True)
        assert (section["water_class"], section["judged_at"]) == ("IV", "2026-11-24T04:00:00Z")
        assert face.ids("sections", water_class="IV") == ["S1"]
        assert face.ids("sections", filter="judged_at >= TIMESTAMP('2026-11-24T04:00:00Z')") == ["S1"]
        assert face.ids("sections", filter="water_class IS NULL") == ["S2"]
        assert face.all_ids("sections", limit="1", sortby="-judged_at") == ["S1", "S2"]

    def test_a_station_says_when_it_measured_last_and_where_its_readings_are(self, face: Face):
        feed("M1", [0.1, 0.2])
        station = face.get("collections/stations/items/M1")
        assert station["properties"]["last_reading_at"] == "2026-11-24T04:00:00Z"
        assert station["properties"]["section"] == "S1"
        assert rel(station, "related")[0]["href"] == (
            "http://testserver/sensorthings/v1.1/Things?$filter=properties/code%20eq%20%27M1%27"
        )

    @pytest.mark.parametrize("code", ["a/b", "名 字", "x?y#z", "50%", "it's", "a&b=c+d"])
    def test_an_id_may_hold_anything(self, face: Face, code: str):
        Place.objects.filter(code="W1").update(code=code)
        assert code in face.ids("stations")
        assert face.get(f"collections/stations/items/{quote(code)}")["id"] == code
        assert face.ids("stations", code=code) == [code]
        page = face.send("collections/stations/items?f=html").content.decode()
        href = re.search(r'row"><a href="([^"]+)"', page)
        assert href is not None
        assert face.send(href[1].replace("&amp;", "&").replace("&#x27;", "'")).status == 200


class TestQueryables:
    @pytest.mark.parametrize("name", NAMES)
    def test_each_can_be_asked_for(self, face: Face, name: str):
        report("closed")
        schema = face.get(f"collections/{name}/queryables")
        assert schema["$id"] == f"{ROOT}/collections/{name}/queryables"
        assert schema["additionalProperties"] is False
        assert schema["properties"]["geometry"]["format"].startswith("geometry-")
        assert "type" not in schema["properties"]["geometry"]
        for queryable, said in schema["properties"].items():
            assert said["title"]
            face.ids(name, filter=f'"{queryable}" IS NULL')
            if queryable != "geometry":
                face.ids(name, sortby=queryable)
                example = {"string": "2026-11-24" if "format" in said else "x", "boolean": "true"}
                face.ids(name, **{queryable: example.get(said["type"], "1")})

    def test_words_of_the_table_are_in_both_languages(self):
        for collection in all_collections().values():
            assert collection.zh and collection.en and collection.about_zh and collection.about_en
            for known in collection.properties.values():
                assert known.zh and known.en, known


class TestOpenApi:
    def test_names_every_path_and_parameter_there_is(self, face: Face):
        definition = face.get("api")
        assert definition["openapi"].startswith("3.0")
        assert definition["servers"] == [{"url": ROOT}]
        for path in definition["paths"]:
            where = path.format(featureId="A") if "reaches" in path else path
            if "{" not in where:
                assert face.send(where).status == 200, path
        for name in NAMES:
            said = definition["paths"][f"/collections/{name}/items"]["get"]["parameters"]
            named = {one["name"] if "name" in one else one["$ref"].rsplit("/", 1)[1] for one in said}
            allowed = face.refused(f"collections/{name}/items?colour=red").split("possible here: ")[1].split(", ")
            assert named == set(allowed)

    def test_every_reference_leads_somewhere(self, face: Face):
        definition = face.get("api")
        for reference in re.findall(r'"\$ref":"#/([^"]+)"', orjson.dumps(definition).decode()):
            found: Any = definition
            for step in reference.split("/"):
                found = found[step]
            assert found

    def test_operations_have_names_of_their_own(self, face: Face):
        names = [one["get"]["operationId"] for one in face.get("api")["paths"].values()]
        assert len(names) == len(set(names))

    def test_says_how_to_log_in_where_one_has_to(self, reader: Face):
        assert reader.get("api")["security"] == [{"token": []}, {"password": []}]

    def test_the_limit_is_the_one_that_holds(self, face: Face):
        limit = face.get("api")["components"]["parameters"]["limit"]["schema"]
        assert (limit["default"], limit["maximum"], limit["minimum"]) == (100, 10_000, 1)


class TestPages:
    @pytest.mark.parametrize("language", ["zh", "en"])
    @pytest.mark.parametrize("path", [*PATHS, *(f"collections/{name}/items/{one}" for name, one in FEATURES.items())])
    def test_every_document_is_a_page_too(self, face: Face, path: str, language: str):
        report("closed")
        answer = face.send(path, accept="text/html,application/xhtml+xml,*/*;q=0.8", accept_language=language)
        assert (answer.status, answer.media_type) == (200, "text/html")
        page = ElementTree.fromstring(_as_xml(answer.content.decode()))
        assert page.get("lang") == {"zh": "zh-CN", "en": "en"}[language]
        assert len(page.findall(".//h1")) == 1
        assert "".join(page.find(".//h1").itertext()).strip()  # type: ignore[union-attr]
        for anchor in page.iter("a"):
            href = anchor.get("href", "")
            if href.startswith(ROOT):
                assert face.send(href).status == 200, href

    def test_a_refusal_is_a_page_for_a_browser(self, face: Face):
        answer = face.send("collections/reaches/items?<b>red</b>=1", accept="text/html")
        assert (answer.status, answer.media_type) == (400, "text/html")
        assert "&lt;b&gt;red" in answer.content.decode() and "<b>red" not in answer.content.decode()

    def test_whoever_is_not_logged_in_is_shown_the_way(self, county: None, nobody: Face):
        page = nobody.send("", accept="text/html")
        assert page.status == 401 and 'href="/desk/"' in page.content.decode()

    def test_pages_lead_to_the_next_page(self, face: Face):
        first = face.send("collections/reaches/items?f=html&limit=3").content.decode()
        href = re.search(r'rel="next" href="([^"]+)"', first)
        assert href is not None
        second = face.send(href[1].replace("&amp;", "&")).content.decode()
        assert "items/D" in second and "items/A" not in second

    def test_the_sketch_draws_every_feature_of_the_page(self, face: Face):
        page = face.send("collections/reaches/items?f=html").content.decode()
        assert page.count("<path d=") == 4
        stations = face.send("collections/stations/items?f=html").content.decode()
        assert stations.count("<circle") == 2
        # over the rivers: four lines in one path
        under = re.search(r'class="under" d="([^"]+)"', stations)
        assert under is not None and under[1].count("M") == 4


class TestNegotiation:
    @pytest.mark.parametrize(
        ("accept", "html"),
        [
            ("", False),
            ("*/*", False),
            ("application/json", False),
            ("application/geo+json, text/html;q=0.5", False),
            ("text/html", True),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
            ("text/html;q=0.3, application/json;q=0.2", True),
            ("text/html;q=0", False),
            ("text/html;q=x", False),
        ],
    )
    def test_the_program_gets_what_it_likes_best(self, accept: str, html: bool):
        assert prefers_html(accept) is html

    @pytest.mark.parametrize(
        ("accept", "packed"), [("gzip, deflate", True), ("br", False), ("", False), ("gzip;q=0", False), ("*", True)]
    )
    def test_a_body_is_packed_only_where_that_is_understood(self, accept: str, packed: bool):
        assert takes_gzip(accept) is packed

    def test_the_parameter_beats_the_header(self, face: Face):
        assert face.send("?f=json", accept="text/html").media_type == "application/json"
        assert face.send("?f=html", accept="application/json").media_type == "text/html"

    def test_a_reader_who_has_it_is_not_sent_it_again(self, face: Face):
        path = "collections/reaches/items"
        first = face.send(path)
        tag = first.headers["etag"]
        again = face.send(path, if_none_match=f'"other", {tag}')
        assert (again.status, again.content, again.headers["etag"]) == (304, b"", tag)
        assert face.send(path, if_none_match="*").status == 304

    def test_another_content_language_or_form_has_another_tag(self, face: Face):
        path = "collections/reaches/items"
        tags = [face.send(f"{path}?{query}").headers["etag"] for query in ("", "f=html", "lang=zh", "limit=1")]
        assert len(set(tags)) == 4
        Reach.objects.filter(code="A").update(name="新名")
        assert face.send(path, if_none_match=tags[0]).status == 200

    def test_a_long_answer_is_packed_and_is_the_same(self, face: Face):
        plain = face.send("collections/reaches/items")
        packed = face.send("collections/reaches/items", accept_encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip" and len(packed.content) < len(plain.content)
        assert gzip.decompress(packed.content) == plain.content

    def test_coordinates_are_named(self, face: Face):
        crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
        answer = face.send(f"collections/reaches/items?crs={crs84}&bbox-crs={crs84}&filter-crs={crs84}")
        assert answer.headers["content-crs"] == f"<{crs84}>"
        assert face.send(f"collections/reaches/items/A?crs={crs84}").headers["content-crs"] == f"<{crs84}>"


def _as_xml(page: str) -> str:
    """Our pages are well formed but for the elements that have no end."""
    page = page.replace("<!doctype html>", "")
    return re.sub(r"<(meta|link|br)([^>]*?)/?>", r"<\1\2/>", page)
