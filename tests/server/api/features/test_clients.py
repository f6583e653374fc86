"""Programs that nobody here wrote read the face from a live server: GDAL (which QGIS stands on too) and OWSLib."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from owslib.ogcapi.features import Features as OwslibFeatures

from riverchief_server.api.features.application import Features
from riverchief_server.asked import who
from riverchief_server.jobs.clock import look
from riverchief_server.parties.models import Account
from riverchief_server.parties.tokens import make_token
from riverchief_server.places.models import Reach
from tests.server.api.features.live import serving
from tests.server.api.features.test_pages import many_reaches
from tests.server.api.features.test_rights import report
from tests.server.conftest import NOW, feed

GDAL = """
import json, sys
import pyogrio
asked = json.loads(sys.stdin.read())
pyogrio.set_gdal_config_options(asked.pop("config", {}))
if asked.pop("layers", False):
    found = [[name, kind] for name, kind in pyogrio.list_layers(asked["path"])]
else:
    path, copy = asked.pop("path"), asked.pop("copy", None)
    if "bbox" in asked:
        asked["bbox"] = tuple(asked["bbox"])
    meta, _, shapes, columns = pyogrio.raw.read(path, **asked)
    if copy:
        pyogrio.raw.write(copy, shapes, columns, meta["fields"], driver="GPKG", geometry_type=meta["geometry_type"],
                          crs=meta["crs"], layer="copy")
        meta, _, shapes, columns = pyogrio.raw.read(copy)
    import shapely
    found = {
        "crs": meta["crs"], "kind": meta["geometry_type"], "types": dict(zip(meta["fields"], map(str, meta["dtypes"]))),
        "wkt": [shapely.from_wkb(one).wkt for one in shapes],
        "rows": [dict(zip(meta["fields"], map(str, row))) for row in zip(*columns)],
    }
