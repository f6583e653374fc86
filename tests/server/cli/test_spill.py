"""``riverchief spill`` as a shell sees it."""

import io
import json
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from riverchief_server.cli import main
from tests.truth.transport_equations import slug_flux

ONE = "id,down,length_km,flow_m3_s,velocity_m_s,dispersion_m2_s,decay_per_d\nr,,30,10,0.5,10,0.864\n"
TOY = """id,down,length_m,flow_m3_s,velocity_m_s,width_m,slope,area_km2
1,3,1000,1,0.4,8,0.004,
2,3,2000,1,,9,0.003,
3,5,3000,2,,,,60
4,5,4000,,,,,40
5,,5000,3,,,,120
"""
PLACES = """id,kind,name,reach,chainage_m,class_target,limit_mg_l,border
W1,intake,二水厂,3,2500,II,,
S1,section,出境断面,5,5000,III,,true
S2,section,,5,1000,,0.2,
O1,outfall,排口,5,10,,,
M1,station,,4,10,,,
"""
CERTAIN = [x for name in ("velocity", "dispersion", "decay", "discharge") for x in (f"--{name}-error", "0")]


@pytest.fixture
def files(tmp_path):
    for name, text in (("one.csv", ONE), ("toy.csv", TOY), ("places.csv", PLACES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return lambda name: str(tmp_path / name)


def answer(capsys, *arguments: str):
    code = main(["spill", *arguments, "--format", "json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def test_one_reach_is_the_closed_form(files, capsys):
    code, found, _ = answer(capsys, files("one.csv"), "--at", "r:2000", "--mass", "1000", *CERTAIN, "--members", "2")
    assert code == 0
    (place,) = found["places"]
    t = np.linspace(40_000, 75_000, 350_001)
    c = slug_flux(28_000, t, 1e6, 10, 0.5, 10, 1e-5)
    assert place["id"] == "r" and place["distance_m"] == 28_000
    assert place["peak_mg_l"]["median"] == pytest.approx(c.max(), rel=1e-4)
    assert place["peak_s"]["median"] == pytest.approx(t[c.argmax()], abs=5)
    assert place["arrival_s"]["median"] == pytest.approx(t[np.argmax(c >= 0.01 * c.max())], abs=5)
    for measure in ("arrival_s", "peak_s", "peak_mg_l", "passage_s"):
        assert set(place[measure]) == {"median", "p05", "p95"}
        assert place[measure]["p05"] == place[measure]["median"] == place[measure]["p95"]


def test_ranges_are_in_order_and_repeatable(files, capsys):
    arguments = (files("one.csv"), "--at", "r:2000", "--mass", "1t", "--seed", "5")
    _, first, _ = answer(capsys, *arguments)
    _, second, _ = answer(capsys, *arguments)
    assert first == second
    for measure in ("arrival_s", "peak_s", "peak_mg_l", "passage_s"):
        found = first["places"][0][measure]
        assert found["p05"] < found["median"] < found["p95"]


def test_places_limits_and_estimates(files, capsys):
    code, found, said = answer(
        capsys,
        files("toy.csv"),
        "--at",
        "1:500",
        "--mass",
        "500g",
        "--parameter",
        "氨氮",
        "--places",
        files("places.csv"),
    )
    assert code == 0
    assert [(p["id"], p["kind"], p["limit_mg_l"]) for p in found["places"]] == [
        ("W1", "intake", 0.5),
        ("S2", "section", 0.2),
        ("S1", "border", 1.0),
    ]
    assert found["unreached"] == ["M1"]
    assert [p["distance_m"] for p in found["places"]] == [3000, 4500, 8500]
    methods = {(row["quantity"], row["method"]): row["reaches"] for row in found["basis"]}
    assert methods[("velocity", "velocity_given")] == 1 and methods[("velocity", "velocity_jobson_area")] == 2
    assert methods[("dispersion", "dispersion_fischer")] == 1
    assert "1 places" in said and "M1" in said and "Jobson" in said
    # ×2.4 dilution at the confluence below 3 shows: mass flow is the same, discharge 2 → 3
    wide = {p["id"]: p["peak_mg_l"]["median"] for p in found["places"]}
    assert wide["W1"] > wide["S2"] > wide["S1"] > 0


def test_without_places_every_reach_below_is_told(files, capsys):
    _, found, _ = answer(capsys, files("toy.csv"), "--at", "2", "--mass", "1", "--limit", "0.05 mg/L")
    assert [p["id"] for p in found["places"]] == ["2", "3", "5"]
    assert all(p["kind"] == "reach" and p["limit_mg_l"] == 0.05 for p in found["places"])


def test_a_gauge_fills_missing_discharge_by_area(files, capsys):
    common = (files("toy.csv"), "--at", "4:0", "--mass", "1")
    code, _, said = answer(capsys, *common)
    assert code == 2 and "discharge_m3_s" in said and "4: nan" in said
    code, found, _ = answer(capsys, *common, "--gauge", "5=3")
    assert code == 0
    assert {"quantity": "discharge", "method": "discharge_area_ratio", "reaches": 1, "error": 0.05} in found["basis"]


def test_one_number_for_the_whole_river_wins_over_the_column(files, capsys):
    options = ("--velocity", "0.25", "--decay", "0", *CERTAIN)
    _, found, _ = answer(capsys, files("one.csv"), "--at", "r:0", "--mass", "1", *options)
    assert found["places"][0]["peak_s"]["median"] == pytest.approx(120_000, rel=0.01)
    assert found["places"][0]["mass_kg"]["median"] == pytest.approx(1.0)


def test_network_from_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ONE.encode())))
    code, found, _ = answer(capsys, "-", "--at", "r:29000", "--mass", "1")
    assert code == 0 and found["places"][0]["distance_m"] == 1000


def test_a_spill_that_reaches_nobody_says_no(files, capsys, tmp_path):
    (tmp_path / "up.csv").write_text("id,reach,chainage_m\nA,4,100\n")
    code, found, said = answer(capsys, files("toy.csv"), "--at", "5:100", "--mass", "1", "--places", files("up.csv"))
    assert code == 1 and found["places"] == [] and found["unreached"] == ["A"] and "A" in said


def test_time_gives_times(files, capsys):
    _, found, _ = answer(capsys, files("one.csv"), "--at", "r:2000", "--mass", "9", "--time", "2026-05-04T08:30+08:00")
    assert found["spill"]["time"] == "2026-05-04T08:30:00+08:00"
    assert found["places"][0]["arrival_time"].startswith("2026-05-0")


def test_table_csv_and_figure(files, capsys):
    common = ["spill", files("toy.csv"), "--at", "1:500", "--mass", "2", "--parameter", "NH3N"]
    common += ["--places", files("places.csv")]
    assert main(common) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split()[:4] == ["place", "km", "arrival", "peak"] and "W1 二水厂" in table[2]
    assert main([*common, "--format", "csv"]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head.startswith("id,kind,name,distance_m,arrival_s,arrival_s_p05,arrival_s_p95,peak_s")
    assert first.startswith("W1,intake,二水厂,3000.0,")
    assert main([*common, "--format", "figure"]) == 0
    drawing = ET.fromstring(capsys.readouterr().out)
    paths = drawing.findall("{http://www.w3.org/2000/svg}path")
    assert len(paths) == 3 and "二水厂" in "".join(drawing.itertext())


def test_geojson_draws_places_and_the_way(capsys, tmp_path):
    lines = {"1": [[108.0, 32.0], [108.1, 32.0]], "2": [[108.1, 32.0], [108.1, 32.1]]}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": line},
            "properties": {"id": name, "down": down},
        }
        for (name, line), down in zip(lines.items(), ("2", None), strict=True)
    ]
    path = tmp_path / "net.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    code = main(["spill", str(path), "--at", "1:0", "--mass", "5", "--discharge", "3", "--format", "geojson"])
    found = json.loads(capsys.readouterr().out)
    kinds = [(f["geometry"]["type"], f["properties"]["id"]) for f in found["features"]]
    assert code == 0 and kinds == [("Point", "1"), ("Point", "2"), ("LineString", "1"), ("LineString", "2")]
    assert found["features"][1]["geometry"]["coordinates"] == pytest.approx([108.1, 32.1], abs=1e-5)
    arrivals = [f["properties"]["arrival_s"] for f in found["features"][2:]]
    assert arrivals == sorted(arrivals)


