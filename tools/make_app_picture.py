"""Take the picture of docs/app.md: the page in a headless browser, with the embedded model.

    python tools/make_app_picture.py docs/images/app.png [--width 1360] [--dark]

Needs the extra `app`, the package playwright, and a Chromium or Chrome on PATH.
"""

import argparse
import io
import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from icaedit.app import Studio, make_gallery
from icaedit.app.server import serving
from icaedit.editor import Editor, default_directions
from icaedit.files import atomic_write
from icaedit.models import load_model

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--width", type=int, default=1360)
    parser.add_argument("--portrait", type=int, default=0)
    parser.add_argument("--pose", default="happy")
    parser.add_argument("--tab", default="Scores")
    parser.add_argument("--dark", action="store_true")
    arguments = parser.parse_args()
    model = load_model(device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(
            Editor(model, default_directions(model)), portraits=make_gallery(Path(folder))
        )
        with serving(studio, port=0) as served:
            picture = photograph(served.url, arguments)
    small = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").save(small, "PNG", optimize=True)
    atomic_write(arguments.output, small.getvalue())


def photograph(url: str, arguments: argparse.Namespace) -> bytes:
    """Return the page as PNG, with a portrait taken and posed."""
    browsers = [path for name in NAMES if (path := shutil.which(name))]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsers[0],
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        page = browser.new_context(
            viewport={"width": arguments.width, "height": 900},
            color_scheme="dark" if arguments.dark else "light",
        ).new_page()
        page.set_default_timeout(120_000)
        page.goto(url)
        said = "document.querySelector('#command')?.innerText"
        page.wait_for_function(f"{said}?.includes('--strength 0')")
        page.locator("#gallery button.thumbnail-item").nth(arguments.portrait).click()
        page.locator(f"#pose-{arguments.pose}").click()
        page.wait_for_function(f"!{said}.includes('--strength 0')")
        page.locator("#details").get_by_role("tab", name=arguments.tab).click()
        page.mouse.move(0, 0)
        page.wait_for_timeout(1500)  # pictures and bars come to rest
        shot = page.screenshot(full_page=True)
        browser.close()
    return shot


if __name__ == "__main__":
    main()
