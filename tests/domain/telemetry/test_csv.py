"""Files of readings: any layout, any encoding; every cell a reading, an absence or a refusal that says why."""

import gzip
import io
from collections import Counter
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverchief.errors import BadInput
from riverchief.observation.reading import Censored, sort_out
from riverchief.telemetry.csv import ReadResult, layout_from, read_readings
from tests.shared_data import shared

CNEMC = (
    "省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),氨氮(mg/L),叶绿素α(mg/L),站点情况\n"
    "重庆市,长江流域,土堡寨,04-01 04:00,Ⅱ,14.1,8.35,0.025,*,正常\n"
    "重庆市,长江流域,土堡寨,04-02 00:00,*,13.6,8.37,--,*,维护\n"
    "重庆市,长江流域,土堡寨,04-02 00:00,*,13.6,8.37,--,*,维护\n"
)


def test_the_real_rows_of_chengkou_by_hand_counted_numbers():
    # Counted with sort -u, grep -c and cut over the file itself: 56 rows, 50 of them distinct; 11 value columns.
    # 616 cells = 112 "*" + 14 "--" + 490 numbers; distinct rows hold 438 numbers and 12 "--"; 9 distinct rows are under
    # maintenance and hold 69 numbers.
    result = read_readings(shared("data/chengkou_stations/rows.csv"), year=2021)
    assert result.layout == "cnemc"
    assert result.rows == 56
    assert result.refusals == ()
    assert result.absent == {"*": 112, "--": 14}
    assert Counter(reading.flag for reading in result.readings) == {"unchecked": 369, "maintenance": 69, "missing": 12}
    assert result.repeats == 6 * 9  # six rows stand twice; nine of their eleven cells are not "*"
    used, left_out = sort_out(result.readings)
    assert (len(used), len(left_out)) == (369, 81)
    assert {reading.station for reading in result.readings} == {"土堡寨", "水寨子"}


def test_cnemc_is_recognised_and_keeps_chinas_time():
    result = read_readings(CNEMC.encode(), year=2021)
    first = result.readings[0]
    assert (result.layout, first.station, first.parameter, first.value) == ("cnemc", "土堡寨", "WT", 14.1)
    assert first.time == datetime(2021, 3, 31, 20, tzinfo=UTC)
    assert [reading.flag for reading in result.readings] == ["unchecked"] * 3 + ["maintenance"] * 2 + ["missing"]


def test_a_time_without_a_year_names_the_remedy_once():
    with pytest.raises(BadInput) as refused:
        read_readings(CNEMC.encode())
    assert [fault.kind for fault in refused.value.faults] == ["needs_year"]
    assert "year=2021" in str(refused.value)


def test_a_time_without_a_zone_names_the_remedy():
    text = "station,time,parameter,value\nA,2021-04-01 04:00,NH3N,0.2\n"
    with pytest.raises(BadInput) as refused:
        read_readings(text.encode())
    assert [fault.kind for fault in refused.value.faults] == ["needs_timezone"]
    assert read_readings(text.encode(), timezone="+08:00").readings[0].time == datetime(2021, 3, 31, 20, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_of_a_chinese_spreadsheet(encoding):
    assert read_readings(CNEMC.encode(encoding), year=2021) == read_readings(CNEMC.encode(), year=2021)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_any_delimiter_and_a_title_above_the_header(mark):
    text = "城口县水质周报" + "\n" + CNEMC.replace(",", mark)
    assert read_readings(text.encode(), year=2021).readings == read_readings(CNEMC.encode(), year=2021).readings


def test_gzip_is_unpacked():
    assert read_readings(gzip.compress(CNEMC.encode()), year=2021) == read_readings(CNEMC.encode(), year=2021)


def test_a_workbook_with_excel_dates_reads_as_the_same_text():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        ["断面名称", "采样时间", "氨氮（mg/L）", "总磷(μg/L)"],
        ["水寨子", datetime.fromisoformat("2021-04-01T04:00"), 0.025, "<20"],
        ["水寨子", 44288, "0.01L", 36],  # 2021-04-02 as a number
    ]:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    text = "断面名称,采样时间,氨氮(mg/L),总磷(mg/L)\n"
    text += "水寨子,2021-04-01 04:00,0.025,<0.02\n水寨子,2021-04-02 00:00,<0.01,0.036\n"
    for source in (stream.getvalue(), io.BytesIO(stream.getvalue())):
        got = read_readings(source, timezone="Asia/Shanghai")
        assert got.readings == read_readings(text.encode(), timezone="Asia/Shanghai").readings
    with pytest.raises(BadInput):
        read_readings(stream.getvalue(), sheet="不存在", timezone="Asia/Shanghai")


