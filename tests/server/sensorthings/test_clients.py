"""Clients that nobody here wrote, at a server in a process of its own: frost-sta-client, pygeoapi, istsos4-client."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import frost_sta_client as fsc
import jsonpatch
import pytest
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from istsos4_client import Client as IstsosClient
from istsos4_client import Datastream as IstsosDatastream

from riverchief_server.sensorthings.vocabulary import by_set
from tests.server.live import Live

T0 = datetime(2024, 3, 1, tzinfo=UTC)
OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
STREAMS = 510
pytestmark = pytest.mark.slow


def iso(t: datetime) -> str:
    return f"{t:%Y-%m-%dT%H:%M:%SZ}"


class Server:
    """A live server with ``STREAMS`` datastreams of 51 things, and how to ask it without a client of others."""

    def __init__(self, live: Live, token: str):
        self.live, self.token = live, token
        self.service = fsc.SensorThingsService(live.root, auth_handler=fsc.AuthHandler(username="x", password=token))

    def ask(self, path: str, body: Any = None, method: str | None = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        url = path if path.startswith("http") else f"{self.live.root}{path}"
        given = {"authorization": f"Bearer {self.token}", **headers}
        request = urllib.request.Request(url, data=data, headers=given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, content = refused.code, refused.read()
        return status, json.loads(content) if content else None

    def stream(self, number: int) -> int:
        """The id of the datastream called ``number``."""
        return self.ask(f"/Datastreams?$filter=name%20eq%20%27D{number:03}%27")[1]["value"][0]["@iot.id"]

    def fill(self, stream: int, rows: list[list[Any]]) -> list[str]:
        """Data arrays of time and result."""
        group = {"Datastream": {"@iot.id": stream}, "components": ["phenomenonTime", "result"], "dataArray": rows}
        return self.ask("/CreateObservations", [group])[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    live = Live(tmp_path_factory.mktemp("county"), open_data="true")
    token = live.load()
    live.start()
    server = Server(live, token)
    properties = [
        int(_made(server, "/ObservedProperties", {"name": f"P{k}", "definition": f"urn:p{k}", "description": "p"}))
        for k in range(10)
    ]
    sensor = int(
        _made(
            server,
            "/Sensors",
            {"name": "probe", "description": "p", "encodingType": "text/plain", "metadata": "none"},
        )
    )
    for thing in range(STREAMS // 10):
        streams = [
            {
                "name": f"D{10 * thing + k:03}",
                "description": "d",
                "observationType": OM,
                "unitOfMeasurement": {"name": "one", "symbol": "1", "definition": "urn:1"},
                "Sensor": {"@iot.id": sensor},
                "ObservedProperty": {"@iot.id": properties[k]},
            }
            for k in range(10)
        ]
        place = {
            "name": "site",
            "description": "site",
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [120 + thing / 100, 30.5]},
        }
        _made(
            server,
            "/Things",
            {"name": f"T{thing:02}", "description": "t", "Locations": [place], "Datastreams": streams},
        )
    yield server
    live.stop()


def _made(server: Server, path: str, body: Any) -> str:
    request = urllib.request.Request(
        server.live.root + path,
        data=json.dumps(body).encode(),
        headers={"authorization": f"Bearer {server.token}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        location = answer.headers["location"]
    return location[location.rindex("(") + 1 : -1]


class TestFrostStaClient:
    def test_creates_finds_updates_patches_and_deletes(self, server: Server):
        """§3.4 check 1: its ``update`` is a PUT of the whole entity with ``@iot.id``, its ``patch`` JSON Patch."""
        thing = fsc.Thing(name="buoy", description="a buoy", properties={"colour": "red"})
        point = {"type": "Point", "coordinates": [108.5, 31.9]}
        place = fsc.Location(name="here", description="x", encoding_type="application/geo+json", location=point)
        thing.locations = fsc.EntityList(entity_class="Location", entities=[place])
        server.service.create(thing)
        assert isinstance(thing.id, int)
        found = server.service.things().find(thing.id)
        assert (found.name, found.properties) == ("buoy", {"colour": "red"})
        locations = found.get_locations().query().list()
        assert locations.entities[0].location["coordinates"] == [108.5, 31.9]
        found.description = "a green buoy"
        server.service.update(found)
        assert server.service.things().find(thing.id).description == "a green buoy"
        server.service.patch(found, jsonpatch.JsonPatch([{"op": "replace", "path": "/name", "value": "buoy 2"}]))
        again = server.service.things().find(thing.id)
        assert (again.name, again.description) == ("buoy 2", "a green buoy")
        server.service.delete(again)
        with pytest.raises(Exception, match="404"):
            server.service.things().find(thing.id)

    def test_finds_an_observation_by_its_id_that_is_a_text(self, server: Server):
        stream = server.stream(7)
        server.fill(stream, [[iso(T0), 1.5]])
        identity = f"{stream}-{int(T0.timestamp() * 1000)}"
        found = server.service.observations().find(identity)
        assert (found.id, found.result) == (identity, 1.5)

    def test_pages_hold_every_row_once_while_rows_arrive(self, server: Server):
        """§3.4 check 2: 510 datastreams at ``$top=60`` while others are made; in upper case, as it writes orders."""
        stop = threading.Event()

        def add() -> None:
            k = 0
            while not stop.is_set():
                body = {
                    "name": f"A{k:04}",
                    "description": "d",
                    "observationType": OM,
                    "unitOfMeasurement": {"name": "one", "symbol": "1", "definition": "urn:1"},
                    "Thing": {"name": "moving", "description": "m"},
                    "Sensor": {"name": "s", "description": "s", "encodingType": "text/plain", "metadata": "-"},
                    "ObservedProperty": {"name": "p", "definition": "urn:p", "description": "p"},
                }
                server.ask("/Datastreams", body)
                k += 1

        adding = threading.Thread(target=add)
        adding.start()
        try:
            query = server.service.datastreams().query().orderby("name", "ASC").top(60)
            names = [one.name for one in query.list()]
        finally:
            stop.set()
            adding.join()
        kept = [name for name in names if name.startswith("D")]
        assert kept == [f"D{k:03}" for k in range(STREAMS)]
        assert len(names) == len(set(names))

    def test_what_is_shown_inside_belongs_to_its_own_row(self, server: Server):
        """§3.4 check 3: of 40 rows of 4 things, each thing, property and sensor is the one its own link leads to."""
        query = server.service.datastreams().query().expand("Thing,ObservedProperty,Sensor")
        rows = query.filter("startswith(name,'D0')").orderby("name", "asc").top(40).list().entities[:40]
        assert len({row.thing.id for row in rows}) == 4
        for row in rows:
            for relation, shown in (
                ("Thing", row.thing),
                ("ObservedProperty", row.observed_property),
                ("Sensor", row.sensor),
            ):
                status, alone = server.ask(f"/Datastreams({row.id})/{relation}")
                assert (status, alone["@iot.id"], alone["name"]) == (200, shown.id, shown.name)

    def test_a_data_array_names_its_bad_rows_and_twice_is_once(self, server: Server):
        """§3.4 check 4: 2 × 1,000 rows with one time that was there before and one value that is none."""
        streams = [server.stream(21), server.stream(22)]
        document = DataArrayDocument()
        names = [DataArrayValue.Property.PHENOMENON_TIME, DataArrayValue.Property.RESULT]
        for position, stream in enumerate(streams):
            values = DataArrayValue()
            values.datastream = fsc.Datastream(id=stream)
            values.components = names
            rows = [[iso(T0 + timedelta(minutes=k)), float(k)] for k in range(1000)]
            if position == 0:
                rows[500][0] = rows[10][0]
            else:
                rows[700][0] = "yesterday"
            values.data_array = rows
            document.add_data_array_value(values)
        for _ in range(2):
            said = [one.self_link for one in server.service.observations().create(document)]
            assert len(said) == 2000
            assert [k for k, text in enumerate(said) if not text.startswith(server.live.root)] == [500, 1700]
            assert all(said[k].startswith("error: ") for k in (500, 1700))
            counts = [server.ask(f"/Datastreams({one})/Observations?$count=true&$top=0")[1] for one in streams]
            assert [one["@iot.count"] for one in counts] == [999, 999]

    def test_a_month_of_quarter_hours_is_what_was_sent(self, server: Server):
        """§3.4 check 5: 2,976 rows in order, equal to what the generator gave."""
        stream = server.stream(33)
        sent = [[iso(T0 + timedelta(minutes=15 * k)), round(7 + (k * 7919 % 1000) / 500, 3)] for k in range(-50, 3100)]
        server.fill(stream, sent)
        march = "phenomenonTime ge 2024-03-01T00:00:00Z and phenomenonTime lt 2024-04-01T00:00:00Z"
        dao = server.service.datastreams().find(stream).get_observations()
        rows = dao.query().filter(march).orderby("phenomenonTime", "ASC").top(1000).list()
        got = [[one.phenomenon_time, one.result] for one in rows]
        assert len(got) == 2976
        assert got == sent[50 : 50 + 2976]

    def test_everything_that_is_read_can_be_understood(self, server: Server):
        """``properties: null`` brought it down elsewhere: each entity of each collection becomes one of its own."""
        server.fill(server.stream(0), [[iso(T0), 1.0]])
        for name in by_set():
            rows = server.ask(f"/{name}?$top=50")[1]["value"]
            assert rows, name
            for row in rows:
                assert None not in {key: value for key, value in row.items() if key != "result"}.values()
        for dao in (server.service.things(), server.service.datastreams(), server.service.locations()):
            assert dao.query().top(20).list().entities


class TestPygeoapi:
    """§3.4 check 7: a demanding client, which writes ``$expand`` of one relation twice and by longer ways."""

    @pytest.mark.parametrize("entity", ["Things", "Datastreams"])
    def test_shows_things_and_datastreams_as_features(self, server: Server, entity: str):
        from pygeoapi.provider.sensorthings import SensorThingsProvider

        server.fill(server.stream(0), [[iso(T0), 1.0], [iso(T0 + timedelta(hours=1)), 2.0]])
        definition = {
            "name": "SensorThings",
            "type": "feature",
            "data": f"{server.live.root}/",
            "entity": entity,
            "id_field": "@iot.id",
            "time_field": "phenomenonTime",
        }
        provider = SensorThingsProvider(definition)
        page = provider.query(limit=30, bbox=[119.9, 30, 121, 31])
        assert page["type"] == "FeatureCollection"
        assert len(page["features"]) >= 10
        for feature in page["features"]:
            assert all(isinstance(number, float | int) for number in feature["geometry"]["coordinates"])
            assert feature["properties"]["name"]
        one = provider.get(page["features"][0]["id"])
        assert one["properties"]["name"] == page["features"][0]["properties"]["name"]


class TestIstsosClient:
    def test_lists_every_datastream_once(self, server: Server):
        """§3.4 check 13: ``iter_list`` follows the links."""
        with IstsosClient(server.live.root) as client:
            names = [one.name for one in client.iter_list(IstsosDatastream)]
        kept = [name for name in names if name.startswith("D")]
        assert sorted(kept) == [f"D{k:03}" for k in range(STREAMS)]


class TestConcurrency:
    """§3.4 check 12."""

    def test_eight_writers_of_one_time_make_one_row_and_none_fails(self, server: Server):
        stream = server.stream(55)
        body = {"phenomenonTime": iso(T0), "result": 1.0}

        def post(_: int) -> int:
            return server.ask(f"/Datastreams({stream})/Observations", body)[0]

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(post, range(80)))
        assert set(statuses) <= {200, 201}
        assert server.ask(f"/Datastreams({stream})/Observations?$count=true&$top=0")[1]["@iot.count"] == 1

    def test_the_latest_is_the_last_measured_however_late_others_come(self, server: Server):
        stream = server.stream(56)
        order = [5, 2, 9, 1, 7, 3, 8, 0, 6, 4]

        def post(k: int) -> int:
            body = {"phenomenonTime": iso(T0 + timedelta(hours=k)), "result": float(k)}
            return server.ask(f"/Datastreams({stream})/Observations", body)[0]

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(post, order)) == {201}
        latest = server.ask(f"/Datastreams({stream})/Observations?$orderby=phenomenonTime%20desc&$top=1")[1]["value"]
        assert latest[0]["result"] == 9.0

    def test_deep_pages_stay_where_they_are_while_rows_arrive(self, server: Server):
        """100,000 rows read to their end in pages of 10,000 while rows arrive before and behind: each once."""
        stream = server.stream(57)
        sent = [T0 + timedelta(minutes=k) for k in range(100_000)]
        for k in range(0, len(sent), 20_000):
            server.fill(stream, [[iso(t), 1.0] for t in sent[k : k + 20_000]])
        stop = threading.Event()

        def add() -> None:
            k = 0
            while not stop.is_set():
                k += 1
                early, late = T0 - timedelta(minutes=k), sent[-1] + timedelta(minutes=k)
                server.fill(stream, [[iso(early), 2.0], [iso(late), 2.0]])

        adding = threading.Thread(target=add)
        adding.start()
        try:
            path: str | None = (
                f"/Datastreams({stream})/Observations?$select=phenomenonTime,result&$orderby=phenomenonTime&$top=10000"
            )
            times: list[str] = []
            while path:
                page = server.ask(path)[1]
                times += [row["phenomenonTime"] for row in page["value"] if row["result"] == 1.0]
                path = page.get("@iot.nextLink")
        finally:
            stop.set()
            adding.join()
        assert times == [iso(t) for t in sent]


class TestTheWire:
    def test_with_and_without_a_slash_at_its_end(self, server: Server):
        assert server.ask("")[1] == server.ask("/")[1]
        assert server.ask("")[1]["value"][0]["name"] == "Things"

    def test_an_answer_is_one_body_and_the_connection_stays(self, server: Server):
        """A chunked reply on a kept connection waits 40 ms for Nagle's algorithm: none of ours is chunked."""
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", server.live.port)
        for _ in range(3):
            connection.request("GET", "/sensorthings/v1.1/Datastreams?$top=200")
            socket = connection.sock
            answer = connection.getresponse()
            assert answer.getheader("transfer-encoding") is None
            assert int(answer.getheader("content-length") or 0) == len(answer.read())
            assert connection.sock is socket and socket is not None

    def test_nobody_writes_though_everybody_may_read(self, server: Server):
        stream = server.stream(1)
        group = {"Datastream": {"@iot.id": stream}, "components": ["result"], "dataArray": [[1]]}
        request = urllib.request.Request(f"{server.live.root}/CreateObservations", json.dumps([group]).encode())
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        assert refused.value.code == 401
