"""``$apply``: the database's figures are those that a client makes of all observations; the rest is refused."""

from collections import defaultdict
from statistics import fmean
from typing import Any

import pytest

from tests.server.sensorthings.conftest import Face, made, number_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stations")]
MANY = "aggregate(result with average as mean,result with min as low,result with max as high,$count as n)"


def everything(face: Face) -> list[dict[str, Any]]:
    """All observations with their datastream, as any client can have them."""
    return face.all_values("Observations", expand="Datastream($expand=ObservedProperty)")


class TestFigures:
    def test_of_each_datastream_are_those_of_its_observations(self, engineer: Face):
        groups = defaultdict(list)
        for one in everything(engineer):
            groups[one["Datastream"]["@iot.id"]].append(one["result"])
        answer = engineer.values("Observations", apply=f"groupby((Datastream/id),{MANY})")
        assert len(answer) == len(groups) == 14
        for row in answer:
            values = groups[row["Datastream"]["@iot.id"]]
            assert row["mean"] == pytest.approx(fmean(values))
            assert (row["low"], row["high"], row["n"]) == (min(values), max(values), len(values))

    def test_of_one_datastream_by_the_day_of_the_county(self, engineer: Face):
        """The samples lie at 20:00, 00:00 and 04:00 UTC: two days in UTC, and one in the county (UTC+8)."""
        stream = engineer.values("Datastreams", filter="properties/parameter eq 'NH3N'")[0]["@iot.id"]
        path = f"Datastreams({stream})/Observations"
        answer = engineer.values(
            path, apply="compute(date(phenomenonTime) as day)/groupby((day),aggregate(result with sum as s))"
        )
        assert [row["day"] for row in answer] == ["2026-11-23", "2026-11-24"]
        assert [row["s"] for row in answer] == pytest.approx([0.1, 0.5])
        local = "compute(date(phenomenonTime add duration'PT8H') as day)/groupby((day),aggregate($count as n))"
        assert engineer.values(path, apply=local) == [{"day": "2026-11-24", "n": 3}]

    def test_by_month_and_hour_and_parameter(self, engineer: Face):
        keys = "compute(year(phenomenonTime) as y,month(phenomenonTime) as m,hour(phenomenonTime) as h)"
        apply = f"{keys}/groupby((Datastream/properties/parameter,y,m,h),aggregate(result with average as mean))"
        answer = engineer.values("Observations", apply=apply)
        assert len(answer) == 7 * 3
        groups = defaultdict(list)
        for one in everything(engineer):
            parameter = one["Datastream"]["properties"]["parameter"]
            groups[parameter, int(one["phenomenonTime"][11:13])].append(one["result"])
        for row in answer:
            assert (row["y"], row["m"]) == (2026, 11)
            found = groups[row["Datastream"]["properties"]["parameter"], row["h"]]
            assert row["mean"] == pytest.approx(fmean(found))

    def test_of_all_that_pass_the_filters(self, engineer: Face):
        apply = (
            "filter(Datastream/properties/parameter eq 'NH3N')/filter(phenomenonTime ge 2026-11-24T00:00:00Z)"
            "/aggregate(result with sum as s,Datastream/id with countdistinct as streams,"
            "phenomenonTime with max as last,result with countdistinct as values)"
        )
        row = engineer.values("Observations", apply=apply)[0]
        assert row["s"] == pytest.approx(0.2 + 0.3 + 1.2 + 1.3)
        assert {name: row[name] for name in ("streams", "last", "values")} == {
            "streams": 2,
            "last": "2026-11-24T04:00:00Z",
            "values": 4,
        }

    def test_of_nothing_there_is_one_row_without_keys_and_none_with_them(self, engineer: Face):
        nothing = "filter(phenomenonTime lt 1999-01-01T00:00:00Z)"
        assert engineer.values("Observations", apply=f"{nothing}/{MANY}") == [
            {"mean": None, "low": None, "high": None, "n": 0}
        ]
        assert engineer.values("Observations", apply=f"{nothing}/groupby((Datastream/id),{MANY})") == []

    def test_what_is_no_number_is_counted_and_not_added(self, admin: Face, buoy: dict[str, str]):
        path = f"{buoy['stream']}/Observations"
        for hour, result in enumerate((1.0, "cloudy", None, 4.0)):
            made(admin, path, {"phenomenonTime": f"2026-11-24T0{hour}:00:00Z", "result": result})
        row = admin.values(path, apply=MANY)[0]
        assert row == {"mean": 2.5, "low": 1.0, "high": 4.0, "n": 4}

    def test_only_what_may_be_used_where_that_is_asked(self, admin: Face, buoy: dict[str, str]):
        path = f"{buoy['stream']}/Observations"
        for hour, code in ((1, 1), (2, 4)):
            body = {"phenomenonTime": f"2026-11-24T0{hour}:00:00Z", "result": hour, "resultQuality": {"qartod": code}}
            made(admin, path, body)
        assert admin.values(path, apply=f"filter(resultQuality/usable eq true)/{MANY}")[0]["high"] == 1
        by_flag = admin.values(path, apply="groupby((resultQuality/flag),aggregate($count as n))")
        assert {row["resultQuality"]["flag"] for row in by_flag} == {"good", "bad"}