def test_a_unit_in_the_header_is_converted_exactly():
    text = "station,time,TP(ug/L),水温[K],电导率(mS/m)\nA,2021-04-01Z,351,283.15,40.47\n"
    values = {reading.parameter: reading.value for reading in read_readings(text.encode()).readings}
    assert values == {"TP": 0.351, "WT": 10.0, "EC": pytest.approx(404.7)}


def test_long_files_carry_unit_flag_and_limit_in_columns():
    text = (
        "站点,时间,监测项目,结果,单位,标记,检出限\n"
        "A,2021-04-01 08:00+08:00,氨氮,250,μg/L,N,\n"
        "A,2021-04-01 08:00+08:00,总磷,ND,mg/L,,0.01\n"
        "A,2021-04-01 08:00+08:00,pH,7.1,,M,\n"
    )
    ammonia, phosphorus, acidity = read_readings(text.encode()).readings
    assert (ammonia.value, ammonia.flag) == (0.25, "unchecked")
    assert (phosphorus.value, phosphorus.censored) == (None, Censored("<", 0.01))
    assert (acidity.value, acidity.flag) == (7.1, "maintenance")


def test_every_refusal_is_named_and_the_rest_is_read():
    text = (
        "station,time,氨氮(mg/L),氨淡(mg/L),总磷(furlong),状态\n"
        "A,2021-04-01Z,1.2,1,1,正常\n"
        "A,yesterday,1.2,1,1,正常\n"
        "A,2021-04-03Z,much,1,1,正常\n"
        "A,2021-04-04Z,1.2,1,1,睡觉\n"
        ",2021-04-05Z,1.2,1,1,正常\n"
    )
    result = read_readings(text.encode())
    assert [(refusal.line, refusal.kind, refusal.value) for refusal in result.refusals] == [
        (1, "looks_like_a_slip", "氨淡(mg/L)"),
        (1, "unknown_unit", "furlong"),
        (3, "bad_time", "yesterday"),
        (4, "bad_number", "much"),
        (5, "unknown_flag", "睡觉"),
        (6, "missing_value", ""),
    ]
    assert "氨氮" in result.refusals[0].why
    assert [reading.time.day for reading in result.readings] == [1]


