"""The chief's ten seconds: what is overdue, whose, the telephone; one sentence of supervision that the unit hears."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
CASE = "高燕锰渣库截水沟破损，渗滤液外溢"


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_chief_supervises_from_the_card_and_the_unit_hears_of_it(open_page: OpenPage, size: str):
    sentence = f"本周内修复截水沟（{size}）"
    chief = open_page(size, username="chief")
    chief.goto("/desk/overdue")
    card = chief.get_by_role("article", name=CASE)
    expect(card.get_by_text("高燕镇人民政府")).to_be_visible()
    expect(card.get_by_text(re.compile("超期"))).to_be_visible()
    expect(card.get_by_role("link", name=re.compile(r"023-\d+"))).to_have_attribute("href", re.compile("^tel:"))
    card.get_by_role("button", name="督办", exact=True).click()
    card.get_by_role("button", name="确认督办").click()
    expect(card.get_by_text("必填").or_(card.locator(".fault"))).to_be_visible()
    card.get_by_role("textbox", name="督办").fill(sentence)
    card.get_by_role("button", name="确认督办").click()
    expect(card.get_by_text(re.compile("已督办，高燕镇人民政府"))).to_be_visible()
    expect(card.get_by_text(re.compile(re.escape(sentence)))).to_be_visible()

    town = open_page(size, username="gaoyan")
    town.goto("/desk/notices")
    expect(town.get_by_role("link", name=re.compile(re.escape(sentence)))).to_be_visible()
    town.get_by_role("link", name=re.compile(re.escape(sentence))).click()
    expect(town.get_by_role("heading", name=CASE)).to_be_visible()
    expect(town.get_by_text(sentence)).to_be_visible()
    expect(town.get_by_role("button", name="督办", exact=True)).to_have_count(0)
