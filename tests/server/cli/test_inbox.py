"""``riverchief inbox``: what a gateway acknowledged and left is taken into the database; two cannot at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from riverchief_server.cli import main
from riverchief_server.observations import store
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.journal import Raw, Writer, encode, locked
from riverchief_server.observations.models import RawMessage
from riverchief_server.places.models import Place
from tests.server.gateway.conftest import PASSWORD
from tests.server.gateway.test_hj212_gateway import frame


@pytest.mark.usefixtures("county")
def test_what_was_left_is_taken_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    known = register(Place.objects.get(code="W1"), "hj212", "M1", PASSWORD)
    writer = Writer(tmp_path)
    raws = [Raw("hj212", "M1", "1.2.3.4:5", datetime.now(UTC), frame(hour), known.pk) for hour in range(3)]
    writer.append([encode(raw) for raw in raws])
    writer.close()
    assert main(["inbox", "--folder", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("3 messages taken: 15 readings, 0 ")
    assert main(["inbox", "--folder", str(tmp_path)]) == 0
    assert (RawMessage.objects.count(), store.count()) == (3, 15)


@pytest.mark.usefixtures("county")
def test_while_a_gateway_takes_nobody_else_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    locked(tmp_path / "reader.lock")
    assert main(["inbox", "--folder", str(tmp_path)]) == 1
    assert "a gateway takes" in capsys.readouterr().err
