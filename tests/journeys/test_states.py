"""What the desk promises where things go wrong or are missing: kept drafts, stale data, no map, only a keyboard."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.test_loop import REACH, picture

OpenPage = Callable[..., Page]


def drawn(page: Page) -> None:
    """Wait until the map has drawn everything."""
    page.wait_for_selector(".canvas[data-drawn=true]")


def test_a_report_is_kept_until_the_server_has_it_and_two_taps_report_once(open_page: OpenPage):
    page = open_page("phone", username="patroller")
    page.goto(f"/desk/report?reach={REACH}")
    page.locator("input[type=file]").set_input_files(picture())
    expect(page.get_by_text("已上传")).to_be_visible()
    page.get_by_label("乱堆").check()

    # no line: nothing is lost, neither by the failure nor by the page being closed
    page.route("**/api/cases", lambda route: route.abort())
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.get_by_text("联系不上服务器")).to_be_visible()
    page.unroute("**/api/cases")
    page.reload()
    expect(page.get_by_text("已恢复上次未提交的内容")).to_be_visible()
    expect(page.get_by_label("乱堆")).to_be_checked()
    expect(page.get_by_label("河段", exact=True)).to_have_value(REACH)
    expect(page.get_by_role("img", name="照片 1")).to_be_visible()

    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="上报", exact=True).dblclick()
    expect(page.get_by_text(re.compile("已上报，编号"))).to_be_visible()
    assert [url for url in sent if url.endswith("/api/cases")] == sent and len(sent) == 1
    page.goto("/desk/report")
    expect(page.get_by_label("乱堆")).not_to_be_checked()


def test_an_answer_that_got_lost_on_the_way_back_does_not_report_twice(open_page: OpenPage):
    page = open_page(username="patroller")
    page.goto(f"/desk/report?reach={REACH}")
    page.get_by_label("乱采").check()

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/cases", lose_the_answer)
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.get_by_text("联系不上服务器")).to_be_visible()
    page.unroute("**/api/cases")
    page.get_by_role("button", name="上报", exact=True).click()
    said = page.get_by_text(re.compile(r"已上报，编号 \S+。"))
    expect(said).to_be_visible()
    number = re.search(r"\d{6}-\d{4}-\d+", said.inner_text())
    assert number is not None
    page.goto(f"/desk/cases?reach={REACH}&state=open")
    expect(page.get_by_role("link", name=re.compile("乱采"))).to_have_count(1)


def test_without_a_line_what_was_shown_stays_and_says_from_when_it_is(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/stations")
    expect(page.get_by_role("table")).to_be_visible()
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("link", name="案件").first.click()
    expect(page.get_by_text("联系不上服务器")).to_be_visible()
    page.unroute("**/api/**")
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("link", name=re.compile("500229-2026-")).first).to_be_visible()
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_label("状态").select_option("closed")
    expect(page.get_by_text(re.compile("以下为.*的数据"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("500229-2026-")).first).to_be_visible()


def test_a_slow_answer_is_announced_by_a_skeleton(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/inbox")
    waiting: list[Route] = []
    page.route("**/api/rivers", lambda route: waiting.append(route))
    page.get_by_role("link", name="河流").click()
    # every part of the page that waits has a skeleton of its own
    expect(page.get_by_role("status", name="正在读取").first).to_be_visible()
    for _ in range(200):
        if waiting:
            break
        page.wait_for_timeout(50)  # lets the browser's news of the request come in
    waiting[0].continue_()
    expect(page.get_by_role("button", name=re.compile("^任河"))).to_be_visible()
    expect(page.get_by_role("status", name="正在读取")).to_have_count(0)


def test_what_is_not_there_is_said_with_a_heading(open_page: OpenPage):
    page = open_page(username="office")
    for path in ("/desk/cases/none", "/desk/stations/none", "/desk/nowhere"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1, name="没有找到")).to_be_visible()


def test_where_no_map_can_be_drawn_the_list_says_the_same(open_page: OpenPage):
    page = open_page(username="office")
    page.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind === 'webgl2' ? null : real.call(this, kind, ...rest) }"
    )
    page.goto("/desk/map")
    expect(page.get_by_text(re.compile("不能画图"))).to_be_visible()
    page.get_by_role("link", name="任河·修齐镇下段").click()
    expect(page).to_have_url(re.compile("reach=RH-11"))
    expect(page.get_by_role("complementary").get_by_role("heading", name="任河·修齐镇下段")).to_be_visible()


def test_the_map_can_be_walked_with_the_keyboard_alone(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/map")
    drawn(page)
    first = page.get_by_role("navigation", name="图上可见").get_by_role("button").first.inner_text()
    page.keyboard.press("1")
    expect(page.get_by_role("complementary").get_by_role("heading", level=2)).to_have_text(first.splitlines()[-1])
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="待我办理", exact=True)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("修齐")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/desk/(reaches|stations)/"))


def test_a_touch_on_a_reach_opens_it_beside_the_map(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/map?lens=water&reach=RH-11")
    drawn(page)
    expect(page.get_by_role("complementary").get_by_role("heading", name="任河·修齐镇下段")).to_be_visible()
    page.get_by_role("link", name="下游").first.click()
    expect(page).to_have_url(re.compile("reach=RH-12"))
    expect(page.get_by_role("radio", name="水质")).to_be_checked()
    page.go_back()
    expect(page).to_have_url(re.compile("reach=RH-11"))


def test_the_time_of_the_map_is_said_and_kept_in_the_address(open_page: OpenPage):
    page = open_page(username="office")
    page.goto("/desk/map?lens=water")
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "现在")
    slider.focus()
    with page.expect_response(re.compile(r"/api/lenses\?at=")) as answer:
        for _ in range(6):
            page.keyboard.press("ArrowLeft")
    shown = json.loads(answer.value.text())
    expect(page).to_have_url(re.compile("at=20"))
    expect(slider).not_to_have_attribute("aria-valuetext", "现在")
    assert shown["at"].startswith("20")
    page.get_by_role("button", name="回到现在").click()
    expect(page).not_to_have_url(re.compile("at="))


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_no_page_is_wider_than_the_screen(open_page: OpenPage, size: str):
    page = open_page(size, username="office")
    for path in ("/desk/map", "/desk/inbox", "/desk/rivers", "/desk/stations", "/desk/cases", "/desk/report",
                 "/desk/stations/S-GY?why=1", "/desk/reaches/RH-11", "/desk/cases/500229-2026-0003"):  # fmt: skip
        page.goto(path)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate(
            "[document.documentElement, document.querySelector('main')].map(e => e.scrollWidth - e.clientWidth)"
        )
        assert max(wide) <= 0, f"{path} at {size}: {wide}"
