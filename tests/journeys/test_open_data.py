"""Somebody without an account looks at the open data in a browser: from the start to one reach, without script."""

import json
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

OpenPage = Callable[..., Page]


def test_from_the_landing_page_to_a_reach_and_its_board(browser: Browser, server: str):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN", base_url=server)
    page = context.new_page()
    page.goto("/features")
    page.get_by_role("link", name="河段", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("河段")
    assert page.locator(".sketch path").count() >= 98
    page.get_by_role("rowheader").get_by_role("link", name="RH-23").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("任河·水寨子段")
    page.get_by_role("link", name="河长公示牌").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("任河·水寨子段")
    context.close()


def test_pages_are_turned_and_the_language_stays(open_page: OpenPage):
    page = open_page(language="en-GB")
    page.goto("/features/collections/reaches/items?limit=60")
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_text("显示 60 个，共 98 个")).to_be_visible()
    page.get_by_role("link", name="下一页").click()
    expect(page.get_by_text("显示 38 个，共 98 个")).to_be_visible()
    expect(page.get_by_role("link", name="下一页")).to_have_count(0)
    page.get_by_role("link", name="第一页").click()
    expect(page.get_by_text("显示 60 个，共 98 个")).to_be_visible()


def test_the_page_leads_to_its_data(open_page: OpenPage):
    page = open_page()
    page.goto("/features/collections/outfalls/items?bank=left")
    rows = page.locator("tbody tr").count()
    page.get_by_role("link", name="JSON").click()
    found = json.loads(page.locator("body").inner_text())
    assert found["numberReturned"] == rows > 0
    assert {one["properties"]["bank"] for one in found["features"]} == {"left"}
