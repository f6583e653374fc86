"""From an exceedance to its source: trace it, read who it may have been, and open a case there with one press."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
TRACED_MS = 120_000


def traced(page: Page, compute: str, ready: str) -> None:
    """The episode at 高燕河口: one night discharge that nobody saw."""
    page.goto("/desk/episodes")
    page.get_by_role("link", name=re.compile("高燕河口")).click()
    button = page.get_by_role("button", name=compute, exact=True)
    again = page.get_by_role("heading", name=ready)
    expect(button.or_(again).first).to_be_visible()
    if button.count():
        button.click()
    expect(again).to_be_visible(timeout=TRACED_MS)


@pytest.mark.parametrize(
    ("size", "language", "compute", "ready"),
    [
        ("desk", "zh-CN", "开始溯源", "候选排口"),
        ("phone", "zh-CN", "开始溯源", "候选排口"),
        ("desk", "en-GB", "Trace the source", "Suspects"),
        ("phone", "en-GB", "Trace the source", "Suspects"),
    ],
)
def test_the_suspects_are_ranked_drawn_and_explained(
    open_page: OpenPage, size: str, language: str, compute: str, ready: str
):
    page = open_page(size, language, username="engineer")
    traced(page, compute, ready)
    # the outfall that really did it (example/chengkou/discharge.py) is among those that hold nine tenths
    suspects = page.locator("ol.suspects > li.in-set")
    expect(suspects.locator("strong", has_text="高燕规模养殖场粪污贮存池排口")).to_have_count(1)
    expect(page.get_by_role("img", name=re.compile("候选排口示意图|Map of the suspects"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("实测与推算|measured and explained")).first).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"the page is {wider} px wider than the screen"


def test_one_press_opens_a_case_at_the_source_with_the_trace_as_evidence(open_page: OpenPage):
    page = open_page(username="office")
    traced(page, "开始溯源", "候选排口")
    address = page.url
    page.locator("ol.suspects > li").first.get_by_role("button", name=re.compile("在此立案")).click()
    expect(page.get_by_role("heading", name=re.compile("溯源指向"))).to_be_visible()
    expect(page.get_by_text(re.compile("按监测数据溯源"))).not_to_have_count(0)
    evidence = page.get_by_role("link", name="看溯源证据")
    expect(evidence).to_be_visible()
    evidence.click()
    expect(page.get_by_role("heading", name="候选排口")).to_be_visible()
    assert page.url.partition("?")[0] == address.partition("?")[0]
    expect(page.get_by_role("link", name=re.compile("案件 500229-")).first).to_be_visible()


def test_repeated_the_answer_is_the_same_to_the_last_digit(open_page: OpenPage):
    page = open_page(username="office")
    traced(page, "开始溯源", "候选排口")
    page.get_by_role("button", name="原样重算").click()
    expect(page.get_by_text("重复计算，结果与原来逐位相同。")).to_be_visible(timeout=TRACED_MS)


def test_who_may_not_compute_is_told_who_may(open_page: OpenPage):
    page = open_page(username="patroller")
    page.goto("/desk/episodes/2")
    expect(page.get_by_text(re.compile("不能新建；请联系河长办或监测工程师"))).to_be_visible()
    expect(page.get_by_role("button", name="开始溯源")).to_have_count(0)
