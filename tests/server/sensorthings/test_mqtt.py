"""News by MQTT and observations by publishing (18-088 §14), against a real mosquitto."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from riverchief.observation.reading import Reading
from riverchief_server.asked import who
from riverchief_server.observations import store
from riverchief_server.observations.actions import keep_readings
from riverchief_server.observations.models import RawMessage, Refusal
from riverchief_server.observations.store.news import are_told
from riverchief_server.parties.models import Account
from riverchief_server.parties.tokens import make_token
from riverchief_server.places.models import Place
from riverchief_server.sensorthings.handler import Handler, root_document
from riverchief_server.sensorthings.models import Datastream, Thing
from riverchief_server.sensorthings.mqtt.at_broker import AtBroker
from riverchief_server.sensorthings.mqtt.topics import ERRORS, read_incoming, read_wish
from riverchief_server.sensorthings.write.arrivals import forget_habits
from riverchief_server.sensorthings.write.streams import forget_streams
from riverchief_server.settings.options import option
from tests.server.brokers import Client, mosquitto
from tests.server.conftest import NOW, feed
from tests.server.gateway.conftest import committed_county as committed_county
from tests.server.sensorthings.conftest import ROOT

LOGS = ("allow_anonymous true", "log_dest topic", "log_type subscribe", "log_type unsubscribe")
T = "2026-11-24T05:00:00Z"


class Stage:
    """A county with measurements at W1 and M1, a broker, and the service at it."""

    def __init__(self, url: str, handler: Handler):
        self.url, self.handler = url, handler
        self.service = AtBroker(handler, url, ROOT)
        self.clients: list[Client] = []
        root = Account.objects.create(username="root", role="admin")
        self.token = make_token(root, "everything", NOW)
        self.w1_token = make_token(root, "logger-w1", NOW, place=Place.objects.get(code="W1"))

    def start(self) -> "Stage":
        """Begin, and wait until the broker knows what the service subscribed to."""
        self.service.start()
        assert self.service.listens.wait(20)
        return self

    def client(self, name: str, **more: Any) -> Client:
        """Somebody at the broker."""
        self.clients.append(client := Client(self.url, name, **more))
        return client

    def stream(self, station: str, parameter: str = "NH3N") -> int:
        """The number of a datastream."""
        self.handler.mirror.follow(now=True)
        return Datastream.objects.get(thing__place__code=station, properties__parameter=parameter).pk


@pytest.fixture
def staged(committed_county: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stage]]:
    """Makes a stage: ``staged(open_data="true")``; more lines for mosquitto go in ``lines``."""
    stack = ExitStack()
    made: list[Stage] = []

    def forget() -> None:
        for one in (option, are_told):
            one.cache_clear()
        who.forget()
        forget_streams()
        forget_habits()

    def stage(*, lines: tuple[str, ...] = LOGS, **settings: str) -> Stage:
        for name, value in ({"sensorthings_mqtt": "true"} | settings).items():
            monkeypatch.setenv(f"RIVERCHIEF_{name.upper()}", value)
        forget()
        feed("W1", [0.1])
        feed("M1", [1.1])
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM reading_news")
        made.append(found := Stage(stack.enter_context(mosquitto(tmp_path, *lines)), Handler()))
        return found

    yield stage
    for one in made:
        for client in one.clients:
            client.close()
        one.service.close()
        one.handler.close()
    stack.close()
    monkeypatch.undo()
    forget()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reading_news")


class TestNewsOut:
    def test_a_reading_of_any_door_is_told_on_all_its_topics(self, staged: Callable[..., Stage]):
        stage = staged(open_data="true").start()
        stream = stage.stream("W1")
        reader = stage.client("reader").subscribe(
            "v1.1/Observations", f"v1.1/Datastreams({stream})/Observations", "v1.1/FeaturesOfInterest(1)/Observations"
        )
        at = datetime(2026, 11, 24, 5, tzinfo=UTC)
        keep_readings([Reading("W1", "NH3N", at, 0.7, "mg/L", source="测试")], NOW)
        own = f"v1.1/Datastreams({stream})/Observations"
        assert reader.wait(lambda: reader.on(own) and reader.on("v1.1/Observations"))
        assert len(reader.on(own)) == len(reader.on("v1.1/Observations")) == 1
        said = reader.on(own)[0]
        assert (said["result"], said["phenomenonTime"]) == (0.7, T)
        assert said["@iot.selfLink"] == f"{ROOT}/Observations('{stream}-{store.to_ms(at)}')"
        assert said["resultQuality"]["flag"] == "good"

    def test_selected_properties_and_longer_ways_are_told_to_who_subscribed_so(self, staged: Callable[..., Stage]):
        stage = staged(open_data="true").start()
        stream = stage.stream("W1")
        thing = Thing.objects.get(place__code="W1").pk
        chosen = f"v1.1/Datastreams({stream})/Observations?$select=result,phenomenonTime"
        far = f"v1.1/Things({thing})/Datastreams({stream})/Observations"
        other = f"v1.1/Datastreams({stage.stream('M1')})/Observations?$select=result"
        reader = stage.client("reader of some").subscribe(chosen, far, other)
        from riverchief_server.sensorthings.models import Listened

        assert reader.wait(lambda: Listened.objects.count() == 3)
        keep_readings([Reading("W1", "NH3N", datetime(2026, 11, 24, 5, tzinfo=UTC), 0.7, "mg/L", source="测试")], NOW)
        assert reader.wait(lambda: reader.on(chosen) and reader.on(far))
        assert reader.on(chosen) == [{"phenomenonTime": T, "result": 0.7}]
        assert reader.on(far)[0]["@iot.id"] == f"{stream}-1795496400000"
        assert reader.on(other) == []

    def test_a_correction_is_told_on_the_observation_and_its_properties(self, staged: Callable[..., Stage]):
        stage = staged(open_data="true").start()
        stream = stage.stream("W1")
        own = f"v1.1/Observations('{stream}-{store.to_ms(NOW)}')"
        reader = stage.client("reader").subscribe(own, f"{own}/result")
        keep_readings([Reading("W1", "NH3N", NOW, 0.55, "mg/L", source="测试")], NOW)
        assert reader.wait(lambda: reader.on(f"{own}/result"))
        assert reader.on(f"{own}/result") == [{"result": 0.55}]
        assert reader.on(own)[0]["result"] == 0.55

    def test_an_entity_is_told_to_collection_itself_property_and_neighbours(self, staged: Callable[..., Stage]):
        stage = staged(open_data="true").start()
        thing = Thing.objects.create(name="浮标", description="a buoy")
        stream = stage.stream("W1")
        row = Datastream.objects.get(pk=stream)
        topics = [
            f"v1.1/Things({thing.pk})",
            f"v1.1/Things({thing.pk})/description",
            "v1.1/Things",
            f"v1.1/Sensors({row.sensor_id})/Datastreams",
            f"v1.1/Datastreams({stream})/description",
            f"v1.1/Things({thing.pk})?$select=name",
        ]
        reader = stage.client("reader").subscribe(*topics)
        reader.wait(lambda: False, 0.6)
        reader.told.clear()
        thing.description = "a red buoy"
        thing.save()
        row.description = "another"
        row.save()
        assert reader.wait(lambda: all(reader.on(topic) for topic in topics)), reader.told
        assert reader.on(topics[1])[-1] == {"description": "a red buoy"}
        assert thing.pk in [one["@iot.id"] for one in reader.on(topics[2])]
        assert stream in [one["@iot.id"] for one in reader.on(topics[3])]
        assert reader.on(topics[5])[-1] == {"name": "浮标"}

    def test_nothing_is_told_where_measurements_are_not_open(self, staged: Callable[..., Stage]):
        stage = staged(open_data="false").start()
        reader = stage.client("curious").subscribe("v1.1/#")
        stream = stage.stream("W1")
        body = {"phenomenonTime": T, "result": 0.4}
        stage.client("logger").publish(f"create/v1.1/Datastreams({stream})/Observations", body, token=stage.token)
        assert reader.wait(lambda: store.count([stream]) == 2)
        Thing.objects.create(name="浮标", description="a buoy")
        assert not reader.wait(lambda: reader.told, 1.5)

    def test_a_broker_that_keeps_readers_apart_is_told(self, staged: Callable[..., Stage], tmp_path: Path):
        """``mqtt_guarded``: mosquitto's own list of rights lets only ``li`` read."""
        rights = tmp_path / "rights"
        rights.write_text("topic write #\ntopic read answers/#\nuser li\ntopic read v1.1/#\nuser server\ntopic #\n")
        rights.chmod(0o700)
        names = tmp_path / "names"
        names.write_text("")
        import subprocess

        for name in ("li", "server"):
            subprocess.run(["mosquitto_passwd", "-b", str(names), name, "secret"], check=True, capture_output=True)
        lines = ("allow_anonymous true", f"acl_file {rights}", f"password_file {names}")
        stage = staged(open_data="false", mqtt_guarded="true", lines=lines)
        stage.service = AtBroker(stage.handler, stage.url.replace("//", "//server:secret@"), ROOT)
        stage.start()
        li = stage.client("li", user="li", password="secret").subscribe("v1.1/#")
        nobody = stage.client("nobody").subscribe("v1.1/#")
        keep_readings([Reading("W1", "NH3N", datetime(2026, 11, 24, 5, tzinfo=UTC), 0.7, "mg/L", source="测试")], NOW)
        assert li.wait(lambda: li.on("v1.1/Observations"))
        assert nobody.told == []