class TestPages:
    def test_order_top_skip_and_count_are_of_the_groups(self, engineer: Face):
        apply = f"groupby((Datastream/id),{MANY})"
        whole = engineer.values("Observations", apply=apply)
        ids = [row["Datastream"]["@iot.id"] for row in whole]
        assert ids == sorted(ids)
        first = engineer.get("Observations", apply=apply, orderby="high desc", top="2", count="true")
        assert first["@iot.count"] == len(whole)
        assert [row["high"] for row in first["value"]] == sorted((row["high"] for row in whole), reverse=True)[:2]
        paged = engineer.all_values("Observations", apply=apply, top="4")
        assert paged == whole


class TestRefusals:
    @pytest.mark.parametrize(
        "apply",
        [
            "topcount(2,result)",
            "groupby((rollup(Datastream/id)),aggregate($count as n))",
            "groupby((Datastream/id))/aggregate($count as n)",
            "expand(Datastream)",
            "concat(identity,aggregate($count as n))",
            "identity",
            "filter(result gt 1)",
            "groupby((Datastream/id),topcount(2,result))",
        ],
    )
    def test_what_is_not_built_is_501_and_says_what_is(self, engineer: Face, apply: str):
        status, words = engineer.refused("Observations", apply=apply)
        assert status == 501
        assert "groupby((…),aggregate(…))" in words

    @pytest.mark.parametrize(
        "apply",
        [
            "",
            "aggregate()",
            "aggregate(result)",
            "aggregate(result with average)",
            "aggregate(result with median as m)",
            "aggregate(resultt with sum as s)",
            "aggregate(phenomenonTime with sum as s)",
            "aggregate(result with sum as a,result with min as a)",
            "groupby((Datastream/idd),aggregate($count as n))",
            "groupby((result,result),aggregate($count as n))",
            "groupby(Datastream/id,aggregate($count as n))",
            "groupby((Datastream/id),aggregate($count as n)",
            "groupby((Datastream/id),aggregate())",
            "aggregate(" + "result with sum as s," * 4000 + "$count as n)",
            "aggregate(" + ",".join(f"result with sum as s{k}" for k in range(30)) + ")",
        ],
    )
    def test_what_has_no_meaning_is_400_and_nothing_is_ignored(self, engineer: Face, apply: str):
        status, words = engineer.refused("Observations", apply=apply)
        assert status in (400, 501)
        assert words

    @pytest.mark.parametrize("beside", ["filter", "select", "expand", "resultFormat", "skiptoken"])
    def test_options_that_cannot_stand_beside_it_are_refused(self, engineer: Face, beside: str):
        given = {"filter": "result gt 1", "select": "n", "expand": "Datastream"}.get(beside, "dataArray")
        status, _ = engineer.refused("Observations", apply=MANY, **{beside: given})
        assert status == 501

    @pytest.mark.parametrize("path", ["Things", "Datastreams", "Observations/$count", "Observations/$ref"])
    def test_elsewhere_than_of_observations_it_is_refused(self, engineer: Face, path: str):
        assert engineer.refused(path, apply="aggregate($count as n)")[0] == 501

    def test_inside_an_expand_it_is_refused(self, engineer: Face):
        expand = "Observations($apply=aggregate($count as n))"
        assert engineer.refused("Datastreams", expand=expand)[0] == 501

    @pytest.mark.parametrize("query", ["top=1", "Filter=result gt 1", "$foo=1", "$search=x", "$format=json"])
    def test_an_option_that_is_none_of_ours_is_never_ignored(self, engineer: Face, query: str):
        answer = engineer.send("GET", f"Observations?{query.replace(' ', '%20')}")
        assert answer.status == 400

    @pytest.mark.parametrize("option", ["filter", "orderby", "top", "skip", "count", "resultFormat", "skiptoken"])
    def test_of_one_entity_nothing_can_be_asked_that_only_many_have(self, engineer: Face, option: str):
        thing = engineer.values("Things")[0]["@iot.id"]
        given = {"filter": "name eq 'x'", "orderby": "name", "count": "true"}.get(option, "1")
        assert engineer.refused(f"Things({thing})", **{option: given})[0] == 400

    def test_of_one_property_nothing_at_all(self, engineer: Face):
        thing = engineer.values("Things")[0]["@iot.id"]
        assert engineer.refused(f"Things({thing})/name", select="name")[0] == 400


def test_a_stream_without_readings_makes_no_group(admin: Face, buoy: dict[str, str]):
    rows = admin.values("Observations", apply="groupby((Datastream/id),aggregate($count as n))")
    assert number_in(buoy["stream"]) not in [row["Datastream"]["@iot.id"] for row in rows]
