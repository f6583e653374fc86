"""Stations that live: what a simulated station sends over the line stands on its page, and so do its pictures."""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import reload_until

OpenPage = Callable[..., Page]
SIZES_AND_LANGUAGES = [("desk", "zh-CN"), ("desk", "en-GB"), ("phone", "zh-CN"), ("phone", "en-GB")]


def test_what_a_station_has_just_sent_stands_on_its_page(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/messages?state=parsed&station=M-GY")
    for protocol in ("SL 651", "HJ 212"):  # the first frames leave within seconds of the start
        reload_until(page, lambda said=protocol: page.get_by_role("article").filter(has_text=said))
    page.goto("/desk/stations/M-GY")
    # the clock of the journeys does not look again, so the verdict is that of the feed; the values are what came
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="氨氮", exact=True))
    expect(row).to_be_visible()
    said = re.search(r"(\d\d):(\d\d)$", row.inner_text().strip())
    assert said is not None
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    minutes = (now.hour * 60 + now.minute - int(said[1]) * 60 - int(said[2])) % (24 * 60)
    assert minutes < 15


def test_a_slow_clock_is_set_over_the_line(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/health/M-GG")
    page.get_by_role("button", name="校时").click()
    expect(page.get_by_text("已提交：校时")).to_be_visible()
    reload_until(page, lambda: page.get_by_text("执行成功"))


def test_pictures_are_leafed_through_by_key_and_looked_at_larger(open_page: OpenPage):
    page = open_page(username="chief")
    page.goto("/desk/health/M-GY")
    leaf = page.get_by_role("group", name="现场图片")
    image = leaf.get_by_role("img", name=re.compile("^高燕河口模拟站拍摄的图片，.*（UTC\\+8）$"))
    expect(image).to_be_visible()
    assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") == 640
    newest = image.get_attribute("src")
    leaf.focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("picture="))
    expect(image).not_to_have_attribute("src", newest or "")
    expect(leaf.get_by_role("status")).to_have_text(re.compile("^第 2 张，共 1[23] 张"))
    page.reload()  # the address keeps which picture is shown
    expect(leaf.get_by_role("status")).to_have_text(re.compile("^第 2 张"))
    leaf.focus()
    page.keyboard.press("ArrowRight")
    expect(leaf.get_by_role("status")).to_have_text(re.compile("^第 1 张"))
    # beyond the newest there is nothing: the key does nothing, the button says so
    page.keyboard.press("ArrowRight")
    expect(leaf.get_by_role("button", name="后一张")).to_have_attribute("aria-disabled", "true")
    expect(leaf.get_by_role("status")).to_have_text(re.compile("^第 1 张"))
    page.get_by_role("button", name="放大").click()
    large = page.get_by_role("dialog")
    expect(large).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(large.get_by_role("status")).to_have_text(re.compile("^第 2 张"))
    box, small = large.get_by_role("img").bounding_box(), image.bounding_box()
    assert box is not None and small is not None and box["height"] > small["height"]
    page.keyboard.press("Escape")
    expect(large).not_to_be_visible()


@pytest.mark.parametrize(("size", "language"), SIZES_AND_LANGUAGES)
def test_nothing_is_left_over_at_the_edges_and_axe_finds_nothing(open_page: OpenPage, size: str, language: str):
    page = open_page(size, language, username="engineer")
    for path in ("/desk/health/M-GY", "/desk/stations/M-GY", "/desk/health/M-FX"):
        page.goto(path)
        name = "现场图片" if language == "zh-CN" else "Pictures"
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.goto("/desk/health/M-GY")
    page.get_by_role("button", name="放大" if language == "zh-CN" else "Larger").click()
    assert Axe().run(page).violations_count == 0
    dialog = page.get_by_role("dialog").bounding_box()
    assert dialog is not None and dialog["x"] >= 0 and dialog["width"] <= page.viewport_size["width"]


def test_a_station_without_a_camera_says_so_on_its_health_page_and_nothing_on_its_own(open_page: OpenPage):
    page = open_page(username="chief")
    page.goto("/desk/health/M-FX")
    expect(page.get_by_text("还没有收到图片。")).to_be_visible()
    page.goto("/desk/stations/M-FX")
    expect(page.get_by_role("heading", name="过程线")).to_be_visible()
    expect(page.get_by_role("heading", name="现场图片")).to_have_count(0)


def test_an_image_that_cannot_be_fetched_is_said_and_tried_again(open_page: OpenPage):
    page = open_page(username="chief")
    fails = [True]

    def answer(route: Route) -> None:
        if fails:
            fails.clear()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/pictures/*", answer)
    page.goto("/desk/health/M-GY")
    leaf = page.get_by_role("group", name="现场图片")
    expect(leaf.get_by_role("alert")).to_contain_text("图片没有取到")
    leaf.get_by_role("button", name="再试一次").click()
    expect(leaf.get_by_role("img")).to_be_visible()
    # one that is no picture of this station is said as what is not there
    page.goto("/desk/health/M-GY?picture=00000000-0000-0000-0000-000000000000")
    expect(page.get_by_text(re.compile("没有|找不到")).first).to_be_visible()
