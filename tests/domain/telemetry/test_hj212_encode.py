"""What goes out: uploads, replies, commands; what was encoded decodes to itself."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.telemetry.hj212.encode import (
    Group,
    acknowledgement,
    command,
    encode,
    encode_parts,
    execution_reply,
    fetch_history,
    frame,
    qn_of,
    request_reply,
    set_clock,
    upload,
)
from riverchief.telemetry.hj212.message import Message, decode
from riverchief.telemetry.hj212.protocol import Decoder
from riverchief.telemetry.hj212.values import Reader

NOON = datetime.fromisoformat("2021-03-01T12:00:00.123")


def test_the_example_of_annex_a_to_the_byte():
    message = Message(
        "010000A8900016F000169DC0", "1062", "32", "20160801085857223", "100000", 5, content="RtdInterval=30"
    )
    assert encode(message) == (
        b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
        b"CP=&&RtdInterval=30&&1C80\r\n"
    )


def test_the_replies_of_two_public_systems_to_the_byte():
    # 9014 as two independent systems send it: the QN of the upload, the version bits of its Flag, an empty CP
    upload_2017 = Message("010000A8900016F000169DC0", "2011", "32", "20160801085000001", "123456", 5)
    assert acknowledgement(upload_2017) == (
        b"##0087QN=20160801085000001;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&C241\r\n"
    )
    upload_2025 = Message("A110000_0001", "2011", "21", "20260706103512345", "123456", 9)
    assert acknowledgement(upload_2025) == (
        b"##0075QN=20260706103512345;ST=91;CN=9014;PW=123456;MN=A110000_0001;Flag=8;CP=&&&&0140\r\n"
    )


def test_an_upload_of_2005_is_acknowledged_inside_cp():
    reply = decode(acknowledgement(Message("A1", "2051", "32", "20040516010101001", "123456", 1)))
    assert (reply.cn, reply.qn, reply.flag, reply.content) == ("9014", "", 0, "QN=20040516010101001")


def test_only_those_who_ask_are_answered_but_heartbeats_always():
    assert acknowledgement(Message("A1", "2011", "21", flag=4)) is None
    assert acknowledgement(Message("A1", "2011", "21")) is None
    assert acknowledgement(Message("A1", "9014", "91", flag=9)) is None
    assert acknowledgement(Message("A1", "7777", "91", flag=9)) is None
    assert decode(acknowledgement(Message("A1", "9015", "21", flag=8))).cn == "9013"
    assert decode(acknowledgement(Message("A1", "1013", "21", flag=5))).cn == "9013"


def test_a_request_is_answered_twice():
    asked = decode(set_clock("A1", NOON, st="21", pw="654321"))
    assert (asked.cn, asked.flag, asked.content) == ("1012", 5, "SystemTime=20210301120000")
    accepted, done = decode(request_reply(asked, 1)), decode(execution_reply(asked, 1))
    assert (accepted.cn, accepted.qn, accepted.content) == ("9011", asked.qn, "QnRtn=1")
    assert (done.cn, done.qn, done.content) == ("9012", asked.qn, "ExeRtn=1")
    with pytest.raises(BadInput):
        request_reply(asked, 77)


def test_history_is_asked_for_with_a_comma_between_begin_and_end():
    asked = decode(
        fetch_history("2061", "A1", NOON.replace(hour=0), NOON, st="21", qn=qn_of(NOON), pw="123456", version="2025")
    )
    assert asked.content == "BeginTime=20210301000000,EndTime=20210301120000"
    assert (asked.qn, asked.flag) == ("20210301120000123", 9)


def test_a_command_takes_only_what_it_knows_and_nothing_that_breaks_the_frame():
    made = decode(command("1000", "A1", st="21", qn="1", pw="1", arguments={"ReCount": "3", "OverTime": "5"}))
    assert made.content == "OverTime=5;ReCount=3"
    for cn, arguments, kind in [
        ("1000", {"Overtime": "5"}, "unknown_argument"),
        ("1072", {"NewPW": "1&&;CN=9999"}, "bad_argument"),
        ("9999", {}, "unknown_command"),
        ("2081", {}, "unknown_command"),
    ]:
        with pytest.raises(BadInput) as refused:
            command(cn, "A1", st="21", qn="1", pw="1", arguments=arguments)
        assert [fault.kind for fault in refused.value.faults] == [kind]


def test_an_upload_reads_back():
    groups = [Group("w21003", {"Rtd": "0.09"}), Group("w01010", {"Rtd": "9.7"}, "M")]
    (raw,) = upload("2011", mn="A1", st="21", time=NOON, groups=groups, qn=qn_of(NOON))
    readings = Reader().readings(decode(raw)).readings
    assert [(reading.parameter, reading.value, reading.flag) for reading in readings] == [
        ("NH3N", 0.09, "unchecked"),
        ("WT", 9.7, "maintenance"),
    ]


def test_a_long_upload_goes_out_in_parts_that_fit_and_reads_back_whole():
    groups = [Group(f"w{number:05d}", {"Avg": "1.000", "Min": "0.500", "Max": "2.000"}) for number in range(60)]
    frames = upload("2061", mn="A1", st="21", time=NOON, groups=groups, qn=qn_of(NOON))
    messages = [decode(raw) for raw in frames]
    assert len(frames) > 2
    assert max(len(raw) - 12 for raw in frames) <= 1024
    assert [(message.pno, message.pnum) for message in messages] == [
        (number, len(frames)) for number in range(1, len(frames) + 1)
    ]
    assert all(message.flag & 2 for message in messages)
    own = {group.code: "TURB" for group in groups}
    found = Decoder("W1", {"parameters": own, "units": dict.fromkeys(own, "NTU")}).join(frames, NOON)
    assert (len(found.readings), len(found.refusals)) == (3, 177), (
        "each of 180 values once: all but the first are the same parameter again"
    )
    codes = {key.split("-")[0] for message in messages for key, _ in message.fields() if key.endswith("-Avg")}
    assert codes == {group.code for group in groups}


NAMES = st.text(alphabet="ABCabc0123456789_", min_size=1, max_size=24)
CONTENT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="&#\r\n", exclude_categories=("Cs",)), max_size=900
)


@given(NAMES, NAMES, CONTENT, st.integers(0, 15) | st.none(), st.booleans())
def test_what_was_encoded_decodes_to_itself(mn, pw, content, flag, resent):
    message = Message(mn, "2061", "21", "20210301120000123", pw, flag, content=content, resent=resent)
    assert decode(encode(message)) == message


def test_more_than_four_digits_can_say_is_refused():
    with pytest.raises(BadInput):
        frame("x" * 10_000)


def test_a_message_that_fits_is_not_cut():
    message = Message("A1", "2011", "21", content="DataTime=20210301111100")
    assert encode_parts(message) == [encode(message)]
