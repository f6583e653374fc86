"""A spill on the page: from a touch on the river to a notice in the hand, with mouse, keyboard and phone."""

import re
import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import WAIT_MS

OpenPage = Callable[..., Page]
ANSWER = re.compile(r"/desk/spills/[0-9a-f-]{36}")
WORDS = {
    "zh-CN": {"compute": "开始推演", "amount": "数量", "table": "下游各处", "notice": "给下游的通报", "done": "已完成"},
    "en-GB": {
        "compute": "Compute",
        "amount": "How much",
        "table": "Places downstream",
        "notice": "Notice to the neighbour downstream",
        "done": "done",
    },
}


def asked(page: Page, query: str = "reach=RH-05&chainage_m=1200&amount=800", compute: str = "开始推演") -> None:
    page.goto(f"/desk/spills?{query}")
    page.get_by_role("button", name=compute).click()
    page.wait_for_url(ANSWER)


def answered(page: Page, language: str = "zh-CN") -> None:
    asked(page, compute=WORDS[language]["compute"])
    expect(page.get_by_role("group", name=re.compile(WORDS[language]["table"]))).to_be_visible()


def without_faults(page: Page) -> None:
    if page.locator(".canvas").count():
        page.locator(".canvas[data-drawn=true]").wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"the page is {wider} px wider than the screen"


def at_rest(canvas: Locator) -> bytes:
    """The picture of a canvas that draws no more."""
    before, now = b"", canvas.screenshot()
    while before != now:
        before, now = now, canvas.screenshot()
    return now


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("size", ["desk", "phone"])
class TestBothPages:
    def test_the_question(self, open_page: OpenPage, size: str, language: str):
        page = open_page(size, language, username="engineer")
        page.goto("/desk/spills?reach=RH-05&unit=m3&parameter=-&duration_h=8")
        expect(page.get_by_text(re.compile("高观、修齐|高观, 修齐"))).to_be_visible()
        without_faults(page)

    def test_the_answer(self, open_page: OpenPage, size: str, language: str):
        page = open_page(size, language, username="engineer")
        answered(page, language)
        said = WORDS[language]
        expect(page.get_by_text(said["done"], exact=True)).to_be_visible()
        expect(
            page.get_by_text(re.compile("到达复兴街道应急备用取水口|It reaches 复兴街道应急备用取水口"))
        ).to_be_visible()
        expect(page.get_by_role("textbox", name=said["notice"])).to_have_value(re.compile("800 kg"))
        without_faults(page)
        if size == "desk":
            # the table fits beside the map: nobody has to scroll sideways for the verdict
            hidden = page.get_by_role("group", name=re.compile(said["table"])).evaluate(
                "e => e.scrollWidth - e.clientWidth"
            )
            assert hidden <= 0, f"{hidden} px of the table are out of sight"


