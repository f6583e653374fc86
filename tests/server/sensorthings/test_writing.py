"""Entities and observations that clients create, change and delete (OGC 18-088 §10)."""

from collections.abc import Callable

import pytest

from riverchief_server.observations import store
from riverchief_server.observations.models import Series
from tests.server.sensorthings.conftest import (
    LOCATION,
    PROPERTY,
    ROOT,
    SENSOR,
    STREAM,
    THING,
    Face,
    made,
    number_in,
)

pytestmark = pytest.mark.django_db
T = "2026-11-24T00:00:00Z"


class TestCreate:
    def test_a_whole_tree_in_one_request(self, admin: Face):
        stream = {
            **STREAM,
            "Sensor": SENSOR,
            "ObservedProperty": PROPERTY,
            "Observations": [{"phenomenonTime": T, "result": 3}],
        }
        thing = made(admin, "Things", {**THING, "Locations": [LOCATION], "Datastreams": [stream]})
        found = admin.get(
            thing, expand="Locations,HistoricalLocations,Datastreams($expand=Sensor,Observations/FeatureOfInterest)"
        )
        assert found["Locations"][0]["location"] == LOCATION["location"]
        assert len(found["HistoricalLocations"]) == 1
        inner = found["Datastreams"][0]
        assert inner["Sensor"]["metadata"] == SENSOR["metadata"]
        assert inner["Observations"][0]["result"] == 3
        assert inner["Observations"][0]["FeatureOfInterest"]["feature"] == LOCATION["location"]

    def test_nothing_of_a_tree_stays_where_one_part_is_refused(self, admin: Face):
        stream = {**STREAM, "Sensor": SENSOR, "ObservedProperty": {"@iot.id": 999}}
        before = admin.get("Things", count="true")["@iot.count"]
        assert admin.send("POST", "Things", {**THING, "Datastreams": [stream]}).status == 400
        assert admin.get("Things", count="true")["@iot.count"] == before
        assert admin.get("Sensors", filter="name eq '探头'", count="true")["@iot.count"] == 0

    def test_every_fault_of_a_body_is_named_at_once(self, admin: Face):
        refused = admin.send(
            "POST", "Locations", {"location": {"type": "Point", "coordinates": ["1", "2"]}, "colour": 1}
        )
        assert refused.status == 400
        for part in ("name", "description", "encodingType", "colour", "GeoJSON"):
            assert part in refused.body["message"]

    def test_a_link_counts_by_its_id_whatever_stands_beside_it(self, admin: Face, buoy: dict[str, str]):
        """istSOS4 refuses a link with other members; clients send back the whole entity they were given."""
        whole = admin.get(buoy["stream"])
        address = made(admin, "Observations", {"phenomenonTime": T, "result": 1, "Datastream": whole})
        assert admin.get(f"{address}/Datastream")["@iot.id"] == whole["@iot.id"]

    def test_both_spellings_of_geojson_are_taken(self, admin: Face):
        for spelling in ("application/geo+json", "application/vnd.geo+json"):
            address = made(admin, "Locations", {**LOCATION, "encodingType": spelling})
            assert admin.get(address)["encodingType"] == spelling


