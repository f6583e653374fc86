"""README's promise: a parameter is one row of one table, and can then be imported, stored, shown and exported."""

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from riverchief import parameter
from riverchief.parameter import columns, heading, measured, quantity, slips
from riverchief.table import read_table
from riverchief_server.observations import store
from riverchief_server.observations.export import export
from riverchief_server.observations.models import Series
from tests.server.conftest import NOW

README = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")
ROW = {
    "code": "TOYIN", "hj_code": "w99999", "name_zh": "玩具素", "name_en": "toyin", "unit": "mg/L", "medium": "water",
    "decimals": "2", "aliases": "Ty|玩具毒素",
}  # fmt: skip
SHEET = "断面,时间,玩具素(μg/L),氨氮(mg/L)\nW1,2026-11-20T08:00+08:00,210,0.1\nW1,2026-11-20T12:00+08:00,<40,0.1\n"
REMEMBERED = (
    parameter.all_parameters, parameter._by_spelling, columns._by_heading, heading._split, measured._names,
    quantity.meant_by, slips.meant_instead, slips._known,
)  # fmt: skip


@pytest.fixture
def _one_row_more(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table of parameters with one row more, and nothing else changed."""

    def with_the_row(package: str, name: str) -> list[dict[str, str]]:
        rows = read_table(package, name)
        return [*rows, ROW] if name == "parameters.csv" else rows

    monkeypatch.setattr(parameter, "read_table", with_the_row)
    for function in REMEMBERED:
        function.cache_clear()
    yield
    monkeypatch.undo()
    for function in REMEMBERED:
        function.cache_clear()


def test_readme_names_one_table_for_a_parameter():
    promise = re.search(r"\*\*To add a parameter\*\*(.*?)\n\n", README, re.DOTALL)
    assert promise is not None
    assert re.findall(r"`(src/[^`]+)`", promise[1]) == ["src/riverchief/parameter/parameters.csv"]


@pytest.mark.usefixtures("_one_row_more")
def test_one_row_and_it_is_imported_stored_shown_and_exported(as_):
    engineer = as_("engineer")

    def send(path: str):
        return engineer.post(path, {"file": SimpleUploadedFile("玩具.csv", SHEET.encode()), "how": "{}"}).json()

    seen = send("/api/files/preview")
    assert seen["can_import"] and [one["told"] for one in seen["columns"]][2] == "玩具素 ug/L"
    assert send("/api/files")["new"] == 4
    series = Series.objects.get(parameter="TOYIN")
    rows = store.between(series.pk, -store.EVER, store.EVER)
    assert [(row.v, row.operator, row.bound) for row in rows] == [(0.21, "", None), (None, "<", 0.04)]
    shown = engineer.get("/api/stations/W1").content.decode()
    assert "玩具素" in shown
    written = export([series], -store.EVER, store.EVER, "csv", ZoneInfo("Asia/Shanghai"), NOW).decode("utf-8-sig")
    assert "TOYIN" in written and "0.21" in written
