"""The public pages: who answers, what class, a report without an account, and nobody's privacy on them."""

import re
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riverchief_server.cases.actions import NewCase, open_case
from riverchief_server.cases.models import Attachment, Case
from riverchief_server.jobs.clock import look
from tests.server.cases.test_loop import picture
from tests.server.conftest import NOW, feed


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def form(**more: object) -> dict:
    whole = {
        "uuid": str(uuid4()),
        "reach": "C",
        "bank": "left",
        "category": "litter",
        "description": "左岸便道下面有一堆垃圾",
        "contact": "13800000000",
    }
    return {name: value for name, value in (whole | more).items() if value is not None}


@pytest.mark.usefixtures("county")
class TestBoards:
    def test_the_board_says_who_answers(self):
        page = Client(headers={"accept-language": "zh"}).get("/board/C/").content.decode()
        for text in ("玩具河·C段", "河长 · 甲镇", "河长 · 乙乡", "000-4", "河长公示牌", "示意"):
            assert text in page

    def test_the_class_stands_with_its_numeral_and_colour(self):
        feed("M1", [0.1], until=NOW)
        look(NOW, everything=True)
        page = Client(headers={"accept-language": "zh"}).get("/board/C/").content.decode()
        assert re.search(r'class="class large water-II">Ⅱ<', page)

    def test_it_is_complete_in_english(self):
        page = Client(headers={"accept-language": "en"}).get("/board/C/").content.decode()
        assert '<html lang="en">' in page
        assert "Who answers for this stretch" in page
        assert "River board" in page

    def test_the_list_links_every_board(self):
        page = Client().get("/board/").content.decode()
        assert all(f'href="/board/{code}/"' in page for code in "ABCD")

    def test_no_such_board(self):
        answer = Client(headers={"accept-language": "zh"}).get("/board/NOPE/")
        assert answer.status_code == 404
        assert "找不到这个页面" in answer.content.decode()

    def test_nothing_needs_a_script(self):
        for path in ("/board/", "/board/C/", "/report/"):
            assert "<script" not in Client().get(path).content.decode()

    def test_the_language_form_leads_back_but_never_away(self):
        answer = Client().post("/language/", {"language": "en", "next": "https://evil.example/"})
        assert answer["Location"] == "/"


@pytest.mark.usefixtures("county")
class TestReports:
    def test_a_report_becomes_a_case_with_a_code_to_follow_it(self):
        client = Client(headers={"accept-language": "zh"})
        answer = client.post("/report/", form(photo=SimpleUploadedFile("a.jpg", picture(), "image/jpeg")))
        case = Case.objects.get()
        assert answer["Location"] == f"/report/{case.tracking_code}/"
        assert (case.source, case.state, case.reach.code, case.suggested_unit.code) == (
            "public",
            "reported",
            "C",
            "town",
        )
        assert Attachment.objects.get().case == case
        receipt = client.get(answer["Location"]).content.decode()
        assert case.tracking_code in receipt and "信息采集" in receipt

    def test_the_receipt_tells_nobodys_name_and_nobodys_words(self):
        client = Client()
        location = client.post("/report/", form())["Location"]
        receipt = client.get(location).content.decode()
        assert "13800000000" not in receipt and "便道" not in receipt

    def test_everything_that_is_missing_is_told_at_once_and_what_was_written_is_kept(self):
        client = Client(headers={"accept-language": "zh"})
        answer = client.post("/report/", form(reach="", category=None, description="脏"))
        page = answer.content.decode()
        assert answer.status_code == 400
        assert page.count("<li>请选择") == 2 and "至少写4个字" in page
        assert ">脏</textarea>" in page
        assert Case.objects.count() == 0

    def test_sent_twice_is_one_report(self):
        twice = form()
        assert Client().post("/report/", twice)["Location"] == Client().post("/report/", twice)["Location"]
        assert Case.objects.count() == 1

    def test_the_same_report_with_other_photos_again_keeps_none_of_them(self):
        same = form()
        for shade in range(25):
            photo = SimpleUploadedFile("a.jpg", picture(f"rgb({10 * shade}, 0, 0)"), "image/jpeg")
            Client().post("/report/", same | {"photo": photo})
        assert (Case.objects.count(), Attachment.objects.count()) == (1, 1)

    def test_the_id_of_a_case_of_the_office_opens_nothing(self, people):
        new = NewCase(uuid4(), "内部工单", "不公开", source="office", categories=["litter"])
        office, _ = open_case(new, people["office"], NOW)
        answer = Client().post("/report/", form(uuid=str(office.uuid)))
        assert answer.status_code == 302
        own = Case.objects.get(source="public")
        assert answer["Location"] == f"/report/{own.tracking_code}/" and own != office

    def test_a_day_takes_so_many_reports_and_then_names_the_telephone(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("riverchief_server.api.public.report.REPORTS_A_DAY", 2)
        for _ in range(2):
            Client().post("/report/", form())
        answer = Client(headers={"accept-language": "zh"}).post("/report/", form())
        assert (answer.status_code, Case.objects.count()) == (400, 2)
        assert "请拨打公示牌上的监督电话" in answer.content.decode()

    def test_a_bad_photo_refuses_the_report_whole(self):
        answer = Client().post("/report/", form(photo=SimpleUploadedFile("a.jpg", b"no photo", "image/jpeg")))
        assert answer.status_code == 400
        assert Case.objects.count() == Attachment.objects.count() == 0

    def test_a_robot_in_the_trap_reports_nothing(self):
        Client().post("/report/", form(website="http://spam.example"))
        assert Case.objects.count() == 0

    def test_too_many_an_hour_are_told_so(self):
        for _ in range(10):
            Client().post("/report/", form())
        answer = Client(headers={"accept-language": "zh"}).post("/report/", form())
        assert (answer.status_code, Case.objects.count()) == (400, 10)
        assert "一小时内最多提交10次" in answer.content.decode()

    def test_words_of_a_report_are_escaped(self):
        page = Client().post("/report/", form(category=None, description="<script>alert(1)</script>")).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;" in page

    def test_a_wrong_code_is_a_page_and_no_error(self):
        assert Client().get("/report/AAAAAAAAAA/").status_code == 404
