"""The whole loop in a browser: report, register, dispatch, put right, verify, sign off; on desk and phone."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
REACH = "CZ-02"


def picture() -> dict:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "seagreen").save(buffer, "JPEG")
    return {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def report(page: Page) -> str:
    """Report a problem as a patroller and return the case's number."""
    page.goto("/desk/report")
    page.get_by_label("河面岸边垃圾").check()
    page.get_by_label("河段", exact=True).select_option(REACH)
    page.get_by_role("radio", name="左岸").check()
    page.get_by_label("一句话说明").fill("便道下方堆有垃圾")
    page.get_by_role("button", name="上报", exact=True).click()
    said = page.get_by_text(re.compile(r"已上报，编号 \S+。"))
    expect(said).to_be_visible()
    return re.search(r"\d{6}-\d{4}-\d+", said.inner_text()).group()  # type: ignore[union-attr]


def take(page: Page, number: str, step: str, fill: Callable[[Page], None] | None = None) -> None:
    """Take the step called ``step`` on the page of the case."""
    page.goto(f"/desk/cases/{number}")
    page.get_by_role("button", name=step, exact=True).click()
    form = page.get_by_role("form", name=step)
    if fill is not None:
        fill(page)
    form.get_by_role("button", name=f"确认{step}").click()
    expect(page.get_by_text(re.compile(f"已完成：{step}"))).to_be_visible()


def dispatch(page: Page) -> None:
    page.get_by_label("责任单位").select_option("500229108000")
    page.get_by_role("button", name=re.compile("天后")).last.click()


def verify(page: Page) -> None:
    page.get_by_label("说明").fill("现场干净")
    page.get_by_label(re.compile("不能拍摄现场照片的原因")).fill("夜间")


def put_right(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(picture())
    expect(page.get_by_text("已上传")).to_be_visible()
    page.get_by_label("说明").fill("已清运，并加装护栏")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_from_report_to_sign_off(open_page: OpenPage, size: str):
    number = report(open_page(size, username="patroller"))

    office = open_page(size, username="office")
    office.goto("/desk/inbox")
    expect(office.get_by_text(number)).to_be_visible()
    take(office, number, "立案")
    take(office, number, "派发", dispatch)

    town = open_page(size, username="gaoyan")
    town.goto("/desk/inbox")
    expect(town.get_by_text(number)).to_be_visible()
    take(town, number, "接收")
    take(town, number, "整改完成", put_right)

    # whoever did the work is not offered to verify it, and is told who may
    town.goto(f"/desk/cases/{number}")
    expect(town.get_by_text(re.compile("只能由核查员"))).to_have_count(2)
    expect(town.get_by_role("button", name="核查通过")).to_have_count(0)

    verifier = open_page(size, username="verifier")
    take(verifier, number, "核查通过", verify)
    take(office, number, "销号")

    expect(office.get_by_text(re.compile("经过只增不改，校验一致"))).to_be_visible()
    expect(office.get_by_text("整改后").first).to_be_visible()
    office.screenshot(full_page=True)


def test_a_step_taken_elsewhere_meanwhile_is_told_and_nothing_written_is_lost(open_page: OpenPage):
    number = report(open_page(username="patroller"))
    first, second = open_page(username="office"), open_page(username="office")
    for page in (first, second):
        page.goto(f"/desk/cases/{number}")
        page.get_by_role("button", name="立案", exact=True).click()
    second.get_by_label(re.compile("说明")).fill("已电话核实")
    first.get_by_role("button", name="确认立案").click()
    expect(first.get_by_text(re.compile("已完成：立案"))).to_be_visible()
    second.get_by_role("button", name="确认立案").click()
    expect(second.get_by_text("您填写期间，这个案件变了")).to_be_visible()
    expect(second.get_by_label(re.compile("说明"))).to_have_value("已电话核实")


def test_a_passer_by_reports_without_an_account_and_follows_the_report(open_page: OpenPage):
    page = open_page("phone")
    page.goto(f"/board/{REACH}/")
    page.get_by_label("河面岸边垃圾").check()
    page.get_by_label("请描述您看到的").fill("左岸便道下面有一堆垃圾")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="已收到您反映的问题")).to_be_visible()
    code = page.locator(".receipt-code").inner_text()
    office = open_page(username="office")
    office.goto("/desk/inbox")
    expect(office.get_by_text(re.compile("群众反映")).first).to_be_visible()
    page.goto(f"/report/{code.lower()}/")
    expect(page.get_by_text("信息采集")).to_be_visible()