def test_a_touch_on_the_river_is_the_place(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/spills")
    page.locator(".canvas[data-drawn=true]").wait_for()
    box = page.locator(".canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    expect(page.get_by_text(re.compile(r"距河段起点 \d+\.\d\d km"))).to_be_visible()
    assert "reach=" in page.url and "chainage_m=" in page.url


def test_with_the_keyboard_alone(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/spills")
    reach = page.get_by_label("河段", exact=True)
    reach.focus()
    reach.select_option("QH-05")
    page.get_by_label("泄漏物").select_option("MN")
    page.get_by_label("数量").focus()
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    page.wait_for_url(ANSWER)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^锰 50 kg，前河·蓼子—咸宜段"))
    slider = page.get_by_role("slider", name="时间")
    before = slider.get_attribute("aria-valuetext")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuetext", str(before))
    assert re.search(r"step=\d+", page.url)


def test_the_front_moves_on_the_map(open_page: OpenPage):
    page = open_page(username="engineer")
    answered(page)
    page.locator(".canvas[data-drawn=true]").wait_for()
    canvas = page.locator("canvas.maplibregl-canvas")
    slider = page.get_by_role("slider", name="时间")

    def show(step: int) -> None:
        slider.evaluate(
            "(e, step) => { e.value = step; e.dispatchEvent(new Event('input', { bubbles: true })); }", step
        )

    show(2)
    early = at_rest(canvas)
    show(60)
    end = time.monotonic() + WAIT_MS / 1000
    while canvas.screenshot() == early:
        assert time.monotonic() < end, "the map shows the same at both steps"
    # who asked for less motion is not offered an animation, and can step instead
    expect(page.get_by_role("button", name="播放")).to_have_count(0)
    expect(page.get_by_role("button", name="下一步")).to_be_enabled()


def test_where_motion_is_welcome_it_plays_and_rests(open_page: OpenPage):
    page = open_page(username="engineer")
    page.emulate_media(reduced_motion="no-preference")
    answered(page)
    slider = page.get_by_role("slider", name="时间")
    before = slider.input_value()
    page.get_by_role("button", name="播放").click()
    expect(slider).not_to_have_value(before)
    page.get_by_role("button", name="暂停").click()
    rested = slider.input_value()
    page.wait_for_timeout(600)
    assert slider.input_value() == rested


def test_what_is_missing_is_said_beside_its_field_and_what_is_typed_stays(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/spills?parameter=TP")
    page.get_by_role("button", name="开始推演").click()
    expect(page.get_by_text("请填写泄漏了多少。").first).to_be_visible()
    expect(page.get_by_text("请在地图上点，或选择河段。").first).to_be_visible()
    page.get_by_label("数量").fill("3")
    page.reload()
    expect(page.get_by_label("数量")).to_have_value("3")
    expect(page.get_by_label("泄漏物")).to_have_value("TP")


def test_what_the_server_refuses_stands_beside_its_field(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/spills?reach=RH-05&amount=5&unit=m3")
    page.get_by_role("button", name="开始推演").click()
    expect(page.locator(".field", has=page.get_by_label("含量（mg/L）")).locator(".fault")).to_be_visible()


def test_the_notice_is_copied(open_page: OpenPage):
    page = open_page(username="engineer")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered(page)
    page.get_by_label("发给").select_option(label="复兴街道应急备用取水口")
    page.get_by_role("button", name="复制通报").click()
    expect(page.get_by_text("已复制。")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("关于水污染事件影响下游的通报")


def test_a_case_is_opened_with_the_sentence_in_it(open_page: OpenPage):
    page = open_page(username="engineer")
    answered(page)
    page.get_by_role("link", name="就此立案").click()
    expect(page.get_by_label("一句话说明")).to_have_value(re.compile("^氨氮 800 kg"))
    expect(page.get_by_label(re.compile("详细情况"))).to_have_value(re.compile("到达复兴街道应急备用取水口"))


def test_it_is_found_again_and_repeated_exactly(open_page: OpenPage):
    page = open_page(username="engineer")
    answered(page)
    page.get_by_role("button", name="原样重算").click()
    expect(page.get_by_text("重复计算，结果与原来逐位相同。")).to_be_visible()
    page.get_by_role("link", name="泄漏推演").first.click()
    expect(page.get_by_role("link", name=re.compile("^氨氮 800 kg")).first).to_be_visible()


def test_a_long_one_shows_progress_and_is_cancelled(open_page: OpenPage):
    # above the reservoir: its long memory takes seconds to compute
    page = open_page(username="engineer")
    asked(page, "reach=SH-01&amount=50&parameter=CODMN")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="取消计算").click()
    expect(page.get_by_text("已取消", exact=True)).to_be_visible()
    expect(page.get_by_text("计算已取消，没有结果。")).to_be_visible()
    page.get_by_role("link", name="改条件再算").click()
    expect(page.get_by_label("数量")).to_have_value("50")


def test_a_role_without_the_right_is_told_who_has_it(open_page: OpenPage):
    page = open_page(username="patroller")
    page.goto("/desk/spills")
    expect(page.get_by_text(re.compile("您的角色可以查看推演，不能新建"))).to_be_visible()
    expect(page.get_by_role("button", name="开始推演")).to_have_count(0)
    without_faults(page)


def test_the_reach_leads_to_its_spill(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/reaches/RH-05")
    page.get_by_role("main").get_by_role("link", name="泄漏推演").click()
    expect(page.get_by_label("河段", exact=True)).to_have_value("RH-05")
