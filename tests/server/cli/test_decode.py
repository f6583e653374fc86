"""``riverchief decode`` as a shell sees it."""

import csv
import io
import json
import sys

import pytest

from riverchief.telemetry.hj212.encode import frame
from riverchief_server.cli import main
from tests.shared_data import shared

UPLOAD = (
    "QN=20210301111100112;ST=21;CN=2011;PW=123456;MN=Z1;Flag=8;"
    "CP=&&DataTime=20210301111100;w21003-Rtd=0.09,w21003-Flag=M;x1-Rtd=2&&"
)


def decode(monkeypatch, capsys, content: bytes, *options: str) -> tuple[int, list[dict]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    code = main(["decode", *options, "-"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_object_a_frame_with_the_promised_keys(monkeypatch, capsys):
    code, (row,) = decode(monkeypatch, capsys, frame(UPLOAD), "hj212")
    assert code == 0
    assert (row["protocol"], row["station"], row["time"]) == ("hj212", "Z1", "2021-03-01T11:11:00+08:00")
    assert row["readings"] == [
        {
            "code": "w21003",
            "value": 0.09,
            "unit": "mg/L",
            "flag": "M",
            "statistic": "instant",
            "parameter": "NH3N",
            "quality": "maintenance",
        },
        {"code": "x1", "value": 2.0, "unit": None, "flag": None, "statistic": "instant", "parameter": None},
    ]
    assert "123456" not in json.dumps(row), "a password has no place in a listing"


def test_refusals_stand_in_line_with_their_bytes(monkeypatch, capsys):
    good = frame(UPLOAD)
    broken = good.replace(b"0.09", b"0.19")
    code, rows = decode(monkeypatch, capsys, good + broken + b"\xffnoise" + good, "hj212")
    assert code == 0
    assert [row.get("kind", row.get("protocol")) for row in rows] == ["hj212", "bad_crc", "not_a_frame", "hj212"]
    assert rows[1]["bytes"].startswith("##0127QN=") and "checksum" in rows[1]["refused"]
    assert list(rows[1])[:1] == ["refused"]


def test_nothing_decoded_is_exit_1_and_no_file_is_exit_2(monkeypatch, capsys):
    code, rows = decode(monkeypatch, capsys, b"hello", "hj212")
    assert (code, [row["kind"] for row in rows]) == (1, ["not_a_frame"])
    assert decode(monkeypatch, capsys, b"", "hj212") == (1, [])
    assert main(["decode", "hj212", "/nonexistent/frames.txt"]) == 2


def test_a_command_shows_its_fields(monkeypatch, capsys):
    segment = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    _, (row,) = decode(monkeypatch, capsys, frame(segment), "hj212")
    assert (row["command"], row["readings"], row["fields"]) == ("1062", [], {"RtdInterval": "30"})
    assert row["time"] == "2016-08-01T08:58:57.223000+08:00"


@pytest.mark.parametrize(("options", "taken"), [([], 24), (["--allow-modbus"], 29)])
def test_the_public_messages_one_a_line(options, taken, capsys, tmp_path):
    with shared("standards/hj212_examples.csv").open(encoding="utf-8", newline="") as stream:
        messages = [row["message"] for row in csv.DictReader(stream)]
    path = tmp_path / "frames.txt"
    path.write_text("\n".join(messages), encoding="utf-8")
    assert main(["decode", "hj212", str(path), *options]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 36
    assert sum("refused" not in row for row in rows) == taken


WORKED = (
    "7E7E010010100001A00032002B02000C200724172349F1F1001010000148F0F02007241723"
    "2019000130221900004039230000055038121268038397"
)


def test_a_hydrological_frame_as_digits_or_as_bytes(monkeypatch, capsys):
    for content in (WORKED.encode() + b"\n", WORKED.lower().encode(), bytes.fromhex(WORKED)):
        code, (row,) = decode(monkeypatch, capsys, content, "sl651")
        assert code == 0
        assert (row["protocol"], row["station"], row["time"]) == ("sl651", "0010100001", "2020-07-24T17:23:00+08:00")
        values = {reading["code"]: (reading["value"], reading["unit"]) for reading in row["readings"]}
        assert values == {"20": (13.0, "mm"), "22": (4.0, "mm"), "39": (0.55, "m"), "38": (12.68, "V")}


def test_hydrological_refusals_show_their_digits(monkeypatch, capsys):
    broken = WORKED.replace("3923", "3924")
    code, rows = decode(monkeypatch, capsys, f"{broken}\n{WORKED}\n{WORKED[:-1]}\n".encode(), "sl651")
    assert code == 0
    assert [row.get("kind", row.get("protocol")) for row in rows] == ["bad_crc", "sl651", "not_a_frame"]
    assert rows[0]["bytes"] == broken
    assert decode(monkeypatch, capsys, broken.encode(), "sl651")[0] == 1


def test_the_public_hydrological_frames_one_a_line(capsys, tmp_path):
    with shared("standards/sl651_examples.csv").open(encoding="utf-8", newline="") as stream:
        frames = [row["frame_hex"] for row in csv.DictReader(stream)]
    path = tmp_path / "frames.txt"
    path.write_text("\n".join(frames), encoding="utf-8")
    assert main(["decode", "sl651", str(path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (len(rows), sum("refused" not in row for row in rows)) == (97, 84)
