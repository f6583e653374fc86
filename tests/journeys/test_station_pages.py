"""The pages about stations: how they do, what may be asked of them, what was done there, series and downloads."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import reload_until

OpenPage = Callable[..., Page]


def test_the_silent_station_stands_first_and_leads_to_its_page(open_page: OpenPage):
    page = open_page(username="chief")
    page.goto("/desk/stations")
    page.get_by_role("link", name="运行状况").click()
    expect(page.get_by_role("status")).to_contain_text("1个中断（三合水库模拟站自")
    first = page.get_by_role("table").get_by_role("row").nth(1)
    expect(first).to_contain_text("中断")
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="三合水库模拟站")).to_be_visible()
    expect(page.get_by_text(re.compile("起没有新数据，已"))).to_be_visible()
    # who only watches sees no command and no form
    expect(page.get_by_role("button", name="校时")).to_have_count(0)
    expect(page.get_by_role("button", name="登记一次维护")).to_have_count(0)


def test_an_engineer_sets_a_clock_and_asks_for_a_period_again(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/health/M-CZ")
    page.get_by_role("button", name="校时").click()
    expect(page.get_by_text("已提交：校时")).to_be_visible()
    page.get_by_role("button", name="补发数据").click()
    form = page.get_by_role("form", name="补发数据")
    form.get_by_label("从（站点时间）").fill("2026-11-22T08:00")
    form.get_by_label("到", exact=True).fill("2026-11-21T08:00")
    form.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("超出允许范围")
    form.get_by_label("到", exact=True).fill("2026-11-23T08:00")
    form.get_by_role("button", name="提交").click()
    expect(page.get_by_text("补发小时数据：2026-11-22 08:00 至 2026-11-23 08:00")).to_be_visible()
    # the station is there and answers: its clock is set, of the period it has kept nothing
    reload_until(page, lambda: page.get_by_text("ExeRtn=1 执行成功"))
    reload_until(page, lambda: page.get_by_text("ExeRtn=100 没有数据"))
    expect(page.get_by_text("ExeRtn=1 执行成功")).to_be_visible()
    expect(page.get_by_text("ExeRtn=100 没有数据")).to_be_visible()


def test_work_done_is_entered_on_the_phone_and_withdrawn_with_a_reason(open_page: OpenPage):
    page = open_page("phone", username="engineer")
    page.goto("/desk/health/M-FX")
    expect(page.get_by_text("还没有维护记录")).to_be_visible()
    page.get_by_role("button", name="登记一次维护").click()
    form = page.get_by_role("form", name="登记一次维护")
    form.get_by_label("做了什么").select_option("cleaning")
    form.get_by_label("涉及项目").select_option("DO")
    form.get_by_label("结束时间").fill("2020-01-01T08:00")
    form.get_by_label("说明").fill("<b>清洗</b>流通池")
    form.get_by_role("button", name="保存").click()
    # an end before its beginning: what was typed stays
    expect(form.get_by_role("alert")).to_be_visible()
    expect(form.get_by_label("说明")).to_have_value("<b>清洗</b>流通池")
    form.get_by_label("结束时间").fill("")
    form.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已登记：清洗。")).to_be_visible()
    expect(page.get_by_text("<b>清洗</b>流通池")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="作废").click()
    page.get_by_label("为什么作废").fill("登错站了")
    page.get_by_role("form", name="作废").get_by_role("button", name="作废").click()
    expect(page.get_by_text("已作废（监测工程师）：登错站了")).to_be_visible()


def test_a_series_is_zoomed_by_drag_and_by_button_and_the_window_is_in_the_address(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/stations/M-TBZ?parameter=CODMN&range=all")
    expect(page.get_by_text("◇ 有标记的数据：仪器故障")).to_be_visible()
    chart = page.locator(".u-over")
    box = chart.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.7, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=5)
    with page.expect_response(re.compile(r"/series/CODMN\?start=.*points=")) as answer:
        page.mouse.up()
    zoomed = answer.value.json()
    expect(page).to_have_url(re.compile("from=2026-.*&to=2026-"))
    expect(page.get_by_text(re.compile("图上时段："))).to_be_visible()
    with page.expect_response(re.compile(r"/series/CODMN\?")) as answer:
        page.get_by_role("button", name="缩小").press("Enter")
    assert answer.value.json()["total"] > zoomed["total"] > 0
    page.reload()
    expect(page.get_by_text(re.compile("图上时段："))).to_be_visible()
    page.get_by_role("button", name="回到全部时段").click()
    expect(page).not_to_have_url(re.compile("from="))


@pytest.mark.parametrize(
    ("form", "suffix", "start"),
    [
        ("csv", ".csv", b"\xef\xbb\xbf"),
        ("xlsx", ".xlsx", b"PK"),
        ("parquet", ".parquet", b"PAR1"),
        ("waterml2", ".xml", b"<?xml"),
    ],
)
def test_the_period_shown_can_be_taken_away(open_page: OpenPage, form: str, suffix: str, start: bytes):
    page = open_page(username="chief")
    page.goto("/desk/stations/M-GY?parameter=NH3N")
    page.get_by_text("下载数据").click()
    page.get_by_label("格式").select_option(form)
    with page.expect_download() as loading:
        page.get_by_role("link", name="下载").click()
    assert loading.value.suggested_filename.endswith(suffix)
    content = loading.value.path().read_bytes()
    assert content.startswith(start) or (form == "csv" and content[:200].isascii() is False) or form == "csv", content[
        :20
    ]
    assert len(content) > 1000