class TestObservations:
    def test_times_that_are_not_told(self, admin: Face, buoy: dict[str, str]):
        """§10.2.2.3: no phenomenon time means now; no result time means none."""
        address = made(admin, f"{buoy['stream']}/Observations", {"result": 7.5})
        found = admin.get(address)
        assert found["result"] == 7.5
        assert found["phenomenonTime"] > "2026"
        assert "resultTime" not in found

    def test_result_times_of_one_stream_need_not_be_alike(self, admin: Face, buoy: dict[str, str]):
        path = f"{buoy['stream']}/Observations"
        told = [T, "2026-11-24T02:00:00Z", None, "2026-11-24T03:00:00Z"]
        for hour, result_time in enumerate(told):
            body = {"phenomenonTime": f"2026-11-24T0{hour}:00:00Z", "result": hour}
            made(admin, path, body if result_time is None else {**body, "resultTime": result_time})
        found = admin.values(path, orderby="phenomenonTime")
        assert [one.get("resultTime") for one in found] == told
        late = admin.values(path, filter="resultTime gt 2026-11-24T01:00:00Z", orderby="resultTime desc")
        assert [one["result"] for one in late] == [3, 1]
        assert [one["result"] for one in admin.values(path, filter="resultTime eq null")] == [2]

    def test_periods_words_and_parameters_are_kept(self, admin: Face, buoy: dict[str, str]):
        body = {
            "phenomenonTime": "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z",
            "result": {"colour": "brown", "smell": None},
            "validTime": "2026-11-23T00:00:00Z/2026-12-01T00:00:00Z",
            "parameters": {"depth_m": 0.5},
            "resultQuality": "checked by hand",
        }
        found = admin.get(made(admin, f"{buoy['stream']}/Observations", body))
        assert {name: found[name] for name in body} == body

    def test_the_same_twice_is_one_and_another_value_is_a_new_version(self, admin: Face, buoy: dict[str, str]):
        path, series = f"{buoy['stream']}/Observations", number_in(buoy["stream"])
        first = made(admin, path, {"phenomenonTime": T, "result": 1})
        assert made(admin, path, {"phenomenonTime": T, "result": 1}) == first
        assert made(admin, path, {"phenomenonTime": T, "result": 2}) == first
        assert [one["result"] for one in admin.values(path)] == [2]
        t = int(first.split("-")[1].rstrip("')"))
        assert [one.v for one in store.versions(series, t)] == [1.0]

    def test_a_late_one_is_not_the_latest(self, admin: Face, buoy: dict[str, str]):
        path = f"{buoy['stream']}/Observations"
        made(admin, path, {"phenomenonTime": T, "result": 2})
        made(admin, path, {"phenomenonTime": "2026-11-23T00:00:00Z", "result": 1})
        assert admin.values(path, orderby="phenomenonTime desc", top="1")[0]["result"] == 2

    def test_of_what_they_are_is_told_or_made_of_the_location(self, admin: Face, buoy: dict[str, str]):
        path = f"{buoy['stream']}/Observations"
        own = made(
            admin,
            "FeaturesOfInterest",
            {**{k: v for k, v in LOCATION.items() if k != "location"}, "feature": LOCATION["location"]},
        )
        one = made(admin, path, {"phenomenonTime": T, "result": 1})
        two = made(
            admin,
            path,
            {"phenomenonTime": "2026-11-24T01:00:00Z", "result": 2, "FeatureOfInterest": {"@iot.id": number_in(own)}},
        )
        three = made(admin, path, {"phenomenonTime": "2026-11-24T02:00:00Z", "result": 3})
        features = [admin.get(f"{address}/FeatureOfInterest")["@iot.id"] for address in (one, two, three)]
        assert features[0] == features[2] != features[1] == number_in(own)
        assert [o["result"] for o in admin.values(f"{own}/Observations")] == [2]
        assert [o["result"] for o in admin.values(f"FeaturesOfInterest({features[0]})/Observations")] == [1, 3]

    def test_where_a_thing_was_before_stays_where_its_observations_are(self, admin: Face, buoy: dict[str, str]):
        path = f"{buoy['stream']}/Observations"
        before = made(admin, path, {"phenomenonTime": T, "result": 1})
        made(
            admin,
            f"{buoy['thing']}/Locations",
            {**LOCATION, "location": {"type": "Point", "coordinates": [109.0, 32.0]}},
        )
        after = made(admin, path, {"phenomenonTime": "2026-11-25T00:00:00Z", "result": 2})
        shapes = [admin.get(f"{address}/FeatureOfInterest")["feature"]["coordinates"] for address in (before, after)]
        assert shapes == [[108.5, 31.9], [109.0, 32.0]]
        assert len(admin.values(f"{buoy['thing']}/HistoricalLocations")) == 2
        assert len(admin.values(f"{buoy['thing']}/Locations")) == 1

    @pytest.mark.parametrize("t", ["yesterday", "2026-13-01T00:00:00Z", "1700-01-01T00:00:00Z", 5])
    def test_a_time_that_is_none_is_refused(self, admin: Face, buoy: dict[str, str], t: object):
        refused = admin.send("POST", f"{buoy['stream']}/Observations", {"phenomenonTime": t, "result": 1})
        assert (refused.status, refused.body["code"]) == (400, 400)


