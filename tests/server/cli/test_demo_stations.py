"""The demonstration's stations live: over the real line into the store, and without spoiling what the county tells."""

import asyncio
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image, ImageStat

from riverchief.example.chengkou.discharge import night_discharge
from riverchief.example.chengkou.simulation import SOURCE
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief_server.cases.models import Case, Episode
from riverchief_server.cli import demo_stations
from riverchief_server.cli.demo_camera import photograph
from riverchief_server.cli.demo_county import load
from riverchief_server.cli.demo_instruments import PASSWORD, SILENT, SL651_PASSWORD
from riverchief_server.gateway.living import live
from riverchief_server.gateway.run import Gateway
from riverchief_server.jobs.clock import look
from riverchief_server.observations import orders, store
from riverchief_server.observations.actions import keep_readings
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.models import Instrument, Order, Picture, RawMessage, Series
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement
from tests.server.gateway.conftest import committed_county, until, with_gateway  # noqa: F401 - a fixture
from tests.server.gateway.test_other_doors import broker  # noqa: F401 - a fixture

LAST = {"WT": 11.0, "DO": 9.5, "PH": 8.1, "NH3N": 0.08, "TP": 0.03, "FLOW": 3.2}


@pytest.fixture
def stations(committed_county: None, monkeypatch: pytest.MonkeyPatch) -> Place:  # noqa: F811
    """W1 as the demonstration has its stations: analysers on HJ 212 with a clock 400 s slow, a camera on SL 651."""
    place = Place.objects.get(code="W1")
    place.operator = "simulated"
    place.save()
    for name in ("OFF_CLOCK", "CAMERA"):
        monkeypatch.setattr(demo_stations, name, "W1")
    monkeypatch.setattr(demo_stations, "FIRST_S", 0.1)
    monkeypatch.setattr(demo_stations, "APART_S", 0.1)
    setup = {"source": SOURCE}
    register(place, "hj212", "M1", PASSWORD, setup=setup, is_simulated=True, clock_offset_s=-400.0)
    register(place, "sl651", "0010100001", SL651_PASSWORD, setup=setup, is_simulated=True)
    at = datetime.now(UTC) - timedelta(hours=3)
    keep_readings(
        [Reading("W1", code, at, value, find_parameter(code).unit, source=SOURCE) for code, value in LAST.items()],
        at,
        simulated=True,
    )
    return place


def beside_it(work: Any, **plan: Any) -> Any:
    """Run ``work`` beside a gateway and the stations that live there."""

    async def both(gateway: Gateway) -> Any:
        feed = await asyncio.to_thread(lambda: demo_stations.Feed(None))
        lives = await asyncio.to_thread(demo_stations.lives_of, feed, gateway.ports, 600.0, 1800.0)
        stop = asyncio.Event()
        living = asyncio.create_task(live(lives, stop))
        try:
            return await work(gateway)
        finally:
            stop.set()
            await asyncio.wait_for(living, 5)

    return with_gateway(both, **plan)


def newest() -> dict[str, store.StoredReading]:
    rows = {row.pk: row.parameter for row in Series.objects.filter(place__code="W1")}
    return {rows[number]: one for number, one in store.latest(list(rows)).items()}


class TestOverTheLine:
    def test_values_go_on_in_the_same_series_and_a_picture_comes(self, stations: Place):
        before = newest()

        async def work(gateway: Gateway) -> bool:
            return await until(lambda: Picture.objects.exists() and all(newest()[c].t > before[c].t for c in LAST))

        assert beside_it(work)
        assert Series.objects.filter(place=stations).count() == len(LAST)  # none beside those that were there
        for code, value in LAST.items():
            assert newest()[code].v == pytest.approx(value, rel=0.3), code
        # the clock of the analysers is slow, that of the telemetry unit is right
        assert newest()["FLOW"].t > newest()["NH3N"].t
        picture = Picture.objects.get()
        assert picture.missing == 0 and Image.open(io.BytesIO(bytes(picture.content))).format == "JPEG"
        assert set(RawMessage.objects.values_list("kind", "state")) == {("hj212", "parsed"), ("sl651", "parsed")}

    def test_the_slow_clock_is_set_when_somebody_asks(self, stations: Place):
        row = Instrument.objects.get(protocol="hj212")

        async def work(gateway: Gateway) -> bool:
            if not await until(lambda: RawMessage.objects.filter(kind="hj212").exists()):
                return False
            await asyncio.to_thread(orders.ask, row, "set-clock", datetime.now(UTC), "somebody")
            answered = Order.objects.filter(answered_at__isnull=False, answer__startswith="ExeRtn=1 ")
            return await until(lambda: answered.exists())

        assert beside_it(work)

    def test_where_there_is_a_broker_a_station_sends_over_it(
        self,
        stations: Place,
        broker: str,  # noqa: F811
        monkeypatch: pytest.MonkeyPatch,
    ):
        monkeypatch.setattr(demo_stations, "OVER_MQTT", "W1")
        monkeypatch.setattr(demo_stations, "option", lambda name: broker)
        before = newest()

        async def work(gateway: Gateway) -> bool:
            return await until(lambda: newest()["NH3N"].t > before["NH3N"].t, 40.0)

        assert beside_it(work, mqtt_url=broker)
        assert Series.objects.filter(place=stations).count() == len(LAST)
        assert "mqtt" in set(RawMessage.objects.filter(state="parsed").values_list("kind", flat=True))
        assert "hj212" not in set(RawMessage.objects.values_list("kind", flat=True))


def test_a_picture_is_small_and_darker_at_night():
    def brightness(hour: int) -> float:
        content = photograph(datetime(2026, 11, 24, hour, tzinfo=UTC) - timedelta(hours=8), 1.0)
        assert len(content) < 40_000
        return float(ImageStat.Stat(Image.open(io.BytesIO(content)).convert("L")).mean[0])

    assert brightness(1) < brightness(8) < brightness(12)


@pytest.mark.slow  # it loads the county and judges it twice
@pytest.mark.django_db
def test_six_hours_of_life_change_nothing_of_what_the_county_tells():
    loaded = datetime.now(UTC) - timedelta(hours=6)
    load(loaded)
    before = told()
    recent = [one for one in before["episodes"] if one[1] > loaded - timedelta(days=7)]
    assert len(recent) == 2 and before["cases"]["sensor"] == 2
    feed = demo_stations.Feed(night_discharge(loaded))
    codes = Place.objects.filter(operator="simulated").exclude(code=SILENT).values_list("code", flat=True)
    for step in range(1, 13):
        at = loaded + step * timedelta(minutes=30)
        keep_readings([one for code in codes for one in feed.readings(code, at)], at, simulated=True)
    look(at)
    assert told() == before
    judged = Judgement.objects.filter(period="sample", is_current=True, at__gt=loaded)
    assert judged.count() > 8 * 6 and set(judged.values_list("water_class", flat=True)) <= {"I", "II"}


def told() -> dict[str, Any]:
    """What the county tells of its water and its work: episodes, and cases by their source."""
    episodes = Episode.objects.order_by("pk").values_list(
        "place__code", "started_at", "last_exceeding_at", "worst_class"
    )
    return {"episodes": list(episodes), "cases": Counter(Case.objects.values_list("source", flat=True))}
