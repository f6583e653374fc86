"""The river's state: what the file says, what the user says, and estimates for the rest, each with its source."""

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.place.reading import read_network
from riverchief.transport.conditions import read_conditions

FILE = """id,down,length_km,流量,velocity_m_s,河宽,坡降,decay_per_d,area_km2,kind,storage_m3
a,b,2,4,0.6,12,0.004,0.432,40,river,
b,c,1,5,,15,0.003,,80,lake,90000
c,,3,,,,,,160,river,
"""


def river(text: str = FILE):
    return read_network(text.encode(), "rivers.csv")


def test_columns_are_found_by_their_usual_names_in_either_language():
    file = river()
    found = read_conditions(file).physics
    a = file.network.index_of("a")
    assert found.discharge_m3_s[a] == 4 and found.velocity_m_s[a] == 0.6
    assert found.decay_per_s[a] == pytest.approx(0.432 / 86_400)


def test_each_gap_takes_the_best_estimate_there_is():
    file = river()
    a, b, c = file.network.positions(["a", "b", "c"])
    found = read_conditions(file, gauges={"b": 5.0})
    assert found.estimates["velocity"].method[[a, b, c]].tolist() == [
        "velocity_given",
        "velocity_manning",
        "velocity_jobson_area",
    ]
    assert found.estimates["discharge"].method[c] == "discharge_area_ratio"
    assert found.physics.discharge_m3_s[c] == pytest.approx(10.0)
    assert found.estimates["dispersion"].method[c] == "dispersion_jobson"
    assert found.doubt.velocity[c] > found.doubt.velocity[b] > found.doubt.velocity[a]
    used = {(quantity, method.code) for quantity, method, _ in found.basis(np.array([c]))}
    assert ("velocity", "velocity_jobson_area") in used and ("velocity", "velocity_given") not in used


def test_a_lake_is_emptied_in_volume_over_flow():
    file = river()
    b = file.network.index_of("b")
    assert read_conditions(file).physics.residence_s[b] == 90_000 / 5


def test_discharge_that_nothing_tells_stays_unknown():
    file = river()
    c = file.network.index_of("c")
    assert np.isnan(read_conditions(file).physics.discharge_m3_s[c])


def test_a_number_or_a_column_may_be_named():
    file = river()
    a = file.network.index_of("a")
    found = read_conditions(file, {"velocity": "0.3", "discharge": "河宽", "decay": "0.1"})
    assert found.physics.velocity_m_s.tolist() == [0.3] * 3
    assert found.physics.discharge_m3_s[a] == 12
    assert found.physics.decay_per_s[a] == pytest.approx(0.1 / 86_400)


def test_an_error_of_ones_own_counts():
    assert read_conditions(river(), errors={"velocity": 0.05}).doubt.velocity.tolist() == [0.05] * 3


def test_faults_of_cells_options_and_gauges_come_together():
    text = FILE.replace("a,b,2,4,0.6", "a,b,2,four,-0.6")
    with pytest.raises(BadInput) as refused:
        read_conditions(river(text), {"dispersion": "spread", "speed": "1", "width": "0"}, gauges={"z": 1.0})
    kinds = sorted((fault.kind, fault.line) for fault in refused.value.faults if fault.line)
    assert kinds == [("bad_number", 2), ("out_of_range", 2)]
    others = sorted(fault.kind for fault in refused.value.faults if not fault.line)
    assert others == ["out_of_range", "unknown_column", "unknown_quantity", "unknown_reach"]
