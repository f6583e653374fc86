"""The raw inbox and the import of a file, as an engineer meets them in a browser."""

import re
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def upload(page: Page, text: str) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "化验.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
    )


def test_a_factor_nobody_knew_is_explained_and_what_was_refused_is_read_again(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/messages")
    expect(page.get_by_text(re.compile(r"\d条数据收到后没有全部读懂，3种原因"))).to_be_visible()
    unknown = page.get_by_role("listitem").filter(has_text=re.compile("^6 条"))
    unknown.get_by_role("button", name="重新读取 6 条").click()
    expect(unknown.get_by_text("重新读取了 6 条：0 条读懂了，6 条仍被拒收。")).to_be_visible()
    unknown.get_by_role("button", name="只看这些").click()
    expect(page).to_have_url(re.compile("reason=unknown_factor"))
    message = page.get_by_role("article").first
    expect(page.get_by_role("article")).to_have_count(6)
    message.get_by_role("button", name="看原文").click()
    expect(message.get_by_role("group", name="原文")).to_contain_text("PW=******;MN=")
    message.get_by_role("button", name="说明“w99321”是什么").click()
    form = message.get_by_role("form")
    form.get_by_label("“w99321”是").select_option("COD")
    form.get_by_label("单位").fill("parsec")
    form.get_by_role("button", name="保存并重新读取").click()
    expect(message.get_by_role("alert")).to_contain_text("parsec")
    form.get_by_label("单位").fill("mg/L")
    form.get_by_role("button", name="保存并重新读取").click()
    expect(message.get_by_text("读懂了，1 个数据。")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.reload()
    rest = page.get_by_role("listitem").filter(has_text=re.compile("^5 条"))
    rest.get_by_role("button", name="重新读取 5 条").click()
    expect(page.get_by_text("没有符合条件的数据")).to_be_visible()


def test_bytes_that_are_no_text_are_a_dump_and_never_markup(open_page: OpenPage):
    page = open_page("phone", username="engineer")
    page.goto("/desk/messages?reason=bad_length")
    page.get_by_role("button", name="看原文").click()
    expect(page.get_by_role("group", name="原文")).to_contain_text("000000  23 23 30 30 36 32")
    expect(page.get_by_text("不是文字，按字节显示。")).to_be_visible()
    assert Axe().run(page).violations_count == 0


def test_who_may_not_import_is_told_so_and_offered_no_way_in(open_page: OpenPage):
    page = open_page(username="patroller")
    page.goto("/desk/health")
    expect(page.get_by_role("link", name="运行状况")).to_be_visible()
    expect(page.get_by_role("link", name="原始数据")).to_have_count(0)
    for path in ("/desk/messages", "/desk/files"):
        page.goto(path)
        expect(page.get_by_role("heading", name="您无权查看这里")).to_be_visible()


def test_a_file_is_looked_at_put_right_and_imported_whole(open_page: OpenPage):
    page = open_page(username="engineer")
    page.goto("/desk/files")
    header = "站点,时间,氨氮(mg/L),甲\n"
    rows = ["菜子坝模拟站,2026-11-20 09:30,0.21,7", "菜子坝模拟站,2026-11-20 10:30,x,8", "土堡,2026-11-20 10:30,0.2,8"]
    upload(page, header + "\n".join(rows))
    expect(page.get_by_text("现在什么也没有写入")).to_be_visible()
    faults = page.get_by_role("listitem").filter(has_text=re.compile("甲|土堡|“x”"))
    expect(faults).to_have_count(3)
    expect(page.get_by_role("button", name=re.compile("^导入"))).to_have_count(0)
    assert Axe().run(page).violations_count == 0
    upload(page, "站点,时间,氨氮(mg/L),甲\n菜子坝模拟站,2026-11-20 09:30,0.21,7\n菜子坝模拟站,2026-11-20 10:30,0.2,8\n")
    page.get_by_label("这一列是: 甲").select_option("value:TURB")
    expect(page.get_by_text("2行全部读懂：1个站点，4个数据。可以导入。")).to_be_visible()
    page.get_by_label(re.compile("记住这样的对应")).fill("化验室甲")
    page.get_by_label("这个来源属于哪个站点").select_option("M-CZ")
    page.get_by_role("button", name="导入 4 个数据").click()
    expect(page.get_by_text("已导入：4个新数据")).to_be_visible()
    expect(page.get_by_text("对应关系已记为“化验室甲”")).to_be_visible()
    # the next file of this source needs no hand
    page.get_by_label("来源").select_option("化验室甲")
    upload(page, "站点,时间,氨氮(mg/L),甲\n菜子坝模拟站,2026-11-21 09:30,0.22,7\n")
    page.get_by_role("button", name="导入 2 个数据").click()
    expect(page.get_by_text("已导入：2个新数据")).to_be_visible()


def test_a_line_that_breaks_while_importing_loses_nothing_and_may_be_tried_again(open_page: OpenPage):
    page = open_page("phone", username="engineer")
    page.goto("/desk/files")
    upload(page, "站点,时间,氨氮(mg/L)\n菜子坝模拟站,2026-11-19 09:30,0.21\n")
    page.route("**/api/files", lambda route: route.abort())
    page.get_by_role("button", name="导入 1 个数据").click()
    expect(page.get_by_text("联系不上服务器")).to_be_visible()
    page.unroute("**/api/files")
    page.get_by_role("button", name="导入 1 个数据").click()
    expect(page.get_by_text("已导入：1个新数据")).to_be_visible()
