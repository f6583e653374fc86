"""A file imported at the desk: looked at first, all faults at once, nothing half-written, its mapping kept."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riverchief_server.observations import by_hand, store
from riverchief_server.observations.inbox.parsing import Parser
from riverchief_server.observations.models import Instrument, RawMessage

As = Callable[[str], Client]
GOOD = "站点,时间,氨氮(ug/L),总磷\nW1,2026-11-20 08:00,210,0.05\nW1,2026-11-20 12:00,190,<0.01\n"
ODD = "站点,时间,甲,乙\nW1,2026-11-20 08:00,0.21,x\n"


def send(client: Client, path: str, text: str, **how: object):
    file = SimpleUploadedFile("化验.csv", text.encode("gb18030"))
    return client.post(path, {"file": file, "how": json.dumps({"timezone": "Asia/Shanghai"} | how)})


class TestPreview:
    def test_columns_are_told_in_words_with_their_first_cells(self, people: object, as_: As):
        said = send(as_("engineer"), "/api/files/preview", GOOD).json()
        assert [(one["told"], one["cells"][0]) for one in said["columns"]] == [
            ("站点", "W1"),
            ("日期和时间", "2026-11-20 08:00"),
            ("氨氮 ug/L", "210"),
            ("总磷 mg/L", "0.05"),
        ]
        assert said["can_import"] and said["sentence"] == "2行全部读懂：1个站点，4个数据。可以导入。"
        assert RawMessage.objects.count() == 0

    def test_every_fault_is_told_at_once_and_nothing_is_written(self, people: object, as_: As):
        text = "站点,时间,氨氮(km),总磷,甲\nW1,2026-11-20 08:00,1,x,3\nW9,whenever,1,0.1,3\n"
        said = send(as_("engineer"), "/api/files/preview", text).json()
        assert not said["can_import"] and said["faults_total"] == len(said["faults"]) >= 3
        whole = "\n".join(said["faults"])
        assert all(word in whole for word in ("km", "“x”", "whenever")), whole
        assert "甲" in "\n".join(said["notes"])  # holds numbers, and nobody knows of what: said, and no reason to stop
        assert send(as_("engineer"), "/api/files", text).status_code == 400
        assert store.count() == 0

    def test_a_file_that_is_none_is_told_kindly(self, people: object, as_: As):
        for text in ("", "a,b\n1,2\n", "%PDF-1.4"):
            answer = send(as_("engineer"), "/api/files/preview", text)
            assert answer.status_code == 200 and answer.json()["faults"], text

    def test_nobody_else_may_and_too_much_is_refused(self, people: object, as_: As, monkeypatch: pytest.MonkeyPatch):
        for path in ("/api/files/preview", "/api/files"):
            assert send(as_("patroller"), path, GOOD).status_code == 403
            monkeypatch.setattr(by_hand, "LARGEST", 10)
            assert send(as_("engineer"), path, GOOD).status_code == 413
            monkeypatch.undo()
            assert as_("engineer").post(path, {"how": "no json"}).status_code in {400, 422}


class TestImport:
    def test_all_of_it_is_written_and_twice_is_once(self, people: object, as_: As):
        assert send(as_("engineer"), "/api/files", GOOD).json()["sentence"].startswith("已导入：4个新数据")
        assert send(as_("engineer"), "/api/files", GOOD).json()["same"] == 4
        assert {row.sender for row in RawMessage.objects.all()} == {"engineer"}

    def test_the_worker_does_not_write_behind_the_persons_back(self, people: object, as_: As):
        assert send(as_("engineer"), "/api/files", GOOD.replace("0.05", "x")).status_code == 400
        RawMessage.objects.update(state="received")  # as if the process had died before it was read
        Parser().run_once(datetime.now(UTC))
        assert store.count() == 0

    def test_what_a_person_says_of_a_column_holds_and_is_kept_for_the_source(self, people: object, as_: As):
        engineer = as_("engineer")
        text = ODD.replace("x", "7.5")
        assert not send(engineer, "/api/files/preview", text).json()["can_import"]
        columns = {"甲": {"role": "value", "parameter": "NH3N", "unit": "mg/L"}, "乙": {"role": "ignore"}}
        assert send(engineer, "/api/files/preview", text, columns=columns).json()["can_import"]
        done = send(engineer, "/api/files", text, columns=columns, keep_as="化验室", keep_at="W1").json()
        assert (done["new"], done["kept_as"]) == (1, "化验室")
        source = Instrument.objects.get(identity="化验室")
        listed = engineer.get("/api/files/words").json()["sources"]
        assert [one["name"] for one in listed] == ["化验室"]
        # the next file of this source needs no hand
        later = text.replace("11-20", "11-21")
        assert send(engineer, "/api/files", later, source=source.pk).json()["new"] == 1

    def test_a_refused_file_is_read_again_as_the_person_said(self, people: object, as_: As):
        columns = {"甲": {"role": "value", "parameter": "NH3N"}, "乙": {"role": "ignore"}}
        text = ODD.replace("W1", "W9")
        assert send(as_("engineer"), "/api/files", text, columns=columns).status_code == 400
        message = RawMessage.objects.get()
        RawMessage.objects.filter(pk=message.pk).update(content=ODD.encode())  # as if W9 had come into the register
        done = as_("engineer").post(f"/api/messages/{message.pk}/replay").json()
        assert (done["understood"], done["new"]) == (1, 1)
