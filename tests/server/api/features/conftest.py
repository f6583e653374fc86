"""The face without a wire: requests go to the application's own handler, answers come back as values."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlencode

import orjson
import pytest

from riverchief_server.api.features.application import Features
from riverchief_server.api.features.exchange import Answer, Request
from riverchief_server.asked import who
from riverchief_server.parties.models import Account
from riverchief_server.parties.tokens import make_token
from riverchief_server.settings.options import option
from tests.server.conftest import NOW

ROOT = "http://testserver/features"


class Face:
    """Somebody who asks the face, with a token or as nobody."""

    def __init__(self, application: Features, token: str | None = None):
        self.application, self.token = application, token

    def send(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """The answer to a request; ``path`` is below the landing page or a link of an earlier answer."""
        path, _, query = path.removeprefix(ROOT).strip("/").partition("?")
        given = {"host": "testserver", "accept-language": "en"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["authorization"] = f"Bearer {self.token}"
        return self.application.answer(Request(method, unquote(path), query, given))

    def get(self, path: str, **parameters: str) -> Any:
        """The document at ``path``. It must be there."""
        answer = self.send(f"{path}?{urlencode(_names(parameters))}" if parameters else path)
        assert answer.status == 200, answer.content
        return orjson.loads(answer.content)

    def ids(self, collection: str, **parameters: str) -> list[str]:
        """The ids of the features of a page, in order."""
        return [one["id"] for one in self.get(f"collections/{collection}/items", **parameters)["features"]]

    def all_ids(self, collection: str, between: Callable[[], None] | None = None, **parameters: str) -> list[str]:
        """The ids of the features of all pages; ``between`` is done after the first."""
        page = self.get(f"collections/{collection}/items", **parameters)
        found = [one["id"] for one in page["features"]]
        seen: set[str] = set()
        while href := next((one["href"] for one in page["links"] if one["rel"] == "next"), ""):
            assert href not in seen, "the pages go round in a circle"
            seen.add(href)
            if between is not None:
                between()
                between = None
            page = self.get(href)
            found += [one["id"] for one in page["features"]]
        return found

    def refused(self, path: str, status: int = 400, **parameters: str) -> str:
        """What is said to somebody who asks wrongly."""
        answer = self.send(f"{path}?{urlencode(_names(parameters))}" if parameters else path)
        assert answer.status == status, answer.content
        assert answer.media_type == "application/problem+json"
        return str(orjson.loads(answer.content)["detail"])


def _names(parameters: dict[str, str]) -> dict[str, str]:
    return {name.replace("_crs", "-crs").replace("_lang", "-lang"): value for name, value in parameters.items()}


@pytest.fixture
def application() -> Iterator[Features]:
    who.forget()
    found = Features()
    yield found
    found.close()


@pytest.fixture
def open_data(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The setting that lets everybody read."""
    monkeypatch.setenv("RIVERCHIEF_OPEN_DATA", "true")
    option.cache_clear()
    yield
    monkeypatch.undo()
    option.cache_clear()


@pytest.fixture
def nobody(application: Features) -> Face:
    """Somebody without an account."""
    return Face(application)


@pytest.fixture
def reader(application: Features, people: dict[str, Account]) -> Face:
    """Somebody who may read, where the data are not open."""
    return Face(application, make_token(people["engineer"], "test", NOW))


@pytest.fixture
def face(county: None, open_data: None, nobody: Face) -> Face:
    """Anybody, in the toy county, where the data are open."""
    return nobody