print(json.dumps(found))
"""


class Recorded:
    """An application that keeps what it was asked."""

    def __init__(self, application: Any):
        self.application, self.asked = application, []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await self.application(scope, receive, send)


class Served:
    """The face on a port, and what was asked of it."""

    def __init__(self, root: str, recorded: Recorded):
        self.root, self.recorded = root, recorded

    @property
    def items_asked(self) -> list[str]:
        return [one for one in self.recorded.asked if "/items" in one]

    def gdal(self, layer: str | None = None, **asked: Any) -> Any:
        """What GDAL reads, in a process of its own as any client has."""
        pytest.importorskip("pyogrio", reason="PYOGRIO MISSING: GDAL proved nothing")
        asked |= {"path": f"OAPIF:{self.root}"} | ({"layer": layer} if layer else {})
        done = subprocess.run(
            [sys.executable, "-c", GDAL], input=json.dumps(asked), capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    def owslib(self, token: str = "") -> OwslibFeatures:
        return OwslibFeatures(self.root, headers={"Authorization": f"Bearer {token}"} if token else None)


@pytest.fixture
def served(transactional_db: None, county: None) -> Iterator[Served]:
    """The face of the toy county on a live server."""
    who.forget()
    application = Features()
    recorded = Recorded(application)
    with serving(recorded) as origin:
        yield Served(f"{origin}/features", recorded)
    application.close()


@pytest.fixture
def opened(served: Served, open_data: None) -> Served:
    """The same, where the data are open."""
    return served


class TestGdal:
    def test_sees_every_collection_with_its_kind_of_shape(self, opened: Served):
        report("closed")
        assert dict(opened.gdal(layers=True)) == {
            "reaches": "LineString",
            "sections": "Point",
            "stations": "Point",
            "outfalls": "Point",
            "sources": "Point",
            "cases": "Point",
        }

    def test_reads_a_layer_with_its_types_and_coordinates(self, opened: Served):
        found = opened.gdal("reaches")
        assert "CRS84" in found["crs"] and found["kind"] == "LineString"
        assert found["wkt"][3] == "LINESTRING (108.06 32, 108.07 32)"
        assert [row["code"] for row in found["rows"]] == ["A", "B", "C", "D"]
        types = found["types"]
        assert (types["length_m"], types["order"], types["schematic"]) == ("float64", "int32", "bool")
        # a column in which nothing stands yet: known by the schema alone
        assert types["width_m"] == "float64" and types["river_code"] == "object"

    def test_times_are_times_and_lists_are_lists(self, opened: Served):
        report("closed")
        feed("M1", [0.1, 1.2])
        look(NOW)
        assert opened.gdal("stations")["types"]["last_reading_at"].startswith("datetime64")
        sections = opened.gdal("sections")
        assert sections["rows"][0]["water_class"] == "IV"
        assert sections["rows"][0]["judged_at"].startswith("2026-11-24T04:00:00")
        cases = opened.gdal("cases")
        assert cases["types"]["categories"] == "list(str)"
        assert cases["wkt"] == ["POINT (108.04 32)"]

    def test_reads_all_pages_each_feature_once(self, opened: Served):
        many_reaches(2500)
        found = opened.gdal("reaches")
        assert len([one for one in opened.items_asked if "limit=1000" in one]) == 3
        assert sorted(row["code"] for row in found["rows"]) == sorted(Reach.objects.values_list("code", flat=True))

    def test_asks_the_server_for_a_box(self, opened: Served):
        found = opened.gdal("reaches", bbox=[108.03, 31.9, 108.04, 32.1])
        assert [row["code"] for row in found["rows"]] == ["C"]
        assert any("bbox=108.03" in one for one in opened.items_asked)

    @pytest.mark.parametrize(
        ("where", "codes"),
        [
            ("length_m > 1500 AND river = '玩具河'", ["A", "C"]),
            ("river = '支沟' OR length_m <= 1000", ["B", "D"]),
            ("NOT river = '玩具河'", ["B"]),
            ("name LIKE '%A段'", ["A"]),
            ("downstream IS NULL", ["D"]),
            ("code IN ('A', 'B')", ["A", "B"]),
            ("length_m BETWEEN 2000 AND 3000", ["A", "B"]),
            ("width_m IS NOT NULL", []),
        ],
    )
    def test_asks_the_server_for_what_a_filter_says(self, opened: Served, where: str, codes: list[str]):
        found = opened.gdal("reaches", where=where)
        assert [row["code"] for row in found["rows"]] == codes
        pushed = [one for one in opened.items_asked if "filter=" in one and "filter-lang=cql-text" in one]
        assert pushed or " IN " in where

    def test_asks_the_server_for_times(self, opened: Served):
        feed("M1", [0.1])
        feed("W1", [0.1], until=NOW - timedelta(days=30))
        found = opened.gdal("stations", where="last_reading_at >= '2026/11/24 00:00:00'")
        assert [row["code"] for row in found["rows"]] == ["M1"]

    def test_copies_a_layer_into_a_geopackage_whole(self, opened: Served, tmp_path: Any):
        read = opened.gdal("stations")
        copied = opened.gdal("stations", copy=str(tmp_path / "stations.gpkg"))
        assert (copied["wkt"], copied["rows"]) == (read["wkt"], read["rows"])
        assert copied["wkt"] == ["POINT (108.05 32)", "POINT (108.05 32)"]

    def test_logs_in_with_a_token_as_password(self, served: Served, people: dict[str, Account]):
        with pytest.raises(RuntimeError, match="401"):
            served.gdal("reaches")
        token = make_token(people["engineer"], "QGIS", NOW)
        found = served.gdal("reaches", config={"GDAL_HTTP_USERPWD": f"token:{token}"})
        assert len(found["rows"]) == 4


QGIS_PYTHON = "/usr/bin/python3"
QGIS = """
import json, sys
from qgis.core import Qgis, QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer, QgsWkbTypes
application = QgsApplication([], False)
application.initQgis()
root = json.loads(sys.stdin.read())
def layer(name, more=""):
    return QgsVectorLayer(f"url='{root}' typename='{name}' {more}", name, "OAPIF")
def codes(layer, *request):
    return sorted(one["code"] for one in layer.getFeatures(*request))
found = {}
for name in ("reaches", "sections", "stations", "outfalls", "sources", "cases"):
    one = layer(name)
    found[name] = [one.isValid(), one.featureCount(), QgsWkbTypes.displayString(one.wkbType())]
