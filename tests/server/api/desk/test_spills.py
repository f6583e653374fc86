"""A spill over HTTP: ask, wait, read; in both languages, for who may, and never a number that is not known."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from riverchief.observation.reading import Reading
from riverchief_server.jobs.computing import work_off
from riverchief_server.observations.actions import keep_readings
from riverchief_server.places.models import Place, Reach, SecondaryEdge
from riverchief_server.runs.models import Run

As = Callable[[str], Client]
JSON = "application/json"


def now_start() -> str:
    return (datetime.now(UTC) - timedelta(hours=1)).isoformat()


def ask(client: Client, **more: object):
    body = {"uuid": str(uuid4()), "reach": "A", "chainage_m": 0, "parameter": "NH3N", "amount": 20, "flow": "mean"}
    return client.post("/api/spills", body | {"start": now_start()} | more, JSON)


def computed(client: Client, **more: object) -> dict:
    asked = ask(client, **more)
    assert asked.status_code == 201, asked.content
    work_off()
    return client.get(f"/api/spills/{asked.json()['id']}").json()


class TestAskingAndReading:
    def test_the_answer_names_who_is_reached_when_how_high_and_against_which_limit(self, as_: As):
        # velocity 0.5 m/s: 1 km to S2 takes about 33 min, 5 km to S1 about 2.8 h; the first 1 % comes earlier
        found = computed(as_("engineer"))
        assert (found["state"], found["state_name"]) == ("done", "已完成")
        assert [(row["id"], row["kind_name"], row["limit"]) for row in found["places"]] == [
            ("S2", "断面", "1（Ⅲ）"),
            ("S1", "出境断面", "0.5（Ⅱ）"),
        ]
        assert [row["verdict"] for row in found["places"]] == ["over", "over"]
        assert found["sentence"].startswith("前锋约 ") and "到达上游断面" in found["sentence"]
        assert "经出口断面出境（超标）" in found["sentence"]
        assert found["title"].startswith("氨氮 20 kg，玩具河·A段，")

    def test_both_languages_say_it(self, as_: As):
        found = computed(as_("engineer"))
        client = as_("engineer")
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        english = client.get(f"/api/spills/{found['id']}", headers={"accept-language": "en"}).json()
        assert english["sentence"].startswith("It reaches 上游断面 at about ")
        assert english["places"][1]["kind_name"] == "border section"
        assert [line["label"] for line in english["question"]] == ["what", "where", "when", "flow"]

    def test_the_notice_goes_to_the_neighbour_first_and_names_the_reach(self, as_: As):
        notices = computed(as_("engineer"))["notices"]
        assert notices[0]["place"] == "S1"
        assert (
            "致：出口断面" in notices[0]["zh"]
            and "氨氮约 20 kg" in notices[0]["zh"]
            and "玩具河·A段" in notices[0]["zh"]
        )
        assert notices[0]["en"].startswith("Notice of a water pollution incident")

    def test_a_limit_that_cannot_be_reached_is_said_to_be_safe(self, as_: As):
        found = computed(as_("engineer"), amount=0.001)
        assert {row["verdict"] for row in found["places"]} == {"under"}
        assert "预计不超过限值" in found["sentence"]

    def test_what_the_standard_does_not_know_has_no_limit_and_is_called_by_its_name(self, as_: As):
        found = computed(as_("engineer"), parameter="", substance="乐果乳油")
        assert {row["limit"] for row in found["places"]} == {"—"}
        assert {row["verdict"] for row in found["places"]} == {"none"}
        assert "没有标准限值可比" in found["sentence"] and "乐果乳油约 20 kg" in found["notices"][0]["zh"]

    def test_a_liquid_is_counted_by_what_it_holds(self, as_: As):
        found = computed(as_("engineer"), amount=20, unit="m3", content_mg_l=1500)
        assert Run.objects.get().inputs["spill"]["mass_kg"] == 30.0  # 20 m³ · 1500 g/m³
        assert "废液20 m³，含1500 mg/L" in found["question"][0]["text"]

    def test_a_place_of_the_register_says_where(self, as_: As):
        found = computed(as_("engineer"), place="P1", reach="", chainage_m=None)
        assert found["question"][1]["text"] == "玩具河·A段，距河段起点 0.50 km"

    def test_an_intake_below_leads_and_takes_the_limit_of_its_source(self, as_: As):
        reach = Reach.objects.get(code="D")
        Place.objects.create(code="Q9", kind="intake", name="水厂取水口", reach=reach, chainage_m=500, lon=108, lat=32)
        found = computed(as_("engineer"))
        assert "到达水厂取水口" in found["sentence"] and "最早约" in found["sentence"]
        assert found["places"][-1]["limit"] == "1（Ⅲ）"

    def test_a_river_without_anybody_below_is_told_to_its_end(self, as_: As):
        Place.objects.filter(kind__in=["section", "station"]).update(kind="outfall")
        found = computed(as_("engineer"))
        assert [(row["name"], row["kind_name"]) for row in found["places"]] == [("玩具河·D段", "河段末端")]

    def test_an_island_divides_the_spill(self, as_: As):
        # A gives 40 % of its water to B as well: B's source is then below the spill
        SecondaryEdge.objects.create(
            source=Reach.objects.get(code="A"), target=Reach.objects.get(code="B"), fraction=0.4
        )
        found = computed(as_("engineer"))
        assert "Q1" in [row["id"] for row in found["places"]]


class TestTheFlow:
    def feed(self, value: float, at: datetime) -> None:
        keep_readings([Reading("M1", "FLOW", at, value, "m3/s", source="测试")], at)

    def test_measured_is_the_share_of_the_mean_flow(self, as_: As):
        self.feed(2.5, datetime.now(UTC) - timedelta(hours=3))  # the mean flow is 1 m³/s
        found = computed(as_("engineer"), flow="measured", start=None)
        run = Run.objects.get()
        assert run.summary["flow_share"] == 2.5
        assert {row["discharge_m3_s"] for row in run.inputs["reaches"]} == {2.5}
        # v ∝ Q^0.34
        assert run.inputs["reaches"][0]["velocity_m_s"] == pytest.approx(0.5 * 2.5**0.34)
        assert found["question"][3]["text"] == "按实测流量（多年平均的2.5倍）"

    def test_a_gauge_that_is_silent_for_a_day_says_nothing(self, as_: As):
        self.feed(2.5, datetime.now(UTC) - timedelta(hours=30))
        computed(as_("engineer"), flow="measured", start=None)
        run = Run.objects.get()
        assert (run.summary["flow"], run.summary["flow_share"]) == ("mean", 1.0)

    def test_less_is_known_of_an_assumed_flow_than_of_a_measured_one(self, as_: As):
        computed(as_("engineer"), flow="mean")
        assert {row["discharge_error"] for row in Run.objects.get().inputs["reaches"]} == {0.35}


class TestWhoAndHow:
    def test_a_role_without_the_right_reads_but_may_not_ask(self, as_: As):
        found = computed(as_("engineer"))
        assert ask(as_("patroller")).status_code == 403
        seen = as_("patroller").get(f"/api/spills/{found['id']}").json()
        assert (seen["sentence"], seen["may_cancel"], seen["may_repeat"]) == (found["sentence"], False, False)
        form = as_("patroller").get("/api/spills/form").json()
        assert form["may_ask"] is False and "河长办" in form["why_not"]

    def test_a_page_of_another_site_is_refused(self, people):
        client = Client(enforce_csrf_checks=True)
        client.force_login(people["engineer"], backend="django.contrib.auth.backends.ModelBackend")
        answer = ask(client)
        assert (answer.status_code, answer.json()["faults"][0]["kind"]) == (403, "not_from_here")
        assert Run.objects.count() == 0

    def test_sent_twice_is_computed_once(self, as_: As):
        uuid = str(uuid4())
        assert ask(as_("engineer"), uuid=uuid).status_code == 201
        assert ask(as_("engineer"), uuid=uuid).status_code == 200
        assert work_off() == 1

    def test_cancelled_it_says_so_and_has_no_answer(self, as_: As):
        asked = ask(as_("engineer")).json()
        assert asked["may_cancel"] is True
        answer = as_("office").post(f"/api/spills/{asked['id']}/cancel", {}, JSON).json()
        assert (answer["state"], answer["sentence"], answer["places"]) == ("cancelled", "计算已取消，没有结果。", [])
        assert work_off() == 0
        assert as_("office").get(f"/api/spills/{asked['id']}/front").status_code == 404

    def test_what_is_over_cannot_be_cancelled(self, as_: As):
        found = computed(as_("engineer"))
        answer = as_("engineer").post(f"/api/spills/{found['id']}/cancel", {}, JSON)
        assert (answer.status_code, answer.json()["text"]) == (409, "这项计算已经结束")

    def test_repeated_exactly_it_is_the_same_although_the_county_has_changed(self, as_: As):
        first = computed(as_("engineer"))
        Reach.objects.update(flow_m3_s=9.0, velocity_m_s=2.0, length_m=1.0)
        again = as_("engineer").post(f"/api/spills/{first['id']}/repeat", {"uuid": str(uuid4())}, JSON)
        assert again.status_code == 201
        work_off()
        second = as_("engineer").get(f"/api/spills/{again.json()['id']}").json()
        assert second["repeats"] == first["id"]
        assert second["repeats_text"] == "重复计算，结果与原来逐位相同。"
        assert [row["peak"] for row in second["places"]] == [row["peak"] for row in first["places"]]

    def test_the_list_is_the_newest_first_in_one_line_each(self, as_: As):
        computed(as_("engineer"))
        computed(as_("office"), amount=40)
        found = as_("patroller").get("/api/spills").json()
        assert found["sentence"] == "已有2次泄漏推演。"
        assert [one["title"].split("，")[0] for one in found["spills"]] == ["氨氮 40 kg", "氨氮 20 kg"]
        assert found["spills"][0]["sentence"].startswith("前锋约 ") and found["spills"][0]["asked_by"] == "office"


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("more", "places"),
        [
            ({"reach": "玩具"}, ["reach"]),
            ({"chainage_m": 2001}, ["chainage_m"]),
            ({"amount": 0}, ["amount"]),
            ({"amount": -3, "duration_h": -1, "decay_per_d": -1}, ["amount", "duration_h", "decay_per_d"]),
            ({"parameter": "氨蛋"}, ["parameter"]),
            ({"parameter": "PH"}, ["parameter"]),
            ({"unit": "m3"}, ["content_mg_l"]),
            ({"flow": "flood"}, ["flow"]),
            ({"start": "2020-01-01T00:00:00+08:00"}, ["start"]),
            ({"place": "nowhere"}, ["place"]),
        ],
    )
    def test_everything_that_is_wrong_is_named(self, as_: As, more: dict, places: list[str]):
        answer = ask(as_("engineer"), **more)
        assert answer.status_code in (400, 404)
        assert [fault["place"] for fault in answer.json()["faults"]] == places
        assert Run.objects.count() == 0

    def test_a_flow_that_nobody_knows_is_no_number(self, as_: As):
        Reach.objects.filter(code="C").update(flow_m3_s=None)
        answer = ask(as_("engineer"))
        assert answer.status_code == 400
        assert "discharge_m3_s" in answer.json()["text"] and "C" in answer.json()["text"]


class TestTheFront:
    def test_it_is_geojson_with_a_level_and_a_number_for_each_step(self, as_: As):
        found = computed(as_("engineer"))
        front = as_("engineer").get(f"/api/spills/{found['id']}/front").json()
        steps = len(front["times"])
        assert front["type"] == "FeatureCollection" and 0 < steps <= 120 and 0 < len(front["features"]) <= 240
        assert len(front["labels"]) == len(front["captions"]) == steps
        for feature in front["features"]:
            assert len(feature["properties"]["levels"]) == len(feature["properties"]["mg_l"]) == steps
            assert len(feature["geometry"]["coordinates"]) >= 2
        assert [one["level"] for one in front["legend"]] == [1, 2, 3]
        assert "0.5 mg/L" in front["legend"][1]["name"]  # the strictest limit below: class II at the border

    def test_a_level_is_the_number_against_the_limit(self, as_: As):
        found = computed(as_("engineer"))
        for feature in as_("engineer").get(f"/api/spills/{found['id']}/front").json()["features"]:
            for level, value in zip(feature["properties"]["levels"], feature["properties"]["mg_l"], strict=True):
                assert (value >= 0.5) == (level in "23") and (value >= 5.0) == (level == "3")

    def test_the_front_begins_at_the_spill_and_goes_down(self, as_: As):
        found = computed(as_("engineer"), chainage_m=500)
        features = as_("engineer").get(f"/api/spills/{found['id']}/front").json()["features"]
        assert features[0]["properties"]["from_m"] == 500.0
        assert features[0]["geometry"]["coordinates"][0] == pytest.approx([108.005, 32.0])
        assert [feature["properties"]["reach"] for feature in features][-1] == "D"


class TestThePoint:
    def test_a_touch_is_the_nearest_point_of_the_reach(self, as_: As):
        # A runs east from 108.00 to 108.02 and is 2 km long by the register: a quarter of the way is 500 m
        found = as_("patroller").get("/api/spills/point", {"reach": "A", "lon": 108.005, "lat": 32.003}).json()
        assert found["chainage_m"] == 500
        assert (found["lon"], found["lat"]) == (pytest.approx(108.005), 32.0)
        assert found["text"] == "玩具河·A段，距河段起点 0.50 km"
        assert found["below"] == "下游将影响：上游断面、出口断面（共2处）"

    def test_without_a_touch_it_is_the_middle(self, as_: As):
        assert as_("patroller").get("/api/spills/point", {"reach": "B"}).json()["chainage_m"] == 1500

    def test_an_unknown_reach_is_not_there(self, as_: As):
        assert as_("patroller").get("/api/spills/point", {"reach": "Z"}).status_code == 404


def test_the_version_of_the_network_is_kept_and_changes_with_it(as_: As):
    computed(as_("engineer"))
    Reach.objects.filter(code="B").update(length_m=3001.0)
    computed(as_("engineer"))
    first, second = (run.inputs["network"]["sha256"] for run in Run.objects.order_by("pk"))
    assert first != second and len(first) == 64
    assert Run.objects.first().inputs["network"]["reaches"] == 4