class TestOurStations:
    @pytest.fixture
    def ammonia(self, admin: Face, stations: None) -> str:
        found = admin.values("Datastreams", filter="Thing/properties/code eq 'W1' and properties/parameter eq 'NH3N'")
        return f"Datastreams({found[0]['@iot.id']})"

    def test_an_observation_is_a_reading_of_ours(self, admin: Face, ammonia: str):
        made(admin, f"{ammonia}/Observations", {"phenomenonTime": "2026-11-24T08:00:00Z", "result": 0.9})
        newest = store.latest([number_in(ammonia)])[number_in(ammonia)]
        assert (newest.v, newest.flag) == (0.9, "good")

    def test_below_detection_stays_below_detection(self, admin: Face, ammonia: str):
        address = made(admin, f"{ammonia}/Observations", {"phenomenonTime": T, "result": "<0.025"})
        kept = store.read(number_in(ammonia), limit=1, newest_first=True, end=1_795_478_400_001)
        assert admin.get(address)["result"] is None
        assert admin.get(address)["resultQuality"]["censored"] == {"operator": "<", "limit": 0.025}
        assert kept.bound.tolist() == [0.025]

    def test_a_flag_of_ours_or_a_code_of_qartod_is_understood(self, admin: Face, ammonia: str):
        body = {"phenomenonTime": "2026-11-24T09:00:00Z", "result": 1, "resultQuality": {"qartod": 4}}
        address = made(admin, f"{ammonia}/Observations", body)
        assert admin.get(address)["resultQuality"]["flag"] == "bad"
        assert admin.values(f"{ammonia}/Observations", filter="resultQuality/flag eq 'bad'")[0]["result"] == 1
        assert admin.values(f"{ammonia}/Observations", filter="resultQuality/qartod ge 4")[0]["result"] == 1

    def test_what_is_no_number_is_no_measurement(self, admin: Face, ammonia: str):
        assert admin.send("POST", f"{ammonia}/Observations", {"phenomenonTime": T, "result": "brown"}).status == 400

    def test_a_reading_of_ours_is_never_deleted(self, admin: Face, ammonia: str):
        one = admin.values(f"{ammonia}/Observations")[0]
        assert admin.send("DELETE", one["@iot.selfLink"]).status == 409
        assert admin.send("DELETE", ammonia).status == 409
        assert admin.get(one["@iot.selfLink"]) == one

    def test_the_register_is_changed_at_the_desk(self, admin: Face, stations: None):
        thing = admin.values("Things", filter="properties/code eq 'W1'")[0]
        assert admin.send("PATCH", thing["@iot.selfLink"], {"name": "别名"}).status == 409
        assert admin.send("PATCH", thing["@iot.selfLink"], {"description": "岸边水质站"}).status == 200
        admin.application.handler.mirror.follow(now=True)
        found = admin.get(thing["@iot.selfLink"])
        assert (found["name"], found["description"]) == ("出口自动站", "岸边水质站")

    def test_a_new_datastream_of_a_station_is_a_series_like_any_other(self, admin: Face, stations: None):
        thing = admin.values("Things", filter="properties/code eq 'W1'")[0]
        measured = admin.values("ObservedProperties", filter="properties/code eq 'TURB'")[0]
        sensor = made(admin, "Sensors", SENSOR)
        links = {"Sensor": {"@iot.id": number_in(sensor)}, "ObservedProperty": {"@iot.id": measured["@iot.id"]}}
        stream = made(admin, f"Things({thing['@iot.id']})/Datastreams", {**STREAM, **links})
        series = Series.objects.get(pk=number_in(stream))
        assert (series.place.code, series.parameter, series.source) == ("W1", "TURB", "探头")
        milligrams = {**STREAM, **links, "unitOfMeasurement": {"name": "x", "symbol": "mg/L", "definition": "x"}}
        refused = admin.send("POST", f"Things({thing['@iot.id']})/Datastreams", milligrams, accept_language="en")
        assert refused.status == 400
        assert "'NTU'" in refused.body["message"]


