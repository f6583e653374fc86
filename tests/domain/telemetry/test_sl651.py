"""SL 651: frames, elements by their definition byte, missing values, relative levels, pictures, confirmations."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.parameter import find_parameter
from riverchief.telemetry.crc import modbus_crc
from riverchief.telemetry.protocol import Picture
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651 import encode
from riverchief.telemetry.sl651.frame import ETB, Frame, FrameSplitter, check
from riverchief.telemetry.sl651.protocol import Decoder
from riverchief.telemetry.sl651.report import Report, alarms, all_elements, all_functions, bcd_number, parse
from riverchief.telemetry.sl651.values import Reader, Setup
from riverchief.units import converter

SENT = datetime.fromisoformat("2020-07-24T17:23:49")
SEEN = datetime.fromisoformat("2020-07-24T17:23")
ARRIVED = datetime(2020, 7, 25, tzinfo=UTC)
ITEMS = [encode.Item("20", 13.0), encode.Item("39", 0.55), encode.Item("38", 12.68), encode.Item("46", None)]


def raw_report(items=ITEMS, function: str = "32", **fields) -> bytes:
    options = {"station": "0010100001", "centre": 1, "serial": 12, "sent_at": SENT, "observed_at": SEEN, "kind": "H"}
    return encode.report(function, items=items, password="A000", **{**options, **fields})


def body_report(body: str, function: str = "32") -> Report:
    """The report in a body written out by hand after serial and time."""
    head = "0001200724172349F1F1001010000148" if function != "raw" else ""
    return parse(
        check(encode.frame(function, bytes.fromhex(head + body), station="0010100001", centre=1, password="A000"))
    )


def split(*chunks: bytes) -> list[Frame | Refused]:
    splitter = FrameSplitter()
    return [piece for chunk in chunks for piece in splitter.feed(chunk)] + splitter.finish()


def kinds(pieces: list[Frame | Refused]) -> list[str]:
    return [piece.kind if isinstance(piece, Refused) else piece.function for piece in pieces]


def test_the_worked_example_of_the_standard_to_the_byte():
    items = [encode.Item("20", 13.0), encode.Item("22", 4.0), encode.Item("39", 0.55), encode.Item("38", 12.68)]
    assert raw_report(items).hex().upper() == (
        "7E7E010010100001A00032002B02000C200724172349F1F1001010000148F0F02007241723"
        "2019000130221900004039230000055038121268038397"
    )


def test_the_confirmation_of_a_public_exchange_to_the_byte():
    report = check(
        bytes.fromhex(
            "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F05910111549"
            "20190000052619000005392300000127381211150320FA"
        )
    )
    answer = encode.confirmation(report, parse(report), datetime.fromisoformat("2059-10-11T15:49:47"))
    assert answer.hex().upper() == "7E7E00123456780112343080080200035910111549471B75D4"


def test_a_report_reads_back_in_utc_with_its_flags():
    report = parse(check(raw_report()))
    readings = {reading.parameter: reading for reading in Reader().readings(report).readings}
    assert {name: reading.value for name, reading in readings.items()} == {
        "RAIN": 13.0,
        "LEVEL": 0.55,
        "BATTERY": 12.68,
        "PH": None,
    }
    assert readings["LEVEL"].time == datetime(2020, 7, 24, 9, 23, tzinfo=UTC)
    assert (readings["PH"].flag, readings["LEVEL"].flag) == ("missing", "unchecked")
    assert (readings["LEVEL"].station, report.serial, report.kind) == ("0010100001", 12, "H")


@pytest.mark.parametrize(
    ("digits", "decimals", "value"),
    [
        ("00000550", 3, 0.55),
        ("1268", 2, 12.68),
        ("FF00000172", 2, -1.72),
        ("AAAAAAAA", 3, None),
        ("FFFF", 2, None),
        ("00", 0, 0.0),
    ],
)
def test_bcd_with_minus_and_missing(digits, decimals, value):
    assert bcd_number(digits, decimals) == value


@given(st.integers(-99_999, 999_999_99), st.integers(0, 3))
def test_bcd_goes_out_as_it_comes_in(number, decimals):
    value = number / 10**decimals
    assert bcd_number(encode.bcd(value, 5, decimals).hex(), decimals) == value


def test_what_does_not_fit_an_element_is_refused():
    with pytest.raises(BadInput):
        encode.bcd(123456.7, 3, 1)
    with pytest.raises(BadInput):
        encode.bcd(-12345.6, 3, 1)


def test_the_definition_byte_in_the_frame_wins_over_the_table():
    # discharge with 36 (6 bytes, 6 decimals) instead of the table's 2B
    (value,) = body_report("F0F02007241723" + "2736000000785520").values
    assert (value.code, value.value) == ("27", 0.78552)


def test_elements_of_a_vendors_own_are_read_and_wait_for_a_name():
    report = body_report("F0F02007241723" + "FF112300000008" + "762AFF00000172")
    assert [(value.code, value.value) for value in report.values] == [("FF11", 0.008), ("76", -1.72)]
    assert [refusal.kind for refusal in Reader().readings(report).refusals] == ["unknown_factor"] * 2
    named = Reader(Setup(parameters={"FF11": "FLOW"}, units={"FF11": "L/s"}))
    assert [reading.value for reading in named.readings(report).readings] == [0.000008]


def test_five_minute_rain_stands_at_the_end_of_each_five_minutes():
    series = "F460" + "0500000014FFFFFFFFFF0000"
    for observed in ("2007241605", "2007241700"):  # the time of the first value, or of the hour's end: one hour
        values = body_report(f"F0F0{observed}" + series, "34").values
        assert [value.value for value in values] == [0.5, 0, 0, 0, 2.0, None, None, None, None, None, 0, 0]
        assert (values[0].time, values[-1].time) == (
            datetime.fromisoformat("2020-07-24T16:05"),
            datetime.fromisoformat("2020-07-24T17:00"),
        )
        assert {(value.statistic, value.period_s, value.unit) for value in values} == {("sum", 300, "mm")}


def test_a_relative_level_needs_its_base():
    # F5 with the wrong definition byte 5C, as one vendor sends it: its length is 24 all the same
    report = body_report("F0F02007241700" + "F55C" + "0AAA" * 2 + "FFFF" * 10, "34")
    assert {refusal.kind for refusal in Reader().readings(report).refusals} == {"needs_datum"}
    readings = Reader(Setup(level_bases={"F5": 700.0})).readings(report).readings
    assert [reading.value for reading in readings][:3] == [727.3, 727.3, None]


def test_an_even_interval_report_steps_by_its_step():
    report = body_report("F0F02007241605" + "0418000100" + "3923" + "0000200100002118AAAAAAAA", "31")
    assert [(value.value, value.time.hour, value.time.minute) for value in report.values] == [
        (2.001, 16, 5),
        (2.118, 17, 5),
        (None, 18, 5),
    ]


def test_a_state_word_says_its_alarms():
    report = body_report("4520000004", "46")
    assert report.refusals  # the body is one byte short: nothing is made up
    word = body_report("F0F02007241723" + "4520" + "00000021", "32").state
    assert alarms(word) == ["交流电充电状态：停电", "流量仪表：故障"]
    assert alarms(0) == alarms(0x80) == []  # bit 7: 0 is the open door and neither is an alarm


def test_text_entered_by_hand():
    body = bytes.fromhex("0001200724172349F2F2") + b"PJ 0.2"
    report = parse(check(encode.frame("35", body, station="0010100001", centre=1, password="A000")))
    assert (report.text, report.values) == ("PJ 0.2", [])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("F0F02007241723" + "39230000", "bad_element"),
        ("F0F02007241723" + "3900", "bad_element"),
        ("F0F02007241723" + "39", "bad_element"),
        ("F0F02013241723" + "381212", "bad_time"),
        ("F0F02007241723" + "3923000B0550", "bad_number"),
        ("F0F02007241723" + "F46000", "bad_element"),
    ],
)
def test_what_cannot_be_understood_is_named_and_the_rest_kept(body, kind):
    report = body_report("F0F02007241722" + "38121268" + body)
    assert report.values[0].value == 12.68
    assert kind in [refusal.kind for refusal in report.refusals]


def test_frames_split_glued_and_between_noise():
    one, two = raw_report(), raw_report(function="33")
    assert kinds(split(one + two)) == ["32", "33"]
    assert kinds(split(b"\r\nxyz" + one + b"\x7e" + two + b"\x7e")) == [
        "not_a_frame",
        "32",
        "not_a_frame",
        "33",
        "not_a_frame",
    ]
    assert kinds(split(*[bytes([byte]) for byte in one + two])) == ["32", "33"]


def test_a_damaged_frame_costs_only_itself():
    one, two = raw_report(), raw_report(function="33")
    assert kinds(split(one[:30] + b"\x99" + one[31:] + two)) == ["bad_crc", "33"]
    assert kinds(split(one[:30] + two)) == ["not_a_frame", "33"]  # no end mark where its length says
    assert kinds(split(one[:30])) == ["unfinished"]


def test_ascii_coding():
    body = "000C200724172349 ST 0010100001 H TT 2007241723 PJ 13.0 Z 0.550 VT 12.68 PH M"
    head = f"010010100001A00032{len(body):04X}"
    covered = b"\x01" + head.encode() + b"\x02" + body.encode() + b"\x03"
    raw = covered + f"{modbus_crc(covered):04X}".encode()
    for chunks in ([raw], [bytes([byte]) for byte in raw]):
        (frame,) = split(*chunks)
        assert (frame.station, frame.function, frame.is_ascii) == ("0010100001", "32", True)
    report = parse(frame)
    assert Reader().readings(report).readings == Reader().readings(parse(check(raw_report()))).readings
    assert kinds(split(raw[:-1] + b"0")) == ["bad_crc"]


def test_a_picture_in_packets_is_one_attachment():
    content = b"\xff\xd8\xff" + bytes(range(256)) * 5
    frames = encode.pictures(
        content, station="0010100001", centre=1, serial=1, sent_at=SENT, observed_at=SEEN, password="A000"
    )
    pieces = split(*frames)
    assert len(pieces) == 6 and [piece.end == ETB for piece in pieces] == [True] * 5 + [False]
    decoder = Decoder("W1", {"utc_offset_s": 0})
    parts = [decoder.decode("", raw, ARRIVED).part for raw in frames]
    assert parts == [(("0010100001", "36", "6"), number, 6) for number in range(1, 7)]
    assert decoder.join(frames, ARRIVED).picture == Picture(SEEN.replace(tzinfo=UTC), "image/jpeg", content)


def test_a_picture_that_does_not_arrive_whole_is_kept_as_far_as_it_came():
    frames = encode.pictures(
        b"\xff\xd8\xff" + bytes(900),
        station="0010100001",
        centre=1,
        serial=1,
        sent_at=SENT,
        observed_at=SEEN,
        password="A000",
    )
    decoder = Decoder("W1", {})
    picture = decoder.join([frames[0], frames[2]], ARRIVED, (2, 4)).picture
    assert picture is not None and picture.missing == (2, 4) and picture.content[:2] == b"\xff\xd8"
    assert decoder.join(frames[1:], ARRIVED, (1,)).picture is None, "nobody can tell what it is"


def test_only_reports_are_confirmed_and_commands_read_back():
    report, alive = check(raw_report()), check(raw_report([], "2F"))
    assert check(encode.confirmation(report, parse(report), SENT, encode.AGAIN)).end == 0x15
    assert encode.confirmation(alive, parse(alive), SENT) is None
    asked = check(encode.query("4A", station="0010100001", centre=1, now=SENT, password="A000"))
    assert (asked.is_up, asked.function, asked.station, asked.centre) == (False, "4A", "0010100001", 1)
    assert encode.confirmation(asked, parse(asked), SENT) is None
    with pytest.raises(BadInput):
        encode.query("99", station="0010100001", centre=1, now=SENT, password="A000")
    with pytest.raises(BadInput):
        encode.query("4A", station="123", centre=1, now=SENT, password="A000")


def test_history_is_asked_for_as_a_public_frame_does():
    arguments = encode.history_arguments(
        datetime.fromisoformat("2024-01-09T15:00"), datetime.fromisoformat("2024-01-09T17:00"), 5, "F4"
    )
    assert arguments.hex().upper() == "24010915240109170418000005F460"


def test_every_element_names_a_parameter_and_a_unit_that_fit():
    for element in all_elements().values():
        if element.parameter:
            parameter = find_parameter(element.parameter)
            assert converter(element.unit or parameter.unit, parameter.unit) is None or element.unit != parameter.unit
    assert {function.body for function in all_functions().values()} == {
        "elements", "link", "series", "manual", "picture", "parameters", "text", "state", "plain",
    }  # fmt: skip


STREAMS = st.lists(
    st.one_of(
        st.sampled_from([raw_report(), raw_report(function="33"), raw_report()[:40], b"\x7e", b"\x7e\x7e", b"\x01"]),
        st.binary(max_size=40),
    ),
    max_size=6,
)


@settings(max_examples=300)
@given(STREAMS, st.data())
def test_the_cut_into_chunks_does_not_matter(pieces, data):
    stream = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert split(*chunks) == split(stream)


@settings(max_examples=500)
@given(st.binary(max_size=120), st.sampled_from(sorted(all_functions())))
def test_no_body_is_too_strange(body, function):
    for lead in (
        b"",
        bytes.fromhex("000C200724172349"),
        bytes.fromhex("000C200724172349F1F1001010000148F0F02007241723"),
    ):
        report = parse(check(encode.frame(function, lead + body, station="0010100001", centre=1, password="A000")))
        decoded = Reader(Setup(level_bases={"F5": 1.0})).readings(report)
        assert all(refusal.why for refusal in decoded.refusals)
        assert all(reading.time.utcoffset() == timedelta(0) for reading in decoded.readings)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_no_ascii_body_is_too_strange(text):
    body = text.encode("utf-8")[:200]
    covered = b"\x01" + f"010010100001A00032{len(body):04X}".encode() + b"\x02" + body + b"\x03"
    frame = check(covered + f"{modbus_crc(covered):04X}".encode())
    assert isinstance(frame, Frame)
    assert all(refusal.why for refusal in Reader().readings(parse(frame)).refusals)
