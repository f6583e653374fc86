"""An episode over HTTP: ask where it came from, read who it may have been, open a case there with the evidence."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from riverchief_server.cases.models import Case, Episode
from riverchief_server.jobs.clock import look
from riverchief_server.jobs.computing import work_off
from riverchief_server.runs.models import Run
from tests.server.conftest import feed

As = Callable[[str], Client]
CLEAN = 0.1


@pytest.fixture
def episode(people: object) -> Episode:
    """Four days of clean water, then a pulse at S2 on A and four hours later, thinner, at M1 on C (section S1)."""
    now = datetime.now(UTC)
    feed("S2", [CLEAN] * 24 + [2.0, 1.5, CLEAN, CLEAN, CLEAN, CLEAN], until=now)
    feed("M1", [CLEAN] * 24 + [CLEAN, 0.9, 0.8, CLEAN, CLEAN, CLEAN], until=now)
    look(now)
    return Episode.objects.get(place__code="S1")


def asked(client: Client, episode: Episode, **more: str):
    return client.post(
        f"/api/episodes/{episode.pk}/trace", {"uuid": str(uuid4()), **more}, content_type="application/json"
    )


@pytest.fixture
def traced(episode: Episode, as_: As) -> str:
    uuid = asked(as_("engineer"), episode).json()["brief"]["id"]
    assert work_off() == 1
    return str(uuid)


class TestTheEpisodes:
    def test_are_listed_with_their_sentence(self, episode: Episode, as_: As):
        said = as_("office").get("/api/episodes").json()
        assert said["sentence"].startswith("共2次超标")
        assert {row["section"] for row in said["episodes"]} == {"S1", "S2"}
        (one,) = as_("office").get("/api/episodes", {"section": "S1"}).json()["episodes"]
        assert one["id"] == episode.pk and "超标" in one["sentence"] and one["case"]

    def test_one_says_what_can_be_traced_and_by_whom(self, episode: Episode, as_: As):
        said = as_("engineer").get(f"/api/episodes/{episode.pk}").json()
        assert [item["code"] for item in said["items"]] == ["NH3N"]
        assert said["may_trace"] is True and said["traces"] == []
        assert as_("patroller").get(f"/api/episodes/{episode.pk}").json()["may_trace"] is False
        assert as_("engineer").get("/api/episodes/99999").status_code == 404

    def test_what_is_missing_has_no_mass(self, episode: Episode, as_: As):
        Episode.objects.filter(pk=episode.pk).update(items=["DO"])
        said = as_("engineer").get(f"/api/episodes/{episode.pk}").json()
        assert said["may_trace"] is False and "溶解氧" in said["why_not"]
        assert asked(as_("engineer"), episode).status_code == 400


class TestATrace:
    def test_is_asked_once_waits_and_says_so(self, episode: Episode, as_: As):
        uuid = str(uuid4())
        first, again = (
            as_("engineer").post(f"/api/episodes/{episode.pk}/trace", {"uuid": uuid}, content_type="application/json")
            for _ in range(2)
        )
        assert (first.status_code, again.status_code) == (201, 200)
        said = as_("office").get(f"/api/traces/{uuid}").json()
        assert said["brief"]["state"] == "waiting" and said["candidates"] == [] and said["may_open_case"] is False

    def test_names_the_outfall_with_times_masses_and_curves(self, traced: str, as_: As):
        said = as_("office").get(f"/api/traces/{traced}").json()
        first = said["candidates"][0]
        assert (first["id"], first["name"], first["in_set"]) == ("P1", "甲镇排口", True)
        assert first["lasted"]["range"] != f"{first['lasted']['text']}–{first['lasted']['text']}"
        assert "甲镇排口" in said["brief"]["sentence"]
        assert first["lon"] and first["began"]["range"] and first["mass"]["text"]
        assert {curve["station"] for curve in said["curves"]} == {"S2", "M1"}
        curve = said["curves"][0]
        assert len(curve["t"]) == len(curve["median"]) == len(curve["low"]) == len(curve["high"]) > 10
        assert len(curve["points"]) == 29
        assert "测到了" in curve["sentence"]

    def test_is_told_in_english_too(self, traced: str, people: object, as_: As):
        client = as_("office")
        said = client.get(f"/api/traces/{traced}", headers={"accept-language": "en"}).json()
        assert "robability" in said["brief"]["sentence"]
        assert all(line["label"].isascii() for line in said["question"])

    def test_repeated_it_is_the_same(self, traced: str, as_: As):
        again = as_("engineer").post(
            f"/api/traces/{traced}/repeat", {"uuid": str(uuid4())}, content_type="application/json"
        )
        assert again.status_code == 201
        work_off()
        said = as_("office").get(f"/api/traces/{again.json()['brief']['id']}").json()
        assert said["repeats_text"] == "重复计算，结果与原来逐位相同。"

    def test_nobody_without_the_right_has_one_computed(self, episode: Episode, as_: As, client: Client):
        assert asked(as_("patroller"), episode).status_code == 403
        assert asked(client, episode).status_code in (401, 403)
        assert Run.objects.count() == 0

    def test_an_item_that_was_not_exceeded_is_refused(self, episode: Episode, as_: As):
        answer = asked(as_("engineer"), episode, parameter="TP")
        assert answer.status_code == 400 and "NH3N" in answer.content.decode()


class TestACaseAtTheSource:
    def opened(self, client: Client, traced: str, candidate: str, uuid: str = ""):
        return client.post(
            f"/api/traces/{traced}/case",
            {"uuid": uuid or str(uuid4()), "candidate": candidate},
            content_type="application/json",
        )

    def test_is_opened_once_with_the_evidence_in_its_history(self, traced: str, as_: As):
        uuid = str(uuid4())
        first = self.opened(as_("office"), traced, "P1", uuid)
        again = self.opened(as_("office"), traced, "P1", uuid)
        assert (first.status_code, again.status_code) == (201, 200)
        case = Case.objects.get(source="trace")
        assert case.place is not None and case.place.code == "P1" and case.state == "reported"
        said = as_("office").get(f"/api/cases/{case.number}").json()
        assert said["brief"]["title"].startswith("溯源指向甲镇排口（氨氮")
        assert said["is_history_intact"] is True
        (note,) = [entry for entry in said["history"] if entry["evidence_href"]]
        assert traced in note["evidence_href"] and "甲镇排口" in note["reason"]
        english = as_("office").get(f"/api/cases/{case.number}", headers={"accept-language": "en"}).json()
        assert english["brief"]["title"].startswith("traced to")

    def test_stands_beside_the_candidate_from_then_on(self, traced: str, as_: As):
        number = self.opened(as_("office"), traced, "P1").json()["number"]
        said = as_("engineer").get(f"/api/traces/{traced}").json()
        assert said["candidates"][0]["case"] == number

    def test_is_hidden_from_who_may_not_see_cases_there(self, traced: str, episode: Episode, as_: As):
        number = self.opened(as_("office"), traced, "P1").json()["number"]
        other = as_("ecology")
        assert number not in other.get(f"/api/traces/{traced}").content.decode()
        assert episode.case is not None
        assert episode.case.number not in other.get(f"/api/episodes/{episode.pk}").content.decode()

    def test_speaks_against_the_outfall_next_time(self, traced: str, episode: Episode, as_: As):
        self.opened(as_("office"), traced, "P1")
        uuid = asked(as_("engineer"), episode).json()["brief"]["id"]
        inputs = Run.objects.get(uuid=uuid).inputs
        assert next(one["prior"] for one in inputs["candidates"] if one["id"] == "P1") == 2.0

    def test_only_at_a_candidate_and_only_when_there_is_an_answer(self, traced: str, episode: Episode, as_: As):
        assert self.opened(as_("office"), traced, "NOBODY").status_code == 400
        waiting = asked(as_("engineer"), episode).json()["brief"]["id"]
        assert self.opened(as_("office"), waiting, "P1").status_code == 404
        assert not Case.objects.filter(source="trace").exists()


def test_an_old_episode_is_still_there_for_who_asks(episode: Episode, as_: As):
    Episode.objects.filter(pk=episode.pk).update(started_at=episode.started_at - timedelta(days=300))
    assert as_("office").get("/api/episodes").json()["episodes"][-1]["id"] == episode.pk
