"""Times at the ends of the calendar are refused with words at every address that hears a time, and break nothing."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riverchief_server.api.desk.routes import api

As = Callable[[str], Client]
ENDS = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00", "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59"]


def hearing_a_time() -> list[tuple[str, str]]:
    """Every address that hears a time in its query, from what the API says of itself."""
    found = []
    for path, methods in api.get_openapi_schema()["paths"].items():
        for given in methods.get("get", {}).get("parameters", []):
            if "date-time" in str(given["schema"]):
                found.append(
                    (re.sub(r"\{(\w+)\}", lambda part: {"parameter": "NH3N"}.get(part[1], "M1"), path), given["name"])
                )
    return found


ADDRESSES = hearing_a_time()


def test_the_addresses_that_hear_a_time_are_found():
    assert {"/api/lenses", "/api/stations/M1/series/NH3N", "/api/stations/M1/export"} <= {path for path, _ in ADDRESSES}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("path", "name"), ADDRESSES)
def test_a_time_at_the_end_of_the_calendar_is_refused_in_words(as_: As, path: str, name: str, end: str):
    answer = as_("office").get(path, {name: end})
    assert answer.status_code == 400, answer.content
    fault = answer.json()["faults"][0]
    assert (fault["kind"], fault["place"]) == ("out_of_range", name)
    assert "1800" in answer.json()["text"]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("end", ENDS)
def test_a_photo_was_taken_in_a_year_that_there_is(as_: As, end: str):
    form = {
        "uuid": "8d3f7f3e-0f0e-4f4c-9d3e-1f5a0c2b7a11",
        "taken_at": end,
        "file": SimpleUploadedFile("a.jpg", b"a photo"),
    }
    answer = as_("patroller").post("/api/attachments", form)
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["kind"] == "out_of_range"


@pytest.mark.usefixtures("people")
def test_a_time_without_a_zone_is_the_countys(as_: As):
    office = as_("office")
    plain = office.get("/api/lenses", {"at": "2026-11-24T08:00"}).json()["at"]
    assert plain == office.get("/api/lenses", {"at": "2026-11-24T08:00+08:00"}).json()["at"]
