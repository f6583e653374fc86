"""The raw inbox on the desk: pages that stay stable, groups by reason, bytes safe to look at, reading again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from riverchief.telemetry.hj212 import encode
from riverchief.telemetry.hj212.encode import Group
from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.inbox.looking import BYTES_SHOWN, look_at
from riverchief_server.observations.inbox.parsing import Parser
from riverchief_server.observations.models import Instrument, RawMessage, Series
from riverchief_server.places.models import Place

As = Callable[[str], Client]
NOW = datetime.now(UTC).replace(microsecond=0)
PASSWORD = "531902"


def frame(minute: int) -> bytes:
    """A frame whose only factor nobody knows."""
    at = NOW - timedelta(minutes=minute)
    (raw,) = encode.upload("2011", mn="M1", st="21", time=at, groups=[Group("w99321", {"Rtd": "1.5"})], pw=PASSWORD)
    return raw


@pytest.fixture
def refused(people: object) -> Instrument:
    """Forty-five frames of W1 with a factor nobody knows, and one that is rubbish."""
    row = register(Place.objects.get(code="W1"), "hj212", "M1", PASSWORD)
    messages = [Raw("hj212", "M1", "10.0.0.1:1", NOW - timedelta(minutes=n // 3), frame(n), row.pk) for n in range(45)]
    Parser().take([*messages, Raw("hj212", "M1", "10.0.0.1:1", NOW, b"##0005\xff\x00\x1b<script>", row.pk)])
    return row


def walk(client: Client, query: str = "") -> list[int]:
    """The numbers of all messages, page by page."""
    numbers, before = [], ""
    while True:
        page = client.get(f"/api/messages?before={before.replace('+', '%2B')}{query}").json()
        numbers += [one["id"] for one in page["messages"]]
        before = page["next"]
        if not before:
            return numbers


class TestPages:
    def test_pages_neither_skip_nor_repeat_while_others_arrive(self, refused: Instrument, as_: As):
        engineer = as_("engineer")
        first = engineer.get("/api/messages").json()
        assert len(first["messages"]) == 30 and first["next"]
        Parser().take([Raw("hj212", "M1", "x", NOW + timedelta(minutes=1), b"new", refused.pk)])
        second = engineer.get("/api/messages", {"before": first["next"]}).json()
        numbers = [one["id"] for page in (first, second) for one in page["messages"]]
        assert len(numbers) == len(set(numbers)) == 46 and second["next"] == ""

    def test_they_can_be_filtered_and_only_one_who_imports_sees_them(self, refused: Instrument, as_: As):
        engineer = as_("engineer")
        assert len(walk(engineer, "&station=W1")) == 46
        assert walk(engineer, "&station=none") == []
        assert walk(engineer, "&state=parsed") == []
        assert len(walk(engineer, "&reason=unknown_factor&kind=hj212")) == 45
        assert engineer.get("/api/messages?state=eaten").status_code == 400
        assert engineer.get("/api/messages?before=yesterday").status_code == 400
        for path in ("/api/messages", f"/api/messages/{RawMessage.objects.first().pk}"):  # type: ignore[union-attr]
            assert as_("patroller").get(path).status_code == 403

    def test_the_same_reason_is_told_once_with_how_often(self, refused: Instrument, as_: As):
        page = as_("engineer").get("/api/messages").json()
        assert page["sentence"].startswith("46条数据收到后没有全部读懂，2种原因")
        first = page["groups"][0]
        assert (first["reason"], first["messages"], first["values"]) == ("unknown_factor", 45, ["w99321"])
        assert "w99321" in first["example"]

    def test_an_empty_inbox_says_so(self, people: object, as_: As):
        assert as_("engineer").get("/api/messages").json()["sentence"] == "没有拒收的数据：收到的都读懂了。"


class TestLooking:
    def test_no_password_is_shown(self, refused: Instrument, as_: As):
        page = as_("engineer").get("/api/messages?reason=unknown_factor")
        number = page.json()["messages"][0]["id"]
        whole = as_("engineer").get(f"/api/messages/{number}")
        assert PASSWORD not in page.content.decode() + whole.content.decode()
        assert "PW=******" in whole.json()["text"] and whole.json()["is_binary"] is False

    def test_bytes_that_are_no_text_come_as_a_dump(self):
        look = look_at(b"##0005\xff\x00\x1b<script>")
        assert (
            look.is_binary
            and look.text
            == "000000  23 23 30 30 30 35 ff 00 1b 3c 73 63 72 69 70 74  ##0005...<script\n000010  3e" + " " * 47 + ">"
        )

    def test_signs_that_play_tricks_are_written_as_their_number(self):
        assert look_at("值\u202e1.0\x07".encode() + b"a" * 60).text.startswith("值\\u{202e}1.0\\u{7}aaa")

    def test_chinese_of_any_encoding_is_text_even_when_it_is_cut(self):
        text = "氨氮，总磷\r\n" * 2000
        for encoding in ("utf-8", "gb18030"):
            look = look_at(text.encode(encoding))
            assert not look.is_binary and look.text.startswith("氨氮，总磷\n") and look.shown == BYTES_SHOWN


class TestReadingAgain:
    def test_what_was_refused_is_taken_once_the_setup_is_put_right(self, refused: Instrument, as_: As):
        engineer = as_("engineer")
        wanted = {"reason": "unknown_factor"}
        again = engineer.post("/api/replay", wanted, content_type="application/json").json()
        assert (again["messages"], again["understood"], again["next"]) == (45, 0, "")
        meaning = {"code": "w99321", "parameter": "NH3N", "unit": "ug/L"}
        path = f"/api/instruments/{refused.pk}/factors"
        assert engineer.post(path, meaning, content_type="application/json").status_code == 200
        done = engineer.post("/api/replay", wanted, content_type="application/json").json()
        assert (done["understood"], done["refused"], done["new"]) == (45, 0, 45)
        assert len(walk(engineer)) == 1
        # 1.5 ug/L is 0.0015 mg/L
        assert {row.v for row in store.latest(list(Series.objects.values_list("pk", flat=True))).values()} == {0.0015}
        assert as_("town").post("/api/replay", wanted, content_type="application/json").status_code == 403

    def test_many_are_read_a_handful_at_a_time(self, refused: Instrument, as_: As, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("riverchief_server.api.desk.messages.routes.A_HANDFUL", 20)
        handfuls, before = [], ""
        while True:
            said = as_("engineer").post("/api/replay", {"before": before}, content_type="application/json")
            handfuls.append(said.json()["messages"])
            before = said.json()["next"]
            if not before:
                break
        assert handfuls == [20, 20, 6]

    @pytest.mark.parametrize(
        ("change", "kind"),
        [({"unit": "ug/L per fish"}, "unknown_unit"), ({"unit": "m"}, "unit_mismatch"),
         ({"parameter": "gold?"}, "unknown_parameter"), ({"code": "w1;PW"}, "unknown_factor")],
    )  # fmt: skip
    def test_a_meaning_that_is_none_is_refused(self, refused: Instrument, as_: As, change: dict[str, str], kind: str):
        meaning = {"code": "w99321", "parameter": "NH3N", "unit": "mg/L"} | change
        path = f"/api/instruments/{refused.pk}/factors"
        answer = as_("engineer").post(path, meaning, content_type="application/json")
        assert answer.status_code == 400 and [one["kind"] for one in answer.json()["faults"]] == [kind]
        assert as_("chief").post(path, meaning, content_type="application/json").status_code == 403
        refused.refresh_from_db()
        assert refused.setup == {}