def test_geojson_needs_lines(files, capsys):
    assert main(["spill", files("one.csv"), "--at", "r:0", "--mass", "1", "--format", "geojson"]) == 2
    assert "geometry" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "words"), [("zh", ["出境断面", "氨氮", "预计到达"]), ("en", ["ammonia", "arrival"])]
)
def test_the_notice_goes_to_the_border(files, capsys, language, words):
    common = ["spill", files("toy.csv"), "--at", "1:500", "--mass", "2t", "--parameter", "NH3N"]
    common += ["--places", files("places.csv"), "--time", "2026-05-04T08:30+08:00", "--duration", "2"]
    assert main([*common, "--notice", language]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in words)
    assert "2026-05-04 08:30 (UTC+08:00)" in text and "2 t" in text and "1 mg/L" in text
    assert main([*common, "--notice", language, "--notice-for", "W1"]) == 0
    assert "二水厂" in capsys.readouterr().out
    assert main([*common, "--notice", language, "--notice-for", "Z9"]) == 2
    assert main([*common, "--notice", language, "--format", "json"]) == 0
    assert words[0] in json.loads(capsys.readouterr().out)["notice"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--at", "r:99999"], ["chainage_m"]),
        (["--at", "nowhere:1"], ["nowhere"]),
        (["--at", "r:soon"], ["soon"]),
        (["--mass=-3"], ["mass_kg", "-3"]),
        (["--mass", "3 stone"], ["stone"]),
        (["--mass", "3 mg/L"], ["mg/L", "kg"]),
        (["--mass", "much"], ["much"]),
        (["--time", "2026-05-04T08:30"], ["2026-05-04T08:30+08:00"]),
        (["--time", "yesterday"], ["yesterday"]),
        (["--parameter", "NH4X"], ["NH4X", "NH3N"]),
        (["--limit", "III"], ["--parameter"]),
        (["--limit", "III", "--parameter", "DO"], ["DO III"]),
        (["--limit", "0"], ["limit_mg_l"]),
        (["--velocity", "0"], ["velocity", "> 0"]),
        (["--velocity", "speed"], ["speed"]),
        (["--discharge=-1"], ["discharge"]),
        (["--gauge", "r"], ["REACH=12.5"]),
        (["--duration=-2"], ["duration_s"]),
        (["--velocity-error=-1"], ["velocity"]),
        (["--members", "0"], ["members"]),
    ],
)
def test_nonsense_is_refused_by_name_and_gives_no_number(files, capsys, options, said):
    arguments = ["spill", files("one.csv"), "--at", "r:0", "--mass", "1", *options]
    assert main(arguments) == 2
    heard = capsys.readouterr()
    assert heard.out == "" and all(word in heard.err for word in said)


def test_a_river_without_flow_gets_no_forecast(capsys, tmp_path):
    (tmp_path / "dry.csv").write_text("id,down,length_m,flow_m3_s,velocity_m_s\na,b,1000,0,0.3\nb,,1000,x,0.3\n")
    assert main(["spill", str(tmp_path / "dry.csv"), "--at", "a:0", "--mass", "1"]) == 2
    assert "flow_m3_s" in (said := capsys.readouterr().err) and "'x'" in said
    (tmp_path / "dry.csv").write_text("id,down,length_m,flow_m3_s,velocity_m_s\na,b,1000,0,0.3\nb,,1000,1,0.3\n")
    assert main(["spill", str(tmp_path / "dry.csv"), "--at", "a:0", "--mass", "1"]) == 2
    assert "discharge_m3_s" in capsys.readouterr().err


def test_every_fault_of_the_places_is_told(files, capsys, tmp_path):
    (tmp_path / "bad.csv").write_text("id,reach,chainage_m\nA,77,1\nB,5,far\n,5,1\nD,5,99999\n")
    assert main(["spill", files("toy.csv"), "--at", "1:0", "--mass", "1", "--places", files("bad.csv")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "3", "4", "5"]
