"""Messages and readings of HJ 212: by content and not by Flag, with the station's units and never by code alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.parameter import find_parameter
from riverchief.telemetry.hj212.encode import encode, frame
from riverchief.telemetry.hj212.message import Message, all_commands, decode, local_time
from riverchief.telemetry.hj212.protocol import Decoder
from riverchief.telemetry.hj212.values import Reader, Setup, all_factors, values
from riverchief.telemetry.refused import Refused
from riverchief.units import find_unit

NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)


def message(content: str, *, st: str = "21", cn: str = "2011", **fields) -> Message:
    return Message("A110000_0001", cn, st, content=content, **fields)


def read(content: str, setup: Setup | None = None, **fields):
    return Reader(setup).readings(message(content, **fields))


def test_a_real_time_upload_becomes_readings_in_utc():
    decoded = read("DataTime=20210301111100;w21003-Rtd=0.09,w21003-Flag=N;w01010-Rtd=9.7,w01010-Flag=M")
    ammonia, temperature = decoded.readings
    assert (ammonia.station, ammonia.parameter, ammonia.value, ammonia.unit) == ("A110000_0001", "NH3N", 0.09, "mg/L")
    assert ammonia.time == datetime(2021, 3, 1, 3, 11, tzinfo=UTC)  # 11:11 in China
    assert (ammonia.flag, temperature.flag) == ("unchecked", "maintenance")
    assert (ammonia.statistic, ammonia.period_s) == ("instant", 0)
    assert decoded.refusals == []


def test_the_flag_may_come_before_the_value_and_in_a_small_letter():
    assert read("DataTime=20210301111100;w21003-Flag=d,w21003-Rtd=0.09").readings[0].flag == "fault"


@pytest.mark.parametrize(("cn", "period_s"), [("2051", 300), ("2061", 3600), ("2031", 86400)])
def test_means_carry_the_period_of_their_command(cn, period_s):
    content = "DataTime=20210301110000;w21003-Avg=0.2,w21003-Min=0.1,w21003-Max=0.3,w21003-Cou=12.5,w21003-Flag=N"
    readings = read(content, Setup(minute_s=300), cn=cn).readings
    assert [(reading.statistic, reading.value, reading.unit, reading.period_s) for reading in readings] == [
        ("mean", 0.2, "mg/L", period_s),
        ("min", 0.1, "mg/L", period_s),
        ("max", 0.3, "mg/L", period_s),
        ("sum", 12.5, "kg", period_s),
    ]


def test_mercury_without_a_configured_unit_is_refused_and_not_guessed():
    content = "DataTime=20210301110000;w20111-Rtd=0.04,w20111-Flag=N;w21003-Rtd=0.2"
    decoded = read(content)
    assert [reading.parameter for reading in decoded.readings] == ["NH3N"]
    assert [refusal.kind for refusal in decoded.refusals] == ["needs_unit"]
    assert "mg/L" in decoded.refusals[0].why and "ug/L" in decoded.refusals[0].why


def test_the_same_code_in_two_stations_units():
    content = "DataTime=20210301110000;w20111-Rtd=0.04"
    in_micrograms = read(content, Setup(units={"w20111": "ug/L"})).readings[0]
    in_milligrams = read(content, Setup(units={"w20111": "mg/L"})).readings[0]
    assert (in_micrograms.value, in_milligrams.value) == (0.00004, 0.04)
    assert in_micrograms.unit == in_milligrams.unit == "mg/L"


def test_to_look_at_frames_the_usual_unit_depends_on_the_system():
    usual = {
        st: read("DataTime=20210301110000;w20111-Rtd=0.04", Setup(assume_units=True), st=st).readings[0].value
        for st in ("21", "32")
    }
    assert usual == {"21": 0.04, "32": 0.00004}
    assert values(message("DataTime=20210301110000;a34001-Rtd=0.16", st="22"))[0].unit is None


def test_waste_water_flow_is_litres_per_second():
    decoded = read("DataTime=20241130113000;w00000-Avg=66.09,w00000-Cou=237.91", st="32", cn="2051")
    assert [(reading.parameter, reading.value, reading.unit) for reading in decoded.readings] == [
        ("FLOW", 0.06609, "m3/s"),
        ("FLOW", 237.91, "m3"),
    ]


def test_codes_of_2005_mean_what_the_codes_of_2017_mean():
    old = read("DataTime=20160824003817;011-Rtd=231.0,011-Flag=N;060-Rtd=1.803;001-Rtd=7.1", st="32").readings
    new = read(
        "DataTime=20160824003817;w01018-Rtd=231.0,w01018-Flag=N;w21003-Rtd=1.803;w01001-Rtd=7.1", st="32"
    ).readings
    assert old == new
    assert [reading.parameter for reading in old] == ["COD", "NH3N", "PH"]


def test_a_sample_time_of_its_own_wins():
    decoded = read("DataTime=20231008123340;w21003-SampleTime=20231008120000,w21003-Rtd=0.2;w01010-Rtd=9.7")
    assert [reading.time.hour for reading in decoded.readings] == [4, 4]
    assert [reading.time.minute for reading in decoded.readings] == [0, 33]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("DataTime=20210301111100;w21003-Rtd=much", "bad_number"),
        ("DataTime=20210301111100;w21003-Rtd=nan", "bad_number"),
        ("DataTime=20210301111100;w21003-Rtd=1e999", "bad_number"),
        ("DataTime=20210301111100;w21003-Rtd=1_0", "bad_number"),
        ("DataTime=20210301111100;w21003-Rtd=", "bad_number"),
        ("DataTime=20210301111100;w21003-Rtd=1,w21003-Flag=X", "unknown_flag"),
        ("DataTime=20210301111100;x99999-Rtd=1", "unknown_factor"),
        ("DataTime=20211301111100;w21003-Rtd=1", "bad_time"),
        ("w21003-Rtd=1", "missing_value"),
    ],
)
def test_what_is_not_a_reading_says_why(content, kind):
    decoded = read(content)
    assert decoded.readings == []
    assert kind in [refusal.kind for refusal in decoded.refusals]
    assert all(refusal.why for refusal in decoded.refusals)


def test_a_factor_that_stands_twice_counts_once():
    # a real logger sends the running total under the same names once more
    decoded = read("DataTime=20241130113000;w01010-Avg=19.2,w01010-Avg=19796346.00", cn="2051")
    assert [reading.value for reading in decoded.readings] == [19.2]
    assert [refusal.kind for refusal in decoded.refusals] == ["duplicate"]


def test_a_factor_of_the_stations_own_is_data():
    setup = Setup(parameters={"x00001": "TURB"}, units={"x00001": "NTU"}, station="土堡寨", source="gateway")
    reading = read("DataTime=20210301111100;x00001-Rtd=12", setup).readings[0]
    assert (reading.station, reading.parameter, reading.source) == ("土堡寨", "TURB", "gateway")
    wrong = read("DataTime=20210301111100;x00001-Rtd=12", Setup(parameters={"x00001": "TURB"}, units={"x00001": "kg"}))
    assert [refusal.kind for refusal in wrong.refusals] == ["unit_mismatch"]


@pytest.mark.parametrize("cn", ["2021", "3020", "9011", "1011", "8888"])
def test_other_commands_hold_no_readings(cn):
    assert read("DataTime=20210301111100;w21003-RS=1", cn=cn).readings == []


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("MN=A1;CN=2011;ST=21;CP=&&&&", Message("A1", "2011", "21")),
        (
            "ST=32;CN=2011;PW=123456;,MN=A1;FLAG=0;CP=&&x=1&&",
            Message("A1", "2011", "32", "", "123456", 0, content="x=1"),
        ),
        ("qn=1;st=21;cn=2011;mn=A1;flag=9;pw=7;CP=&&&&", Message("A1", "2011", "21", "1", "7", 9)),
        ("CN=2011;MN=A1;PNUM=0002;PNO=0001;CP=&&&&", Message("A1", "2011", pnum=2, pno=1)),
        ("CN=2011;MN=A1;Flag=9;RF=1;CP=&&&&", Message("A1", "2011", flag=9, resent=True)),
        ("CN=2011;MN=A1;Flag=many;CP=&&a=&&b&&&&", Message("A1", "2011", content="a=&&b&&")),
        ("CN=3020;MN=A1;CP=&&i11001-Info=//水温//&&", Message("A1", "3020", content="i11001-Info=//水温//")),
    ],
)
def test_the_fields_before_cp_are_read_leniently(segment, expected):
    assert decode(frame(segment)) == expected


def test_gb18030_inside_a_frame_is_read():
    from riverchief.telemetry.crc import hj212_crc

    body = "CN=3020;MN=A1;CP=&&i11001-Info=//水温//&&".encode("gb18030")
    assert decode(b"##%04d%b%04X" % (len(body), body, hj212_crc(body))).content == "i11001-Info=//水温//"


@pytest.mark.parametrize(
    ("segment", "kind"),
    [
        ("CN=2011;MN=A1", "no_content"),
        ("CN=2011;MN=A1;CP=&&", "no_content"),
        ("CN=2011;CP=&&&&", "no_sender"),
        ("MN=A1;CP=&&&&", "no_sender"),
        ("MN=A1;CN=20;CP=&&&&", "no_sender"),
        (f"MN={'A' * 65};CN=2011;CP=&&&&", "no_sender"),
    ],
)
def test_a_segment_without_content_or_sender_is_refused(segment, kind):
    refused = decode(frame(segment))
    assert isinstance(refused, Refused) and refused.kind == kind


def test_times_with_milliseconds_and_at_24():
    assert local_time("20160824003817123") == datetime.fromisoformat("2016-08-24T00:38:17.123")
    assert local_time("20160824240000") == datetime.fromisoformat("2016-08-25T00:00")
    assert [local_time(text) for text in ("", "2016", "20161324003817", "2016082400381x", "9" * 30)] == [None] * 5


def test_every_factor_names_a_parameter_and_a_unit_that_exist():
    for factor in all_factors().values():
        if factor.parameter:
            parameter = find_parameter(factor.parameter)
            for unit in filter(None, (factor.unit, factor.surface_unit, factor.ambient_unit)):
                assert find_unit(unit).dimension == find_unit(parameter.unit).dimension, factor
            if factor.emission_unit:
                assert find_unit(factor.emission_unit).dimension in ("mass", "volume"), factor


def test_every_command_of_the_protocol_is_known():
    groups = {
        group: [row.cn for row in all_commands().values() if row.group == group] for group in ("data", "interact")
    }
    assert {"2011", "2051", "2061", "2031"} <= set(groups["data"])
    assert {"9011", "9012", "9013", "9014", "9015"} == set(groups["interact"])


def part(number: int, of: int, content: str, qn: str = "1") -> Message:
    return message(content, qn=qn, pnum=of, pno=number)


def packet(number: int, of: int, content: str) -> bytes:
    return encode(part(number, of, content))


def test_parts_are_put_together_in_their_order():
    decoder = Decoder("W1", {})
    parts = [
        packet(1, 2, "DataTime=20210301111100;w21003-Rtd=0.1"),
        packet(2, 2, "DataTime=20210301111100;w01010-Rtd=9.7"),
    ]
    told = [decoder.decode("", raw, NOON) for raw in reversed(parts)]
    assert [found.part for found in told] == [
        (("A110000_0001", "2011", "1"), 2, 2),
        (("A110000_0001", "2011", "1"), 1, 2),
    ]
    assert not any(found.readings for found in told)
    assert [reading.parameter for reading in decoder.join(parts, NOON).readings] == ["NH3N", "WT"]


def test_what_is_no_part_is_read_at_once_and_an_impossible_part_is_refused():
    decoder = Decoder("W1", {})
    alone = decoder.decode("", encode(message("DataTime=20210301111100;w21003-Rtd=0.1")), NOON)
    assert [reading.value for reading in alone.readings] == [0.1] and alone.part is None
    (refusal,) = decoder.decode("", packet(3, 2, ""), NOON).refusals
    assert (refusal.kind, refusal.details["given"]) == ("bad_part", "3/2")


SAID = st.text(alphabet=st.sampled_from("w21003-RtdAvgFlagDataTime=,;&N.0123456789 水\x00-"), max_size=80)


@settings(max_examples=500)
@given(SAID)
def test_no_content_is_too_strange(content):
    for cn in ("2011", "2051"):
        decoded = read(content, cn=cn)
        assert all(reading.time.tzinfo is UTC for reading in decoded.readings)
    assert all(value.statistic for value in values(message(content)))


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_no_segment_is_too_strange(body):
    from riverchief.telemetry.crc import hj212_crc

    found = decode(b"##%04d%b%04X" % (len(body), body, hj212_crc(body)))
    assert isinstance(found, Message | Refused)


def test_a_station_that_invents_keys_does_not_fill_the_memory():
    reader = Reader()
    for number in range(6000):
        reader.readings(message(f"DataTime=20210301111100;k{number}-Rtd=1"))
    assert len(reader._plans[("21", "2011")]) <= 4096


def test_of_several_flags_in_one_group_the_first_that_is_not_normal_stands():
    twice = read("DataTime=20210301111100;w01010-Flag=D,w01010-Rtd=9.7,w01010-Flag=N")
    assert [reading.flag for reading in twice.readings] == ["fault"]
    # a letter nobody knows, then a normal one: the value is not taken
    unknown = read("DataTime=20210301111100;w01010-Flag=?,w01010-Rtd=9.7,w01010-Flag=N")
    assert unknown.readings == [] and [one.fault.kind for one in unknown.refusals] == ["unknown_flag"]


LETTERS = st.sampled_from(["N", "D", "M", "n", "?", "", " N"])
NUMBERS = st.sampled_from(["7.5", "0", "-1.25", " 3 ", "x", "1_0", "inf", "", "1e400", "8=9"])
TIMES = st.sampled_from(["20210301111100", "20210301241100", "2021", "", "20210301111100 "])
GROUPS = st.lists(st.sampled_from(["w01010", "w01009", "w21003", "w20111", "w99999"]), min_size=1, max_size=4)


@settings(max_examples=400, deadline=None)
@given(GROUPS, st.data())
def test_a_message_laid_out_as_the_one_before_is_read_as_if_it_were_the_first(codes, data):
    # the reader that knows the layout and one that has seen nothing yet must say the same, whatever the values are
    known = Reader()
    for turn in range(3):
        parts = ["DataTime=" + ("20210301111100" if turn == 0 else data.draw(TIMES))]
        for code in codes:
            value, letter = ("7.5", "N") if turn == 0 else (data.draw(NUMBERS), data.draw(LETTERS))
            order = [f"{code}-Rtd={value}", f"{code}-Flag={letter}"]
            parts.append(",".join(reversed(order) if code == "w01009" else order))
        said = message(";".join(parts))
        assert known.readings(said) == Reader().readings(said)


def test_the_same_keys_in_other_groups_are_another_layout():
    known = Reader()
    first = message("DataTime=20210301111100;w01010-Rtd=1,w01010-Flag=D;w01009-Rtd=2")
    other = message("DataTime=20210301111100;w01010-Rtd=1;w01010-Flag=D,w01009-Rtd=2")
    assert [reading.flag for reading in known.readings(first).readings] == ["fault", "unchecked"]
    assert [reading.flag for reading in known.readings(first).readings] == ["fault", "unchecked"]
    assert [reading.flag for reading in known.readings(other).readings] == ["unchecked", "fault"]