class TestObservationsIn:
    @pytest.mark.parametrize("way", ["own address", "link"])
    def test_what_is_published_with_a_token_is_kept_and_answered(self, staged: Callable[..., Stage], way: str):
        stage = staged(open_data="true").start()
        stream = stage.stream("W1")
        logger = stage.client("logger").subscribe("answers/logger", "v1.1/Observations")
        body: dict[str, Any] = {"phenomenonTime": T, "result": 0.4}
        topic = f"create/v1.1/Datastreams({stream})/Observations"
        if way == "link":
            topic, body = "create/v1.1/Observations", body | {"Datastream": {"@iot.id": stream}}
        for _ in range(3):  # QoS 1: at least once; the same again is the same
            logger.publish(topic, body, token=stage.token, answer_to="answers/logger", mark=b"7")
        assert logger.wait(lambda: len(logger.on("answers/logger")) == 3)
        assert {one["code"] for one in logger.on("answers/logger")} == {201}
        location = f"{ROOT}/Observations('{stream}-1795496400000')"
        assert logger.on("answers/logger")[0] == {"topic": topic, "code": 201, "location": location}
        assert store.count([stream]) == 2
        assert logger.wait(lambda: logger.on("v1.1/Observations"))
        assert logger.on("v1.1/Observations")[0]["result"] == 0.4

    @pytest.mark.parametrize(
        ("who", "station", "code"),
        [("nobody", "W1", 401), ("stranger", "W1", 401), ("reader", "W1", 403), ("w1", "W1", 0), ("w1", "M1", 403)],
    )
    def test_nobody_may_by_default_and_a_token_only_what_it_may(
        self, staged: Callable[..., Stage], who: str, station: str, code: int
    ):
        stage = staged(open_data="true").start()
        patroller = Account.objects.create(username="patroller", role="patroller")
        tokens = {
            "nobody": "",
            "stranger": "rc_guess",
            "reader": make_token(patroller, "x", NOW),
            "w1": stage.w1_token,
        }
        stream = stage.stream(station)
        client = stage.client("logger").subscribe(ERRORS)
        body = {"phenomenonTime": T, "result": 0.4}
        client.publish(f"create/v1.1/Datastreams({stream})/Observations", body, token=tokens[who])
        if not code:
            assert client.wait(lambda: store.count([stream]) == 2)
            return
        assert client.wait(lambda: client.on(ERRORS))
        told = client.on(ERRORS)[0]
        assert told["code"] == code and told["message"]
        assert store.count([stream]) == 1
        refusal = Refusal.objects.get()
        assert refusal.message.name == f"create/v1.1/Datastreams({stream})/Observations"
        assert tokens[who] == "" or tokens[who].encode() not in bytes(refusal.message.content)

    @pytest.mark.parametrize(
        ("topic", "payload", "kind"),
        [
            ("create/v1.1/Observations", b"no json", "not_understood"),
            ("create/v1.1/Datastreams({stream})/Observations", b'{"result": 1, "colour": 2}', "sta_unknown_member"),
            ("create/v1.1/Datastreams(999999)/Observations", b'{"result": 1}', "not_found"),
            ("create/v1.1/Things", b'{"name": "x", "description": "y"}', "sta_no_topic"),
            ("create/v1.1/Datastreams(1)", b'{"name": "x"}', "sta_no_topic"),
            ("create/v1.1/$batch", b'{"requests": []}', "sta_no_topic"),
        ],
    )
    def test_what_is_refused_is_told_and_lies_in_the_inbox(
        self, staged: Callable[..., Stage], topic: str, payload: bytes, kind: str
    ):
        stage = staged(open_data="true").start()
        topic = topic.format(stream=stage.stream("W1"))
        client = stage.client("logger").subscribe(ERRORS)
        client.publish(topic, payload, token=stage.token)
        assert client.wait(lambda: client.on(ERRORS))
        assert client.on(ERRORS)[0]["topic"] == topic
        assert client.wait(lambda: Refusal.objects.exists())
        assert [refusal.kind for refusal in Refusal.objects.all()] == [kind]
        assert bytes(RawMessage.objects.get().content) == payload

    def test_nobody_has_us_publish_where_they_may_not(self, staged: Callable[..., Stage]):
        stage = staged(open_data="true").start()
        client = stage.client("trickster").subscribe("v1.1/#", ERRORS)
        answer_to = f"v1.1/Datastreams({stage.stream('W1')})/Observations"
        client.publish("create/v1.1/Observations", {"result": 1}, token=stage.token, answer_to=answer_to)
        assert client.wait(lambda: client.on(ERRORS))
        assert client.on(answer_to) == []

    def test_below_a_users_prefix_the_broker_vouches_for_the_name(self, staged: Callable[..., Stage], tmp_path: Path):
        """A logger of MQTT 3.1.1 cannot say a token: the broker lets each user publish only below its own name."""
        import subprocess

        names, rights = tmp_path / "names", tmp_path / "rights"
        names.write_text("")
        for name in ("logger-w1", "thief"):
            subprocess.run(["mosquitto_passwd", "-b", str(names), name, "secret"], check=True, capture_output=True)
        rights.write_text("topic #\npattern write users/%u/v1.1/#\npattern read answers/#\n")
        rights.chmod(0o700)
        lines = ("allow_anonymous true", f"password_file {names}", f"acl_file {rights}")
        stage = staged(open_data="true", mqtt_user_prefix="users/", lines=lines).start()
        own, other = stage.stream("W1"), stage.stream("M1")
        body = {"phenomenonTime": T, "result": 0.4}
        topic = "users/logger-w1/v1.1/Datastreams({})/Observations"
        logger = stage.client("a", user="logger-w1", password="secret", version=4).subscribe(ERRORS)
        thief = stage.client("b", user="thief", password="secret", version=4)
        thief.publish(topic.format(own), body | {"result": 99})
        logger.publish(topic.format(other), body)
        logger.publish(topic.format(own), body)
        assert logger.wait(lambda: store.count([own]) == 2)
        assert store.latest([own])[own].v == 0.4
        assert store.count([other]) == 1
        assert logger.wait(lambda: [one["code"] for one in logger.on(ERRORS)] == [403])