class TestChange:
    def test_patch_leaves_the_rest_and_put_does_not(self, admin: Face, buoy: dict[str, str]):
        admin.send("PATCH", buoy["thing"], {"description": "moored"})
        assert admin.get(buoy["thing"])["properties"] == THING["properties"]
        assert admin.send("PUT", buoy["thing"], {"name": "二号", "description": "new"}).status == 200
        assert "properties" not in admin.get(buoy["thing"])

    def test_put_takes_the_whole_entity_as_it_was_given(self, admin: Face, buoy: dict[str, str]):
        """What frost-sta-client does to update: PUT with ``@iot.id`` and every link in the body."""
        whole = admin.get(buoy["stream"])
        whole["name"] = "改名"
        answer = admin.send("PUT", buoy["stream"], whole)
        assert answer.status == 200
        assert admin.get(buoy["stream"]) == whole

    def test_merge_patch_goes_into_objects(self, admin: Face, buoy: dict[str, str]):
        merge = {"content_type": "application/merge-patch+json"}
        admin.send("PATCH", buoy["thing"], {"properties": {"depth": {"m": 2}}}, **merge)
        admin.send("PATCH", buoy["thing"], {"properties": {"river": None, "depth": {"by": "lot"}}}, **merge)
        assert admin.get(buoy["thing"])["properties"] == {"depth": {"m": 2, "by": "lot"}}

    def test_json_patch_happens_whole_or_not_at_all(self, admin: Face, buoy: dict[str, str]):
        patch = {"content_type": "application/json-patch+json"}
        moves = [{"op": "move", "from": "/properties/river", "path": "/properties/stream"}]
        assert admin.send("PATCH", buoy["thing"], moves, **patch).status == 200
        failing = [{"op": "remove", "path": "/properties/stream"}, {"op": "test", "path": "/name", "value": "x"}]
        assert admin.send("PATCH", buoy["thing"], failing, **patch).status == 400
        assert admin.get(buoy["thing"])["properties"] == {"stream": "任河"}

    def test_another_result_is_another_version(self, admin: Face, buoy: dict[str, str]):
        address = made(admin, f"{buoy['stream']}/Observations", {"phenomenonTime": T, "resultTime": T, "result": 1})
        assert admin.send("PATCH", address, {"result": 5}).status == 200
        assert admin.get(address)["result"] == 5
        assert admin.get(address)["resultTime"] == T
        assert admin.send("PATCH", address, {"phenomenonTime": "2026-11-25T00:00:00Z"}).status == 409

    def test_relations_can_be_made_anew(self, admin: Face, buoy: dict[str, str]):
        other = made(admin, "Sensors", SENSOR)
        assert admin.send("PATCH", buoy["stream"], {"Sensor": {"@iot.id": number_in(other)}}).status == 200
        assert admin.get(f"{buoy['stream']}/Sensor")["@iot.id"] == number_in(other)
        assert admin.send("PATCH", buoy["stream"], {"Sensor": {"@iot.id": 999}}).status == 400


