"""A heading is a parameter, a unit and what the figure is counted as."""

import pytest

from riverchief.errors import BadInput
from riverchief.parameter.heading import read_heading


@pytest.mark.parametrize(
    ("text", "code", "unit"),
    [
        ("氨氮(mg/L)", "NH3N", "mg/L"),
        ("氨氮（以N计）（毫克/升）", "NH3N", "mg/L"),
        ("氨氮 NH3-N (mg/L)", "NH3N", "mg/L"),
        ("高锰酸盐指数 (CODMn)", "CODMN", None),
        ("铬（六价）(mg/L)", "CR6", "mg/L"),
        ("铬（六价）", "CR6", None),
        ("NH3-N, ug/L", "NH3N", "ug/L"),
        ("tp_mg_l", "TP", "mg/L"),
        ("nh3n_ugl", "NH3N", "ug/L"),
        ("pm2_5", "PM25", None),
        ("pH(无量纲)", "PH", "-"),
        ("水温<br/><span class='unit'>(℃)</span>", "WT", "degC"),
        ("CO(mg/m³)", "CO", "mg/m3"),
        ("DO mg/L", "DO", "mg/L"),
        ("总磷（以P计）", "TP", None),
    ],
)
def test_headings_as_people_write_them(text: str, code: str, unit: str | None):
    heading = read_heading(text)
    assert (heading.parameter.code, heading.unit) == (code, unit)


def test_micrograms_become_milligrams_at_the_door():
    assert read_heading("总磷(μg/L)").canonical(35.0) == pytest.approx(0.035)


def test_mass_per_volume_of_water_is_not_of_air():
    # 12 mg/m³ of chlorophyll in water is 12 µg/L = 0.012 mg/L
    assert read_heading("叶绿素a(mg/m3)").canonical(12.0) == pytest.approx(0.012)


def test_ammonium_counted_as_NH4_becomes_nitrogen():
    # abridged atomic weights of 2021: N 14.007, H 1.0080, O 15.999; N / NH4 = 14.007 / 18.039 = 0.776484
    assert read_heading("ammonia (mg/L as NH4)").canonical(1.0) == pytest.approx(14.007 / 18.039, rel=1e-6)
    assert read_heading("nitrate (mg/L-NO3)").canonical(62.004) == pytest.approx(14.007, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("氨淡(mg/L)", "unknown_parameter"), ("氨氮(mg/X)", "unknown_unit"), ("氨氮(NTU)", "unit_mismatch")],
)
def test_what_is_not_understood_is_refused(text: str, kind: str):
    with pytest.raises(BadInput) as refused:
        read_heading(text)
    assert refused.value.faults[0].kind == kind
