"""A real Chromium against a real server with the demonstration county, both at the sizes people use.

Each worker of a run has one Chromium and one demonstration, and logs everybody in once.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, StorageState, expect, sync_playwright

ASSETS = Path(__file__).resolve().parents[2] / "src" / "riverchief_server" / "assets"
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
# As root Chromium needs no sandbox; without a screen WebGL is drawn by SwiftShader; nothing may call home.
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WAIT_MS = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them need a browser; they run in a process of their own (see tools/run_tests.py)."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Debian's Chromium is; without it the tests say so loudly, and in CI they fail."""
    found = shutil.which("chromium")
    missing = "CHROMIUM" if found is None else "THE BUILT PAGES (make web)" if not ASSETS.exists() else ""
    if missing:
        say = f"{missing} MISSING: the browser tests proved nothing"
        if os.environ.get("RIVERCHIEF_CI"):
            pytest.fail(say)
        pytest.skip(say)
    return str(found)


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration, as ``riverchief demo`` serves it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RIVERCHIEF_", "DJANGO_"))}
    settings = kept | {"RIVERCHIEF_HOME": str(tmp_path_factory.mktemp("home")), "RIVERCHIEF_CLOCK_S": "3600"}
    command = [sys.executable, "-m", "riverchief_server.cli", "demo", "--port", str(port)]
    process = subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "Riverchief is ready" in line:  # other lines may say "already"
            break
    else:
        pytest.fail(f"the demonstration did not start:\n{said}")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=WAIT_MS)  # a busy machine answers late, and who is answered at once does not wait
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def logged_in(browser: Browser, server: str) -> Callable[[str], StorageState]:
    """What a browser keeps of somebody who has just logged in; everybody logs in once."""

    @cache
    def state(username: str) -> StorageState:
        context = browser.new_context(base_url=server)
        try:
            context.request.get("/api/session")
            token = next(one["value"] for one in context.cookies() if one["name"] == "csrftoken")
            answer = context.request.post(
                "/api/session/demo", data={"username": username}, headers={"X-CSRFToken": token}
            )
            assert answer.ok, answer.text()
            return context.storage_state()
        finally:
            context.close()

    return state


@pytest.fixture
def open_page(browser: Browser, server: str, logged_in: Callable[[str], StorageState]) -> Iterator[Callable[..., Page]]:
    """Opens pages and, at the end, holds them to it: no script error, and no request that leaves the machine."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((server, "data:", "blob:")):
            troubles.append(f"request left the machine: {request.url}")

    def opened(size: str = "desk", language: str = "zh-CN", username: str | None = None) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            base_url=server,
            has_touch=size == "phone",
            reduced_motion="reduce",
            storage_state=None if username is None else logged_in(username),
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", watch)
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.on("console", lambda said: troubles.append(f"console: {said.text}") if _is_refusal(said.text) else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def reload_until(page: Page, wanted: Callable[[], Locator]) -> None:
    """Look at the page again until ``wanted`` is there: what a station or a job in the background has to do first."""
    end = time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < end:
        page.reload()
        page.wait_for_load_state("networkidle")
        if wanted().count():
            return
    expect(wanted()).to_be_visible()


def _is_refusal(text: str) -> bool:
    return "Content Security Policy" in text