class TestNothingIsLost:
    def test_what_is_published_while_we_are_away_comes_later(self, staged: Callable[..., Stage]):
        stage = staged(open_data="true").start()
        stream = stage.stream("W1")
        stage.service.close()
        client = stage.client("logger")
        for minute in range(30):
            body = {"phenomenonTime": f"2026-11-24T05:{minute:02}:00Z", "result": minute}
            client.publish(f"create/v1.1/Datastreams({stream})/Observations", body, token=stage.token)
        assert store.count([stream]) == 1
        stage.service = AtBroker(stage.handler, stage.url, ROOT)
        stage.service.start()
        assert client.wait(lambda: store.count([stream]) == 31)

    def test_it_is_acknowledged_only_when_it_is_on_disk(
        self, staged: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
    ):
        """While the database is away nothing is acknowledged and nothing lost: the broker has it still."""
        stage = staged(open_data="true").start()
        stream = stage.stream("W1")
        acknowledged: list[int] = []
        acknowledge = stage.service._client.ack
        monkeypatch.setattr(
            stage.service._client, "ack", lambda mid, qos: acknowledged.append(mid) or acknowledge(mid, qos)
        )

        def away(*_: Any) -> None:
            raise OperationalError("disk I/O error")

        with monkeypatch.context() as while_away:
            while_away.setattr("riverchief_server.sensorthings.write.committer.keep", away)
            client = stage.client("logger")
            body = {"phenomenonTime": T, "result": 0.4}
            client.publish(f"create/v1.1/Datastreams({stream})/Observations", body, token=stage.token)
            client.wait(lambda: False, 1.5)
            assert acknowledged == [] and store.count([stream]) == 1
        assert client.wait(lambda: store.count([stream]) == 2)
        assert client.wait(lambda: acknowledged)

    def test_news_wait_for_a_broker_that_is_away(self, staged: Callable[..., Stage], tmp_path: Path):
        stage = staged(open_data="true")
        stream = stage.stream("W1")
        port = int(stage.url.rpartition(":")[2]) + 1
        stage.service = AtBroker(stage.handler, f"mqtt://127.0.0.1:{port}", ROOT)
        stage.service.start()
        at = datetime(2026, 11, 24, 5, tzinfo=UTC)
        keep_readings([Reading("W1", "NH3N", at, 0.7, "mg/L", source="测试")], NOW)
        with mosquitto(tmp_path, port=port) as url:
            reader = Client(url, "reader").subscribe(f"v1.1/Datastreams({stream})/Observations")
            assert reader.wait(lambda: reader.told, 30)
            assert reader.told[0][1]["result"] == 0.7
            reader.close()


