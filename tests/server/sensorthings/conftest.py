"""The face without a wire: requests go to the application's own handler, answers come back as values."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from riverchief.errors import NotAllowed
from riverchief_server.asked import who
from riverchief_server.parties.models import Account
from riverchief_server.parties.tokens import make_token
from riverchief_server.sensorthings.application import SensorThings
from riverchief_server.sensorthings.exchange import Answer, Request
from riverchief_server.sensorthings.handler import Handler
from riverchief_server.sensorthings.write.committer import Alone
from tests.server.conftest import NOW, feed

ROOT = "http://testserver/sensorthings/v1.1"


class Face:
    """Somebody who asks the face, with a token or as nobody."""

    def __init__(self, application: SensorThings, token: str | None):
        self.application, self.token = application, token

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The answer to a request; ``path`` is below the root or a link of an earlier answer."""
        path = path.removeprefix(ROOT).lstrip("/")
        path, _, query = path.partition("?")
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["authorization"] = f"Bearer {self.token}"
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        return self.application.handle(Request(method, path, query, given, content, ROOT))

    def quick_or_not(self, method: str, path: str, body: Any) -> int:
        """The status of the answer by the way that a request takes on the wire: the quick one where it can."""
        content = orjson.dumps(body)
        request = Request(method, path, "", {"authorization": f"Bearer {self.token}"}, content, ROOT)
        try:
            quick = self.application.handler.quick(request)
        except NotAllowed:
            return 403
        if quick is None:
            return self.application.handle(request).status
        quick[0].result(10)
        return quick[1].status

    def get(self, path: str, **options: str) -> Any:
        """What is at ``path``; options are ``filter="…"`` and so on. It must be there."""
        pairs = "&".join(f"${name}={quote(value)}" for name, value in options.items())
        answer = self.send("GET", f"{path}{'&' if '?' in path else '?'}{pairs}" if pairs else path)
        assert answer.status == 200, answer.body
        return orjson.loads(answer.content()[1]) if not isinstance(answer.body, str) else str(answer.body)

    def values(self, path: str, **options: str) -> list[Any]:
        """The rows of a page."""
        found: list[Any] = self.get(path, **options)["value"]
        return found

    def all_values(self, path: str, **options: str) -> list[Any]:
        """The rows of all pages."""
        page = self.get(path, **options)
        rows = list(page["value"])
        while "@iot.nextLink" in page:
            page = self.get(page["@iot.nextLink"])
            rows += page["value"]
        return rows

    def refused(self, path: str, **options: str) -> tuple[int, str]:
        """The status and the words of a refusal of a question."""
        pairs = "&".join(f"${name}={quote(value)}" for name, value in options.items())
        answer = self.send("GET", f"{path}?{pairs}" if pairs else path, accept_language="en")
        assert answer.status >= 400
        return answer.status, answer.body["message"]


@pytest.fixture
def application(db: None) -> Iterator[SensorThings]:
    """The face, with nobody remembered."""
    who.forget()
    face = SensorThings(Handler(Alone()))
    yield face
    face.close()
    who.forget()


@pytest.fixture
def as_face(application: SensorThings, people: dict[str, Account]) -> Callable[[str], Face]:
    """The face as somebody of the toy county sees it; ``nobody`` has no token."""

    def face(username: str) -> Face:
        if username == "nobody":
            return Face(application, None)
        return Face(application, make_token(people[username], "test", NOW + timedelta(0)))

    return face


@pytest.fixture
def engineer(as_face: Callable[[str], Face]) -> Face:
    """The face as the monitoring engineer sees it."""
    return as_face("engineer")


@pytest.fixture
def stations(county: None) -> None:
    """Three samples at each of the two automatic stations of the toy county."""
    feed("W1", [0.1, 0.2, 0.3])
    feed("M1", [1.1, 1.2, 1.3])


@pytest.fixture
def admin(application: SensorThings, county: None) -> Face:
    """The face as somebody sees it who may do everything."""
    account = Account.objects.create(username="root", role="admin")
    return Face(application, make_token(account, "test", NOW))


def made(face: Face, path: str, body: Any) -> str:
    """Create an entity; its address."""
    answer = face.send("POST", path, body)
    assert answer.status == 201, answer.body
    return answer.headers["location"].removeprefix(f"{ROOT}/")


def number_in(address: str) -> int:
    """The id in an address like ``Things(3)``."""
    return int(address[address.rindex("(") + 1 : -1])


THING = {"name": "浮标一号", "description": "a buoy", "properties": {"river": "任河"}}
LOCATION = {
    "name": "锚地",
    "description": "where it lies",
    "encodingType": "application/vnd.geo+json",
    "location": {"type": "Point", "coordinates": [108.5, 31.9]},
}
SENSOR = {
    "name": "探头",
    "description": "a probe",
    "encodingType": "application/pdf",
    "metadata": "http://localhost/p.pdf",
}
PROPERTY = {"name": "浊度", "description": "turbidity", "definition": "http://localhost/turbidity"}
STREAM = {
    "name": "浮标浊度",
    "description": "turbidity of the buoy",
    "unitOfMeasurement": {"name": "NTU", "symbol": "NTU", "definition": "http://localhost/ntu"},
    "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
}


@pytest.fixture
def buoy(admin: Face) -> dict[str, str]:
    """The addresses of a buoy that only this face knows: thing, location, sensor, property, stream."""
    thing = made(admin, "Things", {**THING, "Locations": [LOCATION]})
    location = admin.values(f"{thing}/Locations")[0]
    return {
        "thing": thing,
        "location": f"Locations({location['@iot.id']})",
        "sensor": (sensor := made(admin, "Sensors", SENSOR)),
        "property": (measured := made(admin, "ObservedProperties", PROPERTY)),
        "stream": made(
            admin,
            f"{thing}/Datastreams",
            {
                **STREAM,
                "Sensor": {"@iot.id": number_in(sensor)},
                "ObservedProperty": {"@iot.id": number_in(measured)},
            },
        ),
    }
