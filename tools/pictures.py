"""Takes the README's pictures of a running demonstration: ``python tools/pictures.py http://127.0.0.1:8000``."""

import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from tests.journeys.conftest import FLAGS

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
SHOTS = (
    ("desk", "/desk/map", 1366, 768),
    ("desk-phone", "/desk/map", 390, 844),
    ("board", "/board/CZ-03/", 820, 900),
)
SETTLE_MS = 6000
COLOURS = 128  # flat pages: a small palette is a third of the size


def main(base: str) -> None:
    """Write the pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, path, width, height in SHOTS:
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", base_url=base)
            page = context.new_page()
            page.goto("/api/session")
            token = next(one["value"] for one in context.cookies() if one["name"] == "csrftoken")
            context.request.post("/api/session/demo", data={"username": "office"}, headers={"X-CSRFToken": token})
            page.goto(path)
            page.wait_for_timeout(SETTLE_MS)
            file = PICTURES / f"{name}.png"
            page.screenshot(path=file)
            Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
