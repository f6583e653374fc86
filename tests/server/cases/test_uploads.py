"""Photos that belong to nothing do not stay; those of a case do."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from riverchief_server.cases.actions import NewCase, open_case
from riverchief_server.cases.models import Attachment
from riverchief_server.cases.uploads import file_of, keep_photo, let_go_of_orphans
from tests.server.cases.test_loop import picture
from tests.server.conftest import NOW


@pytest.mark.usefixtures("county")
def test_what_belongs_to_nothing_goes_after_its_time_and_what_belongs_to_a_case_stays(settings, tmp_path: Path, people):
    settings.MEDIA_ROOT = tmp_path
    kept, unbound, same_bytes = (
        keep_photo(uuid4(), picture(shade), people["office"], NOW) for shade in ("red", "blue", "red")
    )
    new = NewCase(uuid4(), "岸边垃圾", "", source="office", categories=["litter"], attachments=[kept.uuid])
    open_case(new, people["office"], NOW)
    stray = tmp_path / "ab" / "stray.jpg"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half a photo")
    for file in tmp_path.glob("*/*"):
        os.utime(file, (NOW.timestamp(), NOW.timestamp()))

    assert let_go_of_orphans(NOW + timedelta(hours=23)) == 0
    assert let_go_of_orphans(NOW + timedelta(days=2)) == 1 and not stray.exists()
    assert file_of(unbound).exists()
    os.utime(file_of(kept), (0, 0))
    keep_photo(uuid4(), picture("red"), people["office"], NOW)
    assert file_of(kept).stat().st_mtime > 0  # bytes that come again are young again, whatever swept them would take
    assert let_go_of_orphans(NOW + timedelta(days=8)) == 1
    assert [attachment.uuid for attachment in Attachment.objects.all()] == [kept.uuid]
    assert file_of(kept).exists() and file_of(same_bytes) == file_of(kept)
