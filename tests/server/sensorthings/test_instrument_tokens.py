"""The token of one instrument: measurements of one station, and nothing else whatever its account may do."""

import pytest

from riverchief_server.observations import store
from riverchief_server.parties.models import Account
from riverchief_server.parties.tokens import make_token
from riverchief_server.places.models import Place
from tests.server.conftest import NOW
from tests.server.sensorthings.conftest import PROPERTY, SENSOR, STREAM, THING, Face, number_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stations")]
T = "2026-11-20T01:00:00Z"


@pytest.fixture
def instrument(admin: Face) -> Face:
    """What has a token of the admin's for the station W1."""
    account = Account.objects.get(username="root")
    return Face(admin.application, make_token(account, "W1", NOW, place=Place.objects.get(code="W1")))


def stream_at(face: Face, station: str) -> int:
    text = f"Thing/properties/code eq '{station}' and properties/parameter eq 'NH3N'"
    return face.values("Datastreams", filter=text)[0]["@iot.id"]


class TestATokenOfOneStation:
    @pytest.mark.parametrize("way", ["own address", "link", "quick"])
    def test_measures_there_and_not_elsewhere(self, instrument: Face, admin: Face, way: str):
        for station, status in (("W1", 201), ("M1", 403)):
            stream = stream_at(admin, station)
            body = {"phenomenonTime": T, "result": 0.4}
            path = f"Datastreams({stream})/Observations"
            if way == "link":
                path, body = "Observations", body | {"Datastream": {"@iot.id": stream}}
            before = store.count([stream])
            for _ in range(2 if way == "quick" else 1):  # the second comes by the quick way
                assert instrument.quick_or_not("POST", path, body) == status
            assert store.count([stream]) - before == (status == 201)

    def test_of_a_data_array_the_rows_of_its_own_station_are_taken(self, instrument: Face, admin: Face):
        own, other = stream_at(admin, "W1"), stream_at(admin, "M1")
        groups = [
            {"Datastream": {"@iot.id": one}, "components": ["phenomenonTime", "result"], "dataArray": [[T, 0.4]]}
            for one in (other, own)
        ]
        before = store.count([other])
        answer = instrument.send("POST", "CreateObservations", groups, accept_language="en")
        assert answer.status == 201
        assert answer.body[0] == "error: this token may only bring the measurements of one station"
        assert answer.body[1].endswith(f"/Observations('{own}-1795136400000')")
        assert store.count([other]) == before

    @pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
    def test_makes_changes_and_deletes_nothing(self, instrument: Face, admin: Face, method: str):
        thing = admin.values("Things")[0]["@iot.id"]
        path = "Things" if method == "POST" else f"Things({thing})"
        assert instrument.send(method, path, THING).status == 403

    def test_an_observation_makes_no_datastream_on_the_way(self, instrument: Face, admin: Face):
        thing = admin.values("Things", filter="properties/code eq 'W1'")[0]["@iot.id"]
        inside = {**STREAM, "Thing": {"@iot.id": thing}, "Sensor": SENSOR, "ObservedProperty": PROPERTY}
        body = {"phenomenonTime": T, "result": 1, "Datastream": inside}
        before = len(admin.all_values("Datastreams"))
        assert instrument.send("POST", "Observations", body).status == 403
        assert len(admin.all_values("Datastreams")) == before
        assert admin.send("POST", "Observations", body).status == 201

    def test_reads_nothing_where_nothing_is_open(self, instrument: Face):
        assert instrument.send("GET", "Things").status == 403

    def test_in_a_batch_it_is_the_same(self, instrument: Face, admin: Face):
        requests = [
            {
                "id": station,
                "method": "POST",
                "url": f"Datastreams({stream_at(admin, station)})/Observations",
                "body": {"phenomenonTime": T, "result": 0.4},
            }
            for station in ("W1", "M1")
        ]
        answer = instrument.send("POST", "$batch", {"requests": requests})
        assert [one["status"] for one in answer.body["responses"]] == [201, 403]


def test_a_stream_of_no_station_is_not_its_own(instrument: Face, buoy: dict[str, str]):
    path = f"{buoy['stream']}/Observations"
    assert number_in(buoy["stream"]) >= 1_000_000_000
    assert instrument.send("POST", path, {"phenomenonTime": T, "result": 1}).status == 403