def test_a_repeat_is_one_reading_and_a_contradiction_is_refused_by_line():
    text = "station,time,parameter,value\n" + "A,2021-04-01Z,NH3N,0.2\n" * 3 + "A,2021-04-01Z,NH3N,0.3\n"
    result = read_readings(text.encode())
    assert [reading.value for reading in result.readings] == [0.2]
    assert result.repeats == 2
    assert [(refusal.line, refusal.kind, refusal.value) for refusal in result.refusals] == [(5, "contradicts", "0.3")]
    assert result.refusals[0].fault.details["allowed"] == "2"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "empty_file"),
        (b"\x1f\x8b broken", "unreadable"),
        (b"PK\x03\x04 broken", "unreadable"),
        (b"\x00\x01\x02\x03", "unreadable"),
        (b"x1,x2,x3\n1,2,3\n", "unknown_header"),
        ("站点,氨氮(mg/L)\nA,1\n".encode(), "missing_column"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_whole(raw, kind):
    with pytest.raises(BadInput) as refused:
        read_readings(raw, timezone="UTC")
    assert kind in [fault.kind for fault in refused.value.faults]


def test_a_mapping_kept_per_source_reads_what_no_shipped_layout_knows():
    # The Thames: ammonium written as NH4, so 0.2 mg/L of it is 0.2 · 14.007/18.039 mg/L of nitrogen.
    layout = layout_from(
        {
            "name": "ukceh",
            "timezone": "Europe/London",
            "columns": {
                "Site": {"role": "station"},
                "date": {"role": "date"},
                "Sampling time (hh:mm)": {"role": "clock"},
                "Ammonium (mg l-1-NH4)": {"parameter": "NH3N", "unit": "mg/L", "basis": "NH4"},
                "Dissolved chloride (mg l-1)": {"parameter": "CL", "unit": "mg/L"},
                "Mean daily river discharge (m3 s-1)": {"parameter": "FLOW", "unit": "m3/s"},
            },
        }
    )
    result = read_readings(shared("data/thames_ceh/thames_weekly_2009_2011.csv.gz"), layout=layout)
    first = {reading.parameter: reading for reading in result.readings[:8]}
    assert first["NH3N"].value == pytest.approx(0.2 * 14.007 / 18.039, rel=1e-6)
    assert first["TP"].value == 0.438
    assert first["NH3N"].time == datetime(2009, 3, 3, 9, 25, tzinfo=UTC)
    # Summer time: 09:40 on 6 April 2009 in London is 08:40 UTC
    assert {reading.source for reading in result.readings} == {"ukceh"}


def test_a_mapping_with_faults_names_them_all():
    with pytest.raises(BadInput) as refused:
        layout_from({"shape": "round", "columns": {"a": {"role": "staton"}, "b": {"parameter": "NH4X", "unit": "mg"}}})
    assert [fault.kind for fault in refused.value.faults] == [
        "not_one_of",
        "unknown_role",
        "unknown_parameter",
        "unknown_unit",
    ]


def test_the_water_quality_portal_with_its_limits_bases_and_control_samples():
    result = read_readings(shared("data/wqp_shepherdstown/wqp_results.csv.gz"), timezone="America/New_York")
    assert (result.layout, result.rows) == ("wqp", 58505)
    kinds = Counter(refusal.kind for refusal in result.refusals)
    # 1,159 replicates + 110 field blanks + 22 equipment blanks; 521 soil + 184 sediment (counted over the file)
    assert kinds["control_sample"] == 1159 + 110 + 22
    assert kinds["other_medium"] == 521 + 184
    # every row is a reading, a repeat, an absence or a refusal with a reason: nothing is lost on the way
    left_out, contradictions = sum(result.left_out.values()), kinds["contradicts"]
    assert result.rows == (
        len(result.readings) + result.repeats + sum(result.absent.values()) + len(result.refusals) + left_out
    )
    assert left_out and contradictions
    below = [reading for reading in result.readings if reading.censored is not None]
    assert below and all(reading.value is None for reading in below)


def test_readings_of_texas_and_of_taihu():
    arroyo = read_readings(
        shared("data/arroyo_colorado/arroyo_colorado_13079_13074.csv.gz"), timezone="America/Chicago"
    )
    assert arroyo.layout == "swqmis"
    assert {reading.station for reading in arroyo.readings} == {"13074", "13079"}
    taihu = read_readings(shared("data/taihu_2007_2015/taihu_monthly_2007_2012.csv"), timezone="Asia/Shanghai")
    assert (taihu.layout, taihu.rows) == ("wide", 576)  # 8 stations · 72 months
    counts = Counter(reading.parameter for reading in taihu.readings)
    assert counts["TN"] == counts["NH3N"] == 576
    # the nitrite column is in µg/L: 54.42 µg/L of the first row
    assert next(reading.value for reading in taihu.readings if reading.parameter == "NO2N") == 0.05442


def test_a_column_may_say_the_source_of_each_row():
    rows = ["station,time,parameter,value,source", "A,2021-04-01T04:00Z,NH3N,0.1,总站", "A,2021-04-01T08:00Z,NH3N,0.2,"]
    readings = read_readings("\n".join(rows).encode(), source_name="by hand").readings
    assert [reading.source for reading in readings] == ["总站", "by hand"]


HEADS = st.sampled_from(
    ["station", "time", "date", "年份", "parameter", "value", "氨氮(mg/L)", "pH", "unit", "flag", "?", ""]
)
CELLS = st.one_of(
    st.sampled_from(
        ["A", "2021-04-01Z", "04-01 04:00", "氨氮", "<0.01", "0.2", "--", "*", "维护", "mg/L", "44287.5", "1e999"]
    ),
    st.text(max_size=6),
)


def read_or_refused(raw: bytes) -> ReadResult | BadInput:
    try:
        return read_readings(raw, timezone="UTC", year=2021)
    except BadInput as refused:
        return refused


@settings(max_examples=300, deadline=None)
@given(st.lists(HEADS, min_size=1, max_size=6), st.lists(st.lists(CELLS, max_size=7), max_size=5))
def test_no_grid_is_too_strange(header, rows):
    text = "\n".join(",".join(cell.replace("\n", " ") for cell in row) for row in [header, *rows])
    result = read_or_refused(text.encode("utf-8", "surrogatepass"))
    if isinstance(result, BadInput):
        assert all(fault.text("zh") and fault.text("en") for fault in result.faults)
    else:
        assert all(reading.time.tzinfo is UTC for reading in result.readings)
        assert all(refusal.why for refusal in result.refusals)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b", b"\xff\xfe"]))
def test_no_bytes_are_too_strange(raw, lead):
    result = read_or_refused(lead + raw)
    assert isinstance(result, ReadResult) or result.faults
