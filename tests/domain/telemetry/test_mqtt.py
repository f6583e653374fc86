"""MQTT: topics and payloads by routes that are data; nothing that arrives raises."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.telemetry.mqtt import Field, Route, read_message, route_from

NOON = datetime(2021, 4, 1, 4, tzinfo=UTC)
ARRIVED = datetime(2021, 4, 1, 5, tzinfo=UTC)


def read(route: Route, topic: str, payload: object):
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read_message(topic, raw, [route], ARRIVED)


def test_station_and_parameter_in_the_topic_and_a_bare_number():
    route = route_from({"topic": "river/{station}/{parameter}", "payload": "number", "time": "arrival"})
    decoded = read(route, "river/土堡寨/NH3N", b" 0.25 ")
    (reading,) = decoded.readings
    assert (reading.station, reading.parameter, reading.value, reading.unit) == ("土堡寨", "NH3N", 0.25, "mg/L")
    assert reading.time == ARRIVED
    assert route.subscription == "river/+/+"


def test_one_payload_with_many_values_in_their_own_units():
    route = route_from(
        {
            "name": "buoy",
            "topic": "buoys/{station}/data",
            "paths": {"time": "meta.t"},
            "fields": {
                "sensors.temp": {"parameter": "WT", "unit": "K"},
                "sensors.nh4.0": {"parameter": "NH3N", "unit": "ug/L"},
                "sensors.absent": {"parameter": "TP"},
            },
        }
    )
    decoded = read(route, "buoys/A/data", {"meta": {"t": 1617249600}, "sensors": {"temp": 283.15, "nh4": [250, 9]}})
    assert [(reading.parameter, reading.value, reading.time) for reading in decoded.readings] == [
        ("WT", 10.0, NOON),
        ("NH3N", 0.25, NOON),
    ]
    assert {reading.source for reading in decoded.readings} == {"buoy"}


def test_sensorthings_topics():
    route = route_from(
        {
            "topic": "v1.1/Datastreams({datastream})/Observations",
            "paths": {"time": "phenomenonTime", "value": "result"},
            "datastreams": {"42": {"parameter": "DO", "station": "水寨子"}},
        }
    )
    assert route.subscription == "v1.1/+/Observations"
    observation = {"phenomenonTime": "2021-04-01T12:00:00+08:00/2021-04-01T13:00:00+08:00", "result": 8.4}
    (reading,) = read(route, "v1.1/Datastreams(42)/Observations", observation).readings
    assert (reading.station, reading.parameter, reading.value, reading.time) == ("水寨子", "DO", 8.4, NOON)
    unknown = read(route, "v1.1/Datastreams(43)/Observations", observation)
    assert [refusal.kind for refusal in unknown.refusals] == ["unknown_datastream"]


def test_a_list_of_readings_with_names_units_and_flags():
    route = route_from(
        {"topic": "lab/#", "paths": {"items": "rows", "flag": "f", "time": "at"}, "timezone_offset_s": 28800}
    )
    rows = [
        {"station": "A", "parameter": "氨氮", "unit": "ug/L", "value": "250", "at": "2021-04-01T12:00", "f": "N"},
        {"station": "A", "parameter": "pH", "value": 7.1, "at": 1617249600000, "f": "maintenance"},
        {"station": "A", "parameter": "TP", "value": None, "at": "2021-04-01T12:00"},
        {"station": "A", "parameter": "TP", "value": "much", "at": "2021-04-01T12:00"},
        {"station": "A", "parameter": "TPP", "value": 1, "at": "2021-04-01T12:00"},
        {"station": "A", "parameter": "TP", "unit": "kg", "value": 1, "at": "2021-04-01T12:00"},
        {"station": "A", "parameter": "TP", "value": 1, "at": "noon"},
        {"station": "A", "parameter": "TP", "value": 1},
        {"parameter": "TP", "value": 1, "at": "2021-04-01T12:00"},
        {"station": "A", "parameter": "TP", "value": 1, "at": "2021-04-01T12:00", "f": "?"},
    ]
    decoded = read(route, "lab/x/y", {"rows": rows})
    assert [(reading.value, reading.flag, reading.time) for reading in decoded.readings] == [
        (0.25, "unchecked", NOON),
        (7.1, "maintenance", NOON),
        (None, "missing", NOON),
    ]
    assert [refusal.kind for refusal in decoded.refusals] == [
        "bad_number",
        "unknown_parameter",
        "unit_mismatch",
        "bad_time",
        "missing_value",
        "missing_value",
        "unknown_flag",
    ]
    assert all(refusal.why and refusal.fault.text("zh") for refusal in decoded.refusals)


def test_a_time_without_a_zone_is_refused_where_the_route_gives_none():
    route = Route("r", "a/{station}", fields={"v": Field("NH3N")})
    decoded = read(route, "a/A", {"v": 1, "time": "2021-04-01T12:00"})
    assert [refusal.kind for refusal in decoded.refusals] == ["needs_timezone"]


def test_the_first_route_that_fits_reads_and_a_topic_of_none_is_refused():
    first = Route("first", "a/{station}", "number", time="arrival", fields={})
    second = Route("second", "a/#", fields={"v": Field("NH3N")}, station="B", time="arrival")
    decoded = read_message("a/deep/topic", b'{"v": 1}', [first, second], ARRIVED)
    assert [reading.source for reading in decoded.readings] == ["second"]
    assert [refusal.kind for refusal in read_message("b", b"1", [first, second], ARRIVED).refusals] == ["no_route"]


def test_a_mapping_with_faults_names_them_all():
    with pytest.raises(BadInput) as refused:
        route_from(
            {
                "topic": "a/#/{place}",
                "payload": "xml",
                "time": "soon",
                "paths": {"when": "t"},
                "fields": {"v": {"parameter": "NH4X"}, "w": {"parameter": "TP", "unit": "kg"}},
            }
        )
    assert [fault.kind for fault in refused.value.faults] == [
        "not_one_of",
        "unknown_role",
        "not_one_of",
        "unknown_role",
        "not_one_of",
        "unknown_parameter",
        "unit_mismatch",
    ]
    with pytest.raises(BadInput):
        route_from({})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["v", "time", "rows", "x"]), inner),
    max_leaves=12,
)
STRANGE = Route("s", "s/{station}", paths={"items": "rows"}, fields={"v": Field("NH3N", "ug/L")}, timezone_offset_s=0)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_payload_is_too_strange(payload):
    for route in (STRANGE, Route("n", "s/{station}/{parameter}", "number"), Route("p", "s/{station}")):
        for topic in ("s/A", "s/A/NH3N"):
            decoded = read_message(topic, payload, [route], ARRIVED)
            assert all(reading.time.tzinfo is UTC for reading in decoded.readings)


def test_a_payload_too_long_or_too_deep_is_refused():
    for payload in (b'{"v":"' + b"x" * 1_000_001 + b'"}', b"[" * 100_000):
        assert [refusal.kind for refusal in read_message("s/A", payload, [STRANGE], ARRIVED).refusals] == [
            "bad_payload"
        ]
