"""Several requests in one: OData's JSON and ``multipart/mixed`` (18-088 §12); and observations as columns (§14.2)."""

from typing import Any

import orjson
import pytest

from tests.server.sensorthings.conftest import PROPERTY, ROOT, SENSOR, STREAM, THING, Face, made, number_in

pytestmark = pytest.mark.django_db
T = "2026-11-24T01:00:00Z"


def batch(face: Face, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    answer = face.send("POST", "$batch", {"requests": list(requests)})
    assert answer.status == 200
    found: list[dict[str, Any]] = orjson.loads(answer.content()[1])["responses"]
    return found


class TestJson:
    def test_each_request_has_its_own_answer_and_none_stops_the_others(self, admin: Face, buoy: dict[str, str]):
        said = batch(
            admin,
            {"id": "a", "method": "get", "url": "Things?$top=1"},
            {"id": "b", "method": "GET", "url": "Things(99999)"},
            {"id": "c", "method": "POST", "url": "Things", "body": THING},
            {"id": "d", "method": "GET", "url": f"{ROOT}/{buoy['stream']}/Observations"},
            {"id": "e", "method": "POST", "url": "$batch", "body": {"requests": []}},
            {"id": "f", "method": "POST", "url": "Things", "body": {"name": "x"}},
        )
        assert [(one["id"], one["status"]) for one in said] == [
            ("a", 200),
            ("b", 404),
            ("c", 201),
            ("d", 200),
            ("e", 405),
            ("f", 400),
        ]
        assert len(said[0]["body"]["value"]) == 1
        assert said[2]["headers"]["location"].startswith(f"{ROOT}/Things(")

    def test_what_one_made_the_next_can_name(self, admin: Face):
        said = batch(
            admin,
            {"id": "thing", "method": "POST", "url": "Things", "body": THING},
            {"id": "sensor", "method": "POST", "url": "Sensors", "body": SENSOR},
            {
                "id": "stream",
                "method": "POST",
                "url": "$thing/Datastreams",
                "body": {**STREAM, "Sensor": {"@iot.id": "$sensor"}, "ObservedProperty": PROPERTY},
            },
            {"id": "o", "method": "POST", "url": "$stream/Observations", "body": {"phenomenonTime": T, "result": 3}},
        )
        assert [one["status"] for one in said] == [201] * 4
        stream = said[2]["headers"]["location"]
        assert admin.values(f"{stream}/Observations")[0]["result"] == 3
        assert admin.get(f"{stream}/Sensor")["name"] == SENSOR["name"]

    def test_a_group_happens_all_or_not_at_all(self, admin: Face, buoy: dict[str, str]):
        def group(bad: bool) -> list[dict[str, Any]]:
            path = f"{buoy['stream']}/Observations"
            return [
                {"id": "1", "atomicityGroup": "g", "method": "POST", "url": "Things", "body": THING},
                {"id": "2", "atomicityGroup": "g", "method": "POST", "url": path, "body": {"result": 1}},
                {
                    "id": "3",
                    "atomicityGroup": "g",
                    "method": "POST",
                    "url": "Things",
                    "body": {"name": "x"} if bad else THING,
                },
                {"id": "4", "method": "POST", "url": "Things", "body": THING},
            ]

        things, observations = len(admin.all_values("Things")), len(admin.values(f"{buoy['stream']}/Observations"))
        assert [one["status"] for one in batch(admin, *group(True))] == [424, 424, 400, 201]
        assert len(admin.all_values("Things")) == things + 1
        assert len(admin.values(f"{buoy['stream']}/Observations")) == observations
        assert [one["status"] for one in batch(admin, *group(False))] == [201] * 4
        assert len(admin.all_values("Things")) == things + 4
        assert len(admin.values(f"{buoy['stream']}/Observations")) == observations + 1

    def test_rights_are_those_of_the_asker_for_each(self, as_face: Any, buoy: dict[str, str]):
        patroller = as_face("patroller")
        said = batch(
            patroller,
            {"id": "r", "method": "GET", "url": "Things"},
            {"id": "w", "method": "POST", "url": "Things", "body": THING},
            {"id": "o", "method": "POST", "url": f"{buoy['stream']}/Observations", "body": {"result": 1}},
        )
        assert [one["status"] for one in said] == [200, 403, 403]

    @pytest.mark.parametrize(
        "body", [{}, {"requests": 1}, {"requests": [1]}, {"requests": [{"url": "Things"}]}, {"requests": [{}] * 1001}]
    )
    def test_what_is_no_batch_is_refused(self, admin: Face, body: object):
        assert admin.send("POST", "$batch", body).status == 400


class TestMultipart:
    def send(self, face: Face, text: str) -> str:
        body = text.replace("\n", "\r\n").encode()
        answer = face.send("POST", "$batch", body, content_type="multipart/mixed;boundary=b")
        assert answer.status == 200, answer.body
        media_type, content = answer.content()
        assert media_type.startswith("multipart/mixed; boundary=batch_")
        return content.decode()

    def test_requests_and_a_change_set(self, admin: Face, buoy: dict[str, str]):
        thing = orjson.dumps(THING).decode()
        text = f"""--b
Content-Type: application/http

GET Things?$top=1 HTTP/1.1
Host: testserver

--b
Content-Type: multipart/mixed;boundary=c

--c
Content-Type: application/http
Content-ID: 1

POST Things HTTP/1.1
Content-Type: application/json

{thing}
--c
Content-Type: application/http
Content-ID: 2

POST {buoy["stream"]}/Observations HTTP/1.1
Content-Type: application/json

{{"phenomenonTime": "{T}", "result": 7}}
--c--
--b--
"""
        said = self.send(admin, text)
        assert said.count("HTTP/1.1 201 Created") == 2 and said.count("HTTP/1.1 200 OK") == 1
        assert "Content-ID: 1" in said and f"location: {ROOT}/Things(" in said
        assert admin.values(f"{buoy['stream']}/Observations")[0]["result"] == 7

    def test_a_change_set_happens_all_or_not_at_all(self, admin: Face):
        before = len(admin.all_values("Things"))
        text = f"""--b
Content-Type: multipart/mixed;boundary=c

--c
Content-Type: application/http

POST Things HTTP/1.1

{orjson.dumps(THING).decode()}
--c
Content-Type: application/http

DELETE Things(99999) HTTP/1.1

--c--
--b--
"""
        assert "HTTP/1.1 404 Not Found" in self.send(admin, text)
        assert len(admin.all_values("Things")) == before


class TestDataArrays:
    def group(self, stream: str, rows: list[Any], *components: str) -> dict[str, Any]:
        names = list(components) or ["phenomenonTime", "result"]
        return {"Datastream": {"@iot.id": number_in(stream)}, "components": names, "dataArray": rows}

    def test_each_bad_row_says_why_and_the_others_are_kept(self, admin: Face, buoy: dict[str, str]):
        rows = [
            [T, 1],
            ["2026-11-24T02:00:00Z", 2],
            [T, 3],
            ["soon", 4],
            ["2026-11-24T05:00:00Z"],
            ["2026-11-24T06:00:00Z", 1e300],
            ["2026-11-24T07:00:00+08:00", 7],
        ]
        answer = admin.send("POST", "CreateObservations", [self.group(buoy["stream"], rows)], accept_language="en")
        assert answer.status == 201
        bad = {k: text for k, text in enumerate(answer.body) if text.startswith("error: ")}
        assert set(bad) == {2, 3, 4, 5}
        assert "soon" in bad[3]
        kept = admin.values(f"{buoy['stream']}/Observations", orderby="phenomenonTime")
        assert [one["result"] for one in kept] == [7, 1, 2]

    def test_the_same_again_changes_nothing(self, admin: Face, buoy: dict[str, str]):
        group = self.group(buoy["stream"], [[T, 1], ["2026-11-24T02:00:00Z", 2]])
        answers = [admin.send("POST", "CreateObservations", [group]).body for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        assert len(admin.values(f"{buoy['stream']}/Observations")) == 2

    def test_a_group_of_no_datastream_does_not_lose_the_others(self, admin: Face, buoy: dict[str, str]):
        groups = [self.group("Datastreams(424242)", [[T, 1], [T, 2]]), self.group(buoy["stream"], [[T, 3]])]
        answer = admin.send("POST", "CreateObservations", groups)
        assert answer.status == 201
        assert [text.startswith("error: ") for text in answer.body] == [True, True, False]

    def test_where_nothing_is_stored_nothing_is_created(self, admin: Face, buoy: dict[str, str]):
        """Elsewhere the answer is 201 with ``["error"]``: a logger takes that for success."""
        answer = admin.send("POST", "CreateObservations", [self.group(buoy["stream"], [["soon", 1]])])
        assert answer.status == 400
        assert "soon" in answer.body["message"]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            [],
            [{"components": ["result"]}],
            [{"components": ["phenomenonTime"], "dataArray": [[T]]}],
            [{"components": ["result", "colour"], "dataArray": [[1, 2]]}],
            b"[",
        ],
    )
    def test_what_is_no_data_array_is_refused(self, admin: Face, body: Any):
        assert admin.send("POST", "CreateObservations", body).status == 400

    def test_every_component_arrives(self, admin: Face, buoy: dict[str, str]):
        names = ("phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters")
        row = [
            T,
            "cloudy",
            "2026-11-24T01:05:00Z",
            {"qartod": 3},
            "2026-11-24T01:00:00Z/2026-11-24T02:00:00Z",
            {"a": 1},
        ]
        admin.send("POST", "CreateObservations", [self.group(buoy["stream"], [row], *names)])
        found = admin.values(f"{buoy['stream']}/Observations")[0]
        assert (found["result"], found["resultTime"], found["validTime"]) == ("cloudy", row[2], row[4])
        assert found["resultQuality"]["flag"] == "suspect" and found["parameters"] == {"a": 1}


def test_made_by_hand_they_are_like_those_of_a_client(admin: Face, buoy: dict[str, str]):
    location = made(admin, f"{buoy['stream']}/Observations", {"phenomenonTime": T, "result": 1})
    assert admin.get(location)["phenomenonTime"] == T
