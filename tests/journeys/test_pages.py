"""Each page at the sizes people use, in both languages: it says its sentence and axe finds nothing."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import SIZES

OpenPage = Callable[..., Page]
PAGES = {
    "map": ("/desk/map", re.compile(r"待我办理\d+件|wait for me")),
    "inbox": ("/desk/inbox", re.compile(r"件等您办理|wait for you|没有等您|Nothing waits")),
    "cases": ("/desk/cases", re.compile(r"共\d+件|\d+ cases")),
    "rivers": ("/desk/rivers", re.compile("个断面中评价|sections judged, ")),
    "stations": ("/desk/stations", re.compile("水温|water temperature")),
    "health": ("/desk/health", re.compile("个站点，|stations, ")),
    "raw inbox": ("/desk/messages", re.compile("没有全部读懂|not wholly understood")),
    "files": ("/desk/files", re.compile("要么一个也不写|or nothing")),
    "station health": ("/desk/health/M-XQ", re.compile("仪器时钟慢|Its clock is")),
    "station": ("/desk/stations/S-GY", re.compile("11月：|2026: |年以来：|so far: |月：")),
    "real station": ("/desk/stations/W-TBZ", re.compile("土堡寨")),
    "reach": ("/desk/reaches/CZ-03", re.compile("高燕—葛城段")),
    "episodes": ("/desk/episodes", re.compile(r"共\d+次超标|\d+ episodes")),
    "episode": ("/desk/episodes/2", re.compile("开始溯源|Trace the source|再算一次|Trace again")),
    "case": ("/desk/cases/500229-2026-0003", re.compile("500229-2026-0003")),
    "report": ("/desk/report", re.compile("在哪里|Where")),
    "boards": ("/board/", re.compile("全部公示牌|river boards")),
    "board": ("/board/CZ-03/", re.compile("河长 · 葛城街道")),
    "public report": ("/report/", re.compile("反映问题|Report a problem")),
    "open data": ("/features", re.compile("按 OGC API - Features 提供|by OGC API - Features")),
    "open rivers": ("/features/collections/reaches/items", re.compile("共 98 个|98 of 98")),
    "open section": ("/features/collections/sections/items/S-GY", re.compile("水质目标|Target class")),
    "open properties": ("/features/collections/reaches/queryables", re.compile("可查询属性|Properties for filters")),
    "open interface": ("/features/api", re.compile("接口说明|Description of the interface")),
    "open refusal": ("/features/collections/lakes", re.compile("没有要素集|there is no collection")),
}


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_for_and_axe_finds_nothing(open_page: OpenPage, name: str, language: str):
    path, sentence = PAGES[name]
    page = open_page("desk", language, username="office")
    page.goto(path)
    for size, (width, height) in SIZES.items():  # fetched once, looked at in each size
        page.set_viewport_size({"width": width, "height": height})
        expect(page.get_by_text(sentence).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{size}: {found.generate_report()}"
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{size}: the page is {wider} px wider than the screen"


@pytest.mark.parametrize("path", ["/desk/stations/S-GY", "/desk/reaches/CZ-03"])
def test_water_over_time_stands_beside_the_year_before_with_what_it_rests_on(open_page: OpenPage, path: str):
    page = open_page(username="office")
    page.goto(path)
    table = page.get_by_role("group", name="不同时段").get_by_role("table")
    expect(table.get_by_role("columnheader", name="去年同期")).to_be_visible()
    expect(table.get_by_role("rowheader")).to_have_count(3)
    year = table.get_by_role("row", name=re.compile("年以来"))
    expect(year).to_contain_text("至少需要8个月")
    expect(year).to_contain_text("未经核实")


def test_the_rivers_page_counts_the_sections_that_have_no_verdict(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/rivers")
    # nine sections of the demonstration are measured and three are not
    expect(page.get_by_text(re.compile(r"12个断面中评价9个")).first).to_be_visible()


def test_the_login_page_offers_one_click_for_each_role(open_page: OpenPage):
    page = open_page()
    page.goto("/")
    page.get_by_role("button", name=re.compile("河长办 值班员")).click()
    expect(page.get_by_text(re.compile("待我办理"))).not_to_have_count(0)


def test_nobody_sees_a_page_of_the_desk_without_logging_in(open_page: OpenPage):
    page = open_page()
    page.goto("/desk/cases/500229-2026-0003")
    expect(
        page.get_by_role("heading", name="登录", exact=True).or_(page.get_by_text("选一个角色进入演示"))
    ).to_be_visible()
    expect(page.get_by_text("渗滤液")).to_have_count(0)


def test_the_map_draws_the_rivers_and_says_that_it_is_schematic(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/map?lens=water")
    expect(page.get_by_text("示意").first).to_be_visible()
    page.locator(".canvas[data-drawn=true]").wait_for()
    # the canvas is not blank: several colours, river blue among what is drawn
    shot = page.locator("canvas.maplibregl-canvas").screenshot()
    from io import BytesIO

    from PIL import Image

    colours = Image.open(BytesIO(shot)).convert("RGB").getcolors(1 << 24) or []
    assert len(colours) > 50


def test_why_opens_the_laws_table_with_the_row_lit(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/stations/S-GY")
    page.get_by_role("button", name=re.compile("为什么")).click()
    expect(page.get_by_text(re.compile("GB 3838-2002 表1")).first).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("总磷")).first).to_be_visible()


def test_the_language_can_be_switched_and_stays(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/inbox")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text(re.compile("wait for you")).first).to_be_visible()
    page.goto("/board/")
    expect(page.get_by_role("heading", name="All river boards")).to_be_visible()


def test_the_class_stands_with_its_numeral_wherever_its_colour_stands(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/stations")
    chips = page.locator(".class")
    expect(chips.first).to_be_visible()
    numerals = {text.strip() for text in chips.all_inner_texts()}
    assert numerals <= {"Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ", "—", "I", "II", "III", "IV", "V", "劣V"} and numerals