found["types"] = {one.name(): one.typeName() for one in layer("stations").fields()}
found["box"] = codes(layer("reaches"), QgsFeatureRequest(QgsRectangle(108.03, 31.9, 108.04, 32.1)))
filtered = layer("reaches")
filtered.setSubsetString('"river" = \\'玩具河\\' AND "length_m" > 1500')
found["filtered"] = codes(filtered)
found["paged"] = codes(layer("reaches", "pageSize='3'"))
print("FOUND" + json.dumps(found))
"""


class TestQgis:
    def test_opens_every_layer(self, opened: Served):
        if subprocess.run([QGIS_PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode:
            pytest.skip("QGIS MISSING (Debian: python3-qgis, qgis-providers): QGIS proved nothing")
        report("closed")
        feed("M1", [0.1])
        done = subprocess.run(
            [QGIS_PYTHON, "-c", QGIS],
            input=json.dumps(opened.root),
            capture_output=True,
            text=True,
            timeout=180,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            check=False,
        )
        assert "FOUND" in done.stdout, done.stderr
        found = json.loads(done.stdout.split("FOUND", 1)[1].splitlines()[0])
        assert found["reaches"] == [True, 4, "LineString"]
        assert found["stations"] == [True, 2, "Point"] and found["cases"] == [True, 1, "Point"]
        assert all(found[name][0] for name in ("sections", "outfalls", "sources"))
        assert found["types"]["last_reading_at"] == "DateTime" and found["types"]["chainage_m"] == "Real"
        assert (found["box"], found["filtered"]) == (["C"], ["A", "C"])
        assert found["paged"] == ["A", "B", "C", "D"]


class TestOwslib:
    def test_reads_what_the_server_can_do(self, opened: Served):
        client = opened.owslib()
        assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
        assert client.feature_collections() == ["reaches", "sections", "stations", "outfalls", "sources", "cases"]
        assert client.api()["openapi"] == "3.0.3"
        assert client.collection("reaches")["title"]
        assert "length_m" in client.collection_queryables("reaches")["properties"]

    def test_reads_features_by_box_time_filter_and_order(self, opened: Served):
        feed("M1", [0.1])
        client = opened.owslib()

        def ids(name: str, **asked: Any) -> list[str]:
            return [one["id"] for one in client.collection_items(name, **asked)["features"]]

        assert ids("reaches", bbox=[108.03, 31.9, 108.04, 32.1]) == ["C"]
        assert ids("reaches", filter="length_m > 1500 AND river = '玩具河'") == ["A", "C"]
        assert ids("reaches", river="支沟") == ["B"]
        assert ids("reaches", sortby=("length_m", "desc"), limit=2) == ["C", "B"]
        assert ids("stations", datetime_="2026-11-24T04:00:01Z/..") == ["W1"]
        assert client.collection_item("stations", "M1")["properties"]["name"] == "出口模拟站"

    def test_follows_the_pages(self, opened: Served):
        page = opened.owslib().collection_items("reaches", limit=3)
        following = next(one["href"] for one in page["links"] if one["rel"] == "next")
        host, path = urlsplit(following).netloc, following.split(urlsplit(following).netloc, 1)[1]
        connection = http.client.HTTPConnection(host)
        connection.request("GET", path)
        rest = json.loads(connection.getresponse().read())
        connection.close()
        assert [one["id"] for one in page["features"] + rest["features"]] == ["A", "B", "C", "D"]

    def test_is_told_why_not(self, opened: Served):
        with pytest.raises(RuntimeError, match="colour"):
            opened.owslib().collection_items("reaches", colour="red")

    def test_logs_in_with_a_token(self, served: Served, people: dict[str, Account]):
        with pytest.raises(RuntimeError, match=r"log in|登录"):
            served.owslib().collections()
        client = served.owslib(make_token(people["engineer"], "script", NOW))
        assert len(client.collections()["collections"]) == 6


class TestWire:
    def ask(self, served: Served, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(urlsplit(served.root).netloc, timeout=20)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, f"/features{path}", headers=given)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def test_head_is_get_without_a_body(self, opened: Served):
        _, get, body = self.ask(opened, "GET", "/collections/reaches/items")
        status, head, nothing = self.ask(opened, "HEAD", "/collections/reaches/items")
        assert (status, nothing, head["content-length"]) == (200, b"", str(len(body)))
        assert head["etag"] == get["etag"] and head["content-type"] == "application/geo+json"

    def test_pages_of_others_may_read_open_data_and_nothing_else(self, served: Served):
        _, headers, _ = self.ask(served, "GET", "", Origin="https://example.org")
        assert "access-control-allow-origin" not in headers and headers["cache-control"] == "private, no-cache"

    def test_a_browser_asks_first_and_is_told(self, opened: Served):
        status, headers, _ = self.ask(opened, "OPTIONS", "/collections", Origin="https://example.org")
        assert (status, headers["access-control-allow-origin"]) == (204, "*")
        assert headers["access-control-allow-methods"] == headers["allow"] == "GET, HEAD, OPTIONS"
        assert "content-length" not in headers

    def test_what_the_reader_has_is_not_sent(self, opened: Served):
        _, headers, _ = self.ask(opened, "GET", "/collections")
        status, again, body = self.ask(opened, "GET", "/collections", If_None_Match=headers["etag"])
        assert (status, body, again["etag"]) == (304, b"", headers["etag"])

    def test_pages_load_nothing_from_elsewhere(self, opened: Served):
        _, headers, body = self.ask(opened, "GET", "", Accept="text/html")
        assert "default-src 'self'" in headers["content-security-policy"] and headers["x-frame-options"] == "DENY"
        assert headers["content-type"] == "text/html; charset=utf-8" and b"<script" not in body
        assert "Accept" in headers["vary"] and "Accept-Language" in headers["vary"]

    def test_the_whole_server_sends_each_face_what_is_its(self, transactional_db: None, county: None, open_data: None):
        from riverchief_server import asgi

        with serving(asgi.application) as origin:
            served = Served(f"{origin}/features", Recorded(None))
            assert self.ask(served, "GET", "/collections")[0] == 200
            connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=20)
            for path, status in (("/sensorthings/v1.1", 200), ("/featuresx", 404), ("/api/session", 200)):
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == status, path
            connection.close()