class TestTheRootSaysSo:
    @pytest.mark.parametrize("prefix", ["create/", ""])
    def test_where_the_broker_is_and_what_is_met(self, staged: Callable[..., Stage], prefix: str):
        stage = staged(open_data="true", mqtt_url="mqtt://user:secret@127.0.0.1:1899", mqtt_create_prefix=prefix)
        said = root_document(ROOT)["serverSettings"]
        begin = "http://www.opengis.net/spec/iot_sensing/1.1/req"
        created = f"{begin}/create-observations-via-mqtt/observations-creation"
        assert said[f"{begin}/receive-updates-via-mqtt/receive-updates"] == {"endpoints": ["mqtt://127.0.0.1:1899"]}
        assert said[created] == {"endpoints": ["mqtt://127.0.0.1:1899"], "topicPrefix": prefix}
        # only without a prefix the topics are those of the standard
        assert (created in said["conformance"]) == (prefix == "")
        assert "secret" not in str(said)
        assert stage.handler is not None

    def test_without_a_broker_it_says_nothing_of_one(self):
        assert list(root_document(ROOT)["serverSettings"]) == ["conformance"]


class TestTopics:
    @pytest.mark.parametrize(
        ("topic", "found"),
        [
            ("create/v1.1/Observations", ("Observations", None)),
            ("users/li/v1.1/Observations", ("Observations", "li")),
            ("users/li/Observations", None),
            ("users/v1.1/Observations", None),
            ("v1.1/Observations", None),
            ("create/v1.0/Observations", None),
        ],
    )
    def test_only_known_topics_come_in(self, topic: str, found: tuple[str, str | None] | None):
        assert read_incoming(topic, "create/", "users/") == found

    def test_without_a_users_prefix_nobody_is_vouched_for(self):
        assert read_incoming("users/li/v1.1/Observations", "create/", "") is None

    def test_with_the_letter_of_the_standard_the_topics_are_its_own(self):
        assert read_incoming("v1.1/Observations", "", "") == ("Observations", None)

    @pytest.mark.parametrize(
        "topic",
        ["v1.1/#", "v1.1/+/Observations", "other", "v1.1/Nothing", "v1.1/Things?$filter=x", "v1.1/" + "a" * 2000],
    )
    def test_what_is_no_question_of_ours_is_no_wish(self, topic: str):
        assert read_wish(topic) is None
