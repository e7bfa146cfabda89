"""``make icons`` draws the icons of the home screen anew from ``static/img/icon.svg``: ``python -m tests.icons``."""

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.servers import chromium

IMAGES = Path(__file__).resolve().parents[1] / "static" / "img"
GREEN, PAPER = "#0a6b57", "#fffdf8"
#: File, size in pixels, ground (``None``: transparent), share of the side that the drawing takes. A maskable icon is
#: cut to any shape by the phone: its drawing stays within the inner circle of 80 %, on a ground of its own colour.
ICONS = (
    ("icon-192.png", 192, None, 1.0),
    ("icon-512.png", 512, None, 1.0),
    ("icon-180.png", 180, PAPER, 0.88),
    ("icon-maskable-512.png", 512, GREEN, 0.72),
)


def draw() -> None:
    drawing = re.sub(r"\s+", " ", (IMAGES / "icon.svg").read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox"])
        for name, size, ground, share in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body{{margin:0;height:{size}px;display:grid;place-items:center;background:{ground or 'none'}}}"
                f"svg{{width:{size * share}px}}</style>{drawing}"
            )
            page.screenshot(path=IMAGES / name, omit_background=ground is None)
            page.close()
        browser.close()


if __name__ == "__main__":
    draw()
