"""Whatever anybody ever wrote into a sheet, every command and every way in reads it as the library does."""

import csv
import io
import json
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riverchief.errors import BadInput
from riverchief_server.cli import main
from riverchief_server.cli.importing import import_files
from riverchief_server.observations import store
from riverchief_server.observations.actions import FileOptions, receive
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.parsing import Parser
from riverchief_server.observations.models import RawMessage, Series
from riverchief_server.places.models import Place
from tests.family.spellings import NOW, Door, EveryDoor, File, Key, Told, moment, sheet_of, spelled, text


def through_grade(file: File, capsys: pytest.CaptureFixture[str], folder: Path) -> Told:
    options = ["--format", "json", "--explain", "--censored", "limit", "--missing", "ignore", "--water", "river"]
    said = command(["grade", *options], file, capsys, folder)
    rows = [] if said.faults else json.loads(said.out)
    values: dict[Key, tuple[str, float | None]] = {}
    for row in rows:
        for one in row["judgement"]["evidence"]:
            rule = (one.get("origin") or {}).get("rule", "")
            values[moment(row["time"]), one["item"]] = (
                "<" if "<" in rule else ">" if ">" in rule else "",
                one["value"],
            )
    return Told(values, said.faults)


def through_check(file: File, capsys: pytest.CaptureFixture[str], folder: Path) -> Told:
    said = command(["check", "--timezone", "Asia/Shanghai"], file, capsys, folder)
    values: dict[Key, tuple[str, float | None]] = {}
    for row in csv.DictReader(io.StringIO(said.out)):
        operator = row["value"][:1] if row["value"][:1] in "<>" else ""
        number = row["value"].lstrip("<>")
        values[moment(row["time"]), row["parameter"]] = (operator, float(number) if number else None)
    return Told(values, said.faults)


def through_import(file: File) -> Told:
    try:
        import_files("readings", [(file.name, file.content)], NOW, options=FileOptions(timezone="Asia/Shanghai"))
    except BadInput as refused:
        return Told({}, [text(fault) for fault in refused.faults])
    return Told(kept(), [])


def through_folder(file: File) -> Told:
    source = register(Place.objects.get(code="W1"), "file", "化验室", None, setup={"timezone": "Asia/Shanghai"})
    message = receive("file", file.name, file.content, "folder", NOW)
    RawMessage.objects.filter(pk=message.pk).update(instrument=source)
    Parser().run_once(NOW)
    return Told(kept(), [row.why_zh for row in message.refusals.all()])


def through_browser(file: File, engineer: Client) -> Told:
    def send(path: str) -> dict:
        upload = SimpleUploadedFile(file.name, file.content)
        return engineer.post(path, {"file": upload, "how": json.dumps({"timezone": "Asia/Shanghai"})}).json()

    seen = send("/api/files/preview")
    if seen["faults"]:
        return Told({}, seen["faults"])
    assert seen["can_import"], seen
    send("/api/files")
    return Told(kept(), [])


def kept() -> dict[Key, tuple[str, float | None]]:
    found: dict[Key, tuple[str, float | None]] = {}
    for series in Series.objects.all():
        for row in store.between(series.pk, -store.EVER, store.EVER):
            number = row.bound if row.operator else row.v
            found[store.from_ms(row.t), series.parameter] = (row.operator, number)
    return found


class Output(NamedTuple):
    out: str
    faults: list[str]


def command(words: list[str], file: File, capsys: pytest.CaptureFixture[str], folder: Path) -> Output:
    path = folder / file.name
    path.write_bytes(file.content)
    code = main([words[0], str(path), *words[1:]])
    said = capsys.readouterr()
    return Output(said.out, said.err.splitlines() if code or words[0] == "check" else [])


@pytest.fixture(params=["grade", "check", "import", "folder", "browser"])
def door_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def door(request: pytest.FixtureRequest, door_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Door:
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    if door_name in ("grade", "check"):
        capsys = request.getfixturevalue("capsys")
        through = {"grade": through_grade, "check": through_check}[door_name]
        return lambda file: through(file, capsys, tmp_path)
    client = request.getfixturevalue("as_")("engineer")
    through_server = {"import": through_import, "folder": through_folder}
    return through_server.get(door_name) or (lambda file: through_browser(file, client))


@pytest.mark.django_db
class TestServer(EveryDoor):
    pass


@pytest.mark.parametrize("says", ["", "bad_number"])
def test_the_door_of_air_takes_and_refuses_the_same_cells(says: str, capsys, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("RIVERCHIEF_LANGUAGE", "zh")
    rows = [row for row in spelled("cell") if row.says == says and not {"g", "升"} & set(row.spelling)]
    file = sheet_of(rows, "PM2.5(μg/m³)")
    said = command(["aqi", "--format", "json", "--missing", "ignore"], file, capsys, tmp_path)
    if says:
        assert [int(fault.split(":")[1]) for fault in said.faults if "不是数" in fault] == list(range(2, 2 + len(rows)))
    else:
        assert said.faults == [] and len(json.loads(said.out)) == len(rows)
