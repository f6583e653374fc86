"""The pictures of a station, one at a time: neighbours, the station's own clock, what is overdue, who may see."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from riverchief.telemetry.protocol import Picture as Taken
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Picture
from riverchief_server.observations.pictures import is_old, keep_picture
from riverchief_server.places.models import Place

As = Callable[[str], Client]
JPEG = b"\xff\xd8\xff" + b"x" * 3000
HOUR = timedelta(hours=1)


def keep(at: datetime, content: bytes = JPEG, kind: str = "image/jpeg", missing: tuple[int, ...] = ()) -> Picture:
    place = Place.objects.get(code="W1")
    camera = register(place, "sl651", "0010100001", "1234", setup={"utc_offset_s": 9 * 3600})
    return keep_picture(Taken(at, kind, content, missing), place.pk, camera.pk, at)


@pytest.fixture
def three(people: object) -> list[Picture]:
    """Taken three, two and one hour ago."""
    now = datetime.now(UTC)
    return [keep(now - back * HOUR, JPEG + bytes([back])) for back in (3, 2, 1)]


def asked(client: Client, picture: object = None, language: str = "zh") -> Any:
    path = "/api/stations/W1/picture" + (f"?picture={picture}" if picture else "")
    return client.get(path, headers={"accept-language": language})


def test_the_newest_comes_first_and_leads_to_the_one_before(three: list[Picture], as_: As):
    first, middle, last = three
    told = asked(as_("patroller")).json()
    assert (told["picture"]["uuid"], told["position"], told["total"]) == (str(last.uuid), 1, 3)
    assert (told["newer"], told["earlier"]) == (None, str(middle.uuid))
    told = asked(as_("patroller"), middle.uuid).json()
    assert (told["newer"], told["earlier"], told["position"]) == (str(last.uuid), str(first.uuid), 2)
    assert asked(as_("patroller"), first.uuid).json()["earlier"] is None


def test_pictures_of_one_moment_are_all_reached(people: object, as_: As):
    at = datetime.now(UTC) - HOUR
    place = Place.objects.get(code="W1")
    made = {str(keep_picture(Taken(at, "image/jpeg", JPEG + bytes([n])), place.pk, None, at).uuid) for n in range(3)}
    told = asked(as_("office")).json()
    seen = [told["picture"]["uuid"]]
    while told["earlier"]:
        told = asked(as_("office"), told["earlier"]).json()
        seen.append(told["picture"]["uuid"])
    assert set(seen) == made and len(seen) == 3


def test_the_time_is_the_stations_own_with_its_zone(people: object, as_: As):
    keep(datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
    told = asked(as_("office")).json()
    assert told["picture"]["time"] == "11月20日 09:00（UTC+9）"
    assert told["picture"]["alt"].endswith("拍摄的图片，11月20日 09:00（UTC+9）")
    english = asked(as_("office"), language="en").json()
    assert english["picture"]["time"] == "20 Nov 09:00 (UTC+9)"


def test_a_camera_that_has_fallen_silent_is_said(people: object, as_: As):
    keep(datetime.now(UTC) - timedelta(days=3))
    told = asked(as_("office")).json()
    assert told["is_old"] is True and "此后没有新图片" in told["sentence"]


def test_none_is_a_sentence_and_no_fault(people: object, as_: As):
    told = asked(as_("office")).json()
    assert (told["picture"], told["total"], told["sentence"]) == (None, 0, "还没有收到图片。")


def test_what_is_broken_or_no_picture_is_said(people: object, as_: As):
    keep(datetime.now(UTC) - HOUR, b"<html>" * 99, "application/octet-stream", (3, 4))
    shown = asked(as_("office"), language="en").json()["picture"]
    assert shown["is_shown"] is False
    assert shown["note"].startswith("2 of its packets never came") and "no JPEG" in shown["note"]


def test_one_of_another_station_is_not_found_here(three: list[Picture], as_: As):
    Picture.objects.filter(pk=three[0].pk).update(place=Place.objects.filter(kind="station").exclude(code="W1")[0])
    assert asked(as_("office"), three[0].uuid).status_code == 404
    assert asked(as_("office"), "00000000-0000-0000-0000-000000000000").status_code == 404


def test_nobody_without_an_account_sees_any(three: list[Picture]):
    assert asked(Client()).status_code == 401


def test_five_hundred_pictures_cost_no_more_questions(
    three: list[Picture], as_: As, django_assert_max_num_queries: Any
):
    client = as_("office")
    now = datetime.now(UTC)
    Picture.objects.bulk_create(
        Picture(
            place=three[0].place,
            taken_at=now - n * HOUR,
            received_at=now,
            media_type="image/jpeg",
            content=b"",
            size=0,
            sha256=f"{n}",
        )
        for n in range(10, 500)
    )
    asked(client)
    with django_assert_max_num_queries(16):
        told = asked(client).json()
    assert told["total"] == 493


@pytest.mark.parametrize(
    ("pauses_h", "age_h", "old"),
    [([], 23, False), ([], 25, True), ([1, 1, 1], 23, False), ([24, 24, 24], 70, False), ([24, 24, 24], 73, True)],
)
def test_old_means_three_usual_pauses_but_never_within_a_day(pauses_h: list[int], age_h: int, old: bool):
    now = datetime(2026, 11, 24, tzinfo=UTC)
    last = [now - age_h * HOUR]
    for pause in pauses_h:
        last.append(last[-1] - pause * HOUR)
    assert is_old(last, now) is old