class TestDelete:
    def test_what_cannot_be_without_it_goes_with_it(self, admin: Face, buoy: dict[str, str]):
        """Table 25: a thing takes its datastreams, their observations and its history along, and nothing else."""
        one = made(admin, f"{buoy['stream']}/Observations", {"phenomenonTime": T, "result": 1})
        history = admin.values(f"{buoy['thing']}/HistoricalLocations")[0]["@iot.selfLink"]
        assert admin.send("DELETE", buoy["thing"]).status == 200
        gone = [admin.send("GET", path).status for path in (buoy["thing"], buoy["stream"], one, history)]
        stays = [admin.send("GET", buoy[name]).status for name in ("location", "sensor", "property")]
        assert (gone, stays) == ([404] * 4, [200] * 3)
        assert store.count([number_in(buoy["stream"])]) == 0

    @pytest.mark.parametrize("part", ["sensor", "property"])
    def test_a_sensor_or_property_takes_its_datastreams_along(self, admin: Face, buoy: dict[str, str], part: str):
        admin.send("DELETE", buoy[part])
        assert admin.send("GET", buoy["stream"]).status == 404

    def test_a_feature_takes_its_own_observations_along(self, admin: Face, buoy: dict[str, str]):
        path = f"{buoy['stream']}/Observations"
        first = made(admin, path, {"phenomenonTime": T, "result": 1})
        feature = {k: v for k, v in LOCATION.items() if k != "location"} | {"feature": LOCATION["location"]}
        made(admin, path, {"phenomenonTime": "2026-11-24T01:00:00Z", "result": 2, "FeatureOfInterest": feature})
        made(admin, path, {"phenomenonTime": "2026-11-24T02:00:00Z", "result": 3})
        admin.send("DELETE", admin.get(f"{first}/FeatureOfInterest")["@iot.selfLink"])
        assert [one["result"] for one in admin.values(path)] == [2]


class TestRights:
    def test_nobody_sees_anything_until_it_is_open_data(
        self, as_face: Callable[[str], Face], monkeypatch: pytest.MonkeyPatch
    ):
        nobody = as_face("nobody")
        assert nobody.send("GET", "Things").status == 401
        monkeypatch.setattr("riverchief_server.asked.who.is_on", lambda name: True)
        assert nobody.send("GET", "Things").status == 200
        assert nobody.send("POST", "Things", THING).status == 401
        assert nobody.send("POST", "CreateObservations", [{}]).status == 401

    @pytest.mark.parametrize(
        ("who", "method", "status"),
        [
            ("patroller", "POST", 403),
            ("engineer", "POST", 201),
            ("engineer", "DELETE", 403),
            ("patroller", "DELETE", 403),
        ],
    )
    def test_the_table_of_roles_decides(
        self, as_face: Callable[[str], Face], admin: Face, who: str, method: str, status: int
    ):
        path = "Things" if method == "POST" else made(admin, "Things", THING)
        assert as_face(who).send(method, path, THING).status == status

    def test_a_token_that_nobody_has_is_not_taken_for_nobody(self, admin: Face, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("riverchief_server.asked.who.is_on", lambda name: True)
        assert Face(admin.application, "rc_wrong").send("GET", "Things").status == 401

    def test_an_expired_token_is_none(self, admin: Face):
        from datetime import UTC, datetime

        from riverchief_server.parties.models import Account
        from riverchief_server.parties.tokens import make_token

        token = make_token(Account.objects.get(username="root"), "old", datetime(2020, 1, 1, tzinfo=UTC), days=1)
        assert Face(admin.application, token).send("GET", "Things").status == 401

    def test_a_page_of_another_site_changes_nothing_with_our_cookie(self, as_face, as_: Callable):
        cookie = as_("engineer").cookies["sessionid"].value
        nobody = as_face("nobody")
        headers = {"cookie": f"sessionid={cookie}"}
        assert nobody.send("GET", "Things", **headers).status == 200
        assert nobody.send("POST", "Things", THING, **headers).status == 403
        assert nobody.send("POST", "Things", THING, origin="http://evil.example", **headers).status == 403
        assert nobody.send("POST", "Things", THING, origin=ROOT.split("/sensorthings")[0], **headers).status == 201
