"""``riverchief trace`` as a shell sees it."""

import json

import pytest

from riverchief.place import locate
from riverchief_server.cli import main
from tests.domain.tracing.toy import MIDNIGHT, measured, physics_of, toy_river, toy_stations

NETWORK = """id,down,length_m,flow_m3_s,velocity_m_s,dispersion_m2_s
1,3,1000,2,0.4,40
2,3,2000,2,0.4,40
3,5,3000,2,0.4,40
4,5,4000,2,0.4,40
5,,5000,2,0.4,40
"""
PLACES = """id,kind,subkind,reach,chainage_m,name
brook,station,,1,900,
middle,station,,3,2500,
mouth,section,,5,4800,
upper,outfall,industrial,1,100,电镀厂
side,outfall,sewage_works,2,300,
east,outfall,farm,4,300,
"""
SURE = ["--velocity-error", "0.02", "--discharge-error", "0.02", "--dispersion-error", "0.05", "--noise", "0.03"]


def readings(with_places: bool = False, mass: float = 40.0) -> str:
    river = toy_river()
    release = (locate(river, 1, 100.0), mass, MIDNIGHT + 6 * 3600.0)
    lines = ["station,time,parameter,value" + (",reach,chainage_m" if with_places else "")]
    for series in measured(river, physics_of(river), toy_stations(river), [release]):
        at = f",{series.location.reach},{series.location.chainage_m}" if with_places else ""
        for time_s, value in zip(series.time_s.tolist(), series.value_mg_l.tolist(), strict=True):
            lines.append(f"{series.station},{time_s:.0f},NH3N,{value:.4f}{at}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    from datetime import UTC, datetime

    def iso(text: str) -> str:
        head, *rows = text.splitlines()
        cells = [row.split(",") for row in rows]
        for row in cells:
            row[1] = datetime.fromtimestamp(float(row[1]), UTC).isoformat()
        return "\n".join([head, *(",".join(row) for row in cells)]) + "\n"

    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    written = {
        "rivers.csv": NETWORK,
        "places.csv": PLACES,
        "readings.csv": iso(readings()),
        "placed.csv": iso(readings(with_places=True)),
        "clean.csv": iso(readings(mass=0.0)),
    }
    for name, text in written.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return lambda name: str(tmp_path / name)


def answer(capsys, *arguments: str):
    code = main(["trace", *arguments, "--format", "json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def test_the_outfall_is_found_with_its_time_and_mass(files, capsys):
    code, found, _ = answer(capsys, files("rivers.csv"), files("readings.csv"), "--places", files("places.csv"), *SURE)
    assert (code, found["verdict"], found["set90"]) == (0, "one", ["upper"])
    best = found["candidates"][0]
    assert best["id"] == "upper" and best["probability"] > 0.99
    # released 40 kg at 06:00 in China on 20 November 2026
    assert best["time_range"][0] <= "2026-11-19T22:00:00Z" <= best["time_range"][1]
    assert best["mass_range"][0] <= 40.0 <= best["mass_range"][1]
    assert found["next_samples"] == []  # nothing is left to be told apart


def test_readings_may_place_their_own_stations_and_every_reach_is_suspected(files, capsys):
    code, found, _ = answer(capsys, files("rivers.csv"), files("placed.csv"), *SURE)
    assert code in (0, 1) and found["candidates"][0]["id"] == "reach:1"


def test_clean_water_accuses_nobody(files, capsys):
    code, found, _ = answer(capsys, files("rivers.csv"), files("clean.csv"), "--places", files("places.csv"), *SURE)
    assert (code, found["verdict"], found["set90"]) == (1, "no_release", [])


def test_the_table_speaks_the_readers_language_and_zone(files, capsys):
    code = main(
        [
            "trace",
            files("rivers.csv"),
            files("readings.csv"),
            "--places",
            files("places.csv"),
            *SURE,
            "--timezone",
            "Asia/Shanghai",
        ]
    )
    said = capsys.readouterr()
    assert code == 0
    assert "一个来源" in said.err
    assert "upper 电镀厂" in said.out and "11-20 0" in said.out


def test_csv_marks_the_set(files, capsys):
    main(
        ["trace", files("rivers.csv"), files("readings.csv"), "--places", files("places.csv"), *SURE, "--format", "csv"]
    )
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head == "id,probability,time,time_from,time_to,mass_kg,mass_from,mass_to,in_set90"
    assert first.startswith("upper,") and first.endswith(",True")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--parameter", "TP"], "samples: "),
        (["--station", "x"], "S1=R3:1250"),
        (["--candidate", "x=9:1"], "candidate: "),
        (["--noise", "much"], "noise: "),
        (["--since", "2026-11-20"], "+08:00"),
        (["--timezone", "Mars"], "Mars"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_answered(files, capsys, monkeypatch, more, says):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "en")
    code = main(["trace", files("rivers.csv"), files("readings.csv"), "--places", files("places.csv"), *more])
    said = capsys.readouterr()
    assert code == 2 and not said.out
    assert says in said.err


def test_several_parameters_need_a_choice(files, capsys, tmp_path):
    both = (tmp_path / "readings.csv").read_text() + "brook,2026-11-20T00:00:00Z,TP,0.1\n"
    (tmp_path / "both.csv").write_text(both)
    code = main(["trace", files("rivers.csv"), files("both.csv"), "--places", files("places.csv")])
    assert code == 2 and "NH3N, TP" in capsys.readouterr().err


def test_rain_is_read_and_a_file_without_it_is_refused(files, tmp_path, capsys):
    hours = "\n".join(f"2026-11-20T{hour:02d}:00:00Z,{2 if hour < 9 else 0}" for hour in range(24))
    (tmp_path / "rain.csv").write_text("time,RAIN\n" + hours + "\n", encoding="utf-8")
    (tmp_path / "none.csv").write_text("time,NH3N\n2026-11-20T00:00:00Z,1\n", encoding="utf-8")
    base = ["trace", files("rivers.csv"), files("readings.csv"), "--places", files("places.csv")]
    assert main([*base, *SURE, "--rain", files("rain.csv"), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["inputs"]["rain"]["mm"][:2] == [2.0, 2.0]
    assert told["hypotheses"]["release"] > 0.9
    assert main([*base, "--rain", files("none.csv")]) == 2
    assert "RAIN" in capsys.readouterr().err
